"""Many records at once, but only some of their fields: all that are not deleted, in one statement each for headers and lines. The cells
come as they lie in columns; who reads a hundred thousand lines works out equal cells once.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Uuid

from engine.forms.kinds import BUILT_IN
from engine.forms.tables import FieldColumns, FormTables
from engine.rules.columns import Dialect, decode, encode, statement_text
from engine.statements import Execution


@dataclass(frozen=True, slots=True)
class BulkQuery:
    """A statement, and where in its rows the cells of each field are: rows begin with `first` other cells."""

    statement: Execution
    fields: tuple[FieldColumns, ...]
    places: tuple[slice, ...]

    def value(self, at: int, row: Sequence[Any], dialect: Dialect) -> Any:
        """The value of the `at`-th field in a row."""
        return value_of(self.fields[at], row[self.places[at]], dialect)


HEADER_CELLS: Final = 2
"""A header row begins with id and state."""
LINE_CELLS: Final = 2
"""A line row begins with the id of its record and its position."""


def all_headers(tables: FormTables, names: Collection[str], dialect: Dialect) -> BulkQuery:
    """Rows of (id, state, cells of the fields), in order of id."""
    fields = tuple(f for f in tables.header if f.field.name in names)
    table = tables.record
    query = select(table.c.id, table.c.state, *(table.c[n] for f in fields for n in f.names))
    return _bulk(query.where(table.c.deleted_at.is_(None)).order_by(table.c.id), fields, HEADER_CELLS, dialect)


def headers_of(tables: FormTables, names: Collection[str], ids: Sequence[UUID], dialect: Dialect) -> BulkQuery:
    """As all_headers, of these records (at most IDS_MAX), in no order."""
    fields = tuple(f for f in tables.header if f.field.name in names)
    table = tables.record
    query = select(table.c.id, table.c.state, *(table.c[n] for f in fields for n in f.names))
    if dialect == "postgresql":
        row: Any = {"ids": list(ids)}
        query = query.where(table.c.id == any_(bindparam("ids", type_=ARRAY(Uuid()))))
    else:
        row = tuple(id.bytes for id in ids)
        query = query.where(table.c.id.in_([bindparam(f"k{n}") for n in range(len(ids))]))
    made = _bulk(query.where(table.c.deleted_at.is_(None)), fields, HEADER_CELLS, dialect)
    return replace(made, statement=Execution(made.statement.sql, [row]))


def all_lines(tables: FormTables, lines: str, names: Collection[str], dialect: Dialect) -> BulkQuery:
    """Rows of (id of the record, position, cells of the fields) of the lines of all records that are not deleted; in no order."""
    fields = tuple(f for f in tables.line_fields[lines] if f.field.name in names)
    record, table = tables.record, tables.lines[lines]
    query = (
        select(table.c.record_id, table.c.position, *(table.c[n] for f in fields for n in f.names))
        .join_from(table, record, record.c.id == table.c.record_id)
        .where(record.c.deleted_at.is_(None))
    )
    return _bulk(query, fields, LINE_CELLS, dialect)


def _bulk(query: Select[Any], fields: tuple[FieldColumns, ...], first: int, dialect: Dialect) -> BulkQuery:
    text, _ = statement_text(query, dialect)
    places: list[slice] = []
    for f in fields:
        places.append(slice(first, first + len(f.names)))
        first += len(f.names)
    return BulkQuery(Execution(text, [() if dialect == "sqlite" else {}]), fields, tuple(places))


def value_of(field: FieldColumns, cells: Sequence[Any], dialect: Dialect) -> Any:
    """A field's value from its cells; None when there is none."""
    if cells[0] is None:
        return None
    return BUILT_IN[field.field.kind].from_row(
        field.field, [decode(spec.storage, cell, dialect) for spec, cell in zip(field.specs, cells, strict=True)]
    )


def state_of_all(tables: FormTables) -> Select[Any]:
    """One row that is another after every change of any record of the form: how many there are, the sum of their revisions (every change
    and deletion adds to it), and the last moment of a change."""
    table = tables.record
    state: list[Any] = [func.count(table.c.id), func.sum(table.c.revision), func.max(table.c.changed_at)]
    return select(*state)


def count_lines(tables: FormTables, lines: str) -> Select[Any]:
    """How many lines there are, those of deleted records with them."""
    return select(func.count(tables.lines[lines].c.id))


def pointing_to(tables: FormTables, name: str, ids: Collection[UUID], dialect: Dialect) -> Select[Any]:
    """The ids of the records whose reference `name` is to one of `ids`."""
    table, column = tables.record, tables.record.c[tables.column_of(name).names[0]]
    wanted = [encode("id", id, dialect) for id in ids]
    return select(table.c.id).where(column.in_(wanted), table.c.deleted_at.is_(None)).order_by(table.c.id)
