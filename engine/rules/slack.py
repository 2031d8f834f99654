"""Slack: a comparison of numbers taken apart, so that a register can tell by how much a constraint holds or fails."""

from dataclasses import dataclass

from engine.rules import tree as t
from engine.rules.checked import Checked


@dataclass(frozen=True, slots=True)
class Slack:
    """The constraint holds when `more - less` is above zero, or also at zero unless `strict`."""

    more: t.Node
    less: t.Node
    strict: bool


def slack(checked: Checked) -> Slack | None:
    """The two sides of `a >= b`, `a > b`, `a <= b` or `a < b`; None for anything else."""
    tree = checked.tree
    if not isinstance(tree, t.Compare) or tree.operator not in ("<", "<=", ">", ">="):
        return None
    strict = tree.operator in ("<", ">")
    if tree.operator in (">", ">="):
        return Slack(tree.left, tree.right, strict)
    return Slack(tree.right, tree.left, strict)


def linear(node: t.Node) -> dict[str, int] | None:
    """A node as a sum of names with whole factors, plus nothing else but zero: {"on_hand": 1, "reserved": -1}; None otherwise."""
    match node:
        case t.Name(name=name):
            return {name: 1}
        case t.Literal(value=value) if value == 0 and not isinstance(value, bool | str):
            return {}
        case t.Negate(operand=operand):
            inner = linear(operand)
            return None if inner is None else {name: -factor for name, factor in inner.items()}
        case t.Arithmetic(operator="+" | "-" as operator, left=left, right=right):
            first, second = linear(left), linear(right)
            if first is None or second is None:
                return None
            sign = 1 if operator == "+" else -1
            return {name: first.get(name, 0) + sign * second.get(name, 0) for name in {**first, **second}}
    return None
