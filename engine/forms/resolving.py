"""Paths of a record → columns, for conditions that the database works out. A step through a reference is a scalar subquery."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import FromClause, select

from engine.forms.kinds import BUILT_IN
from engine.forms.tables import FieldColumns, FormTables
from engine.rules import DATETIME, TEXT, SqlColumn
from engine.rules.to_sql import Resolve

STEPS_MAX: Final = 3
"""Most references that a path may follow in the database."""


def resolver(
    tables: FormTables, others: Mapping[str, FormTables], source: FromClause | None = None, *, depth: int = 0
) -> Resolve:
    """Gives the column of a path that starts at a record in `source` (the form's own table if None)."""
    rows: FromClause = source if source is not None else tables.record

    def resolve(path: tuple[str, ...]) -> SqlColumn | None:
        name, rest = path[0], path[1:]
        if not rest and name in _OWN:
            return SqlColumn(
                rows.c[name], DATETIME if name.endswith("_at") else TEXT, is_id=name in ("id", "created_by")
            )
        found = next((c for c in tables.header if c.field.name == name), None)
        if found is None:
            return None
        return follow(rows, found, rest, others, depth)

    return resolve


def line_resolver(tables: FormTables, lines: str, others: Mapping[str, FormTables]) -> Resolve:
    """As `resolver`, for a line: its fields, and `record.…` for the record it belongs to."""
    table = tables.lines[lines]
    header = resolver(tables, others)

    def resolve(path: tuple[str, ...]) -> SqlColumn | None:
        if path[0] == "record":
            return header(path[1:]) if len(path) > 1 else None
        found = next((c for c in tables.line_fields[lines] if c.field.name == path[0]), None)
        if found is None:
            return SqlColumn(table.c.id, TEXT, is_id=True) if path == ("id",) else None
        return follow(table, found, path[1:], others, 0)

    return resolve


def follow(
    rows: FromClause, found: FieldColumns, rest: tuple[str, ...], others: Mapping[str, FormTables], depth: int
) -> SqlColumn | None:
    """The column of a field, or of what lies behind a reference."""
    column = rows.c[found.names[0]]
    target = found.field.target
    if target is None:
        return None if rest else SqlColumn(column, BUILT_IN[found.field.kind].type(found.field), found.specs[0].scale)
    if not rest or rest == ("id",):
        return SqlColumn(column, TEXT, is_id=True)
    if depth >= STEPS_MAX:
        return None
    return behind(column, others[target], rest, others, depth)


def behind(
    reference: Any, target: FormTables, rest: tuple[str, ...], others: Mapping[str, FormTables], depth: int = 0
) -> SqlColumn | None:
    """The column at `rest` of the record that `reference` (an id column) points to."""
    table = target.record.alias()
    inner = resolver(target, others, table, depth=depth + 1)(rest)
    if inner is None:
        return None
    value = select(inner.element).where(table.c.id == reference).scalar_subquery()
    return SqlColumn(value, inner.kind, inner.scale, inner.is_id)


_OWN: Final = frozenset({"id", "state", "created_at", "created_by", "changed_at"})
