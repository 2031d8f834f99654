"""Records → all versions of a structure, read together; equal lines are worked out once."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import repeat
from operator import attrgetter
from typing import Any, Final

from engine.actions.gather import facts_of
from engine.actions.many_records import cells_of, plain_names
from engine.actions.planning import Planning
from engine.actions.structure_lines import LineWorker, exact
from engine.effects import LineRow
from engine.forms import BulkQuery, all_headers, all_lines, filled_lines, id_of, record_scope
from engine.forms.scopes import field_value
from engine.problems import Problems
from engine.structures import LINES_MAX, Edge, Structure, Use, Version, Versions, header_numbers
from engine.structures import problems as structure_problems
from engine.structures.definition import Value

_HEADER_FIRST: Final = frozenset(("id", "state"))
"""Names of a record that a header row has before its fields."""
_POSITION: Final = attrgetter("position")
Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class _Kinds:
    """Which components are alike for lines: the kind of each and what expressions see of a kind. Without contexts all are alike
    (`otherwise` 0), or each is its own kind (`otherwise` None)."""

    by_component: Mapping[bytes, int]
    contexts: Sequence[Mapping[str, Any]] | None
    otherwise: int | None

    def of(self, components: Sequence[bytes]) -> Iterable[Any]:
        """The kind of each."""
        if self.otherwise is None:
            return components
        if not self.by_component:
            return repeat(self.otherwise, len(components))
        return (self.by_component.get(c, self.otherwise) for c in components)


@dataclass(slots=True)
class _Header:
    """What is needed of a record for its lines. Records whose lines are worked out alike have the same number `like`."""

    numbers: tuple[Fraction, Fraction] | str
    like: int
    edges: list[Edge]


class VersionReader:
    """Reads all versions of a structure: headers in one statement, lines in another, and of components only the columns that lines look into."""

    def __init__(self, structure: Structure, planning: Planning, given: Mapping[str, Value]) -> None:
        self._structure = structure
        self._planning = planning
        self._given = given
        self._facts = facts_of(planning)
        self._dialect = self._facts.reader.dialect
        self._form = planning.release.forms[structure.form]
        self._tables = planning.release.form_tables[structure.form]
        self._reads = frozenset(p for e in structure.rules.expressions for p in e.reads)
        self._nodes: dict[bytes, int] = {}

    def versions(self) -> Versions | Problems:
        """All of them, also those that hold on no day that is asked for."""
        structure, reader = self._structure, self._facts.reader
        counting, names = filled_lines(self._tables, structure.lines, self._line_names(), self._dialect)
        count, *filled = reader.rows(counting)[0]
        if count > LINES_MAX:
            return structure_problems.too_many_lines(structure.label, LINES_MAX)
        headers: dict[bytes, _Header] = {}
        versions = self._headers(headers)
        # What no line fills is not read: a structure may declare many ways to say how much, and its lines use few of them.
        used = {structure.component, *(name for name, lines in zip(names, filled, strict=True) if lines)}
        query = all_lines(self._tables, structure.lines, structure.component, used, self._dialect)
        uses = self._lines(query, reader.rows(query.statement), headers)
        return Versions(
            tuple(map(id_of, self._nodes)),
            tuple(versions),
            structure.versions is not None,
            any(u.group is not None for u in uses),
            any(u.starts or u.ends for u in uses),
            any(u.fault is not None for u in uses),
            any(u.is_output for u in uses),
        )

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
        found = {p[0] for e in structure.expressions if e not in structure.rules.expressions for p in e.reads}
        return found | ({structure.per_field} if structure.per_field else set()) | (self._of_record() or set())

    def _of_record(self) -> set[str] | None:
        """The fields of the header that lines look at; None when they look at more of their record."""
        return plain_names(self._form, {p[1:] for p in self._reads if p[0] == "record" and len(p) > 1})

    def _headers(self, headers: dict[bytes, _Header]) -> list[Version]:
        structure, names = self._structure, self._header_names()
        query = all_headers(self._tables, names, self._dialect)
        rows = self._facts.reader.rows(query.statement)
        places = {f.field.name: at for at, f in enumerate(query.fields)}
        whole = self._needs_whole(names)
        if whole:
            self._facts.records(structure.form, [id_of(row[0]) for row in rows])
        parent, known_numbers = query.places[places[structure.parent]].start, dict[Any, tuple[_Header, bool]]()
        deciding = [query.places[at] for name, at in places.items() if name in self._deciding()]
        from_record = any(p[0] == "record" for p in self._reads)
        is_own = self._of_record() is None or ("record",) in self._reads
        versions, facts = list[Version](), self._version_facts(query, places)
        for row in rows:
            if row[parent] is None:
                continue
            cells = row if whole else (row[1], *(row[place] for place in deciding))
            known = known_numbers.get(cells)
            if known is None:
                scope = self._header_scope(query, row, whole=whole)
                like = _Header(self._numbers(query, places, row, scope), len(known_numbers), [])
                known = known_numbers[cells] = like, self._is_active(scope)
            like, is_active = known
            node = self._nodes.setdefault(row[parent], len(self._nodes))
            header = headers[row[0]] = _Header(like.numbers, len(headers) if is_own else like.like, [])
            starts, ends, number = (None if value is None else value(row) for value in facts)
            text = "" if number is None else str(number)
            versions.append(Version(id_of(row[0]), node, header.edges, starts, ends, text, is_active))
        if from_record:
            self._scopes = {row[0]: row for row in rows}
            self._header_query = query, whole
        return versions

    def _needs_whole(self, names: Collection[str]) -> bool:
        """Is more of records read than cells of their headers? Then they are read whole."""
        simple = {f.name for f in self._form.header} | _HEADER_FIRST
        return not set(names) <= simple or ("record",) in self._reads

    def _header_scope(self, query: BulkQuery, row: Row, *, whole: bool) -> dict[str, Any]:
        id = id_of(row[0])
        if whole:
            record = self._facts.records(self._structure.form, [id])[id]
            lines = {n: tuple(LineRow(r.id, r.position, r.values) for r in rows) for n, rows in record.lines.items()}
            stamps = {n: record.stamps.get(n) for n in ("created_at", "created_by")}
            return record_scope(self._form, record.values, lines, self._planning, id=id, state=record.state, **stamps)
        others = self._form.others
        return {"id": str(id), "state": row[1]} | {
            f.field.name: field_value(f.field, value(row), self._planning, others)
            for f, value in zip(query.fields, query.values, strict=True)
        }

    def _numbers(
        self, query: BulkQuery, places: Mapping[str, int], row: Row, scope: Mapping[str, Any]
    ) -> tuple[Fraction, Fraction] | str:
        structure = self._structure
        per = query.values[places[structure.per_field]](row) if structure.per_field else None
        return header_numbers(structure, scope, exact(per), self._planning.moment)

    def _is_active(self, scope: Mapping[str, Any]) -> bool:
        active = self._structure.versions.active if self._structure.versions else None
        return active is None or active.evaluate(scope, self._planning.moment).value is True

    def _version_facts(self, query: BulkQuery, places: Mapping[str, int]) -> list[Callable[[Row], Any] | None]:
        """What reads from a header when it starts and ends, and its number."""
        versions = self._structure.versions
        names = (versions.dates.starts, versions.dates.ends, versions.number) if versions else (None, None, None)
        return [query.values[places[name]] if name else None for name in names]

    def _line_names(self) -> frozenset[str]:
        structure, rules = self._structure, self._structure.rules
        dates, group = structure.line_dates, structure.substitutes
        names = {structure.component, rules.quantity_field, rules.formula, rules.condition, dates.starts, dates.ends}
        names |= {group.group, group.rank} if group else set()
        names |= {p[0] for p in self._reads}
        return frozenset(f.field.name for f in self._tables.line_fields[structure.lines] if f.field.name in names)

    def _lines(self, query: BulkQuery, rows: Sequence[Row], headers: Mapping[bytes, _Header]) -> list[Use]:
        """Gives every header its edges; what the lines say, each once. Column by column: there may be a million of them."""
        start, stop = query.places[0].start, query.places[0].stop
        rows = [row for row in rows if row[start] is not None and row[0] in headers]
        if not rows:
            return []
        self._prefetch(query, rows)
        columns = list(zip(*rows, strict=True))
        of, positions, components = [headers[raw] for raw in columns[0]], columns[1], columns[start]
        kinds = self._kinds(dict.fromkeys(components))
        cells = list(zip((header.like for header in of), kinds.of(components), *columns[stop:], strict=True))
        said = self._said(query, kinds, dict(zip(cells, rows, strict=True)), headers)
        nodes = self._nodes
        for header, component, key, position in zip(of, components, cells, positions, strict=True):
            use = said[key]
            if use is None:
                continue
            node = nodes.get(component)
            if node is None:
                node = nodes[component] = len(nodes)
            header.edges.append(Edge(node, use, position))
        for header in headers.values():
            header.edges.sort(key=_POSITION)
        return [use for use in said.values() if use is not None]

    def _said(
        self, query: BulkQuery, kinds: _Kinds, alike: Mapping[Any, Row], headers: Mapping[bytes, _Header]
    ) -> dict[Any, Use | None]:
        """What lines say by their cells, worked out from one of each."""
        worker = LineWorker(self._structure, self._planning, self._given, self._form)
        read = [(f.field.name, value) for f, value in zip(query.fields, query.values, strict=True)]
        empty, said = dict.fromkeys(self._line_names()), dict[Any, Use | None]()
        for cells, row in alike.items():
            values = empty | {name: value(row) for name, value in read}
            if kinds.contexts is not None:
                values[self._structure.component] = kinds.contexts[cells[1]]
            said[cells] = worker.use(values, self._record(row[0]), headers[row[0]].numbers)
        return said

    def _kinds(self, components: Collection[bytes]) -> _Kinds:
        """Of components only what lines look at tells them apart: nothing, some cells of theirs, or which one it is."""
        paths = {p[1:] for p in self._reads if p[0] == self._structure.component}
        if not paths:
            return _Kinds({}, None, 0)
        target = self._structure.target
        names = plain_names(self._planning.release.forms[target], paths)
        if names is None:
            return _Kinds({}, None, None)
        known: dict[tuple[Any, ...], int] = {}
        contexts: list[Mapping[str, Any]] = [dict.fromkeys(names)]
        by_component: dict[bytes, int] = {}
        for id, cells, fields in cells_of(target, names, components, self._planning):
            if cells not in known:
                known[cells] = len(contexts)
                contexts.append(fields)
            by_component[id] = known[cells]
        return _Kinds(by_component, contexts, 0)

    def _record(self, raw: bytes) -> Mapping[str, Any]:
        """What expressions of a line see of its record: only if one reads it."""
        if not any(p[0] == "record" for p in self._reads):
            return {}
        query, whole = self._header_query
        return self._header_scope(query, self._scopes[raw], whole=whole)

    def _prefetch(self, query: BulkQuery, rows: Sequence[Row]) -> None:
        """The records that expressions of lines look into, together."""
        for at, f in enumerate(query.fields):
            target = f.field.target
            paths = {p[1:] for p in self._reads if p[0] == f.field.name and len(p) > 1}
            if target is None or not paths:
                continue
            if f.field.name == self._structure.component and plain_names(self._planning.release.forms[target], paths):
                continue
            if paths:
                start = query.places[at].start
                found = dict.fromkeys(row[start] for row in rows if row[start] is not None)
                self._facts.records(target, [id_of(raw) for raw in found])
