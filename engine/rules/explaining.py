"""Explaining: the value of every part of an expression, for the designer, the simulator and `dougong rules explain`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any, Final

from engine.clock import Moment
from engine.rules import tree as t
from engine.rules.closures import to_closures
from engine.rules.runtime import Diagnostic, Run
from engine.rules.writing import write

VALUES_SHOWN: Final = 5
"""Values of a part that is worked out again and again, as the body of a loop is."""


@dataclass(frozen=True, slots=True)
class Step:
    """A part of an expression: its text, how deep it lies, where it begins, and the values it had (none: it was not needed)."""

    text: str
    depth: int
    at: t.Position
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A value with the way to it, from the whole to the parts, and the diagnostics met."""

    value: Any
    steps: tuple[Step, ...]
    warnings: tuple[Diagnostic, ...]


def explain(tree: t.Node, values: Mapping[str, Any], moment: Moment) -> Explanation:
    """The value of a tree and of each of its parts; literals are left out."""
    run = Run(moment, UTC)
    run.trace = {}
    value = run.result(to_closures(tree, traced=True), values)
    steps: list[Step] = []
    waiting: list[tuple[t.Node, int]] = [(tree, 0)]
    while waiting:
        node, depth = waiting.pop()
        if not isinstance(node, t.Literal):
            steps.append(Step(write(node), depth, node.at, tuple(run.trace.get(id(node), ())[:VALUES_SHOWN])))
            waiting += [(child, depth + 1) for child in reversed(t.children(node))]
    return Explanation(value, tuple(steps), tuple(run.warnings))
