"""Answers about structures: explosions, where-used, roll-ups. Who may see a structure sees all of it; titles and measures only as far as
the records they are of."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final
from uuid import UUID

from engine.access import may_see
from engine.actions import problems
from engine.actions.field_rights import unreadable
from engine.actions.many_records import at_one_go, titles_of, values_of
from engine.actions.planning import Planning
from engine.actions.queries import Demand, DescribeStructure, Explode, RollUp, WhereUsed
from engine.actions.showing import Shower
from engine.actions.structure_edges import graph_of
from engine.problems import Problems
from engine.rules import Checked
from engine.structures import (
    KEPT,
    Asked,
    Graph,
    Row,
    Structure,
    explode,
    frozen_copy,
    read_parameters,
    roll_up,
    rounded,
    summarise,
    to_decimal,
    where_used,
    where_used_in_all,
)
from engine.structures import problems as structure_problems
from engine.structures.graph import reach
from engine.values import DECIMAL_DIGITS, read_decimal, to_wire, write_decimal

QUANTITY_DIGITS: Final = 12
"""Most digits before the point of a quantity that is asked for."""


def seen_structure(name: str, planning: Planning) -> Structure | Problems:
    """A structure the actor may see."""
    structure = planning.release.structures.get(name)
    if structure is None or not may_see(planning.release.roles, planning.actor, "structure", name):
        return problems.no_such_structure(name, ())
    return structure


@dataclass(frozen=True, slots=True)
class Answering:
    """A demand that was understood: what is asked of which graph, and how its nodes are shown."""

    structure: Structure
    asked: Asked
    planning: Planning
    shower: Shower
    decimals: dict[UUID, Any] = field(default_factory=dict)
    """How many decimals leaves are rounded to, of those that were prepared."""
    known: dict[int, dict[str, str]] = field(default_factory=dict)
    """Nodes that were shown already."""

    def prepare(self, nodes: Collection[int]) -> None:
        """Ask together for what showing these nodes needs: titles, and how leaves are rounded."""
        target = self.structure.target
        ids = {self.asked.graph.nodes[n] for n in nodes}
        titles = titles_of(target, ids, self.planning)
        if titles is None:
            self.shower.titles(target, ids)
        else:
            self.shower.know(target, titles)
        rounding = self.structure.rounding
        if rounding is not None and isinstance(rounding.decimals, Checked):
            self.decimals.update(values_of(rounding.decimals, target, ids, self.planning))

    def shown(self, node: int) -> dict[str, str]:
        """A node as others see it: its record's id and title."""
        found = self.known.get(node)
        if found is None:
            id = self.asked.graph.nodes[node]
            found = self.known[node] = {"id": str(id), "title": self.shower.title(self.structure.target, id)}
        return found

    @property
    def rounds(self) -> bool:
        """May what is to be used of a leaf differ from its exact total?"""
        return self.structure.rounding is not None

    def final(self, node: int, total: Fraction, *, is_leaf: bool) -> Decimal:
        """A total as it is to be used: of a leaf rounded by the structure's rule, of others as it is."""
        rounding = self.structure.rounding
        if rounding is None or not is_leaf:
            return to_decimal(total)
        decimals = rounding.decimals
        if isinstance(decimals, Checked):
            found = self.decimals.get(self.asked.graph.nodes[node])
            if not isinstance(found, Decimal):
                return to_decimal(total)
            decimals = int(found)
        return rounded(total, decimals, rounding.way)


def understood(demand: Demand, planning: Planning) -> Answering | Problems:
    """The demand, if it can be answered."""
    structure = seen_structure(demand.structure, planning)
    if isinstance(structure, Problems):
        return structure
    quantity = read_decimal(demand.quantity)
    if quantity is None or quantity <= 0 or quantity.adjusted() > QUANTITY_DIGITS:
        return problems.bad_quantity(demand.quantity)
    given = read_parameters(structure, demand.parameters)
    if isinstance(given, Problems):
        return given
    parent = demand.record
    if demand.version is not None:
        named = planning.facts.records(structure.form, [demand.version]).get(demand.version)
        if named is None or (parent is not None and named.values.get(structure.parent) != parent):
            return structure_problems.no_such_version(structure.label)
        parent = named.values.get(structure.parent)
    if parent is None:
        return problems.no_such_record(planning.release.forms[structure.target].label)
    graph = graph_of(structure, planning, on=demand.on, parameters=given, version=demand.version)
    if isinstance(graph, Problems):
        return graph
    shower = Shower(planning)
    root = graph.node(parent)
    if root is None:
        graph = Graph((parent,), ((),), {}, {}, {parent: 0})
        root = 0
    nodes = graph.nodes

    def title(node: int) -> str:
        return shower.title(structure.target, nodes[node])

    return Answering(structure, Asked(structure, graph, root, Fraction(quantity), title), planning, shower)


