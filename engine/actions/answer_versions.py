"""Comparing two versions of a parent: their lines, as far as the actor may read them, and what they need over all levels."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any
from uuid import UUID

from engine.actions.answer_structures import Answering, seen_structure, understood
from engine.actions.planning import Planning
from engine.actions.queries import CompareVersions
from engine.actions.showing import Shower
from engine.facts import StoredRecord
from engine.problems import Problems
from engine.structures import LineFacts, Structure, compare, summarise, to_decimal
from engine.structures import problems as structure_problems
from engine.values import write_decimal


def compared(query: CompareVersions, planning: Planning) -> dict[str, Any] | Problems:
    """What leads from the demand's version to the other."""
    structure = seen_structure(query.demand.structure, planning)
    if isinstance(structure, Problems):
        return structure
    ids = [id for id in (query.demand.version, query.other) if id is not None]
    visible = planning.facts.visible(structure.form, ids)
    records = planning.facts.records(structure.form, visible)
    if len(ids) < 2 or any(id not in records for id in ids):
        return structure_problems.no_such_version(structure.label)
    before, after = (records[id] for id in ids)
    if before.values.get(structure.parent) != after.values.get(structure.parent):
        return structure_problems.not_the_same_parent()
    refused = planning.grant(planning.release.forms[structure.form]).require("read")
    if refused is not None:
        return refused
    shower = Shower(planning)
    shower.prepare(planning.release.forms[structure.form], [before, after])
    lines = compare(_lines(structure, before, planning, shower), _lines(structure, after, planning, shower))
    totals = _totals(query, planning)
    if isinstance(totals, Problems):
        return totals
    return {
        "lines": [
            {
                "change": c.change,
                "component": {"id": str(c.key), "title": shower.title(structure.target, c.key)},
                "fields": {n: list(both) for n, both in c.fields.items()},
            }
            for c in lines
        ],
        "totals": totals,
    }


def _lines(structure: Structure, record: StoredRecord, planning: Planning, shower: Shower) -> list[LineFacts]:
    form = planning.release.forms[structure.form]
    shown = shower.record(form, record, planning.grant(form))["values"].get(structure.lines, [])
    by_id = {row["id"]: row for row in shown}
    found: list[LineFacts] = []
    for row in record.lines.get(structure.lines, ()):
        component = row.values.get(structure.component)
        fields: Mapping[str, Any] = by_id.get(str(row.id), {})
        if component is not None:
            kept = {n: v for n, v in fields.items() if n not in ("id", "position", structure.component)}
            found.append(LineFacts(component, kept))
    return found


def _totals(query: CompareVersions, planning: Planning) -> list[dict[str, Any]] | Problems:
    """What is needed of each component over all levels, where that differs; None is nothing."""
    sums: list[dict[UUID, Fraction]] = []
    answering: Answering | Problems | None = None
    for version in (query.demand.version, query.other):
        answering = understood(replace(query.demand, version=version, record=None), planning)
        if isinstance(answering, Problems):
            return answering
        totals = summarise(answering.asked, collapsed=True)
        if isinstance(totals, Problems):
            return totals
        sums.append({answering.asked.graph.nodes[t.node]: t.total for t in totals})
    before, after = sums
    assert isinstance(answering, Answering)
    target, differing = answering.structure.target, [k for k in {**before, **after} if before.get(k) != after.get(k)]
    titles = answering.shower.titles(target, differing)

    def told(number: Fraction | None) -> str | None:
        return None if number is None else write_decimal(to_decimal(number))

    return [
        {
            "component": {"id": str(id), "title": titles[id]},
            "before": told(before.get(id)),
            "after": told(after.get(id)),
        }
        for id in sorted(differing, key=lambda key: (titles[key], key))
    ]
