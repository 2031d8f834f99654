"""Records as an actor may see them on the wire: fields cut to their rights, references with titles, titles worked out."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from engine.access import Grant
from engine.actions.planning import Planning, Work
from engine.effects import LineRow
from engine.facts import StoredRecord, Values
from engine.forms import BUILT_IN, Field, Form, record_scope
from engine.values import to_wire


def shown_outcome(work: Work) -> dict[str, Any]:
    """What a command tells of the record it wrote."""
    return {"id": str(work.id), "revision": work.revision, "state": work.state}


class Shower:
    """Shows records to one actor; titles of referenced records are asked for together."""

    def __init__(self, planning: Planning) -> None:
        self._planning = planning
        self._titles: dict[tuple[str, UUID], str] = {}

    def record(
        self,
        form: Form,
        record: StoredRecord,
        grant: Grant,
        *,
        columns: Collection[str] | None = None,
        lines: bool = True,
    ) -> dict[str, Any]:
        """One record; `columns` limits its fields."""
        shown = {
            f.name: self._value(f, record.values.get(f.name))
            for f in form.header
            if grant.may_read(f.name) and (columns is None or f.name in columns)
        }
        if lines:
            for f in form.sub_tables:
                if grant.may_read(f.name):
                    shown[f.name] = [
                        self._line(f, row.id, row.position, row.values, grant) for row in record.lines.get(f.name, ())
                    ]
        return {
            "id": str(record.id),
            "revision": record.revision,
            "state": record.state,
            "title": self.title(form.name, record.id),
            "values": shown,
            "created_at": to_wire(record.stamps.get("created_at")),
            "changed_at": to_wire(record.stamps.get("changed_at")),
        }

    def _line(self, f: Field, id: UUID, position: int, values: Values, grant: Grant) -> dict[str, Any]:
        return {
            "id": str(id),
            "position": position,
            **{i.name: self._value(i, values.get(i.name)) for i in f.fields if grant.may_read(f"{f.name}.{i.name}")},
        }

    def _value(self, f: Field, value: Any) -> Any:
        if value is None:
            return None
        if f.target is not None:
            return {"id": str(value), "title": self.title(f.target, value)}
        return BUILT_IN[f.kind].to_wire(f, value)

    def prepare(self, form: Form, records: Iterable[StoredRecord], *, lines: bool = True) -> None:
        """Ask for everything that showing these records will need."""
        wanted: dict[str, set[UUID]] = {}
        for record in records:
            self._references(form.header, record.values, wanted)
            for f in form.sub_tables if lines else ():
                for row in record.lines.get(f.name, ()):
                    self._references(f.fields, row.values, wanted)
        for target, ids in wanted.items():
            self.titles(target, ids)

    def _references(self, fields: Sequence[Field], values: Values, wanted: dict[str, set[UUID]]) -> None:
        for f in fields:
            if f.target is not None and values.get(f.name) is not None:
                wanted.setdefault(f.target, set()).add(values[f.name])

    def title(self, form: str, id: UUID) -> str:
        """The title of a record, "" when the actor may not see it."""
        if (form, id) not in self._titles:
            self.titles(form, [id])
        return self._titles[form, id]

    def know(self, form: str, titles: Mapping[UUID, str]) -> None:
        """Titles that were found in another way."""
        self._titles |= {(form, id): title for id, title in titles.items()}

    def titles(self, form_name: str, ids: Collection[UUID]) -> Mapping[UUID, str]:
        """Titles of records of one form; those the actor may not see have none."""
        missing = [id for id in ids if (form_name, id) not in self._titles]
        if missing:
            form, facts = self._planning.release.forms[form_name], self._planning.facts
            visible = facts.visible(form_name, missing)
            records = facts.records(form_name, visible)
            for id in missing:
                self._titles[form_name, id] = title_of(form, records[id], self._planning) if id in records else ""
        return {id: self._titles[form_name, id] for id in ids}


def title_of(form: Form, record: StoredRecord, planning: Planning) -> str:
    """A record's title, by its form's expression; its key or id when that comes to nothing."""
    lines = {name: tuple(LineRow(r.id, r.position, r.values) for r in rows) for name, rows in record.lines.items()}
    scope = record_scope(form, record.values, lines, planning, id=record.id, state=record.state)
    found = form.title.evaluate(scope, planning.moment).value
    if found:
        return str(found)
    return str(record.values.get(form.key) if form.key else "") or str(record.id)[:8]
