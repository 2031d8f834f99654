"""Rows that came back short → problems that say what is missing where, at the line that wanted it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.effects import Movement
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
