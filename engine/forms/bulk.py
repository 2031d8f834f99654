"""Many records at once, but only some of their fields: all that are not deleted, in one statement each for headers and lines. The cells
come as they lie in columns; who reads a hundred thousand lines works out equal cells once.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Uuid

from engine.forms.kinds import BUILT_IN
from engine.forms.tables import FieldColumns, FormTables
from engine.rules.columns import Dialect, decode, encode, statement_text
from engine.statements import Execution
from engine.values import from_scaled


@dataclass(frozen=True, slots=True)
class BulkQuery:
    """A statement, and where in its rows the cells of each field are. Of amounts without units of their own only the base is read."""

    statement: Execution
    fields: tuple[FieldColumns, ...]
    places: tuple[slice, ...]

    def value(self, at: int, row: Sequence[Any], dialect: Dialect) -> Any:
        """The value of the `at`-th field in a row; an amount of which only the base was read is that number."""
        field, cells = self.fields[at], row[self.places[at]]
        if len(cells) < len(field.specs):
            return None if cells[0] is None else from_scaled(cells[0], field.specs[0].scale)
        return value_of(field, cells, dialect)


def _read(field: FieldColumns) -> tuple[str, ...]:
    """The columns of a field that are read."""
    is_base_enough = field.field.kind in ("quantity", "money") and not field.field.options.get("units")
    return field.names[:1] if is_base_enough else field.names


FIRST_CELLS: Final = 2
"""Cells before those of fields: id and state of a header, id of the record and position of a line."""
AT_ONCE: Final = 5_000
"""Most ids in one statement of headers_of."""


def all_headers(tables: FormTables, names: Collection[str], dialect: Dialect) -> BulkQuery:
    """Rows of (id, state, cells of the fields), in order of id."""
    return _prepared(tables, "all", frozenset(names), dialect)


def headers_of(tables: FormTables, names: Collection[str], ids: Sequence[UUID], dialect: Dialect) -> BulkQuery:
    """As all_headers, of these records, in no order; SQLite takes AT_ONCE of them."""
    made = _prepared(tables, "some", frozenset(names), dialect)
    if dialect == "postgresql":
        return replace(made, statement=Execution(made.statement.sql, [{"ids": list(ids)}]))
    text = made.statement.sql.replace("IN (?)", f"IN ({', '.join('?' * len(ids))})")
    return replace(made, statement=Execution(text, [tuple(id.bytes for id in ids)]))


def all_lines(tables: FormTables, lines: str, first: str, names: Collection[str], dialect: Dialect) -> BulkQuery:
    """Rows of (id of the record, position, cells of the fields, those of `first` before all others) of all lines there are, in no order;
    also those of deleted records, whose headers are not among all_headers."""
    return _prepared(tables, lines, frozenset(names), dialect, first)


@lru_cache(maxsize=256)
def _prepared(tables: FormTables, what: str, names: frozenset[str], dialect: Dialect, first: str = "") -> BulkQuery:
    """A statement is made once for a form and its fields; `what` is all or some headers, or a sub-table and its `first` field."""
    known = tables.line_fields[what] if first else tables.header
    fields = tuple(sorted((f for f in known if f.field.name in names), key=lambda f: f.field.name != first))
    cells = [n for f in fields for n in _read(f)]
    if first:
        lines = tables.lines[what]
        return _bulk(select(lines.c.record_id, lines.c.position, *(lines.c[n] for n in cells)), fields, dialect)
    table = tables.record
    query = select(table.c.id, table.c.state, *(table.c[n] for n in cells)).where(table.c.deleted_at.is_(None))
    if what == "all":
        return _bulk(query.order_by(table.c.id), fields, dialect)
    if dialect == "postgresql":
        return _bulk(query.where(table.c.id == any_(bindparam("ids", type_=ARRAY(Uuid())))), fields, dialect)
    return _bulk(query.where(table.c.id.in_([bindparam("k")])), fields, dialect)


def _bulk(query: Select[Any], fields: tuple[FieldColumns, ...], dialect: Dialect) -> BulkQuery:
    text, _ = statement_text(query, dialect)
    places, first = list[slice](), FIRST_CELLS
    for f in fields:
        places.append(slice(first, first + len(_read(f))))
        first += len(_read(f))
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
