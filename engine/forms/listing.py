"""Lists: one page of a form's records by keyset, searched, filtered and sorted the same on both databases. Empty values come last."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any, Final, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, func, literal, or_, select, true

from engine.clock import Moment
from engine.forms import problems
from engine.forms.resolving import resolver
from engine.forms.tables import RECORD_COLUMNS, SORT_KEY, FormTables
from engine.problems import Problems
from engine.rules import Checked, RowFilter, to_sql
from engine.rules.columns import Dialect, Storage, encode
from engine.values import read_cursor, write_cursor

COUNT_MAX: Final = 10_000
"""Counting stops here: "10 000+"."""


class Covers(Protocol):
    """Which fields may be read."""

    def covers(self, name: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class ListRequest:
    """What a page is asked for. `filter` is checked; `readable` are the fields the asker may read: nothing is filtered, sorted or
    searched by any other."""

    filter: Checked | None
    search: str
    sort: tuple[str, ...]
    after: str
    limit: int
    rows: RowFilter
    readable: Covers


@dataclass(frozen=True, slots=True)
class ListQuery:
    """The statement of a page: rows of (id, sort values…), one more than asked; `count` counts up to COUNT_MAX + 1."""

    page: Select[Any]
    count: Select[Any]
    signature: str

    def cursor(self, row: Sequence[Any]) -> str:
        """The cursor that continues after this row."""
        cells = [
            c.hex() if isinstance(c, bytes) else str(c) if hasattr(c, "hex") or hasattr(c, "isoformat") else c
            for c in row
        ]
        return write_cursor([self.signature, *cells])


@dataclass(frozen=True, slots=True)
class _Key:
    column: ColumnElement[Any]
    storage: Storage
    descending: bool
    nullable: bool


def list_query(
    tables: FormTables, wanted: ListRequest, others: Mapping[str, FormTables], *, dialect: Dialect, moment: Moment
) -> ListQuery | Problems:
    """The statements of a list page, or why it cannot be given."""
    keys = _keys(tables, wanted)
    if isinstance(keys, Problems):
        return keys
    condition = _condition(tables, wanted, others, dialect, moment)
    if isinstance(condition, Problems):
        return condition
    signature = sha256("|".join(wanted.sort or tables.form.sort).encode()).hexdigest()[:8]
    table = tables.record
    page = select(table.c.id, *(k.column for k in keys)).where(condition)
    if wanted.after:
        start = _read_cursor(wanted.after, signature, ("id", *(k.storage for k in keys)), dialect)
        if start is None:
            return Problems((problems.cursor_unreadable(),))
        page = page.where(_after([*keys, _Key(table.c.id, "id", True, False)], [*start[1:], start[0]]))
    order: list[Any] = []
    for key in keys:
        order += [key.column.is_(None)] if key.nullable else []
        order.append(key.column.desc() if key.descending else key.column.asc())
    page = page.order_by(*order, table.c.id.desc()).limit(wanted.limit + 1)
    counted = select(func.count()).select_from(select(table.c.id).where(condition).limit(COUNT_MAX + 1).subquery())
    return ListQuery(page, counted, signature)


def _keys(tables: FormTables, wanted: ListRequest) -> list[_Key] | Problems:
    keys: list[_Key] = []
    for name in wanted.sort or tables.form.sort:
        plain, descending = name.removeprefix("-"), name.startswith("-")
        if plain in ("created_at", "changed_at", "state"):
            keys.append(_Key(tables.record.c[plain], RECORD_COLUMNS[plain], descending, plain == "state"))
            continue
        found = next((c for c in tables.header if c.field.name == plain), None)
        if found is None or not wanted.readable.covers(plain):
            return Problems((problems.cannot_sort(plain),))
        storage = SORT_KEY.storage if found.sort else found.specs[0].storage
        keys.append(_Key(tables.record.c[found.sort or found.names[0]], storage, descending, True))
    return keys


def _condition(
    tables: FormTables, wanted: ListRequest, others: Mapping[str, FormTables], dialect: Dialect, moment: Moment
) -> ColumnElement[bool] | Problems:
    resolve = resolver(tables, others)
    parts: list[ColumnElement[bool]] = [
        tables.record.c.deleted_at.is_(None),
        wanted.rows.condition(resolve, dialect=dialect, moment=moment),
    ]
    if wanted.filter is not None:
        found = to_sql(wanted.filter, resolve, dialect=dialect, moment=moment, parameters=wanted.rows.parameters)
        if isinstance(found, Problems):
            return found
        parts.append(found)
    parts += [_matches(tables, word, wanted.readable, dialect) for word in wanted.search.casefold().split()[:5]]
    return and_(*parts)


def _matches(tables: FormTables, word: str, readable: Covers, dialect: Dialect) -> ColumnElement[bool]:
    find = func.instr if dialect == "sqlite" else func.strpos
    searched = [c for c in tables.header if c.field.name in tables.form.search]
    if all(readable.covers(c.field.name) for c in searched):
        return find(tables.record.c.search, word) > 0
    own = [find(func.lower(tables.record.c[c.names[0]]), word) > 0 for c in searched if readable.covers(c.field.name)]
    return or_(*own) if own else false()


def _after(keys: Sequence[_Key], start: Sequence[Any]) -> ColumnElement[bool]:
    """Rows that come after `start`: those that agree on the first keys and come later by the next."""
    answers: list[ColumnElement[bool]] = []
    same: list[ColumnElement[bool]] = []
    for key, value in zip(keys, start, strict=True):
        if value is None:
            same.append(key.column.is_(None))
            continue
        cell = literal(value, key.column.type)
        later: ColumnElement[bool] = key.column < cell if key.descending else key.column > cell
        answers.append(and_(*same, or_(later, key.column.is_(None)) if key.nullable else later))
        same.append(key.column == cell)
    return or_(*answers) if answers else true()


def _read_cursor(text: str, signature: str, storages: Sequence[Storage], dialect: Dialect) -> list[Any] | None:
    """The cells of the row that a page ended with, as their columns hold them: its id and the values it is sorted by."""
    try:
        raw = read_cursor(text)
    except ValueError:
        return None
    if len(raw) != len(storages) + 1 or raw[0] != signature or raw[1] is None:
        return None
    try:
        return [_cell(storage, cell, dialect) for storage, cell in zip(storages, raw[1:], strict=True)]
    except (TypeError, ValueError):
        return None


_WIRE: Final[Mapping[Storage, Any]] = {"integer": int, "text": str, "boolean": int, "date": str, "id": str}
"""What a cell of a cursor is; a boolean is a number on SQLite."""


def _cell(storage: Storage, cell: Any, dialect: Dialect) -> Any:
    if cell is None:
        return None
    if not isinstance(cell, _WIRE[storage]):
        raise TypeError(storage)
    if storage == "id":
        return encode(storage, UUID(cell), dialect)
    if storage == "date":
        return encode(storage, date.fromisoformat(cell), dialect)
    return encode(storage, bool(cell), dialect) if storage == "boolean" else cell
