"""Tables of a form: one for its records, one for each sub-table. Made from a Form when first asked for; nothing here runs SQL.

Physical names come from immutable ids, so renaming a field is metadata only. Every record table has from the first day: id, revision,
state, release, created/changed at/by, deleted_at, and `search`, the folded text that list search looks into.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Index, MetaData, Table

from engine.forms.definition import Field, Form
from engine.forms.kinds import BUILT_IN
from engine.forms.kinds.kind import ColumnSpec
from engine.rules.columns import Storage, column_type

RECORD_COLUMNS: Final[Mapping[str, Storage]] = {
    "id": "id",
    "revision": "integer",
    "state": "text",
    "release": "text",
    "created_at": "integer",
    "created_by": "id",
    "changed_at": "integer",
    "changed_by": "id",
    "deleted_at": "integer",
    "search": "text",
}
LINE_COLUMNS: Final[Mapping[str, Storage]] = {"id": "id", "record_id": "id", "position": "integer"}
_NULLABLE: Final = frozenset({"state", "deleted_at", "search"})
SORT_KEY: Final = ColumnSpec("_s", "text")
"""Text is compared by code point and read in pinyin order: the sort key is stored beside it."""
SORT_KEY_CHARACTERS: Final = 40


@dataclass(frozen=True, slots=True)
class FieldColumns:
    """Where a field lies: its columns in the order of its kind's `columns`, and its sort key if it has one."""

    field: Field
    specs: tuple[ColumnSpec, ...]
    names: tuple[str, ...]
    sort: str | None


class FormTables:
    """The tables of one form."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.header = tuple(_columns(f, sortable=True) for f in form.header)
        self.line_fields = {f.name: tuple(_columns(i, sortable=False) for i in f.fields) for f in form.sub_tables}

    @cached_property
    def record(self) -> Table:
        """The table of records."""
        columns = [_column(name, storage, name in _NULLABLE) for name, storage in RECORD_COLUMNS.items()]
        table = Table(f"r_{self.form.id}", MetaData(), *columns, *_field_columns(self.header), sqlite_strict=True)
        alive = table.c.deleted_at.is_(None)
        for f in self.header:
            if f.field.unique or f.field.kind == "sequence":
                _index(f"u_{f.field.id}", table.c[f.names[0]], unique=True, where=alive)
            elif f.field.target is not None:
                _index(f"i_{f.field.id}", table.c[f.names[0]])
        _index(f"i_{self.form.id}_created", table.c.created_at, table.c.id)
        for name in sorted({s.removeprefix("-") for s in self.form.sort[:1]} & {f.field.name for f in self.header}):
            sorted_by = self.column_of(name)
            _index(f"s_{sorted_by.field.id}", table.c[sorted_by.sort or sorted_by.names[0]], table.c.id)
        return table

    @cached_property
    def lines(self) -> Mapping[str, Table]:
        """The tables of the sub-tables, by name."""
        return {f.name: self._line_table(f) for f in self.form.sub_tables}

    def _line_table(self, lines: Field) -> Table:
        columns = [_column(name, storage, False) for name, storage in LINE_COLUMNS.items()]
        table = Table(
            f"l_{lines.id}", MetaData(), *columns, *_field_columns(self.line_fields[lines.name]), sqlite_strict=True
        )
        _index(f"i_{lines.id}_record", table.c.record_id, table.c.position)
        for f in self.line_fields[lines.name]:
            if f.field.target is not None:
                _index(f"i_{f.field.id}", table.c[f.names[0]])
        return table

    def column_of(self, name: str) -> FieldColumns:
        """The columns of a header field."""
        return next(c for c in self.header if c.field.name == name)

    @property
    def all(self) -> tuple[Table, ...]:
        """Every table of the form."""
        return self.record, *self.lines.values()


def _columns(f: Field, *, sortable: bool) -> FieldColumns:
    specs = BUILT_IN[f.kind].columns(f)
    base = f"c_{f.id}"
    has_key = sortable and f.kind in ("text", "sequence") and not f.options.get("multiline")
    return FieldColumns(f, specs, tuple(base + s.suffix for s in specs), base + SORT_KEY.suffix if has_key else None)


def _field_columns(fields: tuple[FieldColumns, ...]) -> list[Column[Any]]:
    columns: list[Column[Any]] = []
    for f in fields:
        columns += [_column(name, spec.storage, True) for name, spec in zip(f.names, f.specs, strict=True)]
        if f.sort:
            columns.append(_column(f.sort, SORT_KEY.storage, True))
    return columns


def _column(name: str, storage: Storage, nullable: bool) -> Column[Any]:
    return Column(name, column_type(storage), primary_key=name == "id", nullable=nullable)


def _index(name: str, *columns: Column[Any], unique: bool = False, where: ColumnElement[bool] | None = None) -> None:
    Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)


def sort_key(text: str | None) -> str | None:
    """The text under which people look a word up: GB 18030 puts the common Chinese characters in pinyin order and Latin letters
    before them; written as hexadecimal so that code-point order is the order of the bytes."""
    if text is None:
        return None
    return text[:SORT_KEY_CHARACTERS].casefold().encode("gb18030", errors="replace").hex()
