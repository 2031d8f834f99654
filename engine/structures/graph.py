"""The graph of a structure: circles and explosion, with exact quantities. The home of networkx for structures."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final
from uuid import UUID

import networkx as nx

from engine.values import DECIMAL_DIGITS, EXACT

LEVELS_MAX: Final = 50
"""Deepest structure that is multiplied out."""
ROWS_MAX: Final = 20_000
"""Most rows of one explosion."""


@dataclass(frozen=True, slots=True)
class Edge:
    """`parent` contains `quantity` of `component` per one of itself."""

    parent: UUID
    component: UUID
    quantity: Fraction
    position: int = 0


@dataclass(frozen=True, slots=True)
class Level:
    """One row of an explosion: `quantity` per one of the row above it, `total` for the whole demand, rounded only here."""

    level: int
    component: UUID
    quantity: Decimal
    total: Decimal
    path: tuple[UUID, ...]


def cycle(edges: Iterable[Edge], parent: UUID, components: Sequence[UUID]) -> tuple[UUID, ...] | None:
    """The path by which `parent` would be a part of itself if it contained `components`; None when it would not. `edges` are those of
    all other parents."""
    graph = nx.DiGraph()
    graph.add_edges_from((e.parent, e.component) for e in edges if e.parent != parent)
    for component in components:
        if component == parent:
            return parent, parent
        if graph.has_node(component) and graph.has_node(parent) and nx.has_path(graph, component, parent):
            return parent, *nx.shortest_path(graph, component, parent)
    return None


def explode(edges: Iterable[Edge], parent: UUID, quantity: Decimal) -> list[Level] | None:
    """All levels under `parent`, depth first in the order of the lines; None when there are more than ROWS_MAX rows or LEVELS_MAX
    levels."""
    by_parent: dict[UUID, list[Edge]] = {}
    for edge in edges:
        by_parent.setdefault(edge.parent, []).append(edge)
    rows: list[Level] = []
    waiting: list[tuple[int, Edge, Fraction, tuple[UUID, ...]]] = [
        (1, edge, Fraction(quantity), (parent,)) for edge in reversed(_sorted(by_parent, parent))
    ]
    while waiting:
        level, edge, demand, path = waiting.pop()
        if level > LEVELS_MAX or len(rows) >= ROWS_MAX:
            return None
        total = demand * edge.quantity
        below = (*path, edge.component)
        rows.append(Level(level, edge.component, _decimal(edge.quantity), _decimal(total), below))
        waiting += [(level + 1, inner, total, below) for inner in reversed(_sorted(by_parent, edge.component))]
    return rows


def _sorted(by_parent: dict[UUID, list[Edge]], parent: UUID) -> list[Edge]:
    return sorted(by_parent.get(parent, ()), key=lambda e: e.position)


def _decimal(number: Fraction) -> Decimal:
    assert EXACT.prec == DECIMAL_DIGITS
    return EXACT.divide(Decimal(number.numerator), Decimal(number.denominator))
