"""What must hold of a record that is a version of a structure: it closes no circle, and its lines can be worked out."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from engine.actions.planning import Planning, Work
from engine.actions.showing import Shower
from engine.actions.structure_lines import LineWorker, exact, line_fields
from engine.effects import ChangeStructure
from engine.facts import Values
from engine.forms import Form
from engine.forms.scopes import field_value
from engine.problems import Problem, Problems, pointer
from engine.rules import BOOLEAN, NUMBER
from engine.structures import Structure, Texts, dated_circle, header_numbers, problems
from engine.structures.graph import ALWAYS, Span, common

Dated = list[tuple[UUID, Span]]
"""Components with the days on which they go in."""


def circle_in(structure: Structure, work: Work, planning: Planning) -> Problem | ChangeStructure | None:
    """The circle that the record closes, on any day on which all lines of it hold together. Outputs and versions that are not active do
    not count. Without one, what is new in the structure by it, if anything: another record that is written at the same time may close the
    circle with it."""
    own = _components(structure, work.values, work.state, work.lines, planning)
    parent = work.values[structure.parent]
    edges: dict[UUID, Dated] = {parent: own}
    waiting = {component for component, _ in own} - {parent}
    while waiting:
        found: dict[UUID, Dated] = {id: [] for id in waiting}
        for record in planning.facts.pointing(structure.form, structure.parent, waiting):
            if record.id != work.id:
                above = record.values[structure.parent]
                found[above] += _components(structure, record.values, record.state, record.lines, planning)
        edges |= found
        waiting = {c for below in found.values() for c, _ in below if c not in edges}
    path = dated_circle(parent, edges)
    if path is None:
        if not _adds(structure, work, own, planning):
            return None
        seen = planning.facts.last_change(structure.name)
        return ChangeStructure(structure.name, parent, seen, frozenset(edges) - {parent})
    shower = Shower(planning)
    rows = work.lines.get(structure.lines, ())
    at = next((n for n, row in enumerate(rows) if row.values.get(structure.component) == path[1]), 0)
    names = " → ".join(shower.title(structure.target, id) or "…" for id in path)
    return problems.circle(structure.label, names, pointer(structure.lines, at, structure.component))


def _adds(structure: Structure, work: Work, own: Dated, planning: Planning) -> bool:
    """Does the record let anything go into its parent that it did not before?"""
    before = work.before
    if before is None or before.values[structure.parent] != work.values[structure.parent]:
        return bool(own)
    return not set(own) <= set(_components(structure, before.values, before.state, before.lines, planning))


def _components(
    structure: Structure, values: Values, state: str | None, lines: Mapping[str, Sequence[Any]], planning: Planning
) -> Dated:
    form = planning.release.forms[structure.form]
    days = ALWAYS
    if structure.versions is not None:
        active = structure.versions.active
        if active is not None:
            scope = {"state": state, **_seen(form.header, values, {p[0] for p in active.reads}, planning, form)}
            if active.evaluate(scope, planning.moment).value is not True:
                return []
        days = _span(values, structure.versions.dates.starts, structure.versions.dates.ends)
    found: Dated = []
    for row in lines.get(structure.lines, ()):
        component = row.values.get(structure.component)
        own = _span(row.values, structure.line_dates.starts, structure.line_dates.ends)
        shared = common(days, own)
        if component is not None and shared is not None and not _is_output(structure, row.values, planning, form):
            found.append((component, shared))
    return found


def _span(values: Values, starts: str | None, ends: str | None) -> Span:
    first = values.get(starts) if starts else None
    last = values.get(ends) if ends else None
    return first or date.min, last or date.max


def _is_output(structure: Structure, values: Values, planning: Planning, form: Form) -> bool:
    """Is the line an output, as far as it says so itself? If only the demand decides, it may go in."""
    made = structure.rules.co_product
    names = {f.name for f in line_fields(structure, form)}
    if made is None or not all(p[0] in names for p in made.when.reads):
        return False
    scope = _seen(line_fields(structure, form), values, {p[0] for p in made.when.reads}, planning, form)
    return made.when.evaluate(scope, planning.moment).value is True


def _seen(fields: Sequence[Any], values: Values, names: set[str], planning: Planning, form: Form) -> dict[str, Any]:
    return {f.name: field_value(f, values.get(f.name), planning, form.others) for f in fields if f.name in names}


def wrong_lines(structure: Structure, work: Work, planning: Planning) -> list[Problem]:
    """What is wrong with the lines when they are worked out with the sample values: formulas and conditions that are none, quantities
    that come to nothing or to less, lines that say no quantity at all."""
    rules = structure.rules
    if not (structure.parameters or rules.formula or rules.condition or len(rules.expressions) > 1):
        return []
    texts, form = Texts(structure), work.form
    worker = LineWorker(structure, planning, structure.samples, form, texts)
    header = work.scope(planning)
    per = exact(work.values.get(structure.per_field)) if structure.per_field else None
    numbers = header_numbers(structure, header, per, planning.moment)
    found: list[Problem] = []
    for at, row in enumerate(work.lines.get(structure.lines, ())):
        place = pointer(structure.lines, at)
        wrong = _wrong_texts(structure, row.values, texts, place)
        if not wrong:
            use = worker.use(row.values, header, numbers)
            where = _where(structure, row.values)
            if use is not None and use.fault is not None:
                wrong = [problems.line_wrong(use.fault, place + where)]
            elif use is None and _says_nothing(structure, row.values, header, planning):
                wrong = [problems.no_quantity(place + where)]
        found += wrong
    return found


def _wrong_texts(structure: Structure, values: Values, texts: Texts, place: str) -> list[Problem]:
    found: list[Problem] = []
    for name, kind in ((structure.rules.formula, NUMBER), (structure.rules.condition, BOOLEAN)):
        text = values.get(name) if name else None
        if name and isinstance(text, str) and text.strip():
            checked = texts.checked(text.strip(), kind)
            if isinstance(checked, Problems):
                found += [replace(p, place=place + pointer(name)) for p in checked]
    return found


def _where(structure: Structure, values: Values) -> str:
    rules = structure.rules
    if rules.formula and values.get(rules.formula):
        return pointer(rules.formula)
    return pointer(rules.quantity_field) if rules.quantity_field else ""


def _says_nothing(structure: Structure, values: Values, header: Mapping[str, Any], planning: Planning) -> bool:
    """Has the line neither formula nor share nor quantity?"""
    rules, form = structure.rules, planning.release.forms[structure.form]
    if rules.formula and values.get(rules.formula):
        return False
    fields = line_fields(structure, form)
    scope = _seen(fields, values, {f.name for f in fields}, planning, form)
    scope = {**scope, "record": header, **structure.samples}
    ways = [c for c in (rules.share, rules.quantity) if c is not None]
    return all(c.evaluate(scope, planning.moment).value is None for c in ways)


def require_right_versions(work: Work, planning: Planning) -> Sequence[ChangeStructure] | Problems:
    """What the record changes of structures that it is a version of; a refusal when it would be wrong."""
    found, changes = list[Problem](), list[ChangeStructure]()
    for structure in planning.release.structures.values():
        if structure.form != work.form.name or work.values.get(structure.parent) is None:
            continue
        found += wrong_lines(structure, work, planning)
        closed = circle_in(structure, work, planning)
        if isinstance(closed, Problem):
            found.append(closed)
        elif closed is not None:
            changes.append(closed)
    return Problems(tuple(found)) if found else changes
