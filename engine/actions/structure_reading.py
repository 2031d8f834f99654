"""Records → all versions of a structure, read together; equal lines are worked out once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Final

from engine.actions.gather import facts_of
from engine.actions.many_records import cells_of, plain_names
from engine.actions.planning import Planning
from engine.actions.structure_lines import LineWorker, exact
from engine.effects import LineRow
from engine.forms import BulkQuery, all_headers, all_lines, count_lines, record_scope
from engine.forms.scopes import field_value
from engine.problems import Problems
from engine.rules.columns import decode
from engine.structures import LINES_MAX, Edge, Structure, Use, Version, Versions, header_numbers
from engine.structures import problems as structure_problems
from engine.structures.definition import Value

_HEADER_FIRST: Final = frozenset(("id", "state"))
"""Names of a record that a header row has before its fields."""


@dataclass(frozen=True, slots=True)
class _Kinds:
    """Which components are alike for lines: the kind of each and what expressions see of a kind. Without contexts all are alike
    (`otherwise` 0), or each is its own kind (`otherwise` None)."""

    by_component: Mapping[Any, int]
    contexts: Sequence[Mapping[str, Any]] | None
    otherwise: int | None


@dataclass(slots=True)
class _Header:
    """What is needed of a record for its lines. Records whose lines are worked out alike share `memo`: cells of a line → what it says."""

    numbers: tuple[Fraction, Fraction] | str
    memo: dict[Any, Use | None]
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
        self._nodes: dict[Any, int] = {}

    def versions(self) -> Versions | Problems:
        """All of them, also those that hold on no day that is asked for."""
        structure, reader = self._structure, self._facts.reader
        if reader.rows(count_lines(self._tables, structure.lines))[0][0] > LINES_MAX:
            return structure_problems.too_many_lines(structure.label, LINES_MAX)
        headers: dict[Any, _Header] = {}
        versions = self._headers(headers)
        query = all_lines(self._tables, structure.lines, structure.component, self._line_names(), self._dialect)
        rows = reader.rows(query.statement)
        self._lines(query, rows, headers)
        nodes = tuple(decode("id", raw, self._dialect) for raw in self._nodes)
        uses = [u for memo in {id(h.memo): h.memo for h in headers.values()}.values() for u in memo.values() if u]
        return Versions(
            nodes,
            tuple(versions),
            structure.versions is not None,
            structure.substitutes is not None,
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

    def _headers(self, headers: dict[Any, _Header]) -> list[Version]:
        structure, names = self._structure, self._header_names()
        query = all_headers(self._tables, names, self._dialect)
        rows = self._facts.reader.rows(query.statement)
        places = {f.field.name: at for at, f in enumerate(query.fields)}
        whole = self._needs_whole(names)
        if whole:
            self._facts.records(structure.form, [decode("id", row[0], self._dialect) for row in rows])
        parent, known_numbers = query.places[places[structure.parent]].start, dict[Any, tuple[_Header, bool]]()
        deciding = [query.places[at] for name, at in places.items() if name in self._deciding()]
        from_record = any(p[0] == "record" for p in self._reads)
        is_own = self._of_record() is None or ("record",) in self._reads
        versions: list[Version] = []
        for row in rows:
            if row[parent] is None:
                continue
            cells = row if whole else (row[1], *(row[place] for place in deciding))
            known = known_numbers.get(cells)
            if known is None:
                scope = self._header_scope(query, row, whole=whole)
                like = _Header(self._numbers(query, places, row, scope), {}, [])
                known = known_numbers[cells] = like, self._is_active(scope)
            like, is_active = known
            node = self._nodes.setdefault(row[parent], len(self._nodes))
            header = headers[row[0]] = _Header(like.numbers, {} if is_own else like.memo, [])
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
            at = places[name] if name else None
            return None if at is None or row[query.places[at].start] is None else query.value(at, row, self._dialect)

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
        start, stop = query.places[0].start, query.places[0].stop
        self._prefetch(query, rows)
        kinds = self._kinds(dict.fromkeys(row[start] for row in rows if row[start] is not None))
        worker = LineWorker(self._structure, self._planning, self._given, self._form)
        nodes, get, otherwise = self._nodes, kinds.by_component.get, kinds.otherwise
        for row in rows:
            component, header = row[start], headers.get(row[0])
            if component is None or header is None:
                continue
            kind = component if otherwise is None else get(component, otherwise)
            cells, memo = (kind, row[stop:]), header.memo
            if cells in memo:
                use = memo[cells]
            else:
                values = {n: query.value(i, row, self._dialect) for i, n in enumerate(names)}
                if kinds.contexts is not None:
                    values[self._structure.component] = kinds.contexts[kind]
                use = memo[cells] = worker.use(values, self._record(row[0]), header.numbers)
            if use is not None:
                node = nodes.get(component)
                if node is None:
                    node = nodes[component] = len(nodes)
                header.edges.append(Edge(node, use, row[1]))
        for header in headers.values():
            header.edges.sort(key=_position)

    def _kinds(self, components: Collection[Any]) -> _Kinds:
        """Of components only what lines look at tells them apart: nothing, some cells of theirs, or which one it is."""
        paths = {p[1:] for p in self._reads if p[0] == self._structure.component}
        if not paths:
            return _Kinds({}, None, 0)
        target = self._structure.target
        names = plain_names(self._planning.release.forms[target], paths)
        if names is None:
            return _Kinds({}, None, None)
        ids = {decode("id", raw, self._dialect): raw for raw in components}
        known: dict[tuple[Any, ...], int] = {}
        contexts: list[Mapping[str, Any]] = [dict.fromkeys(names)]
        by_component: dict[Any, int] = {}
        for id, cells, fields in cells_of(target, names, ids, self._planning):
            if cells not in known:
                known[cells] = len(contexts)
                contexts.append(fields)
            by_component[ids[id]] = known[cells]
        return _Kinds(by_component, contexts, 0)

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
            paths = {p[1:] for p in self._reads if p[0] == f.field.name and len(p) > 1}
            if target is None or not paths:
                continue
            if f.field.name == self._structure.component and plain_names(self._planning.release.forms[target], paths):
                continue
            if paths:
                start = query.places[at].start
                found = dict.fromkeys(row[start] for row in rows if row[start] is not None)
                self._facts.records(target, [decode("id", raw, self._dialect) for raw in found])


def _position(edge: Edge) -> int:
    return edge.position
