"""Statements that find keys to reserve at: the balances that agree with what a line names, in the order of its posting rule, and the locks
on them. What an order reads of the records behind the dimensions comes through a resolver, so that registers need not know forms.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, bindparam, false, func, literal_column, or_, select

from engine.problems import Problems
from engine.registers.definition import STORAGES, PickRule
from engine.registers.key_statements import key_row
from engine.registers.posting_sql import TYPES
from engine.registers.tables import RegisterTables
from engine.rules import Resolve, to_sql
from engine.rules.columns import Dialect, constants_of, rows_for, statement_text
from engine.statements import Execution, Stamp

CANDIDATES_MAX: Final = 1_000
"""Keys that are looked at for one line, the first ones in its order."""
Resolver = Callable[[Any], Resolve]
"""A balance table → what expressions see of its rows."""
Key = tuple[Any, ...]


class PickStatements:
    """The statements of one register, as text of a dialect, made when first needed."""

    def __init__(self, tables: RegisterTables, resolver: Resolver) -> None:
        self._tables = tables
        self._resolver = resolver
        self._made: dict[tuple[Any, ...], tuple[date, str, tuple[str, ...], Mapping[str, Any]]] = {}

    def candidates(self, name: str, pick: PickRule, given: Key, dialect: Dialect, stamp: Stamp) -> Execution:
        """(key, amounts, latest day) of the balances that agree with `given` and of which something can be reserved, first come first."""
        fixed = tuple(at for at, part in enumerate(given) if part is not None)
        wanted, today = (name, fixed, dialect), stamp.moment.today
        made = self._made.get(wanted)
        if made is None or made[0] != today:  # an order may say today()
            statement = self._candidates(pick, fixed, dialect, stamp)
            constants = constants_of(statement, dialect)
            made = self._made[wanted] = (today, *statement_text(statement, dialect), constants)
        _, sql, order, known = made
        row = key_row(self._tables, fixed, [given[at] for at in fixed], dialect)
        return Execution(sql, rows_for(dialect, order, [{**known, **row}]))

    def _candidates(self, pick: PickRule, fixed: Sequence[int], dialect: Dialect, stamp: Stamp) -> Select[Any]:
        tables, b = self._tables, self._tables.balances[0]
        keys = [b.c[k] for k in tables.keys]
        agrees = [b.c[tables.keys[at]] == bindparam(tables.keys[at], type_=keys[at].type) for at in fixed]
        free = [self._free(b, c.factors) > literal_column("0") for c in tables.register.limits]
        order: list[ColumnElement[Any]] = []
        if pick.by is not None:
            by = self._expression(pick.by, b, dialect, stamp)
            order += [by.is_(None), by]
        came = self._first_receipt(b)
        order += [c.desc() for c in came] if pick.order == "lifo" else came
        only = []
        if pick.only is not None:
            only = [func.coalesce(self._expression(pick.only, b, dialect, stamp), false())]
        return (
            select(*keys, *(b.c[a] for a in tables.amounts), b.c.last)
            .where(*agrees, *free, *only)
            .order_by(*order, *keys)
            .limit(literal_column(str(CANDIDATES_MAX)))
        )

    def _expression(self, checked: Any, b: Any, dialect: Dialect, stamp: Stamp) -> ColumnElement[Any]:
        made = to_sql(checked, self._resolver(b), dialect=dialect, moment=stamp.moment)
        assert not isinstance(made, Problems), made
        return made

    def _free(self, b: Any, factors: Sequence[int]) -> ColumnElement[int]:
        terms = [literal_column(str(f)) * b.c[a] for f, a in zip(factors, self._tables.amounts, strict=True) if f]
        total: ColumnElement[int] = terms[0]
        for term in terms[1:]:
            total = total + term
        return total

    def _first_receipt(self, b: Any) -> list[ColumnElement[Any]]:
        """The (day, number) of the first movement that brought something to the key."""
        m, limit = self._tables.movements, self._tables.register.limits[0]
        there = [a for f, a in zip(limit.factors, self._tables.amounts, strict=True) if f > 0]
        same = and_(*(m.c[k] == b.c[k] for k in self._tables.keys))
        comes = or_(*(m.c[a] > literal_column("0") for a in there)) if there else m.c.id > literal_column("0")
        first = select().where(same, comes).order_by(m.c.day, m.c.id).limit(literal_column("1"))
        return [first.with_only_columns(c).scalar_subquery() for c in (m.c.day, m.c.id)]

    def locked(self, grain: int, keys: Sequence[Key]) -> Execution:
        """PostgreSQL: locks balances of a grain, in the order in which a posting locks them."""
        register, positions = self._tables.register, self._tables.register.grains[grain]
        typed = ", ".join(f"k{at} {TYPES[STORAGES[register.dimensions[at].kind]]}" for at in positions)
        names = ", ".join(f"k{at}" for at in positions)
        same = " AND ".join(f"b.{self._tables.keys[at]} = t.k{at}" for at in positions)
        lines = [{f"k{at}": str(part) for at, part in zip(positions, key, strict=True)} for key in keys]
        sql = (
            f"SELECT 1 FROM {self._tables.balances[grain].name} b "
            f"JOIN (SELECT DISTINCT {names} FROM jsonb_to_recordset(%(lines)s::jsonb) AS r({typed})) t ON {same} "
            f"ORDER BY {', '.join(f't.k{at}' for at in positions)} FOR UPDATE OF b"
        )
        return Execution(sql, [{"lines": json.dumps(lines, separators=(",", ":"))}])

    def balance(self, grain: int, key: Key, dialect: Dialect) -> Execution:
        """(amounts, latest day) of a balance of a grain."""
        wanted = ("balance", grain, dialect)
        made = self._made.get(wanted)
        b, of = self._tables.balances[grain], self._tables.register.grains[grain]
        if made is None:
            columns = [b.c[a] for a in self._tables.amounts]
            at = [b.c[k] == bindparam(k, type_=b.c[k].type) for k in self._tables.grain_keys(of)]
            made = self._made[wanted] = (date.min, *statement_text(select(*columns, b.c.last).where(*at), dialect), {})
        return Execution(made[1], rows_for(dialect, made[2], [key_row(self._tables, of, key, dialect)]))
