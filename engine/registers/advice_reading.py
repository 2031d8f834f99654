"""What helps when something is short: other keys where it is to be had, and what is expected when. Statements and decoding only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, literal_column, select

from engine.registers.definition import Constraint
from engine.registers.key_statements import decoded_key, key_filters
from engine.registers.tables import RegisterTables
from engine.rules.columns import Dialect, decode


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A balance of a constraint's grain that leaves something, in scaled units."""

    key: tuple[Any, ...]
    slack: int


class AdviceReader:
    """Reads one register for those who were refused."""

    def __init__(self, tables: RegisterTables) -> None:
        self._tables = tables
        self._register = tables.register

    def elsewhere(self, constraint: Constraint, where: Mapping[int, Any], limit: int, dialect: Dialect) -> Select[Any]:
        """Balances of the constraint's grain that agree with `where` and leave something, the most first."""
        b = self._tables.balances[self._register.grains.index(constraint.of)]
        keys = [b.c[self._tables.keys[at]] for at in constraint.of]
        slack: ColumnElement[int] = literal_column(str(constraint.offset))
        for factor, name in zip(constraint.factors, self._tables.amounts, strict=True):
            if factor:
                slack = slack + literal_column(str(factor)) * b.c[name]
        at = key_filters(self._tables, b, where, dialect)
        return select(*keys, slack).where(*at, slack > literal_column("0")).order_by(slack.desc(), *keys).limit(limit)

    def elsewhere_rows(
        self, constraint: Constraint, rows: Sequence[Sequence[Any]], dialect: Dialect
    ) -> list[Elsewhere]:
        """Rows of `elsewhere`."""
        return [Elsewhere(decoded_key(self._register, key, constraint.of, dialect), int(slack)) for *key, slack in rows]

    def expected(self, where: Mapping[int, Any], limit: int, dialect: Dialect) -> Select[Any]:
        """(day, quantity) of what is planned to come at keys that agree with `where`, earliest first; also what is overdue."""
        p = self._tables.planned
        at = key_filters(self._tables, p, where, dialect)
        return (
            select(p.c.due, p.c.open).where(*at, p.c.open > literal_column("0")).order_by(p.c.due, p.c.id).limit(limit)
        )

    def expected_rows(self, rows: Sequence[Sequence[Any]], dialect: Dialect) -> list[tuple[date, int]]:
        """Rows of `expected`."""
        return [(decode("date", day, dialect), int(quantity)) for day, quantity in rows]