def explosion(query: Explode, planning: Planning) -> dict[str, Any] | Problems:
    """All levels under a parent."""
    with at_one_go():
        answering = understood(query.demand, planning)
        if isinstance(answering, Problems):
            return answering
        if query.frozen:
            return _frozen(query, answering)
        return _summarised(query, answering) if query.summarised else _indented(query, answering)


def _head(answering: Answering) -> dict[str, Any]:
    asked = answering.asked
    return {
        "parent": answering.shown(asked.root),
        "quantity": _decimal(asked.demand),
        "versions": [str(id) for id in asked.graph.version_of.get(asked.root, ())],
    }


def _indented(query: Explode, answering: Answering) -> dict[str, Any] | Problems:
    rows = explode(answering.asked, collapsed=query.collapsed)
    if isinstance(rows, Problems):
        return rows
    answering.prepare({r.node for r in rows} | {i[0] for r in rows for i in r.instead} | {answering.asked.root})
    known = {n: answering.shown(n) for n in {answering.asked.root, *(r.node for r in rows)}}
    texts = {n: shown["id"] for n, shown in known.items()}
    shown_rows: list[dict[str, Any]] = []
    for r in rows:
        total = _decimal(r.total)
        shown = {
            "level": r.level,
            "component": known[r.node],
            "quantity": _decimal(r.quantity),
            "total": total,
            "path": [texts[n] for n in r.path],
            "role": r.role,
            "leaf": r.is_leaf,
            "line": r.line,
        }
        if r.is_leaf:
            shown["rounded"] = _rounded(answering, r.node, r.total, total)
        if r.role == "output":
            shown["share"] = _decimal(r.share * 100)
        if r.instead:
            shown["substitutes"] = _instead(r, answering)
        shown_rows.append(shown)
    return {**_head(answering), "rows": shown_rows}


def _rounded(answering: Answering, node: int, total: Fraction, written: str) -> str:
    """The total of a leaf as it is to be used, when it is `written` so as it is."""
    return write_decimal(answering.final(node, total, is_leaf=True)) if answering.rounds else written


def _instead(row: Row, answering: Answering) -> list[dict[str, Any]]:
    return [
        {"component": answering.shown(node), "quantity": _decimal(quantity), "total": _decimal(total)}
        for node, quantity, total in row.instead
    ]


def _decimal(number: Fraction) -> str:
    if number.denominator == 1 and abs(number.numerator) < _WHOLE:
        return str(number.numerator)
    return write_decimal(to_decimal(number))


_WHOLE: Final = 10**DECIMAL_DIGITS


def _summarised(query: Explode, answering: Answering) -> dict[str, Any] | Problems:
    totals = summarise(answering.asked, collapsed=query.collapsed)
    if isinstance(totals, Problems):
        return totals
    answering.prepare({t.node for t in totals} | {answering.asked.root})
    shown_rows: list[dict[str, Any]] = []
    for t in totals:
        total = _decimal(t.total)
        shown = {
            "component": answering.shown(t.node),
            "total": total,
            "low_level_code": t.low_level_code,
            "level": t.level,
            "leaf": t.is_leaf,
        }
        if t.is_leaf:
            shown["rounded"] = _rounded(answering, t.node, t.total, total)
        if t.phantom:
            shown["phantom"] = _decimal(t.phantom)
        if t.output:
            shown["output"] = _decimal(t.output)
        shown_rows.append(shown)
    return {**_head(answering), "rows": shown_rows}


def _frozen(query: Explode, answering: Answering) -> dict[str, Any] | Problems:
    kept = next(k for k in KEPT if k == query.frozen)
    rows = explode(answering.asked, collapsed=query.collapsed)
    if isinstance(rows, Problems):
        return rows
    answering.prepare({r.node for r in rows} | {answering.asked.root})

    def final(node: int, total: Fraction, is_leaf: bool) -> Decimal:
        return answering.final(node, total, is_leaf=is_leaf)

    return {**_head(answering), "rows": frozen_copy(answering.structure, answering.asked, rows, kept, final)}


