"""What items consist of, from the graph of a structure: phantoms dissolved, outputs left out, lines that fail told."""

from fractions import Fraction
from uuid import UUID

from engine.replenishment import components_of
from engine.structures import Edge, Use, Version, Versions, graph_on

NODES = tuple(UUID(int=at + 1) for at in range(7))
A, B, C, D, E, F, G = range(7)


def graph(*edges: tuple[int, int, Use]):  # type: ignore[no-untyped-def]
    """The graph with these lines, one version a parent."""
    versions = [
        Version(
            UUID(int=100 + parent), parent, [Edge(c, use, at) for at, (p, c, use) in enumerate(edges) if p == parent]
        )
        for parent in dict.fromkeys(p for p, _, _ in edges)
    ]
    return graph_on(Versions(NODES, tuple(versions)), None)


def told(*edges: tuple[int, int, Use], root: int = A) -> tuple[list[tuple[int, int, Fraction]], dict[int, str]]:
    made, faults = components_of(graph(*edges), [NODES[root]])
    number = {node: at for at, node in enumerate(NODES)}
    return [(number[c.parent], number[c.component], c.quantity) for c in made], {
        number[k]: v for k, v in faults.items()
    }


def uses(quantity: int | Fraction, *, phantom: bool = False, output: bool = False, fault: str | None = None) -> Use:
    return Use(Fraction(quantity), is_phantom=phantom, is_output=output, fault=fault)


def test_components_are_those_of_the_items_and_all_below() -> None:
    """Every parent that is reached gives its lines once; what is not below the items is not there."""
    assert told((A, B, uses(2)), (B, C, uses(3)), (A, C, uses(1)), (F, G, uses(9))) == (
        [(A, B, 2), (A, C, 1), (B, C, 3)], {},
    )  # fmt: skip


def test_phantoms_are_dissolved_over_levels() -> None:
    """What a phantom consists of is a part of what it is in, multiplied through; a phantom without parts is a part itself."""
    lines = (
        (A, B, uses(2, phantom=True)),
        (B, C, uses(3, phantom=True)),
        (C, D, uses(Fraction(1, 2))),
        (B, E, uses(1)),
    )
    assert told(*lines) == ([(A, D, 3), (A, E, 2)], {})
    assert told((A, B, uses(2, phantom=True))) == ([(A, B, 2)], {})


def test_outputs_are_no_needs() -> None:
    """A line that comes out is not asked for."""
    assert told((A, B, uses(2)), (A, C, uses(1, output=True))) == ([(A, B, 2)], {})


def test_a_line_that_fails_makes_its_item_a_fault() -> None:
    """An item with such a line has no components at all: half of them would be a wrong plan. Through a phantom it is a fault, too."""
    assert told((A, B, uses(2)), (A, C, uses(1, fault="rules.failed"))) == ([], {A: "rules.failed"})
    assert told((A, B, uses(2, phantom=True)), (B, C, uses(1, fault="rules.failed"))) == ([], {A: "rules.failed"})
    assert told((A, B, uses(2)), (B, C, uses(1, fault="rules.failed"))) == ([(A, B, 2)], {B: "rules.failed"})


def test_phantoms_in_a_circle_end() -> None:
    """Phantoms that contain each other are a fault, not an endless walk."""
    assert told((A, B, uses(1, phantom=True)), (B, A, uses(1, phantom=True))) == ([], {A: "too_deep"})
