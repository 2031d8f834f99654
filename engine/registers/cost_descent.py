"""What is asked of costs when somebody wants to know why, or whether all is right: pools, what took from what, what came of what."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, bindparam, func, literal_column, or_, select

from engine.registers.cost_store import CostStore, Pool, id_text, read_event, read_json, read_result
from engine.registers.costing import CostRules, CostState, Event, Inputs, Valued, from_json
from engine.registers.key_statements import decoded_key, key_row
from engine.rules.columns import decode, encode
from engine.statements import Ask, Stream

ENTRIES_AT_ONCE: Final = 200
"""Entries named in one statement."""


StoredEvent = tuple[Pool, Event, CostRules, Inputs | None, str]
"""An event of a pool, and its result as it is kept."""


class CostDescent(CostStore):
    """Reads what explains costs."""

    def read(self, ask: Ask, pool: Pool) -> tuple[CostState, bool] | None:
        """(state, does it wait to be valued again) of a pool, or None when nothing has happened there."""
        c = self.costs.pools

        def query() -> Select[Any]:
            return select(c.c.state, c.c.dirty_day).where(*self._at(c))

        rows = ask(self._query("read", query, self._pool_row(pool)))
        return (from_json(json.loads(rows[0][0])), rows[0][1] is not None) if rows else None

    def descent(
        self, ask: Ask, by: tuple[int, ...], key: tuple[Any, ...], *, down: bool
    ) -> list[tuple[tuple[Any, ...], int]]:
        """(other key, quantity taken) of what came of a key (`down`), or what it came from, by some dimensions; not of itself."""
        m, x = self._tables.movements, self.costs.edges
        source, target = m.alias(), m.alias()
        here, there = (source, target) if down else (target, source)
        columns = [self._tables.keys[at] for at in by]
        own = [here.c[k] == bindparam(k, type_=here.c[k].type) for k in columns]
        others = [there.c[k] for k in columns]
        undone = m.alias()
        stands = ~select(literal_column("1")).where(undone.c.reverses == target.c.id).exists()
        elsewhere = or_(*(there.c[k] != here.c[k] for k in columns))

        def query() -> Select[Any]:
            return (
                select(*others, func.sum(x.c.quantity))
                .select_from(x.join(source, source.c.entry == x.c.source).join(target, target.c.entry == x.c.target))
                .where(*own, elsewhere, target.c.reverses.is_(None), stands)
                .group_by(*others)
                .order_by(*others)
            )

        given = key_row(self._tables, by, key, self._dialect)
        rows = ask(self._query(f"descent {by} {down}", query, given))
        return [(decoded_key(self._tables.register, row[:-1], by, self._dialect), int(row[-1])) for row in rows]

    def edges(self, ask: Ask, entry: UUID, *, down: bool) -> list[tuple[UUID, int, str]]:
        """(other entry, quantity, kind) of what took from a movement (`down`), or of what it took from."""
        x = self.costs.edges
        own, other = (x.c.source, x.c.target) if down else (x.c.target, x.c.source)

        def query() -> Select[Any]:
            return (
                select(other, x.c.quantity, x.c.kind).where(own == bindparam("entry", type_=own.type)).order_by(other)
            )

        given = {"entry": encode("id", entry, self._dialect)}
        rows = ask(self._query("edges down" if down else "edges up", query, given))
        return [(decode("id", row[0], self._dialect), row[1], row[2]) for row in rows]

    def all_pools(self, stream: Stream) -> Iterator[tuple[Pool, CostState, bool]]:
        """(pool, state, is it dirty) of every pool."""
        c = self.costs.pools
        keys = [c.c[k] for k in self.costs.keys]

        def query() -> Select[Any]:
            return select(*keys, c.c.state, c.c.dirty_day).where(c.c.day > literal_column("0")).order_by(*keys)

        for row in stream(self._query("all_pools", query, {})):
            yield self._pool(row[: len(keys)]), from_json(read_json(row[-2])), row[-1] is not None

    def all_events(self, stream: Stream) -> Iterator[StoredEvent]:
        """The events of every pool, in the order of `all_pools` and of their places."""
        w = self.costs.worths

        def query() -> Select[Any]:
            return select(*self._worth_columns()).order_by(*(w.c[k] for k in self.costs.keys), w.c.day, w.c.seq)

        cells: Sequence[Any] | None = None
        pool: Pool = ()
        for row in stream(self._query("all_events", query, {})):
            if row[6:] != cells:
                cells = row[6:]
                pool = self._pool(cells)
            event, rules, inputs = read_event(id_text(row[0]), row[1], row[3], row[4], self.unit)
            yield pool, event, rules, inputs, row[5]

    def results(self, ask: Ask, entries: Sequence[str]) -> dict[str, Valued]:
        """What movements came to, by their entry."""
        w, found = self.costs.worths, dict[str, Valued]()
        names = [f"e{at}" for at in range(ENTRIES_AT_ONCE)]  # one text for all

        def query() -> Select[Any]:
            return select(w.c.entry, w.c.result).where(
                w.c.entry.in_([bindparam(n, type_=w.c.entry.type) for n in names])
            )

        for start in range(0, len(entries), ENTRIES_AT_ONCE):
            some = [encode("id", UUID(entry), self._dialect) for entry in entries[start : start + ENTRIES_AT_ONCE]]
            some += some[-1:] * (ENTRIES_AT_ONCE - len(some))
            for cell, result in ask(self._query("results", query, dict(zip(names, some, strict=True)))):
                entry = id_text(cell)
                found[entry] = read_result(entry, result)
        return found

    def wide(self, cells: Sequence[Any]) -> Pool:
        """The dimensions of a pool but the lot, from columns."""
        return decoded_key(self._tables.register, cells, self.costs.valuation.of, self._dialect)
