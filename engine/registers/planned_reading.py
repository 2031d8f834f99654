"""Reading planned movements: those of a record, those of keys by day, and the forecast: what a balance will be, day by day, and how much of
it can be promised. Statements and decoding only.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Uuid,
    any_,
    bindparam,
    case,
    func,
    literal,
    literal_column,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY

from engine.facts import StoredPlanned
from engine.registers.key_statements import decoded_key, key_filters
from engine.registers.tables import RegisterTables
from engine.rules.columns import Dialect, column_type, decode, encode, statement_text
from engine.statements import Execution


@dataclass(frozen=True, slots=True)
class ForecastRequest:
    """The forecast `by` dimensions (positions), for the key parts in `where`, from `today` to `until`. Planned movements that are overdue
    are expected today. `after` is the (key, day) that the page before ended with."""

    by: tuple[int, ...]
    where: Mapping[int, Any]
    today: date
    until: date | None
    after: tuple[tuple[Any, ...], date] | None
    limit: int


@dataclass(frozen=True, slots=True)
class ForecastRow:
    """One day of one key, in scaled units: what is planned to come and go, the balance at its end, and what can be promised from that day
    on without taking from what is promised later."""

    key: tuple[Any, ...]
    day: date
    coming: int
    going: int
    balance: int
    promise: int


class PlannedReader:
    """Reads the planned movements of one register."""

    def __init__(self, tables: RegisterTables) -> None:
        self._tables = tables
        self._register = tables.register
        self._locking: dict[Dialect, str] = {}

    def of_record(self, record: UUID, dialect: Dialect) -> Select[Any]:
        """What is open of a record's planned movements, earliest first."""
        p = self._tables.planned
        own = p.c.record_id == encode("id", record, dialect)
        return select(*self._columns(p)).where(own, p.c.open != 0).order_by(p.c.due, p.c.id)

    def locking(self, records: Collection[UUID], dialect: Dialect) -> Execution:
        """Locks what is open of the planned movements of some records, in the order of their ids, and returns it as `of_record` does."""
        if dialect not in self._locking:
            p = self._tables.planned
            wanted = bindparam("records", type_=ARRAY(Uuid()))
            own = p.c.record_id == (any_(wanted) if dialect == "postgresql" else bindparam("record"))
            query = select(*self._columns(p)).where(own, p.c.open != literal_column("0")).order_by(p.c.id)
            self._locking[dialect] = statement_text(query.with_for_update(), dialect)[0]
        one_by_one = [(record.bytes,) for record in sorted(records)]
        return Execution(
            self._locking[dialect], [{"records": sorted(records)}] if dialect == "postgresql" else one_by_one
        )

    def fulfilments(self, record: UUID, dialect: Dialect) -> Select[Any]:
        """What a record has taken off planned movements, beside the planned movement: two rows of columns in one."""
        p = self._tables.planned
        root = p.alias()
        return (
            select(*self._columns(p), *self._columns(root))
            .join_from(p, root, root.c.id == p.c.fulfils)
            .where(p.c.record_id == encode("id", record, dialect), p.c.quantity != 0)
            .order_by(p.c.id)
        )

    def open(self, where: Mapping[int, Any], until: date | None, limit: int, dialect: Dialect) -> Select[Any]:
        """What is open at keys, up to a day, earliest first."""
        p = self._tables.planned
        query = select(*self._columns(p)).where(p.c.open != 0, *key_filters(self._tables, p, where, dialect))
        if until is not None:
            query = query.where(p.c.due <= encode("date", until, dialect))
        return query.order_by(p.c.due, p.c.id).limit(limit)

    def rows(self, rows: Sequence[Sequence[Any]], dialect: Dialect) -> tuple[StoredPlanned, ...]:
        """Rows of `of_record` or `open` → planned movements. Many are for the same keys."""
        keys: dict[tuple[Any, ...], tuple[Any, ...]] = {}
        return tuple(self._stored(row, dialect, keys) for row in rows)

    def pairs(self, rows: Sequence[Sequence[Any]], dialect: Dialect) -> tuple[tuple[StoredPlanned, StoredPlanned], ...]:
        """Rows of `fulfilments` → (entry, planned movement)."""
        return tuple(
            (self._stored(row[: len(row) // 2], dialect, {}), self._stored(row[len(row) // 2 :], dialect, {}))
            for row in rows
        )

    def _columns(self, p: Any) -> list[Any]:
        names = ("id", "form", "record_id", "line_id", "posting", "due", "quantity", "open", "fulfils")
        return [*(p.c[n] for n in names), *(p.c[k] for k in self._tables.keys)]

    def _stored(
        self, row: Sequence[Any], dialect: Dialect, keys: dict[tuple[Any, ...], tuple[Any, ...]]
    ) -> StoredPlanned:
        raw = tuple(row[9:])
        if raw not in keys:
            keys[raw] = decoded_key(self._register, raw, self._register.grains[0], dialect)
        return StoredPlanned(
            self._register.name,
            decode("id", row[0], dialect),
            row[1],
            decode("id", row[2], dialect),
            decode("id", row[3], dialect),
            row[4],
            keys[raw],
            decode("date", row[5], dialect),
            row[6],
            row[7],
            decode("id", row[8], dialect),
        )

    def forecast(self, wanted: ForecastRequest, dialect: Dialect) -> Select[Any]:
        """(key, day, coming, going, balance, promise) of every day on which something is expected, today first, by key and day."""
        keys = [self._tables.keys[at] for at in wanted.by]
        days = self._days(wanted, dialect)
        by = [days.c[k] for k in keys]
        change = days.c.held + days.c.coming - days.c.going
        balance = func.sum(change).over(partition_by=by or None, order_by=days.c.day)
        running = select(*by, days.c.day, days.c.coming, days.c.going, balance.label("balance")).subquery()
        own = [running.c[k] for k in keys]
        least = func.min(running.c.balance).over(
            partition_by=own or None, order_by=running.c.day.desc(), rows=(None, 0)
        )
        promised = select(
            *own, running.c.day, running.c.coming, running.c.going, running.c.balance, least.label("promise")
        ).subquery()
        columns = [promised.c[k] for k in keys]
        order = [*columns, promised.c.day]
        query = select(promised).order_by(*order)
        if wanted.until is not None:
            query = query.where(promised.c.day <= self._day(wanted.until, dialect))
        if wanted.after is not None:
            key, day = wanted.after
            start = [
                literal(encode(self._register.dimensions[at].storage, part, dialect), column.type)
                for at, part, column in zip(wanted.by, key, columns, strict=True)
            ]
            query = query.where(tuple_(*order) > tuple_(*start, self._day(day, dialect)))
        return query.limit(wanted.limit + 1)

    def _day(self, day: date, dialect: Dialect) -> ColumnElement[Any]:
        return literal(encode("date", day, dialect), column_type("date"))

    def _days(self, wanted: ForecastRequest, dialect: Dialect) -> Any:
        """What is held now, and what comes and goes on each day, of each key."""
        assert self._register.planned is not None
        amount = self._tables.amounts[self._register.measure_index(self._register.planned)]
        keys = [self._tables.keys[at] for at in wanted.by]
        needed = {*wanted.by, *wanted.where}
        b, p = self._tables.smallest_balance(needed), self._tables.planned
        today = self._day(wanted.today, dialect)
        held = select(
            *(b.c[k] for k in keys),
            today.label("day"),
            b.c[amount].label("held"),
            literal(0).label("coming"),
            literal(0).label("going"),
        ).where(b.c[amount] != 0, *key_filters(self._tables, b, wanted.where, dialect))
        expected = select(
            *(p.c[k] for k in keys),
            case((p.c.due < today, today), else_=p.c.due).label("day"),
            literal(0).label("held"),
            case((p.c.open > 0, p.c.open), else_=0).label("coming"),
            case((p.c.open < 0, -p.c.open), else_=0).label("going"),
        ).where(p.c.open != 0, *key_filters(self._tables, p, wanted.where, dialect))
        both = union_all(held, expected).subquery()
        groups = [*(both.c[k] for k in keys), both.c.day]
        sums = [func.sum(both.c[name]).label(name) for name in ("held", "coming", "going")]
        return select(*groups, *sums).group_by(*groups).subquery()

    def forecast_rows(self, rows: Sequence[Sequence[Any]], by: tuple[int, ...], dialect: Dialect) -> list[ForecastRow]:
        """Rows of `forecast` → days."""
        width = len(by)
        return [
            ForecastRow(
                decoded_key(self._register, row[:width], by, dialect),
                decode("date", row[width], dialect),
                *(int(n) for n in row[width + 1 :]),
            )
            for row in rows
        ]
