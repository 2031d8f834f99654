"""Ledgers filled straight into their tables, for benchmarks of reading and rebuilding: many movements over 36 months, with the balances and
month totals that posting them one by one would have left.
"""

import json
import random
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
from sqlalchemy import func, select
from sqlalchemy.schema import CreateIndex

from engine.actions import Engine, install_pack, open_engine
from engine.clock import FixedClock, moment_at
from engine.problems import Problems
from engine.registers import RegisterTables
from engine.registers.cost_store import write_event, write_result
from engine.registers.costing import (
    EMPTY,
    CostRules,
    CostState,
    Event,
    Inputs,
    Share,
    Valued,
    given_by,
    to_json,
    value,
)
from engine.registers.months import month_of_day
from engine.rules.columns import Dialect, encode, statement_text
from engine.store import Reader
from tests.support.ledger import AT, NOON, ledger_pack

ITEMS, PLACES, MONTHS = 15_000, 10, 36
FIRST = date(2023, 4, 1).toordinal()
DAYS = date(2026, 3, 20).toordinal() - FIRST
MICROSECONDS_A_DAY = 86_400_000_000
_EPOCH = date(1970, 1, 1).toordinal()
SERVER = "postgresql://postgres@127.0.0.1:5432"


def _posting(name: str, add: dict[str, str], **parts: Any) -> dict[str, Any]:
    usual = {
        "name": name,
        "form": "entry",
        "on": "posted",
        "rows": "lines",
        "when": f'kind = "{name}" and amount != null',
        "at": AT,
    }
    return {**usual, "add": add, **parts}


_KEY = [{"name": "item", "form": "item"}, {"name": "place", "form": "place"}]
PLAIN = {
    "register": "plain", "label": {"en": "Plain"}, "dimensions": _KEY, "measures": [{"name": "on_hand"}],
    "constraints": [{"name": "on_hand", "that": "on_hand >= -1000000"}],
    "postings": [_posting("in", {"on_hand": "quantity"}) | {"at": {"item": "item", "place": "place"}}],
}  # fmt: skip
VALUED = {
    "register": "valued", "label": {"en": "Valued"}, "dimensions": _KEY, "measures": [{"name": "on_hand"}, {"name": "value", "type": "money"}],
    "valuation": {"quantity": "on_hand", "value": "value", "of": ["item", "place"], "method": "item.method"},
    "postings": [_posting("buy", {"on_hand": "quantity", "value": "amount"}) | {"at": {"item": "item", "place": "place"}}],
}  # fmt: skip


