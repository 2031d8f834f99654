"""Many records at once, but only some of their fields: all that are not deleted, in one statement each for headers and lines. The cells
come as they lie in columns; who reads a hundred thousand lines works out equal cells once. Ids are 16 bytes on both databases: they are
compared much faster than objects, and most of them are never shown.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Select, any_, bindparam, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text, Uuid

from engine.forms.kinds import BUILT_IN
from engine.forms.kinds.plain import PlainKind
from engine.forms.tables import FieldColumns, FormTables
from engine.rules.columns import Dialect, Storage, decode, encode, statement_text
from engine.statements import Execution
from engine.values import from_scaled

Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class BulkQuery:
    """A statement, where in its rows the cells of each field are, and what reads a field's value from a row. Of amounts without units of
    their own only the base is read; their value is that number."""

    statement: Execution
    fields: tuple[FieldColumns, ...]
    places: tuple[slice, ...]
    values: tuple[Callable[[Row], Any], ...]


def id_of(raw: bytes) -> UUID:
    """An id as bulk rows have it."""
    return UUID(bytes=raw)


def _reading(field: FieldColumns, place: slice, dialect: Dialect) -> Callable[[Row], Any]:
    """What reads the value of a field from a row: decided once for all rows."""
    kind, first = BUILT_IN[field.field.kind], place.start
    if place.stop - first < len(field.specs):
        scale = field.specs[0].scale
        return lambda row: None if row[first] is None else from_scaled(row[first], scale)
    as_it_is = isinstance(kind, PlainKind) and type(kind).from_row is PlainKind.from_row
    if as_it_is and field.specs[0].storage in ("text", "integer"):
        return itemgetter(first)
    storages = [spec.storage for spec in field.specs]

    def value(row: Row) -> Any:
        if row[first] is None:
            return None
        cells = [_decoded(s, cell, dialect) for s, cell in zip(storages, row[place], strict=True)]
        return kind.from_row(field.field, cells)

    return value


def _decoded(storage: Storage, raw: Any, dialect: Dialect) -> Any:
    return decode(storage, raw, "sqlite" if storage == "id" else dialect)


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


def headers_of(tables: FormTables, names: Collection[str], ids: Sequence[bytes], dialect: Dialect) -> BulkQuery:
    """As all_headers, of these records, in no order; SQLite takes AT_ONCE of them."""
    made = _prepared(tables, "some", frozenset(names), dialect)
    if dialect == "postgresql":
        return replace(made, statement=Execution(made.statement.sql, [{"ids": [id.hex() for id in ids]}]))
    text = made.statement.sql.replace("IN (?)", f"IN ({', '.join('?' * len(ids))})")
    return replace(made, statement=Execution(text, [tuple(ids)]))


def all_lines(tables: FormTables, lines: str, first: str, names: Collection[str], dialect: Dialect) -> BulkQuery:
    """Rows of (id of the record, position, cells of the fields, those of `first` before all others) of all lines there are, in no order;
    also those of deleted records, whose headers are not among all_headers."""
    return _prepared(tables, lines, frozenset(names), dialect, first)


@lru_cache(maxsize=256)
def _prepared(tables: FormTables, what: str, names: frozenset[str], dialect: Dialect, first: str = "") -> BulkQuery:
    """A statement is made once for a form and its fields; `what` is all or some headers, or a sub-table and its `first` field."""
    known = tables.line_fields[what] if first else tables.header
    fields = tuple(sorted((f for f in known if f.field.name in names), key=lambda f: f.field.name != first))
    table = tables.lines[what] if first else tables.record
    own = ("record_id", "position") if first else ("id", "state")
    query = select(*(_cell(table.c[n], dialect) for n in (*own, *(n for f in fields for n in _read(f)))))
    if first:
        return _bulk(query, fields, dialect)
    query = query.where(table.c.deleted_at.is_(None))
    if what == "all":
        return _bulk(query.order_by(table.c.id), fields, dialect)
    if dialect == "postgresql":
        wanted = cast(bindparam("ids", type_=ARRAY(Text())), ARRAY(Uuid()))
        return _bulk(query.where(table.c.id == any_(wanted)), fields, dialect)
    return _bulk(query.where(table.c.id.in_([bindparam("k")])), fields, dialect)


def _cell(column: Column[Any], dialect: Dialect) -> ColumnElement[Any]:
    """A column as it is read."""
    return func.uuid_send(column) if dialect == "postgresql" and isinstance(column.type, Uuid) else column


def _bulk(query: Select[Any], fields: tuple[FieldColumns, ...], dialect: Dialect) -> BulkQuery:
    places, first = list[slice](), FIRST_CELLS
    for f in fields:
        places.append(slice(first, first + len(_read(f))))
        first += len(_read(f))
    values = tuple(_reading(f, place, dialect) for f, place in zip(fields, places, strict=True))
    return BulkQuery(_execution(query, dialect), fields, tuple(places), values)


@lru_cache(maxsize=256)
def state_of_all(tables: FormTables, dialect: Dialect) -> Execution:
    """One row that is another after every change of any record of the form: how many there are, the sum of their revisions (every change
    and deletion adds to it), and the last moment of a change."""
    table = tables.record
    state: list[Any] = [func.count(table.c.id), func.sum(table.c.revision), func.max(table.c.changed_at)]
    return _execution(select(*state), dialect)


@lru_cache(maxsize=256)
def filled_lines(
    tables: FormTables, lines: str, names: frozenset[str], dialect: Dialect
) -> tuple[Execution, tuple[str, ...]]:
    """One row: how many lines there are, those of deleted records with them, and in how many each of the fields is filled; and the fields
    in that order."""
    table = tables.lines[lines]
    fields = [f for f in tables.line_fields[lines] if f.field.name in names]
    counts: list[Any] = [func.count(table.c.id), *(func.count(table.c[f.names[0]]) for f in fields)]
    return _execution(select(*counts), dialect), tuple(f.field.name for f in fields)


def _execution(query: Select[Any], dialect: Dialect) -> Execution:
    """A statement without parameters, made once."""
    return Execution(statement_text(query, dialect)[0], [() if dialect == "sqlite" else {}])


def pointing_to(tables: FormTables, name: str, ids: Collection[UUID], dialect: Dialect) -> Select[Any]:
    """The ids of the records whose reference `name` is to one of `ids`."""
    table, column = tables.record, tables.record.c[tables.column_of(name).names[0]]
    wanted = [encode("id", id, dialect) for id in ids]
    return select(table.c.id).where(column.in_(wanted), table.c.deleted_at.is_(None)).order_by(table.c.id)
