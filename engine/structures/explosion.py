"""Explosion: all levels under a parent, depth first or summed up, with exact ratios throughout; only leaves are ever rounded."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal

from engine.problems import Problems
from engine.structures import problems
from engine.structures.definition import Structure
from engine.structures.graph import LEVELS_MAX, ROWS_MAX, Edge, Graph, circle_below, faults, reach
from engine.structures.multiplying import Amount, multiplier

Role = Literal["part", "phantom", "output"]
FAULTS_MAX: Final = 20
"""Most lines that one refusal names."""


_ONE: Final = Fraction(1)


@dataclass(frozen=True, slots=True)
class Row:
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
    share: Fraction = Fraction(0)
    instead: tuple[tuple[int, Fraction, Fraction], ...] = ()


@dataclass(frozen=True, slots=True)
class Total:
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


@dataclass(frozen=True, slots=True)
class _Above:
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
        use, total = edge.use, above.demand * edge.use.quantity
        quantity = use.quantity if above.quantity is _ONE else above.quantity * use.quantity
        inner, is_phantom = graph.below[edge.component], _is_phantom(graph, edge)
        if is_phantom and collapsed:
            below = _Above(above.level, above.depth + 1, quantity, total, above.path)
        elif len(rows) >= ROWS_MAX:
            return problems.too_many_rows(asked.structure.label, ROWS_MAX)
        else:
            rows.append(_row(graph, node, edge, above, (quantity, total)))
            below = _Above(above.level + 1, above.depth + 1, _ONE, total, rows[-1].path)
        if not edge.use.is_output:
            waiting += [(edge.component, e, below) for e in reversed(inner)]
    return rows


def _has_parts(graph: Graph, node: int) -> bool:
    """Does anything go into it?"""
    below = graph.below[node]
    return bool(graph.parts(node)) if graph.has_outputs else bool(below)


def _is_phantom(graph: Graph, edge: Edge) -> bool:
    """Its lines are taken in its place; one without lines is an ordinary part."""
    return edge.use.is_phantom and bool(graph.below[edge.component])


def _row(graph: Graph, node: int, edge: Edge, above: _Above, amounts: tuple[Fraction, Fraction]) -> Row:
    use = edge.use
    others = graph.alternatives.get((node, edge.position), ()) if graph.alternatives else ()
    instead = tuple((e.component, above.quantity * e.use.quantity, above.demand * e.use.quantity) for e in others)
    role: Role = "output" if use.is_output else "phantom" if _is_phantom(graph, edge) else "part"
    return Row(
        above.level,
        edge.component,
        *amounts,
        (*above.path, edge.component),
        role,
        not use.is_output and not _has_parts(graph, edge.component),
        edge.position,
        use.share,
        instead,
    )


def summarise(asked: Asked, *, collapsed: bool = False) -> list[Total] | Problems:
    """What is needed of every component over all levels, by low-level code and then in the order of first use. `collapsed`: without
    those that are only phantoms."""
    refused = asked.refusal()
    if refused is not None:
        return refused
    graph, demand = asked.graph, asked.demand
    amounts = _amounts(graph, asked.root)
    if max((a.level for a in amounts.values()), default=0) > LEVELS_MAX:
        return problems.too_many_levels(asked.structure.label, LEVELS_MAX)
    outputs = _outputs(graph, asked.root, amounts)
    levels = multiplier(graph)
    totals: list[Total] = []
    for node in dict.fromkeys((*amounts, *outputs)):
        amount = amounts.get(node, _NOTHING)
        if collapsed and not amount.is_real and node not in outputs:
            continue
        totals.append(
            Total(
                node,
                amount.real * demand,
                amount.phantom * demand,
                outputs.get(node, _NONE) * demand,
                amount.level,
                max(levels.level(node), 0),
                not _has_parts(graph, node),
            )
        )
    if len(totals) > ROWS_MAX:
        return problems.too_many_rows(asked.structure.label, ROWS_MAX)
    return sorted(totals, key=lambda t: (t.low_level_code, t.node))


_NONE: Final = Fraction(0)
_NOTHING: Final = Amount(_NONE, _NONE, 0, False)


def _amounts(graph: Graph, root: int) -> dict[int, Amount]:
    """By the whole graph when it is sound; when there is a circle elsewhere, by what is below the root."""
    if multiplier(graph).is_acyclic:
        return multiplier(graph).amounts(root)
    inside = set(reach(graph, root))
    part = graph.only(inside)
    return multiplier(part).amounts(root)


def _outputs(graph: Graph, root: int, amounts: dict[int, Amount]) -> dict[int, Fraction]:
    """What comes out beside: of the root, and of everything made for it."""
    if not graph.has_outputs:
        return {}
    found: dict[int, Fraction] = {}
    for node, amount in {root: Amount(Fraction(1), _NONE, 0, True), **amounts}.items():
        for edge in graph.below[node]:
            if edge.use.is_output:
                made = (amount.real + amount.phantom) * edge.use.quantity
                found[edge.component] = found.get(edge.component, _NONE) + made
    return found
