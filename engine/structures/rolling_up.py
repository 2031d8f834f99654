"""Roll-up: a measure of every component brought together over all levels, exactly."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from engine.problems import Problems
from engine.structures import problems
from engine.structures.definition import Measure
from engine.structures.explosion import Asked
from engine.structures.graph import LEVELS_MAX, Graph, reach


@dataclass(frozen=True, slots=True)
class Rolled:
    """One node: its `own` value (None when it has none), and its `value` with all that is below, for one of it. `level` is how far down
    it is used at the deepest."""

    node: int
    own: Fraction | None
    value: Fraction
    level: int
    is_leaf: bool


def roll_up(asked: Asked, measure: Measure, own: Callable[[int], Fraction | None]) -> list[Rolled] | Problems:
    """The root first, then everything below by level. What has no value of its own counts as nothing and says so. With `sum` a
    co-product takes its share of the value along; what comes out of it is not counted again."""
    refused = asked.refusal()
    if refused is not None:
        return refused
    graph, root = asked.graph, asked.root
    levels = _levels(graph, root)
    if max(levels.values()) > LEVELS_MAX:
        return problems.too_many_levels(asked.structure.label, LEVELS_MAX)
    owned: dict[int, Fraction | None] = {}
    values: dict[int, Fraction] = {}
    for node in sorted(levels, key=lambda n: -levels[n]):
        parts = graph.parts(node)
        counts = measure.counts == "all" or not parts
        owned[node] = own(node) if counts else None
        value = owned[node] or Fraction(0)
        if measure.combine == "longest":
            value += max((values[e.component] for e in parts), default=Fraction(0))
        else:
            value += sum((e.use.quantity * values[e.component] for e in parts), Fraction(0))
            value *= 1 - sum((e.use.share for e in graph.below[node] if e.use.is_output), Fraction(0))
        values[node] = value
    order = sorted(levels, key=lambda n: (levels[n], n))
    return [Rolled(n, owned[n], values[n], levels[n], not graph.parts(n)) for n in order]


def _levels(graph: Graph, root: int) -> dict[int, int]:
    """The longest way from the root to everything below it; there is no circle."""
    inside = reach(graph, root)
    counts = dict.fromkeys(inside, 0)
    for node in inside:
        for edge in graph.parts(node):
            counts[edge.component] += 1
    levels, ready = dict.fromkeys(inside, 0), [root]
    for node in ready:
        for edge in graph.parts(node):
            levels[edge.component] = max(levels[edge.component], levels[node] + 1)
            counts[edge.component] -= 1
            if counts[edge.component] == 0:
                ready.append(edge.component)
    return levels
