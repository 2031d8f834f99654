"""Records → the graph of a structure: all its versions read in two statements, equal lines worked out once, kept while nothing changes."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any, Final
from uuid import UUID

from engine.actions.gather import StoreFacts, facts_of
from engine.actions.planning import Planning
from engine.effects import LineRow
from engine.forms import BulkQuery, Form, Reads, all_headers, all_lines, count_lines, record_scope, state_of_all
from engine.forms.scopes import field_value
from engine.packs import Release
from engine.problems import Problems
from engine.rules import Checked
from engine.rules.columns import decode
from engine.structures import (
    LINES_MAX,
    Edge,
    Graph,
    LineValues,
    Structure,
    Texts,
    Use,
    Version,
    Versions,
    graph_on,
    header_numbers,
    use_of,
)
from engine.structures import problems as structure_problems
from engine.structures.compile_parts import is_timely
from engine.structures.definition import Value, remember, remembered
from engine.values import Quantity

_HEADER_FIRST: Final = frozenset(("id", "state"))
"""Names of a record that a header row has before its fields."""


def graph_of(
    structure: Structure,
    planning: Planning,
    *,
    on: date | None = None,
    parameters: Mapping[str, Value] | None = None,
    version: UUID | None = None,
) -> Graph | Problems:
    """The graph as it holds `on` a day (None: today) for these parameters; `version` holds for its parent whatever the day. It is kept,
    and taken again only while no record that it was made from has changed."""
    facts, given = facts_of(planning), dict(parameters or {})
    key = _state(structure, planning.release, facts, (planning.moment.today, *sorted(given.items())))
    day = (on or planning.moment.today) if _is_dated(structure) else None
    graph: Graph | None = remembered(structure.memory, ("graph", key, day, version))
    if graph is not None:
        return graph
    found: Versions | None = remembered(structure.memory, ("versions", key))
    if found is None:
        read = _Bulk(structure, replace(planning, reads=Reads()), given).versions()
        if isinstance(read, Problems):
            return read
        found = read
    graph = graph_on(found, day, version)
    if not is_timely(_expressions(structure)):
        remember(structure.memory, ("versions", key), found)
        remember(structure.memory, ("graph", key, day, version), graph)
    return graph


def _is_dated(structure: Structure) -> bool:
    dates = [structure.line_dates, *([structure.versions.dates] if structure.versions else [])]
    return any(d.starts or d.ends for d in dates)


def _expressions(structure: Structure) -> tuple[Checked, ...]:
    active = structure.versions.active if structure.versions else None
    return (*structure.rules.expressions, *(c for c in (structure.per, structure.output, active) if c is not None))


def _state(structure: Structure, release: Release, facts: StoreFacts, more: tuple[Any, ...]) -> Any:
    """What the graph depends on: the state of the records of every form that is read, the day, and the parameters."""
    names = {structure.form} | _forms_read(structure, release)
    states = [tuple(facts.reader.rows(state_of_all(release.form_tables[n]))[0]) for n in sorted(names)]
    return (*states, *more)


def _forms_read(structure: Structure, release: Release) -> set[str]:
    """The forms whose records expressions follow references to."""
    form = release.forms[structure.form]
    header, lines = fields_by_name(form.fields), fields_by_name(_line_fields(structure, form))
    found: set[str] = set()
    for expression in _expressions(structure):
        for path in expression.reads:
            steps = path[1:] if path[0] == "record" else path
            known = header if path[0] == "record" or path[0] not in lines else lines
            found |= set(forms_on_path(release, known, steps))
    return found


def fields_by_name(fields: Sequence[Any]) -> dict[str, Any]:
    """Fields by their names."""
    return {f.name: f for f in fields}


def forms_on_path(release: Release, known: Mapping[str, Any], steps: Sequence[str]) -> Iterable[str]:
    """The forms whose fields a path reads after the one it starts in: references are followed, sub-tables entered."""
    for at, step in enumerate(steps):
        field = known.get(step)
        if field is None or at + 1 == len(steps):
            return
        if field.target is not None:
            yield field.target
            known = fields_by_name(release.forms[field.target].fields)
        else:
            known = fields_by_name(field.fields)


def _line_fields(structure: Structure, form: Form) -> Sequence[Any]:
    lines = form.field(structure.lines)
    assert lines is not None
    return lines.fields


@dataclass(slots=True)
class _Header:
    """What is needed of a record for its lines."""

    version: int
    numbers: tuple[Fraction, Fraction] | str
    key: Any
    edges: list[Edge]


class _Bulk:
    """Reads all versions of a structure."""

    def __init__(self, structure: Structure, planning: Planning, given: Mapping[str, Value]) -> None:
        self._structure = structure
        self._planning = planning
        self._given = given
        self._facts = facts_of(planning)
        self._dialect = self._facts.reader.dialect
        self._form = planning.release.forms[structure.form]
        self._tables = planning.release.form_tables[structure.form]
        self._texts = Texts(structure)
        self._reads = frozenset(p for e in structure.rules.expressions for p in e.reads)
        self._nodes: dict[Any, int] = {}
        self._memo: dict[Any, dict[Any, Use | None]] = {}

    def versions(self) -> Versions | Problems:
        """All of them, also those that hold on no day that is asked for."""
        structure, reader = self._structure, self._facts.reader
        if reader.rows(count_lines(self._tables, structure.lines))[0][0] > LINES_MAX:
            return structure_problems.too_many_lines(structure.label, LINES_MAX)
        headers: dict[Any, _Header] = {}
        versions = self._headers(headers)
        query = all_lines(self._tables, structure.lines, self._line_names(), self._dialect)
        rows = reader.rows(query.statement)
        self._lines(query, rows, headers)
        nodes = tuple(decode("id", raw, self._dialect) for raw in self._nodes)
        return Versions(nodes, tuple(versions), structure.versions is not None, structure.substitutes is not None)

    def _header_names(self) -> set[str]:
        structure = self._structure
        names = {structure.parent} | self._deciding()
        names |= {p[1] for p in self._reads if p[0] == "record" and len(p) > 1}
        if structure.versions is not None:
            dates = structure.versions.dates
            names |= {n for n in (dates.starts, dates.ends, structure.versions.number) if n}
        return names

    def _deciding(self) -> set[str]:
        """What the batch, the yield and being active depend on."""
        structure = self._structure
        found = {p[0] for e in _expressions(structure) if e not in structure.rules.expressions for p in e.reads}
        return found | ({structure.per_field} if structure.per_field else set())

    def _headers(self, headers: dict[Any, _Header]) -> list[Version]:
        structure, names = self._structure, self._header_names()
        query = all_headers(self._tables, names, self._dialect)
        rows = self._facts.reader.rows(query.statement)
        places = {f.field.name: at for at, f in enumerate(query.fields)}
        whole = self._needs_whole(names)
        if whole:
            self._facts.records(structure.form, [decode("id", row[0], self._dialect) for row in rows])
        parent, number_memo = places[structure.parent], dict[Any, tuple[tuple[Fraction, Fraction] | str, bool]]()
        deciding = [query.places[at] for name, at in places.items() if name in self._deciding()]
        from_record = any(p[0] == "record" for p in self._reads)
        versions: list[Version] = []
        for row in rows:
            if row[query.places[parent].start] is None:
                continue
            cells = row if whole else (row[1], *(row[place] for place in deciding))
            known = number_memo.get(cells)
            if known is None:
                scope = self._header_scope(query, row, whole=whole)
                known = number_memo[cells] = self._numbers(query, places, row, scope), self._is_active(scope)
            numbers, is_active = known
            node = self._nodes.setdefault(row[query.places[parent].start], len(self._nodes))
            header = _Header(len(versions), numbers, (row[0] if from_record else numbers), [])
            headers[row[0]] = header
            dates, number = self._version_facts(query, places, row)
            versions.append(Version(decode("id", row[0], self._dialect), node, header.edges, *dates, number, is_active))
        if from_record:
            self._scopes = {row[0]: row for row in rows}
            self._header_query = query, whole
        return versions

    def _needs_whole(self, names: Collection[str]) -> bool:
        """Is more of records read than cells of their headers? Then they are read whole."""
        simple = {f.name for f in self._form.header} | _HEADER_FIRST
        return not set(names) <= simple or ("record",) in self._reads

    def _header_scope(self, query: BulkQuery, row: Sequence[Any], *, whole: bool) -> dict[str, Any]:
        id = decode("id", row[0], self._dialect)
        if whole:
            record = self._facts.records(self._structure.form, [id])[id]
            lines = {n: tuple(LineRow(r.id, r.position, r.values) for r in rows) for n, rows in record.lines.items()}
            stamps = {n: record.stamps.get(n) for n in ("created_at", "created_by")}
            return record_scope(self._form, record.values, lines, self._planning, id=id, state=record.state, **stamps)
        others = self._form.others
        return {"id": str(id), "state": row[1]} | {
            f.field.name: field_value(f.field, query.value(at, row, self._dialect), self._planning, others)
            for at, f in enumerate(query.fields)
        }

    def _numbers(
        self, query: BulkQuery, places: Mapping[str, int], row: Sequence[Any], scope: Mapping[str, Any]
    ) -> tuple[Fraction, Fraction] | str:
        structure = self._structure
        per = query.value(places[structure.per_field], row, self._dialect) if structure.per_field else None
        return header_numbers(structure, scope, exact(per), self._planning.moment)

    def _is_active(self, scope: Mapping[str, Any]) -> bool:
        active = self._structure.versions.active if self._structure.versions else None
        return active is None or active.evaluate(scope, self._planning.moment).value is True

    def _version_facts(
        self, query: BulkQuery, places: Mapping[str, int], row: Sequence[Any]
    ) -> tuple[tuple[date | None, date | None], str]:
        versions = self._structure.versions
        if versions is None:
            return (None, None), ""

        def value(name: str | None) -> Any:
            return query.value(places[name], row, self._dialect) if name else None

        number = value(versions.number)
        return (value(versions.dates.starts), value(versions.dates.ends)), "" if number is None else str(number)

    def _line_names(self) -> set[str]:
        structure, rules = self._structure, self._structure.rules
        dates, group = structure.line_dates, structure.substitutes
        names = {structure.component, rules.quantity_field, rules.formula, rules.condition, dates.starts, dates.ends}
        names |= {group.group, group.rank} if group else set()
        return {n for n in names if n} | {p[0] for p in self._reads}

    def _lines(self, query: BulkQuery, rows: Sequence[Sequence[Any]], headers: Mapping[Any, _Header]) -> None:
        names = [f.field.name for f in query.fields]
        at = query.places[names.index(self._structure.component)]
        self._prefetch(query, rows)
        own = any(p[0] == self._structure.component for p in self._reads)
        first, start, stop = 2, at.start, at.stop
        worker = _LineWorker(self._structure, self._planning, self._given, self._texts, self._form)
        nodes, memos = self._nodes, self._memo
        for row in rows:
            component = row[start]
            header = headers.get(row[0])
            if component is None or header is None:
                continue
            cells = tuple(row[first:]) if own else (*row[first:start], *row[stop:])
            memo = memos.get(header.key)
            if memo is None:
                memo = memos[header.key] = {}
            if cells in memo:
                use = memo[cells]
            else:
                values = {n: query.value(i, row, self._dialect) for i, n in enumerate(names)}
                use = memo[cells] = worker.use(values, self._record(row[0]), header.numbers)
            if use is not None:
                node = nodes.get(component)
                if node is None:
                    node = nodes[component] = len(nodes)
                header.edges.append(Edge(node, use, row[1]))

    def _record(self, raw: Any) -> Mapping[str, Any]:
        """What expressions of a line see of its record: only if one reads it."""
        if not any(p[0] == "record" for p in self._reads):
            return {}
        query, whole = self._header_query
        return self._header_scope(query, self._scopes[raw], whole=whole)

    def _prefetch(self, query: BulkQuery, rows: Sequence[Sequence[Any]]) -> None:
        """The records that expressions of lines look into, together."""
        for at, f in enumerate(query.fields):
            target = f.field.target
            if target is not None and any(p[0] == f.field.name and len(p) > 1 for p in self._reads):
                start = query.places[at].start
                found = dict.fromkeys(row[start] for row in rows if row[start] is not None)
                self._facts.records(target, [decode("id", raw, self._dialect) for raw in found])


class _LineWorker:
    """Works lines out from their values."""

    def __init__(
        self, structure: Structure, planning: Planning, given: Mapping[str, Value], texts: Texts, form: Form
    ) -> None:
        self._structure = structure
        self._planning = planning
        self._given = given
        self._texts = texts
        self._form = form
        self._fields = fields_by_name(_line_fields(structure, form))

    def use(
        self, values: Mapping[str, Any], record: Mapping[str, Any], numbers: tuple[Fraction, Fraction] | str
    ) -> Use | None:
        """What a line says; None when it does not count."""
        structure, rules = self._structure, self._structure.rules
        if isinstance(numbers, str):
            return Use(fault=numbers)
        others = self._form.others
        scope = {n: field_value(self._fields[n], v, self._planning, others) for n, v in values.items()}
        quantity = exact(values.get(rules.quantity_field)) if rules.quantity_field else None
        line = LineValues(
            {**scope, "record": record, **self._given},
            quantity,
            *numbers,
            _text(values, rules.formula),
            _text(values, rules.condition),
        )
        found = use_of(structure, line, self._texts, self._planning.moment)
        if found is None:
            return None
        dates, group = structure.line_dates, structure.substitutes
        own_group = values.get(group.group) if group else None
        rank = exact(values.get(group.rank)) if group and group.rank else None
        return replace(
            found,
            starts=values.get(dates.starts) if dates.starts else None,
            ends=values.get(dates.ends) if dates.ends else None,
            group=None if own_group is None else str(own_group),
            rank=rank or Fraction(0),
        )


def line_worker(structure: Structure, planning: Planning, given: Mapping[str, Value], form: Form) -> _LineWorker:
    """Works out lines of one record that is not stored yet."""
    return _LineWorker(structure, planning, given, Texts(structure), form)


def _text(values: Mapping[str, Any], name: str | None) -> str | None:
    text = values.get(name) if name else None
    return text.strip() or None if isinstance(text, str) else None


def exact(value: Any) -> Fraction | None:
    """A number of a record as an exact ratio: a quantity by what was entered and the factor of its unit, not by what was stored."""
    if isinstance(value, Quantity):
        return Fraction(value.entered) * Fraction(value.numerator, value.denominator)
    return Fraction(value) if isinstance(value, int) else None
