"""Dataset → statement, and rows → values. The row filter of the form is part of every statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Select, cast, func, or_, select
from sqlalchemy.types import Text

from engine.clock import Moment
from engine.forms import FormTables, line_resolver, resolver
from engine.forms.resolving import behind
from engine.problems import Problems
from engine.registers import RegisterTables
from engine.reports.definition import Dataset, Group
from engine.rules import DATE, NUMBER, TEXT, Checked, RowFilter, SqlColumn, to_column, to_sql
from engine.rules.columns import Dialect, decode
from engine.rules.to_sql import Resolve
from engine.values import from_scaled


@dataclass(frozen=True, slots=True)
class Sources:
    """The tables of a release, and what the asker may see of them."""

    forms: Mapping[str, FormTables]
    registers: Mapping[str, RegisterTables]
    rows: RowFilter


@dataclass(frozen=True, slots=True)
class DatasetQuery:
    """The statement of a dataset and how to read its rows."""

    statement: Select[Any]
    columns: tuple[tuple[str, SqlColumn], ...]

    def values(self, rows: Sequence[Sequence[Any]], dialect: Dialect) -> list[dict[str, Any]]:
        """Rows as {column: value}: numbers as Decimal, ids as UUID."""
        return [
            {name: _value(cell, column, dialect) for (name, column), cell in zip(self.columns, row, strict=True)}
            for row in rows
        ]


def dataset_query(dataset: Dataset, sources: Sources, *, dialect: Dialect, moment: Moment) -> DatasetQuery | Problems:
    """The statement of a dataset for one asker."""
    table, resolve, conditions = _from(dataset, sources, dialect, moment)
    parameters = sources.rows.parameters

    def column(checked: Checked) -> SqlColumn | Problems:
        return to_column(checked, resolve, dialect=dialect, moment=moment, parameters=parameters)

    columns: list[tuple[str, SqlColumn]] = []
    for g in dataset.groups:
        found = column(g.value)
        if isinstance(found, Problems):
            return found
        columns.append((g.name, _cut(g, found, dialect)))
    groups = [c.element for _, c in columns]
    for m in dataset.measures:
        summed = SqlColumn(func.count(), NUMBER) if m.sum is None else column(m.sum)
        if isinstance(summed, Problems):
            return summed
        columns.append((m.name, summed if m.sum is None else SqlColumn(func.sum(summed.element), NUMBER, summed.scale)))
    if dataset.where is not None:
        where = to_sql(dataset.where, resolve, dialect=dialect, moment=moment, parameters=parameters)
        if isinstance(where, Problems):
            return where
        conditions.append(where)
    statement = (
        select(*(c.element.label(f"c{at}") for at, (_, c) in enumerate(columns))).select_from(table).where(*conditions)
    )
    if groups:
        statement = statement.group_by(*groups)
    return DatasetQuery(statement.order_by(*_order(dataset, columns)).limit(dataset.limit), tuple(columns))


def _from(
    dataset: Dataset, sources: Sources, dialect: Dialect, moment: Moment
) -> tuple[FromClause, Resolve, list[ColumnElement[bool]]]:
    if dataset.source[0] == "register":
        tables = sources.registers[dataset.source[1]]
        balance = tables.balances[0]
        return balance, _register_resolver(tables, sources.forms), [or_(*(balance.c[a] != 0 for a in tables.amounts))]
    form = sources.forms[dataset.source[1]]
    header = resolver(form, sources.forms)
    conditions = [form.record.c.deleted_at.is_(None), sources.rows.condition(header, dialect=dialect, moment=moment)]
    if dataset.source[0] == "form":
        return form.record, header, conditions
    lines = form.lines[dataset.source[2]]
    joined = lines.join(form.record, form.record.c.id == lines.c.record_id)
    return joined, line_resolver(form, dataset.source[2], sources.forms), conditions


def _register_resolver(tables: RegisterTables, forms: Mapping[str, FormTables]) -> Resolve:
    balance = tables.balances[0]

    def resolve(path: tuple[str, ...]) -> SqlColumn | None:
        for name, m in zip(tables.amounts, tables.register.measures, strict=True):
            if path == (m.name,):
                return SqlColumn(balance.c[name], NUMBER, m.scale)
        for key, d in zip(tables.keys, tables.register.dimensions, strict=True):
            if path[0] == d.name:
                if d.form is None:
                    return SqlColumn(balance.c[key], DATE if d.kind == "date" else TEXT) if len(path) == 1 else None
                if path[1:] in ((), ("id",)):
                    return SqlColumn(balance.c[key], TEXT, is_id=True)
                return behind(balance.c[key], forms[d.form], path[1:], forms)
        return None

    return resolve


def _cut(group: Group, column: SqlColumn, dialect: Dialect) -> SqlColumn:
    if group.by is None:
        return column
    text = column.element if dialect == "sqlite" else cast(column.element, Text())
    return SqlColumn(func.substr(text, 1, 4 if group.by == "year" else 7), TEXT)


def _order(dataset: Dataset, columns: Sequence[tuple[str, SqlColumn]]) -> list[Any]:
    by_name = dict(columns)
    order: list[Any] = []
    for name in dataset.sort:
        element = by_name[name.removeprefix("-")].element
        order.append(element.desc() if name.startswith("-") else element.asc())
    return order + [c.element for _, c in columns[: len(dataset.groups)]]


def _value(cell: Any, column: SqlColumn, dialect: Dialect) -> Any:
    if cell is None:
        return None
    if column.is_id:
        return cell if isinstance(cell, UUID) else decode("id", cell, dialect)
    if column.kind == NUMBER:
        return from_scaled(int(cell), column.scale)
    if column.kind == DATE:
        return decode("date", cell, dialect)
    return Decimal(cell) if isinstance(cell, int) and not isinstance(cell, bool) else cell
