"""Effects on records → statements. The text of each statement is made once per form and database; only rows are made per effect."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Table, any_, bindparam, delete, insert, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Uuid

from engine.effects import ChangeRecord, DeleteRecord, InsertRecord, LineRow
from engine.facts import Values
from engine.forms.kinds import BUILT_IN
from engine.forms.tables import FieldColumns, FormTables, sort_key
from engine.rules.columns import Dialect, encode, rows_for, statement_text
from engine.statements import Execution, Stamp

Prepared = tuple[str, tuple[str, ...]]


class RecordWriter:
    """Writes the records of one form."""

    def __init__(self, tables: FormTables) -> None:
        self._tables = tables
        self._texts: dict[tuple[str, Dialect], Prepared] = {}

    def insert(self, effect: InsertRecord, stamp: Stamp, dialect: Dialect) -> Sequence[Execution]:
        """A record and its lines."""
        now, actor = stamp.moment.microseconds, encode("id", stamp.actor, dialect)
        row = {
            "id": encode("id", effect.id, dialect),
            "revision": 1,
            "state": effect.state,
            "release": stamp.release,
            "created_at": now,
            "created_by": actor,
            "changed_at": now,
            "changed_by": actor,
            "deleted_at": None,
            "search": self._search(effect.values),
            **_row(self._tables.header, effect.values, dialect),
        }
        made = [self._execution("insert", dialect, [row])]
        for name, lines in effect.lines.items():
            if lines:
                made.append(
                    self._execution(f"insert {name}", dialect, self._line_rows(name, effect.id, lines, dialect))
                )
        return made

    def change(self, effect: ChangeRecord, stamp: Stamp, dialect: Dialect) -> Sequence[Execution]:
        """All values of a record, if it is still at the revision; changed lines with it."""
        row = {
            "k_id": encode("id", effect.id, dialect),
            "k_revision": effect.revision,
            "v_revision": effect.revision + 1,
            "v_state": effect.state,
            "v_release": stamp.release,
            "v_changed_at": stamp.moment.microseconds,
            "v_changed_by": encode("id", stamp.actor, dialect),
            "v_search": self._search(effect.values),
            **{f"v_{k}": v for k, v in _row(self._tables.header, effect.values, dialect).items()},
        }
        made = [self._execution("change", dialect, [row], changes=1)]
        for name, lines in effect.lines.items():
            if lines.removed:
                gone = [{"k_id": encode("id", id, dialect)} for id in lines.removed]
                made.append(self._execution(f"remove {name}", dialect, gone))
            if lines.changed:
                rows = [
                    {("k_id" if k == "id" else f"v_{k}"): v for k, v in r.items()}
                    for r in self._line_rows(name, effect.id, lines.changed, dialect)
                ]
                made.append(self._execution(f"change {name}", dialect, rows))
            if lines.inserted:
                made.append(
                    self._execution(
                        f"insert {name}", dialect, self._line_rows(name, effect.id, lines.inserted, dialect)
                    )
                )
        return made

    def delete(self, effect: DeleteRecord, stamp: Stamp, dialect: Dialect) -> Sequence[Execution]:
        """Into the trash, if it is still at the revision."""
        row = {
            "k_id": encode("id", effect.id, dialect),
            "k_revision": effect.revision,
            "v_revision": effect.revision + 1,
            "v_deleted_at": stamp.moment.microseconds,
            "v_changed_at": stamp.moment.microseconds,
            "v_changed_by": encode("id", stamp.actor, dialect),
        }
        return [self._execution("delete", dialect, [row], changes=1)]

    def expect(self, expected: Mapping[UUID, int | None], dialect: Dialect) -> Execution:
        """Locks those records for sharing and returns (id, revision) of the ones that are there."""
        if dialect == "postgresql":
            return Execution(self._text("expect", dialect)[0], [{"ids": sorted(expected)}])
        text = self._text(f"expect {len(expected)}", dialect)[0]
        return Execution(text, [tuple(id.bytes for id in sorted(expected))])

    def _execution(
        self, what: str, dialect: Dialect, rows: Sequence[Mapping[str, Any]], changes: int | None = None
    ) -> Execution:
        text, order = self._text(what, dialect)
        return Execution(text, rows_for(dialect, order, rows), changes=changes)

    def _text(self, what: str, dialect: Dialect) -> Prepared:
        found = self._texts.get((what, dialect))
        if found is None:
            found = self._texts[what, dialect] = self._prepare(what, dialect)
        return found

    def _prepare(self, what: str, dialect: Dialect) -> Prepared:
        verb, _, lines = what.partition(" ")
        table = (
            self._tables.record
            if (verb in ("expect", "insert", "change", "delete") and not lines) or verb == "expect"
            else self._tables.lines[lines]
        )
        if verb == "insert":
            return statement_text(insert(table), dialect)
        if verb == "expect":
            return _expectation(table, int(lines or 0), dialect)
        if verb == "remove":
            return statement_text(delete(table).where(table.c.id == bindparam("k_id")), dialect)
        written = [c.name for c in table.columns if c.name not in ("id", "created_at", "created_by", "deleted_at")]
        if verb == "delete":
            written = ["revision", "deleted_at", "changed_at", "changed_by"]
        changed = update(table).where(table.c.id == bindparam("k_id")).values({n: bindparam(f"v_{n}") for n in written})
        if not lines:
            changed = changed.where(table.c.revision == bindparam("k_revision"), table.c.deleted_at.is_(None))
        return statement_text(changed, dialect)

    def _line_rows(self, name: str, record: UUID, lines: Sequence[LineRow], dialect: Dialect) -> list[dict[str, Any]]:
        owner = encode("id", record, dialect)
        return [
            {
                "id": encode("id", line.id, dialect),
                "record_id": owner,
                "position": line.position,
                **_row(self._tables.line_fields[name], line.values, dialect),
            }
            for line in lines
        ]

    def _search(self, values: Values) -> str:
        return "\n".join(
            str(values[name]).casefold() for name in self._tables.form.search if isinstance(values.get(name), str)
        )


def _row(fields: Sequence[FieldColumns], values: Values, dialect: Dialect) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for f in fields:
        value = values.get(f.field.name)
        cells = BUILT_IN[f.field.kind].to_row(f.field, value) if value is not None else (None,) * len(f.names)
        for name, spec, cell in zip(f.names, f.specs, cells, strict=True):
            row[name] = encode(spec.storage, cell, dialect)
        if f.sort:
            row[f.sort] = sort_key(value)
    return row


def _expectation(table: Table, count: int, dialect: Dialect) -> Prepared:
    wanted = select(table.c.id, table.c.revision).where(table.c.deleted_at.is_(None))
    if dialect == "postgresql":
        ids = bindparam("ids", type_=ARRAY(Uuid()))
        return statement_text(
            wanted.where(table.c.id == any_(ids)).order_by(table.c.id).with_for_update(read=True), dialect
        )
    return statement_text(wanted.where(table.c.id.in_([bindparam(f"k{n}") for n in range(count)])), dialect)
