"""Costs of a register in the store: pools, worths and edges read and written under the locks of a posting. Statements and their decoding; the
arithmetic is in `costing`, the order of steps in `cost_writing`.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, Select, bindparam, insert, literal_column, select, tuple_, update

from engine.registers.cost_tables import CostTables
from engine.registers.costing import (
    EMPTY,
    CostRules,
    CostState,
    Event,
    Inputs,
    Interval,
    Layer,
    Method,
    Share,
    Valued,
    from_json,
    to_json,
)
from engine.registers.key_statements import decoded_key
from engine.registers.tables import RegisterTables
from engine.rules.columns import Dialect, decode, encode, rows_for, statement_text
from engine.statements import Ask, Execution

Pool = tuple[Any, ...]
Position = tuple[int, int]
"""(day, sequence)."""


@dataclass(frozen=True, slots=True)
class StoredPool:
    """A pool as it stands: its state after the last event, on `day`; `dirty` from where on it must be worked out again."""

    state: CostState
    day: int
    dirty: Position | None


@dataclass(frozen=True, slots=True)
class Worth:
    """A movement's row: what it brings, and what it came to."""

    pool: Pool
    position: Position
    event: Event
    rules: CostRules
    inputs: Inputs | None
    valued: Valued


class CostStore:
    """Reads and writes the cost tables of one register in one dialect."""

    def __init__(self, tables: RegisterTables, dialect: Dialect) -> None:
        assert tables.costs is not None
        self._tables = tables
        self.costs: CostTables = tables.costs
        self._dialect: Dialect = dialect
        self._texts: dict[str, tuple[str, tuple[str, ...]]] = {}
        self.unit = tables.register.measures[self.costs.valuation.value].unit

    # pools

    def locked(self, ask: Ask, pools: Iterable[Pool]) -> dict[Pool, StoredPool]:
        """Pools with their rows locked, made where there are none; ask for them in sorted order."""
        found: dict[Pool, StoredPool] = {}
        for pool in pools:
            empty = {**self._pool_row(pool), "state": json.dumps(to_json(EMPTY)), "day": 0}
            rows = ask(self._made("lock", [empty]))
            state, day, dirty_day, dirty_seq = rows[0]
            dirty = None if dirty_day is None else (dirty_day, dirty_seq)
            found[pool] = StoredPool(from_json(read_json(state)), day, dirty)
        return found

    def dirty(self, ask: Ask, limit: int) -> dict[Pool, Position]:
        """The dirty pools, and from where on."""
        c = self.costs.pools
        keys = [c.c[k] for k in self.costs.keys]

        def query() -> Select[Any]:
            return select(*keys, c.c.dirty_day, c.c.dirty_seq).where(c.c.dirty_day.is_not(None)).order_by(*keys)

        rows = ask(self._query("dirty", query, {}, limit))
        width = len(keys)
        return {self._pool(row[:width]): (row[width], row[width + 1]) for row in rows}

    def keep_pool(self, pool: Pool, found: StoredPool) -> Execution:
        """Writes a pool's row."""
        day, seq = found.dirty or (None, None)
        row = {f"k_{name}": cell for name, cell in self._pool_row(pool).items()}
        row |= {"v_state": _encode(to_json(found.state)), "v_day": found.day}
        return self._made("keep", [row | {"v_dirty_day": day, "v_dirty_seq": seq}])

    def keep_months(self, states: Mapping[tuple[Pool, int], CostState]) -> list[Execution]:
        """Writes what was known at the beginning of months."""
        rows = [
            {**self._pool_row(pool), "month": month, "state": _encode(to_json(state))}
            for (pool, month), state in sorted(states.items(), key=str)
        ]
        return [self._made("month", rows)] if rows else []

    def month_state(self, ask: Ask, pool: Pool, month: int) -> tuple[int, CostState]:
        """The latest state known at the beginning of a month up to this one, and that month; (0, EMPTY) if none is."""
        s = self.costs.months

        def query() -> Select[Any]:
            return (
                select(s.c.month, s.c.state)
                .where(*self._at(s), s.c.month <= bindparam("month"))
                .order_by(s.c.month.desc())
            )

        rows = ask(self._query("month_state", query, {**self._pool_row(pool), "month": month}, 1))
        return (rows[0][0], from_json(read_json(rows[0][1]))) if rows else (0, EMPTY)

    # worths

    def worths(self, ask: Ask, pool: Pool, since: Position, limit: int) -> list[Worth]:
        """The events of a pool from a place on, in order."""
        w = self.costs.worths

        def query() -> Select[Any]:
            since = tuple_(bindparam("day", type_=BigInteger), bindparam("seq", type_=BigInteger))
            place = tuple_(w.c.day, w.c.seq) >= since
            return select(*self._worth_columns()).where(*self._at(w), place).order_by(w.c.day, w.c.seq)

        given = {**self._pool_row(pool), "day": since[0], "seq": since[1]}
        rows = ask(self._query("worths", query, given, limit))
        return [self._worth(row) for row in rows]

    def worth(self, ask: Ask, entry: UUID) -> Worth:
        """What a movement is worth."""
        w = self.costs.worths

        def query() -> Select[Any]:
            return select(*self._worth_columns()).where(w.c.entry == bindparam("entry", type_=w.c.entry.type))

        rows = ask(self._query("worth", query, {"entry": encode("id", entry, self._dialect)}))
        return self._worth(rows[0])

    def dependents(self, ask: Ask, entry: UUID) -> list[tuple[Pool, Position]]:
        """Where the movements lie that took their value from this one."""
        w, x = self.costs.worths, self.costs.edges
        keys = [w.c[k] for k in self.costs.keys]

        def query() -> Select[Any]:
            return (
                select(*keys, w.c.day, w.c.seq)
                .join_from(x, w, w.c.entry == x.c.target)
                .where(x.c.source == bindparam("entry", type_=x.c.source.type))
                .order_by(w.c.day, w.c.seq)
            )

        rows = ask(self._query("dependents", query, {"entry": encode("id", entry, self._dialect)}))
        return [(self._pool(row[:-2]), (row[-2], row[-1])) for row in rows]

    def returned(self, ask: Ask, entry: UUID) -> tuple[Interval, ...]:
        """What of the quantity that a movement took has come back and stands."""
        m, x = self._tables.movements, self.costs.edges

        def query() -> Select[Any]:
            target, undone = m.alias(), m.alias()
            stands = ~select(literal_column("1")).where(undone.c.reverses == target.c.id).exists()
            return (
                select(x.c.start, x.c.start + x.c.quantity)
                .join_from(x, target, target.c.entry == x.c.target)
                .where(
                    x.c.source == bindparam("entry", type_=x.c.source.type),
                    x.c.kind == literal_column("'back'"),
                    stands,
                )
                .order_by(x.c.start)
            )

        rows = ask(self._query("returned", query, {"entry": encode("id", entry, self._dialect)}))
        return tuple((row[0], row[1]) for row in rows)

    def new_worths(self, worths: Sequence[tuple[UUID, Pool, int, str, str]]) -> list[Execution]:
        """Rows of (entry, pool, quantity, event, result), each at the place where its movement was just written."""
        rows = [
            {
                **self._pool_row(pool),
                "entry": encode("id", entry, self._dialect),
                "quantity": quantity,
                "event": event,
                "result": result,
            }
            for entry, pool, quantity, event, result in worths
        ]
        return [self._made("worth_new", rows)] if rows else []

    def keep_results(self, results: Mapping[UUID, str]) -> list[Execution]:
        """Rows whose result is another now."""
        rows = [
            {"k_entry": encode("id", entry, self._dialect), "v_result": text} for entry, text in sorted(results.items())
        ]
        return [self._made("result", rows)] if rows else []

    def keep_event(self, entry: UUID, event: str, quantity: int) -> Execution:
        """What a movement brings is another now."""
        row = {"k_entry": encode("id", entry, self._dialect), "v_event": event, "v_quantity": quantity}
        return self._made("event", [row])

    def new_edges(self, target: UUID, edges: Sequence[tuple[UUID, int, int, str]]) -> list[Execution]:
        """What a movement took from others: (source, from where on, quantity of it, kind)."""
        rows = [
            {
                "source": encode("id", source, self._dialect),
                "target": encode("id", target, self._dialect),
                "start": start,
                "quantity": quantity,
                "kind": kind,
            }
            for source, start, quantity, kind in edges
        ]
        return [self._made("edge", rows)] if rows else []

    def places(self, ask: Ask, entries: Sequence[UUID]) -> dict[UUID, tuple[Any, ...]]:
        """(full key, effective, form, record, line, posting) of movements by their entry."""
        m = self._tables.movements
        columns = ("entry", "effective", "form", "record_id", "line_id", "posting", *self._tables.keys)

        def query() -> Select[Any]:
            return select(*(m.c[n] for n in columns)).where(m.c.entry == bindparam("entry", type_=m.c.entry.type))

        found: dict[UUID, tuple[Any, ...]] = {}
        for entry in entries:
            row = ask(self._query("place", query, {"entry": encode("id", entry, self._dialect)}))[0]
            key = decoded_key(self._tables.register, row[6:], self._tables.register.grains[0], self._dialect)
            record, line = decode("id", row[3], self._dialect), decode("id", row[4], self._dialect)
            found[entry] = (key, row[1], row[2], record, line, row[5])
        return found

    # rows and texts

    def _pool_row(self, pool: Pool) -> dict[str, Any]:
        dimensions = self._tables.register.dimensions
        return {
            name: encode(dimensions[at].storage, part, self._dialect)
            for name, at, part in zip(self.costs.keys, self.costs.pool, pool, strict=True)
        }

    def _pool(self, cells: Sequence[Any]) -> Pool:
        return decoded_key(self._tables.register, cells, self.costs.pool, self._dialect)

    def _at(self, table: Any) -> list[Any]:
        return [table.c[k] == bindparam(k, type_=table.c[k].type) for k in self.costs.keys]

    def _worth_columns(self) -> list[Any]:
        w = self.costs.worths
        return [w.c[n] for n in ("entry", "day", "seq", "quantity", "event", "result", *self.costs.keys)]

    def _worth(self, row: Sequence[Any]) -> Worth:
        entry = decode("id", row[0], self._dialect)
        event, rules, inputs = read_event(str(entry), row[1], row[3], row[4], self.unit)
        valued = read_result(str(entry), row[5])
        return Worth(self._pool(row[6:]), (row[1], row[2]), event, rules, inputs, valued)

    def _query(
        self, name: str, query: Callable[[], Select[Any]], given: Mapping[str, Any], limit: int = 0
    ) -> Execution:
        if name not in self._texts:
            self._texts[name] = statement_text(query(), self._dialect)
        sql, order = self._texts[name]
        if limit:
            sql = f"{sql} LIMIT {limit}"
        return Execution(sql, rows_for(self._dialect, order, [given]))

    def _made(self, name: str, rows: Sequence[Mapping[str, Any]]) -> Execution:
        if name not in self._texts:
            self._texts[name] = self._text(name)
        sql, order = self._texts[name]
        return Execution(sql, rows_for(self._dialect, order, rows))

    def _text(self, name: str) -> tuple[str, tuple[str, ...]]:
        costs, keys = self.costs, ", ".join(self.costs.keys)
        if name in ("lock", "month"):
            table = costs.pools if name == "lock" else costs.months
            columns = [*costs.keys, *(("state", "day") if name == "lock" else ("month", "state"))]
            marks = "?" if self._dialect == "sqlite" else "%({})s"
            values = ", ".join(marks.format(c) for c in columns)
            change = (
                "day = c.day RETURNING state, day, dirty_day, dirty_seq" if name == "lock" else "state = excluded.state"
            )
            unique = keys if name == "lock" else f"{keys}, month"
            return (
                f"INSERT INTO {table.name} AS c ({', '.join(columns)}) VALUES ({values}) "
                f"ON CONFLICT ({unique}) DO UPDATE SET {change}"
            ), tuple(columns)
        return statement_text(self._statement(name), self._dialect)

    def _statement(self, name: str) -> Any:
        costs, w = self.costs, self.costs.worths
        if name == "keep":
            own = [costs.pools.c[k] == bindparam(f"k_{k}", type_=costs.pools.c[k].type) for k in costs.keys]
            names = ("state", "day", "dirty_day", "dirty_seq")
            return update(costs.pools).where(*own).values({n: bindparam(f"v_{n}") for n in names})
        if name == "edge":
            return insert(costs.edges)
        if name in ("result", "event"):
            kept = ("event", "quantity") if name == "event" else ("result",)
            return update(w).where(w.c.entry == bindparam("k_entry")).values({n: bindparam(f"v_{n}") for n in kept})
        assert name == "worth_new"
        m = self._tables.movements
        given = {n: bindparam(n, type_=w.c[n].type) for n in ("entry", *costs.keys, "quantity", "event", "result")}
        placed = {**given, "day": m.c.day, "seq": m.c.id}
        columns = [c.name for c in w.columns]
        return insert(w).from_select(columns, select(*(placed[c] for c in columns)).where(m.c.entry == given["entry"]))


