"""Reading what remains of a valued register: the layers of its pools with their age, and which balances are sums of whole pools, so that
their value is right. Statements and decoding only.
"""

import json
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, and_, literal, or_, select, tuple_

from engine.registers.costing import CostState, from_json
from engine.registers.definition import Register
from engine.registers.key_statements import decoded_key
from engine.registers.tables import RegisterTables
from engine.registers.turnover_reading import KeyPage
from engine.rules.columns import Dialect, decode, encode

_FILLED: Final[tuple[Callable[[Any], Any], ...]] = (
    lambda state: state.not_like("%[]]"),  # there are layers
    lambda state: state.like('["%",-%') | state.like('["%", -%'),  # its quantity is below zero
)
"""What the state of a pool with anything in it looks like (its JSON ends with the layers, and its quantity follows the method)."""


@dataclass(frozen=True, slots=True)
class PoolRow:
    """A pool as it stands: its key by the `by` dimensions asked for, and whether some of it waits to be valued again."""

    key: tuple[Any, ...]
    state: CostState
    waits: bool


@dataclass(frozen=True, slots=True)
class Aged:
    """Pools together, in scaled units: what is there, what it is worth, and both by age: one pair for each limit in days (up to and with
    it), the last for what is older. What is below zero was taken in advance and has no age."""

    key: tuple[Any, ...]
    quantity: int
    value: int
    buckets: tuple[tuple[int, int], ...]
    waits: bool


def aged(rows: Sequence[PoolRow], limits: Sequence[int], today: int) -> list[Aged]:
    """Pools in key order → one for each key."""
    by_key: dict[tuple[Any, ...], list[PoolRow]] = {}
    for row in rows:
        by_key.setdefault(row.key, []).append(row)
    found = []
    for key, pools in by_key.items():
        buckets = [[0, 0] for _ in range(len(limits) + 1)]
        for layer in (layer for pool in pools for layer in pool.state.layers):
            bucket = buckets[bisect_left(limits, today - layer.day)]
            bucket[0] += layer.quantity
            bucket[1] += layer.value
        pairs = tuple((b[0], b[1]) for b in buckets)
        quantity, value = sum(p.state.quantity for p in pools), sum(p.state.value for p in pools)
        found.append(Aged(key, quantity, value, pairs, any(p.waits for p in pools)))
    return found


def value_is_split(register: Register, used: Sequence[int]) -> bool:
    """Do some of the dimensions `used` divide pools, so that values by them tell nothing?"""
    return register.valuation is not None and not {*used} <= {*register.valuation.pool}


def value_is_by_lot(register: Register, used: Sequence[int]) -> bool:
    """Do they divide only those pools that are not kept by lot?"""
    v = register.valuation
    return v is not None and v.lot is not None and v.lot in used and v.lot not in v.of


def shows_value(register: Register, factors: Sequence[int]) -> bool:
    """Is the value among the measures that a figure sums?"""
    return register.valuation is not None and factors[register.valuation.value] != 0


class PoolReader:
    """Reads the pools of one valued register."""

    def __init__(self, tables: RegisterTables) -> None:
        assert tables.costs is not None
        self._tables = tables
        self._costs = tables.costs
        self._register = tables.register

    def pools(self, page: KeyPage, dialect: Dialect) -> Select[Any]:
        """The pools with anything in them under the next keys, in key order."""
        c, names = self._costs.pools, self._tables.grain_keys(page.by)
        keys = [c.c[k] for k in names]
        where = [c.c.day > 0, or_(*(test(c.c.state) for test in _FILLED)), *self._filters(page.where, dialect)]
        columns = (*keys, c.c.state, c.c.dirty_day)
        if not names:
            return select(*columns).where(*where)
        query = select(*keys).where(*where).distinct().order_by(*keys).limit(page.keys)
        if page.after is not None:
            start = tuple_(*self._literals(page.by, page.after, dialect))
            query = query.where(tuple_(*keys) >= start if page.again else tuple_(*keys) > start)
        paged = query.cte("page")
        joined = and_(*(c.c[k] == paged.c[k] for k in names))
        rest = [c.c[k] for k in self._costs.keys if k not in names]
        return select(*columns).join_from(paged, c, joined).where(*where).order_by(*keys, *rest)

    def pool_rows(self, rows: Sequence[Sequence[Any]], by: tuple[int, ...], dialect: Dialect) -> list[PoolRow]:
        """Rows of `pools` → pools, in key order."""
        width = len(by)
        return [
            PoolRow(
                decoded_key(self._register, row[:width], by, dialect),
                from_json(json.loads(row[width])),
                row[width + 1] is not None,
            )
            for row in rows
        ]

    def brought(self, entries: Sequence[UUID], dialect: Dialect) -> Select[Any]:
        """(entry, id, form, record, effective) of the movements that brought layers."""
        m = self._tables.movements
        wanted = [encode("id", entry, dialect) for entry in entries]
        return select(m.c.entry, m.c.id, m.c.form, m.c.record_id, m.c.effective).where(m.c.entry.in_(wanted))

    def brought_rows(self, rows: Sequence[Sequence[Any]], dialect: Dialect) -> dict[UUID, tuple[int, str, UUID, int]]:
        """Rows of `brought` → {entry: (movement, form, record, effective)}."""
        return {decode("id", r[0], dialect): (r[1], r[2], decode("id", r[3], dialect), r[4]) for r in rows}

    def unsplit(
        self, by: tuple[int, ...], keys: Sequence[tuple[Any, ...]], where: Mapping[int, Any], dialect: Dialect
    ) -> Select[Any]:
        """Of keys by dimensions without the lot: those that have pools which are not kept by lot. Without dimensions: one row if there are."""
        lot = self._costs.valuation.lot
        assert lot is not None
        c = self._costs.pools
        nothing = encode(self._register.dimensions[lot].storage, self._register.dimensions[lot].nothing, dialect)
        none = c.c[self._tables.keys[lot]] == nothing
        columns = [c.c[k] for k in self._tables.grain_keys(by)]
        query = (
            (select(*columns) if columns else select(literal(1))).where(none, *self._filters(where, dialect)).distinct()
        )
        if not columns:
            return query.limit(1)
        return query.where(tuple_(*columns).in_([self._encoded(by, key, dialect) for key in keys]))

    def unsplit_rows(
        self, rows: Sequence[Sequence[Any]], by: tuple[int, ...], dialect: Dialect
    ) -> frozenset[tuple[Any, ...]]:
        """Rows of `unsplit` → keys."""
        return frozenset(decoded_key(self._register, row[: len(by)], by, dialect) for row in rows)

    def _filters(self, where: Mapping[int, Any], dialect: Dialect) -> list[Any]:
        c = self._costs.pools
        return [
            c.c[self._tables.keys[at]] == encode(self._register.dimensions[at].storage, value, dialect)
            for at, value in where.items()
        ]

    def _encoded(self, by: Sequence[int], key: Sequence[Any], dialect: Dialect) -> tuple[Any, ...]:
        dimensions = self._register.dimensions
        return tuple(encode(dimensions[at].storage, part, dialect) for at, part in zip(by, key, strict=True))

    def _literals(self, by: Sequence[int], key: Sequence[Any], dialect: Dialect) -> list[Any]:
        columns = [self._costs.pools.c[k] for k in self._tables.grain_keys(by)]
        return [literal(part, c.type) for part, c in zip(self._encoded(by, key, dialect), columns, strict=True)]