def used(query: WhereUsed, planning: Planning) -> dict[str, Any] | Problems:
    """What a component goes into."""
    answering = understood(query.demand, planning)
    if isinstance(answering, Problems):
        return answering
    if query.summarised:
        found = where_used_in_all(answering.asked)
        if isinstance(found, Problems):
            return found
        answering.prepare({u.node for u in found} | {answering.asked.root})
        rows = [
            {"parent": answering.shown(u.node), "total": _decimal(u.total), "level": u.level, "top": u.is_top}
            for u in found
        ]
        return {"component": answering.shown(answering.asked.root), "rows": rows}
    ways = where_used(answering.asked, to_the_top=query.top)
    if isinstance(ways, Problems):
        return ways
    answering.prepare({u.node for u in ways} | {answering.asked.root})
    nodes = answering.asked.graph.nodes
    rows = [
        {
            "level": u.level,
            "parent": answering.shown(u.node),
            "quantity": _decimal(u.quantity),
            "total": _decimal(u.total),
            "path": [str(nodes[n]) for n in u.path],
            "as": u.used_as,
            "line": u.line,
            "top": u.is_top,
        }
        for u in ways
    ]
    return {"component": answering.shown(answering.asked.root), "rows": rows}


def rolled_up(query: RollUp, planning: Planning) -> dict[str, Any] | Problems:
    """A measure over all levels: only for those who may read what it is made of."""
    structure = seen_structure(query.demand.structure, planning)
    if isinstance(structure, Problems):
        return structure
    measure = structure.measure(query.measure)
    if measure is None:
        return structure_problems.no_such_measure(query.measure, tuple(m.name for m in structure.measures))
    refused = _unreadable(measure.of, structure, planning)
    if refused is not None:
        return refused
    answering = understood(query.demand, planning)
    if isinstance(answering, Problems):
        return answering
    own = _own_values(answering, measure.of)
    found = roll_up(answering.asked, measure, own)
    if isinstance(found, Problems):
        return found
    answering.prepare({r.node for r in found})

    def told(value: Fraction) -> str:
        return write_decimal(
            to_decimal(value) if measure.decimals is None else rounded(value, measure.decimals, "half_even")
        )

    top = found[0].value * (answering.asked.demand if measure.combine == "sum" else 1)
    return {
        **_head(answering),
        "measure": measure.name,
        "value": told(top),
        "missing": sum(1 for r in found if r.own is None and (measure.counts == "all" or r.is_leaf)),
        "rows": [
            {
                "component": answering.shown(r.node),
                "level": r.level,
                "own": None if r.own is None else told(r.own),
                "value": told(r.value),
                "leaf": r.is_leaf,
            }
            for r in found
        ],
    }


def _own_values(answering: Answering, expression: Checked) -> Callable[[int], Fraction | None]:
    nodes = answering.asked.graph.nodes
    ids = [nodes[n] for n in reach(answering.asked.graph, answering.asked.root)]
    values = values_of(expression, answering.structure.target, ids, answering.planning)

    def own(node: int) -> Fraction | None:
        found = values.get(nodes[node])
        return Fraction(found) if isinstance(found, Decimal) else None

    return own


def _unreadable(expression: Checked, structure: Structure, planning: Planning) -> Problems | None:
    """A refusal when the actor may not read a field that the expression reads, in any form on the way."""
    for path in expression.reads:
        found = unreadable(path, planning.release.forms[structure.target], planning)
        if found is not None:
            return structure_problems.measure_not_readable(found.label)
    return None


def described(query: DescribeStructure, planning: Planning) -> dict[str, Any] | Problems:
    """What may be asked of a structure."""
    structure = seen_structure(query.structure, planning)
    if isinstance(structure, Problems):
        return structure
    return {
        "name": structure.name,
        "label": structure.label,
        "form": structure.form,
        "of": structure.target,
        "parent": structure.parent,
        "lines": structure.lines,
        "dated": structure.versions is not None,
        "parameters": [
            {
                "name": p.name,
                "type": p.kind,
                "label": p.label,
                "sample": to_wire(p.sample),
                "default": to_wire(p.default),
            }
            for p in structure.parameters
        ],
        "measures": [
            {"name": m.name, "label": m.label}
            for m in structure.measures
            if _unreadable(m.of, structure, planning) is None
        ],
    }