_encode: Final = json.JSONEncoder(separators=(",", ":")).encode
_decode: Final = json.JSONDecoder().raw_decode


def read_json(text: str) -> Any:
    """What is kept as JSON, without the looking for blanks around it: there are millions to read in an audit."""
    return _decode(text)[0]


def id_text(cell: Any) -> str:
    """An id as a column holds it, as text: there are a million to tell in an audit."""
    if not isinstance(cell, bytes):
        return str(cell)
    digits = cell.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def write_event(event: Event, rules: CostRules, inputs: Inputs | None) -> str:
    """What a movement brings, as JSON: [given, counted, layers meant, own, shares, method, standard]."""
    shares = None if inputs is None else [[s.entry, s.kind, s.start, s.stop, s.whole] for s in inputs.shares]
    meant = None if event.layers is None else [[x.day, x.quantity, x.value, x.entry] for x in event.layers]
    parts = [event.given, event.counted, meant, inputs.own if inputs else 0, shares, rules.method, rules.standard]
    return _encode(parts)


def read_event(entry: str, day: int, quantity: int, text: str, unit: int) -> tuple[Event, CostRules, Inputs | None]:
    """What `write_event` wrote."""
    given, counted, meant, own, shares, method, standard = read_json(text)
    layers = None if meant is None else tuple(Layer(*x) for x in meant)
    inputs = None if shares is None else Inputs(own, tuple(Share(*s) for s in shares))
    event = Event(entry, day, quantity, given, layers, counted)
    return event, _rules(method, tuple(standard) if standard else None, unit), inputs


@lru_cache(maxsize=1024)
def _rules(method: Method, standard: tuple[int, int] | None, unit: int) -> CostRules:
    return CostRules(method, standard, unit)


def write_result(valued: Valued) -> str:
    """What a movement came to, as JSON: [value, extras, pieces taken]."""
    if not valued.extra and not valued.taken:
        return f"[{valued.value},[],[]]"
    taken = [[x.day, x.quantity, x.value, x.entry] for x in valued.taken]
    return _encode([valued.value, list(valued.extra), taken])


def read_result(entry: str, text: str) -> Valued:
    """What `write_result` wrote."""
    value, extra, taken = read_json(text)
    return Valued(entry, value, tuple(Layer(*x) for x in taken), tuple((r, v) for r, v in extra))
