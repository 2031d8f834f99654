"""The graph of a structure on one day, for one set of parameters: which version of every parent holds, and its lines."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final, NamedTuple
from uuid import UUID

from engine.structures.uses import Use

LEVELS_MAX: Final = 50
"""Deepest structure that is multiplied out."""
ROWS_MAX: Final = 20_000
"""Most rows of one answer."""
LINES_MAX: Final = 1_000_000
"""Most lines of a structure, over all its versions."""


class Edge(NamedTuple):
    """One line of a version: the number of its component's node, what it says, and where it stands."""

    component: int
    use: Use
    position: int


class Version(NamedTuple):
    """A record of the structure's form: what the node `parent` is made of from `starts` to `ends` (both days count; None: no end)."""

    id: UUID
    parent: int
    edges: Sequence[Edge]
    starts: date | None = None
    ends: date | None = None
    number: str = ""
    is_active: bool = True

    def holds(self, on: date | None) -> bool:
        """May it be taken on a day?"""
        if not self.is_active or on is None:
            return self.is_active
        return (self.starts is None or self.starts <= on) and (self.ends is None or on <= self.ends)

    @property
    def order(self) -> Any:
        """Of several that hold, the one that is greatest here is taken."""
        return (self.starts or date.min, _natural(self.number), self.id)


@dataclass(frozen=True, slots=True)
class Versions:
    """All versions of a structure, the edges of each in the order of its lines. Nodes are parents and components; they are numbered."""

    nodes: tuple[UUID, ...]
    versions: tuple[Version, ...]
    is_dated: bool = True
    """Does one version hold for a parent, or all of them together?"""
    has_groups: bool = False
    has_line_dates: bool = True
    has_faults: bool = True
    """May there be lines that could not be worked out? And lines that come out? If not, nobody looks for them."""
    has_outputs: bool = True


@dataclass(frozen=True, slots=True)
class Graph:
    """What holds: for every node its edges in the order of the lines (none: a leaf), the versions they are of, and the alternatives of
    an edge by (node, position)."""

    nodes: tuple[UUID, ...]
    below: tuple[Sequence[Edge], ...]
    version_of: Mapping[int, tuple[UUID, ...]]
    alternatives: Mapping[tuple[int, int], tuple[Edge, ...]]
    numbers: Mapping[UUID, int]
    has_faults: bool = False
    has_outputs: bool = False
    made: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)
    """What was made of it, at the first use: its Multiplier, its edges seen from below."""

    def only(self, nodes: Collection[int]) -> "Graph":
        """The same graph without the lines of other nodes."""
        below = tuple(edges if n in nodes else () for n, edges in enumerate(self.below))
        return replace(self, below=below, made={})

    def node(self, id: UUID) -> int | None:
        """The number of a record, None when it is in no structure."""
        return self.numbers.get(id)

    def parts(self, node: int) -> list[Edge]:
        """The edges that go in."""
        return [e for e in self.below[node] if not e.use.is_output]


def graph_on(all: Versions, on: date | None, pinned: UUID | None = None) -> Graph:
    """The graph on a day. The version `pinned` holds for its own parent whatever the day; its lines, too, are those of the day."""
    chosen = _chosen(all, on, pinned)
    below: list[Sequence[Edge]] = [()] * len(all.nodes)
    alternatives: dict[tuple[int, int], tuple[Edge, ...]] = {}
    for node, versions in chosen.items():
        edges = versions[0].edges
        if len(versions) > 1:
            edges = sorted((e for v in versions for e in v.edges), key=_position)
        if on is not None and all.has_line_dates:
            edges = [e for e in edges if e.use.fault is not None or e.use.holds(on)]
        below[node] = _without_alternatives(node, edges, alternatives) if all.has_groups else edges
    version_of = {node: tuple(v.id for v in versions) for node, versions in chosen.items()}
    numbers = {node_id: n for n, node_id in enumerate(all.nodes)}
    return Graph(all.nodes, tuple(below), version_of, alternatives, numbers, all.has_faults, all.has_outputs)


