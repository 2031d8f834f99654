"""Wire values → a draft of a record, or every problem it has, each at its JSON pointer.

In order: read what was given, look up references and units, defaults, computed fields (lines first), then what must hold: required,
checks, unique. A gate that cannot be worked out is a problem, never a silent pass.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import UUID

from engine.effects import LineChanges, LineRow
from engine.facts import StoredRecord
from engine.forms import problems
from engine.forms.definition import Check, Field, Form
from engine.forms.gates import Gates
from engine.forms.kinds import BUILT_IN
from engine.forms.lookups import Lookups
from engine.forms.numbering import next_number
from engine.forms.scopes import Planning, field_value, line_scope, record_scope
from engine.names import nearest
from engine.problems import Problem, Problems, pointer

LINES_MAX: Final = 1_000
"""Rows of a sub-table that declares no `max`."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A record that is right: all its values, its lines, and what changes in each sub-table."""

    values: Mapping[str, Any]
    lines: Mapping[str, tuple[LineRow, ...]]
    changes: Mapping[str, LineChanges]


def validate(
    form: Form,
    given: Mapping[str, Any],
    *,
    before: StoredRecord | None,
    planning: Planning,
    assigned: Mapping[str, Any] | None = None,
) -> Draft | Problems:
    """The record as it would be: a new one (`before` None) or a changed one, where fields that are not given keep their values, given
    lines with an `id` keep that row, rows without are new, and rows left out are removed. `assigned` are values that the engine gives
    header fields, whoever may write them."""
    work = _Work(form, planning, before, assigned=assigned or {})
    work.read(given)
    work.look_up()
    if not work.found:
        work.fill()
    if not work.found:
        work.judge()
    if work.found:
        return Problems(tuple(work.found))
    work.number()
    return Draft(work.values, {name: tuple(rows) for name, rows in work.lines.items()}, work.line_changes())


def assign(
    form: Form, draft: Draft, assigned: Mapping[str, Any], *, before: StoredRecord | None, planning: Planning
) -> Draft | Problems:
    """A draft with header fields that the engine gives values: what is computed from them follows, and all must hold as before."""
    lines = {name: [replace(row, values=dict(row.values)) for row in rows] for name, rows in draft.lines.items()}
    work = _Work(form, planning, before, dict(draft.values), lines, assigned=assigned)
    work.given = frozenset(f.name for f in form.fields)
    work.fill()
    if not work.found:
        work.judge()
    if work.found:
        return Problems(tuple(work.found))
    return Draft(work.values, {name: tuple(rows) for name, rows in work.lines.items()}, work.line_changes())


