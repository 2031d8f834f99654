"""Records → edges of a structure, and the refusal of a record that would close a circle in it."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from engine.actions.planning import Planning, Work
from engine.actions.showing import Shower
from engine.facts import Facts, Values
from engine.problems import Problem, Problems
from engine.rules.runtime import plain
from engine.structures import Edge, Structure, cycle
from engine.structures.problems import circle


def edges_of_all(structure: Structure, facts: Facts) -> list[Edge]:
    """Every edge of a structure."""
    return [
        edge for record in facts.everything(structure.form) for edge in edges_of(structure, record.values, record.lines)
    ]


def edges_of(structure: Structure, values: Values, lines: Mapping[str, Sequence[Any]]) -> list[Edge]:
    """The edges that one record adds. Lines without a component or quantity add none."""
    per = plain(values.get(structure.per)) if structure.per else None
    batch = Fraction(per) if per else Fraction(1)
    return [
        Edge(
            values[structure.parent],
            row.values[structure.component],
            Fraction(plain(row.values[structure.quantity])) / batch,
            row.position,
        )
        for row in lines.get(structure.lines, ())
        if row.values.get(structure.component) is not None and row.values.get(structure.quantity) is not None
    ]


def require_no_circle(work: Work, planning: Planning) -> Problems | None:
    """A refusal when the record would make something a part of itself, with the path."""
    found: list[Problem] = []
    for structure in planning.release.structures.values():
        if structure.form != work.form.name or work.values.get(structure.parent) is None:
            continue
        own = edges_of(structure, work.values, work.lines)
        path = cycle(edges_of_all(structure, planning.facts), work.values[structure.parent], [e.component for e in own])
        if path is not None:
            shower = Shower(planning)
            at = next((n for n, e in enumerate(own) if e.component == path[1]), 0)
            names = " → ".join(shower.title(structure.target, id) or "…" for id in path)
            found.append(circle(structure.label, names, f"/{structure.lines}/{at}/{structure.component}"))
    return Problems(tuple(found)) if found else None