@contextmanager
def sites(name: str) -> Iterator[Iterator[tuple[str, Engine]]]:
    """(database, engine) on a fresh database of each kind that answers; they are gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        database = f"dougong_{name}_{uuid4().hex[:8]}"
        yield _sites(folder, database)


def _sites(folder: str, database: str) -> Iterator[tuple[str, Engine]]:
    engine = _site(f"sqlite:///{Path(folder) / 'bench.db'}")
    yield "sqlite", engine
    engine.store.close()
    Path(folder, "bench.db").unlink()
    try:
        admin = psycopg.connect(f"{SERVER}/postgres", autocommit=True, connect_timeout=3)
    except psycopg.Error:
        print("postgresql: no server answers on localhost, not measured")
        return
    with admin:
        admin.execute(f'CREATE DATABASE "{database}"')
        try:
            engine = _site(f"{SERVER}/{database}")
            yield "postgresql", engine
            engine.store.close()
        finally:
            admin.execute(f'DROP DATABASE "{database}" WITH (FORCE)')


def _site(url: str) -> Engine:
    engine = open_engine(url, clock=FixedClock(moment_at(NOON)))
    installed = install_pack(engine, ledger_pack(plain=PLAIN, valued=VALUED))
    assert not isinstance(installed, Problems), list(installed)
    return engine


def tables_of(engine: Engine, register: str) -> RegisterTables:
    """The tables of a register."""
    with engine.store.read() as reader:
        release = engine.release(reader)
    assert release is not None
    return release.register_tables[register]


def load_plain(engine: Engine, tables: RegisterTables, count: int) -> tuple[list[UUID], list[UUID]]:
    """`count` movements of the register `plain`, evenly over the months, 1 of 110 of the first item at the first place; returns the ids of
    items and places. Amounts come to about 40 % issues."""
    chance = random.Random(1)
    ids = [UUID(int=chance.getrandbits(128), version=4) for _ in range(ITEMS + PLACES)]
    items, places = ids[:ITEMS], ids[ITEMS:]

    def load(cursor: Any, dialect: Dialect) -> None:
        marks = "?, ?" if dialect == "sqlite" else "%s, %s"
        kind = "blob" if dialect == "sqlite" else "uuid"
        for name, some in (("bench_items", items), ("bench_places", places)):
            cursor.execute(f"CREATE TABLE {name} (n integer PRIMARY KEY, id {kind})")
            rows = [(n, encode("id", id, dialect)) for n, id in enumerate(some)]
            cursor.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)
        with without_indexes(cursor, dialect, tables):
            cursor.execute(_movements(tables, dialect, count))
        sums_of(cursor, dialect, tables)

    engine.store.run(load)
    return items, places


def _movements(tables: RegisterTables, dialect: Dialect, count: int) -> str:
    numbers = f"(WITH RECURSIVE s(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM s WHERE n < {count - 1}) SELECT n FROM s)"
    numbers = numbers if dialect == "sqlite" else f"(SELECT generate_series(0, {count - 1})::bigint AS n)"
    hashed = "((n * 2654435761) % 4294967296)"
    noon = MICROSECONDS_A_DAY // 6  # in the site's zone
    item, place = tables.keys
    fresh = "randomblob(16)" if dialect == "sqlite" else "gen_random_uuid()"
    spread = f"SELECT n, {FIRST} + n * {DAYS} / {count} AS day, CASE WHEN n % 110 = 0 THEN 0 ELSE {hashed} END AS h FROM {numbers} AS s"
    columns = f"day, effective, posted_at, form, record_id, posting, release, {item}, {place}, {tables.amounts[0]}"
    return (
        f"INSERT INTO {tables.movements.name} ({columns}) "
        f"SELECT day, (day - {_EPOCH}) * {MICROSECONDS_A_DAY} + {noon}, (day - {_EPOCH}) * {MICROSECONDS_A_DAY} + {noon}, "
        f"'entry', {fresh}, 'in', 'bench', i.id, p.id, (CASE WHEN x.n % 5 < 2 THEN -1 ELSE 1 END) * (1 + x.n % 9) * 1000000 "
        f"FROM ({spread}) AS x JOIN bench_items i ON i.n = h % {ITEMS} JOIN bench_places p ON p.n = (h / {ITEMS}) % {PLACES}"
    )


@contextmanager
def without_indexes(cursor: Any, dialect: Dialect, tables: RegisterTables) -> Iterator[None]:
    """The movements without their indexes for a while: they are made anew in one go."""
    for index in tables.movements.indexes:
        cursor.execute(f"DROP INDEX {index.name}")
    yield
    for index in tables.movements.indexes:
        cursor.execute(statement_text(CreateIndex(index), dialect)[0])


def sums_of(cursor: Any, dialect: Dialect, tables: RegisterTables) -> None:
    """Balances of every grain and month totals, from the movements."""
    m = tables.movements.name
    for grain, table in zip(tables.register.grains, tables.balances, strict=True):
        keys = ", ".join(tables.grain_keys(grain))
        sums = ", ".join(f"sum({a})" for a in tables.amounts)
        into = f"{keys}, {', '.join(tables.amounts)}, last"
        cursor.execute(f"INSERT INTO {table.name} ({into}) SELECT {keys}, {sums}, max(day) FROM {m} GROUP BY {keys}")
    keys = ", ".join(tables.keys)
    turnover = ", ".join(f"{way}_{a}" for a in tables.amounts for way in ("in", "out"))
    sums = ", ".join(f"sum(CASE WHEN {s}{a} > 0 THEN {s}{a} ELSE 0 END)" for a in tables.amounts for s in ("", "-"))
    cursor.execute("CREATE TABLE bench_days (day bigint PRIMARY KEY, month bigint)")
    rows = [(day, month_of_day(day)) for day in range(FIRST, FIRST + DAYS + 1)]
    cursor.executemany(f"INSERT INTO bench_days VALUES ({'?, ?' if dialect == 'sqlite' else '%s, %s'})", rows)
    by = f"{keys}, month"
    source = f"{m} JOIN bench_days ON bench_days.day = {m}.day"
    cursor.execute(
        f"INSERT INTO {tables.totals.name} ({by}, {turnover}) SELECT {by}, {sums} FROM {source} GROUP BY {by}"
    )
    cursor.execute("DROP TABLE bench_days")


def analyse(engine: Engine) -> None:
    """What PostgreSQL does by itself soon after a load. SQLite gets no statistics: plans must be right without."""
    if engine.store.dialect == "postgresql":
        with psycopg.connect(engine.store.url, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")


# a valued ledger: pools in pairs, the second gets from the first what that sends


def load_valued(engine: Engine, tables: RegisterTables, count: int, pool_events: int = 50) -> None:
    """`count` movements of the register `valued`, each valued by the engine's own functions, with worths, pools and edges."""
    chance = random.Random(2)
    pairs = count // (2 * pool_events)
    place = UUID(int=chance.getrandbits(128), version=4)

    def load(cursor: Any, dialect: Dialect) -> None:
        put = _Put(cursor, dialect, tables)
        with without_indexes(cursor, dialect, tables):
            for pair in range(pairs):
                _pair(put, chance, place, "fifo" if pair % 2 else "average", pool_events)
            put.flush()
        sums_of(cursor, dialect, tables)

    engine.store.run(load)


