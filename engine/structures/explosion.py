"""Explosion: all levels under a parent, depth first or summed up, with exact ratios throughout; only leaves are ever rounded."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal, NamedTuple

from engine.problems import Problems
from engine.structures import problems
from engine.structures.definition import Structure
from engine.structures.graph import LEVELS_MAX, ROWS_MAX, Edge, Graph, circle_below, faults, reach
from engine.structures.multiplying import Amount, multiplier

Role = Literal["part", "phantom", "output"]
FAULTS_MAX: Final = 20
"""Most lines that one refusal names."""


_NONE: Final = Fraction(0)
_ONE: Final = Fraction(1)


class Row(NamedTuple):
    """One row of an explosion: `quantity` per one of the row above it, `total` for the whole demand. `path` leads from the parent to the
    component. `line` is the position of its line, `share` the part of the value that an output takes along. `instead` are the
    alternatives of the line: node, quantity, total."""

    level: int
    node: int
    quantity: Fraction
    total: Fraction
    path: tuple[int, ...]
    role: Role
    is_leaf: bool
    line: int
    share: Fraction = _NONE
    instead: tuple[tuple[int, Fraction, Fraction], ...] = ()


class Total(NamedTuple):
    """All that is needed of one component (`total`), what of it is made only in place (`phantom`), and what comes out of it as a
    co-product (`output`); `level` is the deepest level on which it is used in this explosion, `low_level_code` the deepest in any."""

    node: int
    total: Fraction
    phantom: Fraction
    output: Fraction
    level: int
    low_level_code: int
    is_leaf: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """An explosion as it is asked for: of a graph, `demand` of `root`. `title` names a node in problems."""

    structure: Structure
    graph: Graph
    root: int
    demand: Fraction
    title: Callable[[int], str]

    def refusal(self) -> Problems | None:
        """Why nothing under the root can be multiplied out: a circle, lines that could not be worked out, too many levels."""
        graph, label = self.graph, self.structure.label
        if not multiplier(graph).is_acyclic:
            path = circle_below(graph, self.root)
            if path is not None:
                return problems.circle_found(label, " → ".join(self.title(n) or "…" for n in path))
        if graph.has_faults:
            wrong = faults(graph, reach(graph, self.root))[:FAULTS_MAX]
            if wrong:
                told = (problems.line_failed(label, self.title(n) or "…", at + 1, why) for n, at, why in wrong)
                return Problems(tuple(told))
        return None


class _Above(NamedTuple):
    """What stands above an edge: the level of its rows, its depth in the graph, the quantity that passes through collapsed phantoms, the
    demand for the edge's parent, and the path of rows."""

    level: int
    depth: int
    quantity: Fraction
    demand: Fraction
    path: tuple[int, ...]


def explode(asked: Asked, *, collapsed: bool = False) -> list[Row] | Problems:
    """All levels under the root, depth first in the order of the lines. `collapsed`: phantoms are left out and their lines stand in their
    place, however many are nested."""
    refused = asked.refusal()
    if refused is not None:
        return refused
    graph, rows = asked.graph, list[Row]()
    start = _Above(1, 1, _ONE, asked.demand, (asked.root,))
    waiting = [(asked.root, e, start) for e in reversed(graph.below[asked.root])]
    while waiting:
        node, edge, above = waiting.pop()
        if above.depth > LEVELS_MAX:
            return problems.too_many_levels(asked.structure.label, LEVELS_MAX)
        use, path = edge.use, above.path
        total = above.demand * use.quantity
        quantity = use.quantity if above.quantity is _ONE else above.quantity * use.quantity
        inner = graph.below[edge.component]
        is_left_out = collapsed and use.is_phantom and bool(inner)
        if not is_left_out:
            if len(rows) >= ROWS_MAX:
                return problems.too_many_rows(asked.structure.label, ROWS_MAX)
            path = (*path, edge.component)
            rows.append(_row(graph, node, edge, above, (quantity, total, path)))
        if inner and not use.is_output:
            passed = quantity if is_left_out else _ONE
            below = _Above(above.level + (not is_left_out), above.depth + 1, passed, total, path)
            waiting += [(edge.component, e, below) for e in reversed(inner)]
    return rows


def _has_parts(graph: Graph, node: int) -> bool:
    """Does anything go into it?"""
    below = graph.below[node]
    return bool(graph.parts(node)) if graph.has_outputs else bool(below)


def _row(graph: Graph, node: int, edge: Edge, above: _Above, found: tuple[Fraction, Fraction, tuple[int, ...]]) -> Row:
    component, use, position = edge
    others = graph.alternatives.get((node, position), ()) if graph.alternatives else ()
    instead = tuple((e.component, above.quantity * e.use.quantity, above.demand * e.use.quantity) for e in others)
    has_parts = _has_parts(graph, component)
    role: Role = "part"
    if use.is_output:
        role = "output"
    elif use.is_phantom and graph.below[component]:
        role = "phantom"  # one without lines is an ordinary part
    is_leaf = not use.is_output and not has_parts
    return Row(above.level, component, *found, role, is_leaf, position, use.share, instead)


def summarise(asked: Asked, *, collapsed: bool = False) -> list[Total] | Problems:
    """What is needed of every component over all levels, by low-level code and then in the order of first use. `collapsed`: without
    those that are only phantoms."""
    refused = asked.refusal()
    if refused is not None:
        return refused
    graph, demand = asked.graph, asked.demand
    amounts = _amounts(graph, asked.root, demand)
    if max((a.level for a in amounts.values()), default=0) > LEVELS_MAX:
        return problems.too_many_levels(asked.structure.label, LEVELS_MAX)
    outputs = _outputs(asked, amounts)
    codes = multiplier(graph).levels.tolist()
    totals: list[Total] = []
    for node in dict.fromkeys((*amounts, *outputs)) if outputs else amounts:
        real, phantom, level, is_real = amounts.get(node, _NOTHING)
        if collapsed and not is_real and node not in outputs:
            continue
        is_leaf = not _has_parts(graph, node)
        totals.append(Total(node, real, phantom, outputs.get(node, _NONE), level, max(codes[node], 0), is_leaf))
    if len(totals) > ROWS_MAX:
        return problems.too_many_rows(asked.structure.label, ROWS_MAX)
    return sorted(totals, key=lambda t: (t.low_level_code, t.node))


_NOTHING: Final = Amount(_NONE, _NONE, 0, False)


def _amounts(graph: Graph, root: int, demand: Fraction) -> dict[int, Amount]:
    """By the whole graph when it is sound; when there is a circle elsewhere, by what is below the root."""
    if multiplier(graph).is_acyclic:
        return multiplier(graph).amounts(root, demand)
    inside = set(reach(graph, root))
    part = graph.only(inside)
    return multiplier(part).amounts(root, demand)


def _outputs(asked: Asked, amounts: dict[int, Amount]) -> dict[int, Fraction]:
    """What comes out beside: of the root, and of everything made for it."""
    graph = asked.graph
    if not graph.has_outputs:
        return {}
    found: dict[int, Fraction] = {}
    for node, amount in {asked.root: Amount(asked.demand, _NONE, 0, True), **amounts}.items():
        for edge in graph.below[node]:
            if edge.use.is_output:
                made = (amount.real + amount.phantom) * edge.use.quantity
                found[edge.component] = found.get(edge.component, _NONE) + made
    return found
