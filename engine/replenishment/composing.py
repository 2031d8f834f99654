"""The graph of a structure → what items consist of, as netting wants it: phantoms dissolved into their parts, outputs left out."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Final
from uuid import UUID

from engine.replenishment.requirements import Component
from engine.structures import LEVELS_MAX, Graph

_ONE: Final = Fraction(1)


def components_of(graph: Graph, roots: Iterable[UUID]) -> tuple[list[Component], dict[UUID, str]]:
    """The components of the items `roots` and of all below them, and the items whose lines could not be worked out, with the code of why:
    what these consist of is not known."""
    made: list[Component] = []
    faults: dict[UUID, str] = {}
    waiting = [node for root in roots if (node := graph.node(root)) is not None]
    seen = set(waiting)
    for node in waiting:  # what is found is put behind
        parts: list[tuple[int, Fraction]] = []
        fault = _dissolve(graph, node, _ONE, parts, LEVELS_MAX)
        if fault is not None:
            faults[graph.nodes[node]] = fault
            continue
        for component, quantity in parts:
            made.append(Component(graph.nodes[node], graph.nodes[component], quantity))
            if component not in seen:
                seen.add(component)
                waiting.append(component)
    return made, faults


def _dissolve(graph: Graph, node: int, times: Fraction, parts: list[tuple[int, Fraction]], levels: int) -> str | None:
    """Puts the parts of a node into `parts`; the code of why that cannot be done, if so."""
    if levels == 0:
        return "too_deep"
    for edge in graph.below[node]:
        use = edge.use
        if use.fault is not None:
            return use.fault
        if use.is_output:
            continue
        if use.is_phantom and graph.below[edge.component]:
            fault = _dissolve(graph, edge.component, times * use.quantity, parts, levels - 1)
            if fault is not None:
                return fault
        else:
            parts.append((edge.component, use.quantity if times is _ONE else times * use.quantity))
    return None