def _chosen(all: Versions, on: date | None, pinned: UUID | None) -> dict[int, list[Version]]:
    chosen: dict[int, list[Version]] = {}
    fixed: int | None = None
    for version in all.versions:
        if version.id == pinned:
            fixed, chosen[version.parent] = version.parent, [version]
        elif version.parent == fixed or not version.holds(on):
            continue
        elif not all.is_dated or version.parent not in chosen:
            chosen.setdefault(version.parent, []).append(version)
        elif version.order > chosen[version.parent][0].order:
            chosen[version.parent] = [version]
    return chosen


def _without_alternatives(
    node: int, edges: Sequence[Edge], alternatives: dict[tuple[int, int], tuple[Edge, ...]]
) -> Sequence[Edge]:
    groups: dict[str, list[Edge]] = {}
    for edge in edges:
        if edge.use.group is not None:
            groups.setdefault(edge.use.group, []).append(edge)
    taken: dict[str, Edge] = {}
    for group, members in groups.items():
        first, *rest = sorted(members, key=lambda e: (e.use.rank, e.position))
        taken[group] = first
        if rest:
            alternatives[node, first.position] = tuple(rest)
    return [e for e in edges if e.use.group is None or taken[e.use.group] is e]


def _position(edge: Edge) -> int:
    return edge.position


def _natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """ "10" after "9", "B" after "A", "1.10" after "1.9"."""
    parts = re.findall(r"[0-9]+|[^0-9]+", text)
    return tuple((0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts)


def faults(graph: Graph, nodes: Iterable[int]) -> list[tuple[int, int, str]]:
    """(parent, position, code) of the lines of these nodes that could not be worked out."""
    return [(n, e.position, e.use.fault) for n in nodes for e in graph.below[n] if e.use.fault is not None]


def reach(graph: Graph, root: int) -> list[int]:
    """All nodes that go into one, itself first."""
    found, seen = [root], {root}
    for node in found:
        for edge in graph.below[node]:
            if edge.component not in seen and not edge.use.is_output:
                seen.add(edge.component)
                found.append(edge.component)
    return found


def circle_below(graph: Graph, root: int) -> tuple[int, ...] | None:
    """A way from a node back to itself somewhere below `root`, None when there is none."""
    done: set[int] = set()
    path: list[int] = []
    on_path: set[int] = set()
    waiting: list[tuple[int, bool]] = [(root, False)]
    while waiting:
        node, leaving = waiting.pop()
        if leaving:
            path.pop()
            on_path.discard(node)
            done.add(node)
            continue
        if node in on_path:
            return (*path[path.index(node) :], node)
        if node in done:
            continue
        path.append(node)
        on_path.add(node)
        waiting.append((node, True))
        waiting += [(e.component, False) for e in reversed(graph.parts(node))]
    return None


Span = tuple[date, date]
ALWAYS: Final[Span] = (date.min, date.max)


def common(first: Span, second: Span) -> Span | None:
    """The days that two spans share."""
    start, end = max(first[0], second[0]), min(first[1], second[1])
    return None if start > end else (start, end)


def dated_circle(start: UUID, edges: Mapping[UUID, Collection[tuple[UUID, Span]]]) -> tuple[UUID, ...] | None:
    """The way from `start` back to itself along edges that all hold on some one day; None when there is none."""
    seen: dict[UUID, list[Span]] = {}
    waiting: list[tuple[UUID, Span, tuple[UUID, ...]]] = [(start, ALWAYS, (start,))]
    while waiting:
        node, span, path = waiting.pop()
        for component, days in edges.get(node, ()):
            shared = common(span, days)
            if shared is None:
                continue
            if component == start:
                return (*path, start)
            known = seen.setdefault(component, [])
            if any(s[0] <= shared[0] and shared[1] <= s[1] for s in known):
                continue
            known.append(shared)
            waiting.append((component, shared, (*path, component)))
    return None
