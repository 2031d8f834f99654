"""Rules of registers: a posting takes with it what waits for its balances. The threshold is worked out in the plan, whether it was passed
is seen when the balance is changed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from engine.actions import problems
from engine.actions.planning import Planning
from engine.actions.rule_firing import chain_end, rule_message
from engine.effects import Effect
from engine.forms import actor_value, reference
from engine.ledger import BalanceWatch, Movement, PostMovements
from engine.packs import LinkedRule, Watch
from engine.problems import Problem, Problems
from engine.registers import Register, changes_of
from engine.values import from_scaled, round_half_even, to_scaled, to_wire, write_decimal


def watch_balances(effects: Sequence[Effect], planning: Planning) -> Sequence[Effect] | Problems:
    """The effects, each posting with the watches of the rules whose balances it may take past their threshold."""
    found: list[Problem] = []
    watched = [_watched(e, planning, found) if isinstance(e, PostMovements) else e for e in effects]
    return Problems(tuple(found)) if found else watched


def _watched(effect: PostMovements, planning: Planning, found: list[Problem]) -> PostMovements:
    rules = planning.release.watching(effect.register)
    if not rules:
        return effect
    register = planning.release.registers[effect.register]
    watches: list[BalanceWatch] = []
    for rule in rules:
        assert rule.watch is not None
        moved = (*effect.movements, *_picked(effect, register, rule.watch.grain))
        changes = changes_of(moved, rule.watch.grain, rule.watch.factors)
        for key in sorted((key for key, change in changes.items() if _goes_that_way(rule.watch, change)), key=str):
            made = _watch(rule, rule.watch, register, key, planning, found)
            watches += [made] if made is not None else []
    return replace(effect, watches=tuple(watches))


def _picked(effect: PostMovements, register: Register, grain: Sequence[int]) -> list[Movement]:
    """What picks are going to move, where their lines name the whole key of the grain."""
    if register.reservation is None:
        return []
    at, width = register.measure_index(register.reservation), len(register.measures)
    return [
        Movement(p.posting, p.line, p.place, p.given, tuple(p.quantity if i == at else 0 for i in range(width)), 0)
        for p in effect.picks
        if all(p.given[i] is not None for i in grain)
    ]


def _goes_that_way(watch: Watch, change: int) -> bool:
    return change < 0 if watch.direction == "below" else change > 0


def _watch(
    rule: LinkedRule, watch: Watch, register: Register, key: tuple[Any, ...], planning: Planning, found: list[Problem]
) -> BalanceWatch | None:
    """The watch of one balance; None when it has no threshold (an empty field: nothing to wait for)."""
    scale = next(m.scale for m, f in zip(register.measures, watch.factors, strict=True) if f)
    threshold: Any = Decimal(0)
    if watch.threshold is not None:
        result = watch.threshold.evaluate(key_scope(register, watch, key, planning), planning.moment)
        if result.warnings:
            may_design = planning.actor.is_admin
            found += problems.rule_failed(rule.name, "threshold", result.warnings[0], may_design=may_design)
        threshold = result.value
    scaled = to_scaled(round_half_even(threshold, scale), scale) if isinstance(threshold, Decimal) else None
    if scaled is None:
        return None
    wire = {register.dimensions[at].name: to_wire(v) for at, v in zip(watch.grain, key, strict=True)}
    told = {"key": wire, "threshold": write_decimal(from_scaled(scaled, scale))}
    too_long = chain_end(rule, planning)
    if too_long is not None:
        found += too_long
        return None
    message = rule_message(rule, planning, {"event": "balance", "given": told})
    return BalanceWatch(watch.grain, key, watch.factors, watch.direction, scaled, watch.inclusive, message)


def key_scope(register: Register, watch: Watch, key: Sequence[Any], planning: Planning) -> Mapping[str, Any]:
    """What a rule sees of the dimensions of a balance; references by their records."""
    scope: dict[str, Any] = {"actor": actor_value(planning.actor)}
    for at, value in zip(watch.grain, key, strict=True):
        dimension = register.dimensions[at]
        known: Any = None if value == dimension.nothing else value
        if known is not None and dimension.form is not None:
            known = reference(planning.release.forms[dimension.form], value, planning)
        scope[dimension.name] = known
    return scope