def _pair(put: "_Put", chance: random.Random, place: UUID, method: str, events: int) -> None:
    rules = CostRules(method, None, put.unit)  # type: ignore[arg-type]
    sender, receiver = (UUID(int=chance.getrandbits(128), version=4) for _ in range(2))
    states: dict[UUID, CostState] = {sender: EMPTY, receiver: EMPTY}
    last: dict[UUID, int] = {}

    def take(
        item: UUID, day: int, quantity: int, given: int | None, shares: Sequence[Share] = (), source: Any = None
    ) -> Valued:
        event = Event(str(uuid4()), day, quantity, given)
        inputs = Inputs(0, tuple(shares)) if shares else None
        brings = event if inputs is None else given_by(event, inputs, {source.entry: source}.__getitem__, put.unit)
        valued, states[item] = value(states[item], brings, rules)
        last[item] = day
        put.event((item, place), event, rules, inputs, valued)
        return valued

    for n in range(events):
        day = FIRST + n * DAYS // events
        stock = states[sender].quantity // 1_000_000
        if n % 3 == 0 or stock < 3:
            take(sender, day, chance.randint(5, 20) * 1_000_000, chance.randint(100, 9_999) * 100)
        else:
            quantity = chance.randint(1, stock // 2) * 1_000_000
            sent = take(sender, day, -quantity, None)
            if n % 2:
                take(receiver, day, quantity, None, [Share(sent.entry, "along", 0, quantity, quantity)], sent)
                continue
        have = states[receiver].quantity // 1_000_000
        if have > 4 and n % 4 == 0:
            take(receiver, day, -chance.randint(1, have // 2) * 1_000_000, None)
        else:
            take(receiver, day, 2_000_000, chance.randint(100, 9_999) * 100)
    for item, state in states.items():
        put.pool((item, place), state, last[item])


class _Put:
    """Rows of a valued register, a few thousand at a time."""

    def __init__(self, cursor: Any, dialect: Dialect, tables: RegisterTables) -> None:
        assert tables.costs is not None
        self._cursor, self._dialect, self._tables = cursor, dialect, tables
        value_ = tables.register.measures[tables.costs.valuation.value]
        self.unit = 10 ** (value_.scale - value_.decimals)
        self._rows: dict[str, list[tuple[Any, ...]]] = {}
        self._columns: dict[str, tuple[str, ...]] = {}
        self._seq = 0

    def event(
        self, key: tuple[UUID, UUID], event: Event, rules: CostRules, inputs: Inputs | None, valued: Valued
    ) -> None:
        """A movement, those of value alone that go along, and what is kept of its cost."""
        self._seq += 1
        costs, entry = self._tables.costs, UUID(event.entry)
        assert costs is not None
        self._move(key, event.day, (event.quantity, valued.value), entry, None, None)
        worth = {
            "entry": self._id(entry),
            **self._key(key),
            "day": event.day,
            "seq": self._seq,
            "quantity": event.quantity,
        }
        self._add(
            costs.worths.name, worth | {"event": write_event(event, rules, inputs), "result": write_result(valued)}
        )
        for reason, amount in valued.extra:
            self._seq += 1
            self._move(key, event.day, (0, amount), None, entry, reason)
        for share in inputs.shares if inputs else ():
            edge = {
                "source": self._id(UUID(share.entry)),
                "target": self._id(entry),
                "start": share.start,
                "quantity": share.stop - share.start,
                "kind": share.kind,
            }
            self._add(costs.edges.name, edge)
        if self._seq % 5_000 == 0:
            self.flush()

    def pool(self, key: tuple[UUID, UUID], state: CostState, day: int) -> None:
        """A pool as it stands at the end."""
        assert self._tables.costs is not None
        self._add(self._tables.costs.pools.name, {**self._key(key), "state": json.dumps(to_json(state)), "day": day})

    def _move(
        self,
        key: tuple[UUID, UUID],
        day: int,
        amounts: tuple[int, int],
        entry: UUID | None,
        corrects: UUID | None,
        reason: str | None,
    ) -> None:
        at = (day - _EPOCH) * MICROSECONDS_A_DAY + MICROSECONDS_A_DAY // 6
        row = {"id": self._seq} if self._dialect == "sqlite" else {}
        row |= {
            "day": day,
            "effective": at,
            "posted_at": at,
            "form": "entry",
            "record_id": self._id(uuid4()),
            "posting": "buy",
        }
        row |= {
            "release": "bench",
            "entry": self._id(entry),
            "corrects": self._id(corrects),
            "reason": reason,
            **self._key(key),
        }
        self._add(self._tables.movements.name, row | dict(zip(self._tables.amounts, amounts, strict=True)))

    def _key(self, key: tuple[UUID, UUID]) -> dict[str, Any]:
        return dict(zip(self._tables.keys, map(self._id, key), strict=True))

    def _id(self, id: UUID | None) -> Any:
        return encode("id", id, self._dialect)

    def _add(self, table: str, row: dict[str, Any]) -> None:
        self._columns[table] = tuple(row)
        self._rows.setdefault(table, []).append(tuple(row.values()))

    def flush(self) -> None:
        """Write what has come together."""
        for table, rows in self._rows.items():
            columns = ", ".join(self._columns[table])
            if self._dialect == "postgresql":
                with self._cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)
            else:
                marks = ", ".join("?" * len(self._columns[table]))
                self._cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)
        self._rows.clear()


def count_of(reader: Reader, tables: RegisterTables) -> int:
    """How many movements there are."""
    return int(reader.rows(select(func.count()).select_from(tables.movements))[0][0])
