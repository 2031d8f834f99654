"""Reading reservations: those of a record, at keys, those that may be taken from, and those that have expired. Statements and decoding only."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from engine.facts import StoredReservation
from engine.registers.key_statements import decoded_key, key_filters
from engine.registers.tables import RegisterTables
from engine.rules.columns import Dialect, decode, encode

_COLUMNS = (
    "id",
    "form",
    "record_id",
    "line_id",
    "quantity",
    "open",
    "priority",
    "created_at",
    "expires_at",
)


class ReservationReader:
    """Reads the pending reservations of one register."""

    def __init__(self, tables: RegisterTables) -> None:
        self._tables = tables
        self._register = tables.register

    def of_records(self, records: Collection[UUID], dialect: Dialect) -> Select[Any]:
        """Those of some records, oldest first."""
        v = self._tables.reservations
        return self._open().where(v.c.record_id.in_([encode("id", r, dialect) for r in records])).order_by(v.c.id)

    def by_id(self, id: UUID, dialect: Dialect) -> Select[Any]:
        """One of them."""
        return self._open().where(self._tables.reservations.c.id == encode("id", id, dialect))

    def sum_for(self, record: UUID, line: UUID | None, dialect: Dialect) -> Select[Any]:
        """What a line of a record has pending, and what was delivered on it."""
        v = self._tables.reservations
        own = v.c.line_id.is_(None) if line is None else v.c.line_id == encode("id", line, dialect)
        return select(func.sum(v.c.posted + v.c.open)).where(v.c.record_id == encode("id", record, dialect), own)

    def at(
        self, where: Mapping[int, Any], record: UUID | None, after: UUID | None, limit: int, dialect: Dialect
    ) -> Select[Any]:
        """Those at keys that agree with `where` ({position: value}), of a `record` if one is named, oldest first."""
        v = self._tables.reservations
        query = self._open().where(*key_filters(self._tables, v, where, dialect))
        if record is not None:
            query = query.where(v.c.record_id == encode("id", record, dialect))
        if after is not None:
            query = query.where(v.c.id > encode("id", after, dialect))
        return query.order_by(v.c.id).limit(limit + 1)

    def holding(self, where: Mapping[int, Any], limit: int, dialect: Dialect) -> Select[Any]:
        """Those at keys that agree with `where`, the largest first."""
        v = self._tables.reservations
        at = key_filters(self._tables, v, where, dialect)
        return self._open().where(*at).order_by(v.c.open.desc(), v.c.id).limit(limit)

    def below(self, where: Mapping[int, Any], priority: int, record: UUID, limit: int, dialect: Dialect) -> Select[Any]:
        """Those of other records and a lower priority, the lowest first, of those the youngest first."""
        v = self._tables.reservations
        return (
            self._open()
            .where(*key_filters(self._tables, v, where, dialect), v.c.priority < priority)
            .where(v.c.record_id != encode("id", record, dialect))
            .order_by(v.c.priority, v.c.created_at.desc(), v.c.id.desc())
            .limit(limit)
        )

    def expired(self, moment: int, limit: int) -> Select[Any]:
        """Those that were to end by `moment`, earliest first."""
        v = self._tables.reservations
        ended = v.c.expires_at.is_not(None), v.c.expires_at <= moment
        return self._open().where(*ended).order_by(v.c.expires_at, v.c.id).limit(limit)

    def _open(self) -> Select[Any]:
        v = self._tables.reservations
        return select(*(v.c[name] for name in (*_COLUMNS, *self._tables.keys))).where(v.c.open > 0)

    def rows(self, rows: Sequence[Sequence[Any]], dialect: Dialect) -> tuple[StoredReservation, ...]:
        """Rows of the statements above → reservations."""
        full = tuple(range(len(self._tables.keys)))
        return tuple(
            StoredReservation(
                self._register.name,
                decode("id", id, dialect),
                form,
                decode("id", record, dialect),
                decode("id", line, dialect),
                decoded_key(self._register, key, full, dialect),
                quantity,
                open_,
                priority,
                created,
                expires,
            )
            for id, form, record, line, quantity, open_, priority, created, expires, *key in rows
        )
