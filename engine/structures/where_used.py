"""Where-used: what a component goes into, directly and up to the top, with how much of it one of that contains."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from engine.problems import Problems
from engine.structures import problems
from engine.structures.explosion import Asked
from engine.structures.graph import LEVELS_MAX, ROWS_MAX, Edge, Graph

UsedAs = Literal["part", "phantom", "output", "substitute"]


@dataclass(frozen=True, slots=True)
class Used:
    """`node` contains `quantity` of what is below it in the path, and so `total` of the component asked for. `is_top`: it goes into
    nothing. `path` leads up from the component."""

    level: int
    node: int
    quantity: Fraction
    total: Fraction
    path: tuple[int, ...]
    used_as: UsedAs
    line: int
    is_top: bool


@dataclass(frozen=True, slots=True)
class UsedTotal:
    """One of `node` contains `total` of the component over all ways; `level` is the longest of them."""

    node: int
    total: Fraction
    level: int
    is_top: bool


Uses = dict[int, list[tuple[int, Edge, UsedAs]]]
"""For every node the lines that it stands in: (parent, edge, as what)."""


def uses_of(graph: Graph) -> Uses:
    """All edges seen from below, made at the first use."""
    if "uses" not in graph.made:
        graph.made["uses"] = _from_below(graph)
    found: Uses = graph.made["uses"]
    return found


def _from_below(graph: Graph) -> Uses:
    found: Uses = {}
    for node, edges in enumerate(graph.below):
        for edge in edges:
            as_what: UsedAs = "output" if edge.use.is_output else "phantom" if edge.use.is_phantom else "part"
            found.setdefault(edge.component, []).append((node, edge, as_what))
    for (node, _), others in graph.alternatives.items():
        for edge in others:
            found.setdefault(edge.component, []).append((node, edge, "substitute"))
    return found


def where_used(asked: Asked, *, to_the_top: bool = False) -> list[Used] | Problems:
    """Every line in which the root stands, and with `to_the_top` every way up from there, depth first. Ways end where something is an
    output or only a substitute: the quantity is not in what is above."""
    graph = asked.graph
    uses, rows = uses_of(graph), list[Used]()
    start: tuple[int, ...] = (asked.root,)
    waiting = [(1, use, asked.demand, start) for use in reversed(uses.get(asked.root, []))]
    while waiting:
        level, (node, edge, as_what), total, path = waiting.pop()
        if node in path:
            way = reversed((*path[path.index(node) :], node))
            names = " → ".join(asked.title(n) or "…" for n in way)
            return problems.circle_found(asked.structure.label, names)
        if level > LEVELS_MAX:
            return problems.too_many_levels(asked.structure.label, LEVELS_MAX)
        if len(rows) >= ROWS_MAX:
            return problems.too_many_rows(asked.structure.label, ROWS_MAX)
        made, above = total * edge.use.quantity, uses.get(node, [])
        is_top = not any(u[2] in ("part", "phantom") for u in above)
        rows.append(Used(level, node, edge.use.quantity, made, (*path, node), as_what, edge.position, is_top))
        if to_the_top and as_what in ("part", "phantom"):
            waiting += [(level + 1, use, made, (*path, node)) for use in reversed(above)]
    return rows


def where_used_in_all(asked: Asked) -> list[UsedTotal] | Problems:
    """Everything that contains the root over all levels, summed up: the deepest ways last."""
    graph, uses = asked.graph, uses_of(asked.graph)
    levels: dict[int, int] = {asked.root: 0}
    counts: dict[int, int] = {}
    inside, waiting = {asked.root}, [asked.root]
    for node in waiting:  # grows while it is walked: all that is above
        for parent, _, as_what in uses.get(node, ()):
            if as_what in ("part", "phantom") and parent not in inside:
                inside.add(parent)
                waiting.append(parent)
    for node in inside:
        counts[node] = sum(1 for e in graph.parts(node) if e.component in inside)
    totals: dict[int, Fraction] = dict.fromkeys(inside, Fraction(0))
    totals[asked.root] = asked.demand
    counts[asked.root] = 0
    ready, done = [asked.root], 0
    for node in ready:
        done += 1
        for parent, edge, as_what in uses.get(node, ()):
            if as_what not in ("part", "phantom"):
                continue
            totals[parent] += totals[node] * edge.use.quantity
            levels[parent] = max(levels.get(parent, 0), levels[node] + 1)
            counts[parent] -= 1
            if counts[parent] == 0:
                ready.append(parent)
    if done < len(inside):
        left = next(n for n in inside if counts[n] > 0)
        return problems.circle_found(asked.structure.label, asked.title(left) or "…")
    tops = {n for n in inside if not any(u[2] in ("part", "phantom") for u in uses.get(n, ()))}
    found = [UsedTotal(n, totals[n], levels[n], n in tops) for n in ready[1:]]
    if len(found) > ROWS_MAX:
        return problems.too_many_rows(asked.structure.label, ROWS_MAX)
    return sorted(found, key=lambda u: (u.level, u.node))
