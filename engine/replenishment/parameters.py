"""What a planner's rules come to for one key: Parameters, or what is wrong with them."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from engine.clock import Moment
from engine.problems import Problem, Problems
from engine.replenishment import problems
from engine.replenishment.definition import AMOUNTS, LEAD_MAX, PERIOD_MAX, POLICIES, Parameters, Planner
from engine.values import to_scaled, write_decimal

_NEEDED: Final[Mapping[str, str]] = {
    "min_max": "maximum",
    "order_up_to": "maximum",
    "fixed_lot": "lot",
    "reorder_point": "lot",
}
"""The amount that a policy cannot do without."""


def parameters(
    planner: Planner, item: Mapping[str, Any], key: Mapping[str, Any], moment: Moment
) -> Parameters | Problems:
    """How a key is planned: `item` is what expressions see of its record, `key` of its dimensions. A rule that comes to null gives
    nothing; one that fails is a problem."""
    found: list[Problem] = []
    scope: dict[str, Any] = {**item, "key": key, "source": None}
    values: dict[str, Any] = {}
    for part in ("source", *(p for p in planner.rules if p != "source")):
        if part in planner.rules:
            came = planner.rules[part].evaluate(scope, moment)
            if came.value is None and came.warnings:
                found.append(problems.rule_failed(part, came.warnings[0]))
            values[part] = came.value
            if part == "source":
                scope["source"] = came.value
    policy = values.get("policy")
    if policy is not None and policy not in POLICIES:
        found.append(problems.unknown_policy(str(policy)[:60], POLICIES))
    amounts = {part: _amount(part, values.get(part), planner.scale, found) for part in AMOUNTS}
    lead = _count("lead_days", values.get("lead_days"), LEAD_MAX, found)
    period = _count("period", values.get("period"), PERIOD_MAX, found)
    if not found:
        found += _missing(policy, amounts)
    if found:
        return Problems(tuple(found))
    rest = {part: amount or 0 for part, amount in amounts.items() if part != "maximum"}
    return Parameters(
        policy=policy,
        maximum=amounts["maximum"],
        lead=lead or 0,
        period=period or 1,
        make=values.get("make") is True,
        source=values.get("source"),
        **rest,
    )


def replaced(old: Parameters, given: Mapping[str, Any], scale: int) -> Parameters | Problems:
    """How a key would be planned if it were for the `given` parameters: named as a planner names them, amounts and counts as numbers."""
    found: list[Problem] = []
    values: dict[str, Any] = {}
    for part, value in given.items():
        if part in AMOUNTS:
            amount = _amount(part, value, scale, found)
            values[part] = amount if part == "maximum" else amount or 0
        elif part == "lead_days":
            values["lead"] = _count(part, value, LEAD_MAX, found) or 0
        elif part == "period":
            values[part] = _count(part, value, PERIOD_MAX, found) or 1
        elif part == "policy" and value is not None and value not in POLICIES:
            found.append(problems.unknown_policy(str(value)[:60], POLICIES))
        else:
            assert part in ("policy", "make"), "whoever reads the wire lets only these through"
            values[part] = value
    made = replace(old, **values)
    if not found:
        found += _missing(made.policy, _amounts_of(made))
    return Problems(tuple(found)) if found else made


def _amounts_of(p: Parameters) -> dict[str, int | None]:
    return {"minimum": p.minimum, "maximum": p.maximum, "safety": p.safety, "lot": p.lot}


def _amount(part: str, value: Any, scale: int, found: list[Problem]) -> int | None:
    if value is None:
        return None
    amount = to_scaled(value, scale) if isinstance(value, Decimal) and value >= 0 else None
    if amount is None:
        found.append(problems.not_an_amount(part, _shown(value)))
    return amount


def _count(part: str, value: Any, most: int, found: list[Problem]) -> int | None:
    if value is None:
        return None
    if not isinstance(value, Decimal) or not 0 <= value <= most or value != int(value):
        found.append(problems.not_an_amount(part, _shown(value)))
        return None
    return int(value)


def _shown(value: Any) -> str:
    return write_decimal(value) if isinstance(value, Decimal) and value.is_finite() else str(value)[:60]


def _missing(policy: Any, amounts: Mapping[str, int | None]) -> list[Problem]:
    part = _NEEDED.get(policy)
    if part is not None and not amounts[part]:
        return [problems.amount_missing(part, policy)]
    level = max(amounts["safety"] or 0, (amounts["minimum"] or 0) if policy == "min_max" else 0)
    if part == "maximum" and (amounts["maximum"] or 0) < level:
        return [problems.maximum_too_small()]
    return []
