"""Rows that came back short → problems that say what is missing where, at the line that wanted it; balances that passed a threshold →
the messages that wait for that. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.effects import BalanceWatch, Enqueue, Movement, PostMovements
from engine.problems import Problem
from engine.registers import problems
from engine.registers.definition import Constraint, Register
from engine.statements import Verdict
from engine.values import from_scaled, write_decimal


@dataclass(frozen=True, slots=True)
class Short:
    """A balance that breaks a constraint: `slack` after the posting and its `change`, in scaled units; `key` of the constraint's grain."""

    constraint: int
    grain: int
    key: tuple[Any, ...]
    slack: int
    change: int


def judge(register: Register, shorts: Sequence[Short], movements: Sequence[Movement]) -> Verdict:
    """One problem for each short balance, at the first line of the posting that touched it, in the order of the lines."""
    refusals: list[tuple[int, Problem]] = []
    warnings: list[tuple[int, Problem]] = []
    for short in shorts:
        constraint = register.constraints[short.constraint]
        at, place = _first_line(constraint, short.key, movements)
        (refusals if constraint.refuses else warnings).append((at, _problem(register, constraint, short, place)))
    return Verdict(
        tuple(p for _, p in sorted(refusals, key=_by_line)), tuple(p for _, p in sorted(warnings, key=_by_line))
    )


Balances = Mapping[tuple[tuple[int, ...], tuple[Any, ...]], tuple[int, ...]]
"""(grain, key) → amounts after the posting."""


def crossed(register: Register, effect: PostMovements, after: Balances) -> tuple[Enqueue, ...]:
    """The messages of those watches whose balance this posting took past its threshold: once each time that happens."""
    messages: list[Enqueue] = []
    watched = {(w.grain, w.factors) for w in effect.watches}
    changes = {(grain, factors): changes_of(effect.movements, grain, factors) for grain, factors in watched}
    for watch in effect.watches:
        amounts = after.get((watch.grain, watch.key))
        if amounts is None:
            continue
        balance = _weighed(watch.factors, amounts)
        before = balance - changes[watch.grain, watch.factors][watch.key]
        if _is_beyond(watch, balance) and not _is_beyond(watch, before):
            scale = next(m.scale for m, f in zip(register.measures, watch.factors, strict=True) if f)
            told = {
                name: write_decimal(from_scaled(n, scale)) for name, n in (("balance", balance), ("before", before))
            }
            messages.append(replace(watch.message, payload={**watch.message.payload, **told}))
    return tuple(messages)


def changes_of(
    movements: Sequence[Movement], grain: Sequence[int], factors: Sequence[int]
) -> Mapping[tuple[Any, ...], int]:
    """By how much movements change each balance of a grain: the sum of its measures times `factors`, by key."""
    changes: dict[tuple[Any, ...], int] = {}
    for m in movements:
        key = tuple(m.key[at] for at in grain)
        changes[key] = changes.get(key, 0) + _weighed(factors, m.amounts)
    return changes


def _weighed(factors: Sequence[int], amounts: Sequence[int]) -> int:
    return sum(f * a for f, a in zip(factors, amounts, strict=True))


def _is_beyond(watch: BalanceWatch, balance: int) -> bool:
    if balance == watch.threshold:
        return watch.inclusive
    return (balance < watch.threshold) == (watch.direction == "below")


def _by_line(item: tuple[int, Problem]) -> int:
    return item[0]


def _first_line(constraint: Constraint, key: tuple[Any, ...], movements: Sequence[Movement]) -> tuple[int, str]:
    for at, m in enumerate(movements):
        if (
            tuple(m.key[position] for position in constraint.of) == key
            and sum(f * a for f, a in zip(constraint.factors, m.amounts, strict=True)) < 0
        ):
            return at, m.place
    return len(movements), ""


def _problem(register: Register, constraint: Constraint, short: Short, place: str) -> Problem:
    scale = next(m.scale for m, f in zip(register.measures, constraint.factors, strict=True) if f)
    return problems.constraint_broken(
        register.label,
        constraint.label,
        register.key_names(constraint.of, short.key),
        available=write_decimal(from_scaled(short.slack - short.change, scale)),
        wanted=write_decimal(from_scaled(-short.change, scale)),
        place=place,
        message=constraint.message,
    )
