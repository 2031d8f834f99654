"""Conditions of constraints on what the dimensions of a balance refer to, as statements: here registers and forms meet, so that neither
needs to know the other. A statement asks for one balance whether the condition matters, under the lock of a posting.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Select, bindparam, false, func, literal_column, not_, select, true

from engine.forms import FormTables, behind
from engine.problems import Problems
from engine.registers import Constraint, Guard, KeyTest, RegisterTables
from engine.rules import DATE, NUMBER, TEXT, Resolve, SqlColumn, to_sql
from engine.rules.columns import Dialect, encode, rows_for, statement_text
from engine.statements import Execution, Stamp


class Cells(Protocol):
    """The parts of a balance by the names of their columns: of its table, or given."""

    def __getitem__(self, name: str, /) -> Any: ...


def key_tests(
    registers: Mapping[str, RegisterTables], forms: Mapping[str, FormTables]
) -> Mapping[str, Mapping[str, KeyTest]]:
    """The tests of each register by the name of their constraint."""
    return {
        name: {c.name: BalanceTest(tables, c, forms) for c in conditional(tables)} for name, tables in registers.items()
    }


def conditional(tables: RegisterTables) -> list[Constraint | Guard]:
    """The constraints whose keys must be asked."""
    return [*(c for c in tables.register.constraints if c.when is not None), *tables.register.guards]


class BalanceTest:
    """Finds a row when a constraint applies to a balance, or when a guard does not hold for it. What cannot be known counts against the
    posting: a constraint then applies, a guard then does not hold."""

    def __init__(self, tables: RegisterTables, tested: Constraint | Guard, forms: Mapping[str, FormTables]) -> None:
        self._tables = tables
        self._tested = tested
        self._forms = forms
        self._made: dict[tuple[Dialect, date], tuple[str, tuple[str, ...], Mapping[str, Any]]] = {}

    def execution(self, key: tuple[Any, ...], dialect: Dialect, stamp: Stamp) -> Execution:
        """See KeyTest."""
        sql, order, constants = self._statement(dialect, stamp)
        given = {
            self._tables.keys[at]: encode(self._tables.register.dimensions[at].storage, part, dialect)
            for at, part in zip(self._tested.of, key, strict=True)
        }
        return Execution(sql, rows_for(dialect, order, [{**constants, **given}]))

    def _statement(self, dialect: Dialect, stamp: Stamp) -> tuple[str, tuple[str, ...], Mapping[str, Any]]:
        """Made once a day: a condition may say today()."""
        today = stamp.moment.today
        found = self._made.get((dialect, today))
        if found is None:
            statement = self._select(dialect, stamp)
            sql, order = statement_text(statement, dialect)
            constants = {k: v for k, v in statement.compile().params.items() if v is not None}
            self._made = {(dialect, today): (sql, order, constants)}
            found = self._made[dialect, today]
        return found

    def _select(self, dialect: Dialect, stamp: Stamp) -> Any:
        tables = self._tables
        one: Select[Any] = select(literal_column("1"))
        columns = [tables.balances[0].c[tables.keys[at]] for at in self._tested.of]
        given = {column.name: bindparam(column.name, type_=column.type) for column in columns}
        if isinstance(self._tested, Guard) and not self._tested.weighs:
            return one.where(self._matters(given, dialect, stamp))
        b = tables.balances[tables.register.grains.index(self._tested.of)]
        key = [b.c[name] == value for name, value in given.items()]
        return one.select_from(b).where(*key, self._matters(b.c, dialect, stamp))

    def _matters(self, b: Cells, dialect: Dialect, stamp: Stamp) -> ColumnElement[bool]:
        is_guard = isinstance(self._tested, Guard)
        expression = self._tested.that if isinstance(self._tested, Guard) else self._tested.when
        assert expression is not None
        condition = to_sql(
            expression, balance_resolver(self._tables, b, self._forms), dialect=dialect, moment=stamp.moment
        )
        assert not isinstance(condition, Problems), condition
        return not_(func.coalesce(condition, false())) if is_guard else func.coalesce(condition, true())


def balance_resolver(tables: RegisterTables, b: Cells, forms: Mapping[str, FormTables]) -> Resolve:
    """What expressions see of a balance: its dimensions with the records behind them, and its measures."""
    register = tables.register

    def resolve(path: tuple[str, ...]) -> SqlColumn | None:
        name, rest = path[0], path[1:]
        at = register.dimension_index(name)
        if at is None:
            measure = register.measures[register.measure_index(name)]
            return SqlColumn(b[tables.amounts[register.measure_index(name)]], NUMBER, measure.scale)
        d, column = register.dimensions[at], b[tables.keys[at]]
        if d.form is None:
            return SqlColumn(column, DATE if d.kind == "date" else TEXT)
        if rest in ((), ("id",)):
            return SqlColumn(column, TEXT, is_id=True)
        return behind(column, forms[d.form], rest, forms)

    return resolve
