"""Reading registers: balances now by any dimensions, movements, reservations. Statements and decoding only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, literal, or_, select, tuple_

from engine.facts import StoredMovement
from engine.registers.cost_store import CostStore
from engine.registers.key_statements import decoded_key, key_filters
from engine.registers.tables import RegisterTables
from engine.rules.columns import Dialect, decode, encode


@dataclass(frozen=True, slots=True)
class BalanceRequest:
    """Balances now `by` dimensions (positions), for the key parts in `where` ({position: value}); `after` is the key the page before
    ended with. Keys whose measures are all zero are left out; `hidden` is a measure that is not told and not looked at."""

    by: tuple[int, ...]
    where: Mapping[int, Any]
    after: tuple[Any, ...] | None
    limit: int
    hidden: int | None = None


class RegisterReader:
    """Reads one register."""

    def __init__(self, tables: RegisterTables) -> None:
        self._tables = tables
        self._register = tables.register
        self._costs: dict[Dialect, CostStore] = {}

    def costs(self, dialect: Dialect) -> CostStore:
        """Reads the costs of a valued register, with statements that are made once."""
        if dialect not in self._costs:
            self._costs[dialect] = CostStore(self._tables, dialect)
        return self._costs[dialect]

    def balances(self, wanted: BalanceRequest, dialect: Dialect) -> Select[Any]:
        """Rows of the `by` keys and the sums of all measures, in key order."""
        source = self._tables.smallest_balance({*wanted.by, *wanted.where})
        keys = [source.c[self._tables.keys[at]] for at in wanted.by]
        sums = [
            literal(0) if at == wanted.hidden else func.sum(source.c[name])
            for at, name in enumerate(self._tables.amounts)
        ]
        query = select(*keys, *sums).where(*key_filters(self._tables, source, wanted.where, dialect))
        if keys:
            query = (
                query.group_by(*keys)
                .having(or_(*(s != 0 for at, s in enumerate(sums) if at != wanted.hidden)))
                .order_by(*keys)
            )
        if wanted.after is not None and keys:
            start = [
                encode(self._register.dimensions[at].storage, part, dialect)
                for at, part in zip(wanted.by, wanted.after, strict=True)
            ]
            query = query.where(tuple_(*keys) > tuple_(*(literal(s, k.type) for s, k in zip(start, keys, strict=True))))
        return query.limit(wanted.limit + 1)

    def balance_rows(
        self, rows: Sequence[Sequence[Any]], by: tuple[int, ...], dialect: Dialect
    ) -> list[tuple[tuple[Any, ...], tuple[int, ...]]]:
        """Rows of `balances` → (key, amounts)."""
        return [
            (decoded_key(self._register, row[: len(by)], by, dialect), tuple(int(a or 0) for a in row[len(by) :]))
            for row in rows
        ]

    def movements(self, where: Mapping[int, Any], after: int | None, limit: int, dialect: Dialect) -> Select[Any]:
        """Movements, newest first."""
        m = self._tables.movements
        query = select(*self._movement_columns()).where(*key_filters(self._tables, m, where, dialect))
        if after is not None:
            query = query.where(m.c.id < after)
        return query.order_by(m.c.id.desc()).limit(limit + 1)

    def movements_by_day(
        self,
        where: Mapping[int, Any],
        until: tuple[int, int | None] | None,
        after: tuple[int, int] | None,
        limit: int,
        dialect: Dialect,
    ) -> Select[Any]:
        """Movements in the order of the business, last first: those of the days up to `until` (a day as an ordinal, and an instant in
        microseconds, if it is not all of that day). `after` is the (day, id) that the page before ended with."""
        m = self._tables.movements
        query = select(*self._movement_columns()).where(*key_filters(self._tables, m, where, dialect))
        if until is not None:
            query = query.where(m.c.day <= until[0] if until[1] is None else m.c.effective <= until[1])
        if after is not None:
            query = query.where(or_(m.c.day < after[0], and_(m.c.day == after[0], m.c.id < after[1])))
        return query.order_by(m.c.day.desc(), m.c.id.desc()).limit(limit + 1)

    def by_entries(self, entries: Sequence[UUID], dialect: Dialect) -> Select[Any]:
        """Movements of a valued register by their entries."""
        m = self._tables.movements
        wanted = [encode("id", entry, dialect) for entry in entries]
        return select(*self._movement_columns()).where(m.c.entry.in_(wanted)).order_by(m.c.id)

    def by_id(self, id: int) -> Select[Any]:
        """One movement."""
        m = self._tables.movements
        return select(*self._movement_columns()).where(m.c.id == id)

    def corrections(self, entry: UUID, dialect: Dialect) -> Select[Any]:
        """The movements of value alone that belong to another."""
        m = self._tables.movements
        return select(*self._movement_columns()).where(m.c.corrects == encode("id", entry, dialect)).order_by(m.c.id)

    def by_posting(self, where: Mapping[int, Any], dialect: Dialect) -> Select[Any]:
        """(form, posting, how many movements, sums of the measures) behind a balance."""
        m = self._tables.movements
        sums = [func.sum(m.c[a]) for a in self._tables.amounts]
        query = select(m.c.form, m.c.posting, func.count(), *sums).where(*key_filters(self._tables, m, where, dialect))
        return query.group_by(m.c.form, m.c.posting).order_by(m.c.form, m.c.posting)

    def movements_of(self, record: UUID, dialect: Dialect) -> Select[Any]:
        """What a record has posted, in order."""
        m = self._tables.movements
        return select(*self._movement_columns()).where(m.c.record_id == encode("id", record, dialect)).order_by(m.c.id)

    def _movement_columns(self) -> list[Any]:
        m = self._tables.movements
        names = (
            "id",
            "form",
            "record_id",
            "line_id",
            "posting",
            "effective",
            "reverses",
            "reservation",
            "posted_at",
            "sets",
        )
        columns = [*names, *self._tables.keys, *self._tables.amounts]
        if self._tables.costs is not None:
            columns += ["entry", "corrects", "reason"]
        return [m.c[n] for n in columns]

    def waiting(self) -> Select[Any] | None:
        """How many pools wait to be valued again; None where nothing is valued."""
        if self._tables.costs is None:
            return None
        c = self._tables.costs.pools
        return select(func.count()).select_from(c).where(c.c.dirty_day.is_not(None))

    def movement_rows(self, rows: Sequence[Sequence[Any]], dialect: Dialect) -> list[tuple[StoredMovement, int]]:
        """Rows of `movements` → (movement, posted at)."""
        width, count = len(self._tables.keys), len(self._tables.amounts)
        full = tuple(range(width))
        return [
            (
                StoredMovement(
                    self._register.name,
                    row[0],
                    row[1],
                    decode("id", row[2], dialect),
                    decode("id", row[3], dialect),
                    row[4],
                    decoded_key(self._register, row[10 : 10 + width], full, dialect),
                    tuple(row[10 + width : 10 + width + count]),
                    row[5],
                    row[6],
                    decode("id", row[7], dialect),
                    row[9] is not None,
                    *_costed(row[10 + width + count :], dialect),
                ),
                row[8],
            )
            for row in rows
        ]


def _costed(cells: Sequence[Any], dialect: Dialect) -> tuple[UUID | None, UUID | None, str]:
    """What a movement of a valued register says of itself: entry, the entry it corrects, and why."""
    if not cells:
        return None, None, ""
    return decode("id", cells[0], dialect), decode("id", cells[1], dialect), cells[2] or ""