@dataclass(slots=True)
class _Work:
    form: Form
    planning: Planning
    before: StoredRecord | None
    values: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, list[LineRow]] = field(default_factory=dict)
    found: list[Problem] = field(default_factory=list)
    given: frozenset[str] = frozenset()
    assigned: Mapping[str, Any] = field(default_factory=dict)
    whole: dict[str, Any] = field(default_factory=dict)
    """What expressions see of the record once all is filled in."""

    def read(self, given: Mapping[str, Any]) -> None:
        """What was given, field by field."""
        self.given = frozenset(given)
        known = self.form.by_name
        for name in given:
            if name not in known:
                self.found.append(
                    Problem("forms.unknown_field", pointer(name), {"name": name[:60]}, ways=nearest(name, known))
                )
        old = self.before.values if self.before is not None else {}
        for f in self.form.fields:
            if f.is_lines:
                self._read_lines(f, given.get(f.name), is_given=f.name in given)
            elif f.name in given:
                self.values[f.name] = self._value(f, given[f.name], pointer(f.name), old.get(f.name))
            else:
                self.values[f.name] = old.get(f.name)

    def _value(self, f: Field, wire: Any, place: str, old: Any) -> Any:
        if not f.is_written:
            if wire is not None and BUILT_IN[f.kind].to_wire(f, old) != wire:
                self.found.append(problems.field_not_writable(f.label, place))
            return old
        if wire is None or wire == "":
            return None
        value = BUILT_IN[f.kind].parse(f, wire)
        if isinstance(value, Problem):
            self.found.append(Problem(value.code, place, {"field": f.label, **value.params}, ways=value.ways))
            return None
        return value

    def _read_lines(self, f: Field, wire: Any, *, is_given: bool) -> None:
        stored = self.before.lines.get(f.name, ()) if self.before is not None else ()
        if not is_given:
            self.lines[f.name] = [LineRow(row.id, row.position, row.values) for row in stored]
            return
        place = pointer(f.name)
        if not isinstance(wire, list | tuple | None):
            self.found.append(problems.lines_not_a_list(f.label, place))
            wire = None
        rows = list(wire or ())
        most = f.options.get("max", LINES_MAX)
        if len(rows) > most:
            self.found.append(problems.too_many_lines(f.label, most, place))
            rows = []
        by_id = {row.id: row.values for row in stored}
        self.lines[f.name] = [
            row for at, wire_row in enumerate(rows) if (row := self._line(f, at, wire_row, by_id)) is not None
        ]

    def _line(self, f: Field, at: int, wire: Any, stored: Mapping[UUID, Mapping[str, Any]]) -> LineRow | None:
        place = pointer(f.name, at)
        if not isinstance(wire, Mapping):
            self.found.append(problems.lines_not_a_list(f.label, place))
            return None
        row_id = _line_id(wire.get("id"))
        if wire.get("id") is not None and row_id not in stored:
            self.found.append(problems.line_unknown(f.label, place))
            return None
        old = stored.get(row_id, {}) if row_id else {}
        known = {i.name: i for i in f.fields}
        for name in wire:
            if name not in known and name not in ("id", "position"):
                self.found.append(
                    Problem(
                        "forms.unknown_field", pointer(f.name, at, name), {"name": name[:60]}, ways=nearest(name, known)
                    )
                )
        values = {
            i.name: self._value(i, wire[i.name], pointer(f.name, at, i.name), old.get(i.name))
            if i.name in wire
            else old.get(i.name)
            for i in f.fields
        }
        return LineRow(row_id or self.planning.ids.new(), at + 1, values)

    def look_up(self) -> None:
        """References and units become ids of records that are there and that the actor may see."""
        lookups = Lookups(self.form, self.planning, self.found)
        lookups.ask(self.form.header, self.values, "", None if self.before is None else self.before.values)
        for f in self.form.sub_tables:
            for at, row in enumerate(self.lines[f.name]):
                lookups.ask(f.fields, row.values, pointer(f.name, at), None)
        lookups.answer()

    def fill(self) -> None:
        """Defaults of fields that were not given, then computed fields, lines before the header that sums them."""
        gates = Gates(self.planning, self.found)
        if self.before is None:
            scope = self.scope()
            for f in self.form.header:
                wanted = f.name not in self.given and f.name not in self.assigned
                if f.default is not None and wanted and self.values.get(f.name) is None:
                    self._set(self.values, scope, f, gates.value(f, f.default, scope, pointer(f.name)))
        self.values |= self.assigned
        header = self.scope_header() if self.form.sub_tables else {}
        for lines in self.form.sub_tables:
            for at, row in enumerate(self.lines[lines.name]):
                self._fill_line((lines, at), row, header, gates)
        self.whole = self.scope()
        for name in self.form.computed_order:
            f = self._field(name)
            assert f.computed is not None
            self._set(self.values, self.whole, f, gates.value(f, f.computed, self.whole, pointer(name)))

    def _fill_line(self, where: tuple[Field, int], row: LineRow, header: Mapping[str, Any], gates: Gates) -> None:
        lines, at = where
        needs = [f for f in lines.fields if f.default is not None and row.values.get(f.name) is None]
        if not needs and not lines.computed_order:
            return
        values: dict[str, Any] = row.values  # type: ignore[assignment]  # made by _line, still ours
        if self.before is not None and row.id in {r.id for r in self.before.lines.get(lines.name, ())}:
            values, needs = dict(row.values), []
            self.lines[lines.name][at] = LineRow(row.id, row.position, values)
        own = line_scope(lines, self.lines[lines.name][at], self.planning, self.form.others)
        scope = {**own, "record": header}
        by_name = {f.name: f for f in lines.fields}
        for f in needs:
            assert f.default is not None
            self._set(values, scope, f, gates.value(f, f.default, scope, pointer(lines.name, at, f.name)))
        for name in lines.computed_order:
            expression = by_name[name].computed
            assert expression is not None
            self._set(
                values,
                scope,
                by_name[name],
                gates.value(by_name[name], expression, scope, pointer(lines.name, at, name)),
            )

    def _set(self, values: dict[str, Any], scope: dict[str, Any], f: Field, value: Any) -> None:
        values[f.name] = value
        scope[f.name] = field_value(f, value, self.planning, self.form.others)

    def judge(self) -> None:
        """Required fields, checks, unique values."""
        gates, scope = Gates(self.planning, self.found), self.whole
        self._judge_required(self.form.header, self.values, scope, "", gates)
        for lines in self.form.sub_tables:
            rows = self.lines[lines.name]
            least = lines.options.get("min", 1 if lines.required is True else 0)
            if len(rows) < least:
                self.found.append(problems.too_few_lines(lines.label, least, pointer(lines.name)))
            scopes = scope[lines.name]
            line_checks = [c for c in self.form.checks if c.lines == lines.name]
            for at, row in enumerate(rows):
                inner = {**scopes[at], "record": scope, "actor": scope["actor"]}
                self._judge_required(lines.fields, row.values, inner, pointer(lines.name, at), gates)
                for c in line_checks:
                    self._judge_check(c, inner, pointer(lines.name, at), gates)
        for c in self.form.checks:
            if c.lines is None:
                self._judge_check(c, scope, "", gates)
        self._judge_unique()

    def _judge_required(
        self, fields: Sequence[Field], values: Mapping[str, Any], scope: Mapping[str, Any], place: str, gates: Gates
    ) -> None:
        for f in fields:
            if f.required is False or f.is_lines or values.get(f.name) is not None or f.kind == "sequence":
                continue
            if f.required is True or gates.holds(f.label, f.required, scope, place + pointer(f.name)):
                self.found.append(problems.required_field_empty(f.label, place + pointer(f.name)))

    def _judge_check(self, c: Check, scope: Mapping[str, Any], place: str, gates: Gates) -> None:
        before = len(self.found)
        where = place + (pointer(c.at) if c.at else "")
        if not gates.passes(c, scope, where) and len(self.found) == before:
            self.found.append(problems.check_failed(c.message, where))

    def _judge_unique(self) -> None:
        for f in self.form.header:
            value = self.values.get(f.name)
            if not f.unique or value is None or f.kind == "sequence":
                continue
            if self.before is not None and self.before.values.get(f.name) == value:
                continue
            owner = self.planning.facts.find(self.form.name, f.name, [value]).get(value)
            if owner is not None and (self.before is None or owner != self.before.id):
                self.found.append(
                    problems.value_taken(f.label, str(BUILT_IN[f.kind].to_wire(f, value)), pointer(f.name))
                )

    def number(self) -> None:
        """Sequence fields of a new record, drawn last so that refused records use up no numbers."""
        for f in self.form.header:
            if f.kind == "sequence" and self.values.get(f.name) is None:
                self.values[f.name] = next_number(f, self.planning)

    def scope(self) -> dict[str, Any]:
        """What expressions see of the record so far."""
        return record_scope(self.form, self.values, self.lines, self.planning, **self._stamps())

    def scope_header(self) -> dict[str, Any]:
        """As `scope`, without the lines, for expressions of a line."""
        return record_scope(self.form, self.values, {}, self.planning, **self._stamps())

    def _stamps(self) -> Mapping[str, Any]:
        if self.before is None:
            first = self.form.states[0].name if self.form.states else None
            return {"state": first, "created_at": self.planning.moment.instant, "created_by": self.planning.actor.id}
        return {"id": self.before.id, "state": self.before.state, **self.before.stamps}

    def _field(self, name: str) -> Field:
        found = self.form.field(name)
        assert found is not None
        return found

    def line_changes(self) -> Mapping[str, LineChanges]:
        """What happens to each sub-table that changes."""
        changes: dict[str, LineChanges] = {}
        for f in self.form.sub_tables:
            old = {row.id: row for row in (self.before.lines.get(f.name, ()) if self.before is not None else ())}
            rows = self.lines[f.name]
            kept = {row.id for row in rows}
            made = LineChanges(
                tuple(r for r in rows if r.id not in old),
                tuple(
                    r
                    for r in rows
                    if r.id in old and (r.values != old[r.id].values or r.position != old[r.id].position)
                ),
                tuple(id for id in old if id not in kept),
            )
            if made != LineChanges():
                changes[f.name] = made
        return changes


def _line_id(wire: Any) -> UUID | None:
    try:
        return wire if isinstance(wire, UUID) else UUID(str(wire)) if wire else None
    except ValueError:
        return None
