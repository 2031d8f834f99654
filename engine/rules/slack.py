"""Slack: a comparison of numbers taken apart, so that a register can tell by how much a constraint holds or fails."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from engine.rules import tree as t
from engine.rules.checked import Checked


@dataclass(frozen=True, slots=True)
class Slack:
    """It holds when the sum of names times whole `factors`, plus `offset`, is above zero, or also at zero unless `strict`."""

    factors: Mapping[str, int]
    offset: Decimal
    strict: bool


def slacks(checked: Checked) -> tuple[Slack, ...] | None:
    """A condition as slacks that must all hold: comparisons of sums, `between`, `in` a range, joined by `and`; None for anything else."""
    return _slacks(checked.tree)


def linear(node: t.Node) -> dict[str, int] | None:
    """A node as a sum of names with whole factors and nothing else: {"on_hand": 1, "reserved": -1}; None otherwise."""
    found = _sum(node)
    return dict(found[0]) if found is not None and found[1] == 0 else None


Sum = tuple[Mapping[str, int], Decimal]
"""Factors by name, and a constant."""


def _slacks(node: t.Node) -> tuple[Slack, ...] | None:
    match node:
        case t.Logic(operator="and", left=left, right=right):
            return _both(_slacks(left), _slacks(right))
        case t.Compare(operator="=", left=left, right=right):
            return _both(_above(left, right, False), _above(right, left, False))
        case t.Compare(operator=">" | ">=" as operator, left=left, right=right):
            return _above(left, right, operator == ">")
        case t.Compare(operator="<" | "<=" as operator, left=left, right=right):
            return _above(right, left, operator == "<")
        case t.Between(value=value, low=low, high=high):
            return _both(_above(value, low, False), _above(high, value, False))
        case t.In(value=value, tests=((_, t.Interval() as interval),)):
            return _within(value, interval)
    return None


def _within(value: t.Node, interval: t.Interval) -> tuple[Slack, ...] | None:
    parts = [
        _above(value, interval.low, not interval.low_included) if interval.low is not None else (),
        _above(interval.high, value, not interval.high_included) if interval.high is not None else (),
    ]
    return _both(*parts)


def _both(first: tuple[Slack, ...] | None, second: tuple[Slack, ...] | None) -> tuple[Slack, ...] | None:
    return None if first is None or second is None else (*first, *second)


def _above(more: t.Node, less: t.Node, strict: bool) -> tuple[Slack, ...] | None:
    left, right = _sum(more), _sum(less)
    if left is None or right is None:
        return None
    factors, offset = _added(left, right, -1)
    return (Slack(factors, offset, strict),)


def _sum(node: t.Node) -> Sum | None:
    match node:
        case t.Name(name=name):
            return {name: 1}, Decimal(0)
        case t.Literal(value=Decimal() as value):
            return {}, value
        case t.Negate(operand=operand):
            inner = _sum(operand)
            return None if inner is None else _added(({}, Decimal(0)), inner, -1)
        case t.Arithmetic(operator="+" | "-" as operator, left=left, right=right):
            first, second = _sum(left), _sum(right)
            if first is None or second is None:
                return None
            return _added(first, second, 1 if operator == "+" else -1)
    return None


def _added(first: Sum, second: Sum, sign: int) -> Sum:
    names = {**first[0], **second[0]}
    return {name: first[0].get(name, 0) + sign * second[0].get(name, 0) for name in names}, first[1] + sign * second[1]
