"""Reading records by id and by unique field: statements in driver notation, and rows → StoredRecord."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Table, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Uuid

from engine.clock import from_microseconds
from engine.facts import StoredLine, StoredRecord
from engine.forms.kinds import BUILT_IN
from engine.forms.tables import LINE_COLUMNS, RECORD_COLUMNS, FieldColumns, FormTables
from engine.rules.columns import Dialect, decode, encode, statement_text
from engine.statements import Execution

IDS_MAX = 500
"""Ids in one statement; more are asked for in several."""


class RecordReader:
    """Reads the records of one form."""

    def __init__(self, tables: FormTables) -> None:
        self._tables = tables
        self._texts: dict[tuple[str, int, Dialect], str] = {}
        self._record_columns = [
            c.name for c in tables.record.columns if c.name != "search" and not c.name.endswith("_s")
        ]

    def by_ids(self, ids: Collection[UUID], dialect: Dialect) -> Execution:
        """The records with these ids that are not deleted."""
        return self._by("", "id", ids, dialect)

    def lines_of(self, lines: str, ids: Collection[UUID], dialect: Dialect) -> Execution:
        """The lines of these records, by record and position."""
        return self._by(lines, "record_id", ids, dialect)

    def _by(self, lines: str, column: str, ids: Collection[UUID], dialect: Dialect) -> Execution:
        wanted = sorted(ids)
        key = (lines or ".", 0 if dialect == "postgresql" else len(wanted), dialect)
        text = self._texts.get(key)
        if text is None:
            text = self._texts[key] = statement_text(self._select(lines, column, len(wanted), dialect), dialect)[0]
        return Execution(text, [{"ids": wanted} if dialect == "postgresql" else tuple(id.bytes for id in wanted)])

    def _select(self, lines: str, column: str, count: int, dialect: Dialect) -> Select[Any]:
        table = self._tables.lines[lines] if lines else self._tables.record
        columns = list(table.columns) if lines else [table.c[n] for n in self._record_columns]
        matches = (
            table.c[column] == any_(bindparam("ids", type_=ARRAY(Uuid())))
            if dialect == "postgresql"
            else table.c[column].in_([bindparam(f"k{n}") for n in range(count)])
        )
        wanted = select(*columns).where(matches)
        return (
            wanted.order_by(table.c.record_id, table.c.position)
            if lines
            else wanted.where(table.c.deleted_at.is_(None))
        )

    def find(self, field: str, values: Collection[Any], dialect: Dialect) -> Execution:
        """The records whose unique `field` is one of `values`."""
        column = self._tables.column_of(field)
        kind, storage = BUILT_IN[column.field.kind], column.specs[0].storage
        cells = [encode(storage, kind.to_row(column.field, v)[0], dialect) for v in values]
        key = (f"find {field}", 0 if dialect == "postgresql" else len(cells), dialect)
        text = self._texts.get(key)
        if text is None:
            text = self._texts[key] = statement_text(self._select_by(column.names[0], len(cells), dialect), dialect)[0]
        return Execution(text, [{"ids": cells} if dialect == "postgresql" else tuple(cells)])

    def _select_by(self, name: str, count: int, dialect: Dialect) -> Select[Any]:
        table, column = self._tables.record, self._tables.record.c[name]
        columns = [table.c[n] for n in self._record_columns]
        if dialect == "postgresql":
            matches = column == any_(bindparam("ids", type_=ARRAY(column.type)))
        else:
            matches = column.in_([bindparam(f"k{n}") for n in range(count)])
        return select(*columns).where(matches, table.c.deleted_at.is_(None))

    def records(
        self, rows: Sequence[Sequence[Any]], lines: Mapping[str, Sequence[Sequence[Any]]], dialect: Dialect
    ) -> dict[UUID, StoredRecord]:
        """Rows of by_ids and of lines_of for each sub-table → records."""
        of_record: dict[str, dict[UUID, list[StoredLine]]] = {name: {} for name in lines}
        for name, line_rows in lines.items():
            for row in line_rows:
                record = decode("id", row[1], dialect)
                line = StoredLine(
                    decode("id", row[0], dialect),
                    row[2],
                    _values(self._tables.line_fields[name], row[len(LINE_COLUMNS) :], dialect),
                )
                of_record[name].setdefault(record, []).append(line)
        found: dict[UUID, StoredRecord] = {}
        for row in rows:
            record_id = decode("id", row[0], dialect)
            stamps = {
                "release": row[3],
                "created_at": from_microseconds(row[4]),
                "created_by": decode("id", row[5], dialect),
                "changed_at": from_microseconds(row[6]),
                "changed_by": decode("id", row[7], dialect),
            }
            found[record_id] = StoredRecord(
                self._tables.form.name,
                record_id,
                row[1],
                row[2],
                _values(self._tables.header, row[len(RECORD_COLUMNS) - 1 :], dialect),
                {name: tuple(by_record.get(record_id, ())) for name, by_record in of_record.items()},
                stamps,
            )
        return found


def _values(fields: Sequence[FieldColumns], cells: Sequence[Any], dialect: Dialect) -> dict[str, Any]:
    values: dict[str, Any] = {}
    at = 0
    for f in fields:
        own = cells[at : at + len(f.specs)]
        at += len(f.specs)
        values[f.field.name] = (
            None
            if own[0] is None
            else BUILT_IN[f.field.kind].from_row(
                f.field, [decode(spec.storage, cell, dialect) for spec, cell in zip(f.specs, own, strict=True)]
            )
        )
    return values


def referring(tables: FormTables, form: str, id: UUID, dialect: Dialect) -> list[Select[Any]]:
    """Statements that find a record of `tables`' form that refers to a record of `form`."""
    found: list[Select[Any]] = []
    wanted = encode("id", id, dialect)
    record = tables.record
    for f in tables.header:
        if f.field.target == form:
            found.append(
                select(record.c.id).where(record.c[f.names[0]] == wanted, record.c.deleted_at.is_(None)).limit(1)
            )
    for name, fields in tables.line_fields.items():
        lines: Table = tables.lines[name]
        for f in fields:
            if f.field.target == form:
                joined = lines.join(record, record.c.id == lines.c.record_id)
                found.append(
                    select(lines.c.id)
                    .select_from(joined)
                    .where(lines.c[f.names[0]] == wanted, record.c.deleted_at.is_(None))
                    .limit(1)
                )
    return found


def every_id(tables: FormTables, condition: ColumnElement[Any] | None, limit: int) -> Select[Any]:
    """The ids of the records that a condition holds for (None: all), in order, so many at the most."""
    table = tables.record
    query = select(table.c.id).where(table.c.deleted_at.is_(None)).order_by(table.c.id).limit(limit)
    return query if condition is None else query.where(condition)
