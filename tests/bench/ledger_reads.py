"""What registers held and what moved, over 36 months, through `answer()`: for one key, for a page of a place by item, and for a key with
very many movements; against summing the movements in the same run.

$DOUGONG_BENCH_MOVEMENTS says how many movements there are (10,000,000 for the target; 1,000,000 unless said). Items have no records here,
so no titles are read.
"""

import os
import random
import statistics
import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from engine.actions import Engine, answer
from engine.actions import queries as q
from engine.actor import SYSTEM
from engine.problems import Problems
from engine.registers import RegisterTables
from engine.rules.columns import encode
from engine.statements import Execution
from tests.bench.ledger_load import DAYS, FIRST, ITEMS, PLACES, analyse, load_plain, sites, tables_of

TRIES = 200
TARGET_MS = 50


def main() -> None:
    """Print p50 and p95 in milliseconds of each question, and how much longer it takes from the movements."""
    count = int(os.environ.get("DOUGONG_BENCH_MOVEMENTS", "1000000"))
    with sites("reads") as each:
        for label, engine in each:
            tables = tables_of(engine, "plain")
            started = time.perf_counter()
            items, places = load_plain(engine, tables, count)
            analyse(engine)
            print(
                f"{label}: {count:,} movements, {ITEMS * PLACES:,} keys, loaded in {time.perf_counter() - started:.0f} s"
            )
            run(label, engine, tables, items, places)


def run(label: str, engine: Engine, tables: RegisterTables, items: list[UUID], places: list[UUID]) -> None:
    """Ask each question as often as it says, some of them of the movements as well."""
    asked = _Questions(_Plain(engine, tables), items, places)
    questions = {
        "balance of a key at any date": (asked.key, TRIES, 20),
        "balance of a hot key at any date": (asked.hot, TRIES, 5),
        "balance of an item over all places": (asked.one_item, TRIES, 20),
        "a place by item, a page of 50": (asked.place, TRIES, 2),
        "turnover of a key, 36 months": (asked.turnover, TRIES, 20),
        "turnover of a hot key, 36 months": (asked.hot_turnover, TRIES, 5),
        "a month of all by item, a page of 50": (asked.month_of_all, TRIES, 0),
        "one total of a place, opening to closing": (asked.total, 20, 2),
    }
    for name, (make, tries, summed) in questions.items():
        ours, theirs = [], []
        for n in range(tries):
            query, floor = make()
            ours.append(timed(lambda query=query: ask(engine, query)))
            if n < summed:
                theirs.append(timed(floor))
        p50, p95 = statistics.median(ours), statistics.quantiles(ours, n=20)[-1]
        ratio = ""
        if theirs:
            floor_ms = statistics.median(theirs)
            ratio = f", movements summed {floor_ms:8.1f} ms ({floor_ms / p50:.0f}x)"
        target = "" if "balance" not in name else f" (target {TARGET_MS}: {'met' if p95 <= TARGET_MS else 'NOT MET'})"
        print(f"{label:<11} {name:<42} p50 {p50:7.2f} ms, p95 {p95:7.2f} ms{target}{ratio}")


Question = tuple[Any, Callable[[], Any]]
"""What is asked, and the same of the movements alone."""


class _Questions:
    """Questions about things and days that chance chooses."""

    def __init__(self, plain: "_Plain", items: list[UUID], places: list[UUID]) -> None:
        self._plain, self._items, self._places = plain, items, places
        self._chance = random.Random(3)

    def _day(self) -> date:
        return date.fromordinal(FIRST + self._chance.randrange(DAYS))

    def _of(self, item: UUID) -> dict[str, str]:
        return {"item": str(item), "place": str(self._places[0])}

    def _balance(self, item: UUID) -> Question:
        day = self._day()
        return q.Balances("plain", (), self._of(item), day), lambda: self._plain.key(item, self._places[0], day)

    def key(self) -> Question:
        """One key at a date."""
        return self._balance(self._chance.choice(self._items))

    def hot(self) -> Question:
        """The key with very many movements at a date."""
        return self._balance(self._items[0])

    def place(self) -> Question:
        """A page of a place at a date."""
        where, day = self._chance.choice(self._places), self._day()
        return q.Balances("plain", ("item",), {"place": str(where)}, day), lambda: self._plain.place(where, day)

    def one_item(self) -> Question:
        """An item over all places at a date."""
        item, day = self._chance.choice(self._items), self._day()
        return q.Balances("plain", ("item",), {"item": str(item)}, day), lambda: self._plain.item(item, day)

    def total(self) -> Question:
        """A place as one number, from opening to closing."""
        where, since = self._chance.choice(self._places), self._day()
        wanted = q.Turnover("plain", (), {"place": str(where)}, since, since + timedelta(days=90), opening=True)
        return wanted, lambda: self._plain.place(where, since)

    def _months(self, item: UUID, cut: int, *, opening: bool) -> Question:
        since, until = date.fromordinal(FIRST + cut), date.fromordinal(FIRST + DAYS - cut)
        wanted = q.Turnover("plain", None, self._of(item), since, until, "month", opening, limit=200)
        return wanted, lambda: self._plain.key(item, self._places[0], until)

    def turnover(self) -> Question:
        """All months of a key."""
        return self._months(self._chance.choice(self._items), 0, opening=False)

    def hot_turnover(self) -> Question:
        """All months of the key with very many movements, the first and last not whole."""
        return self._months(self._items[0], 10, opening=True)

    def month_of_all(self) -> Question:
        """A page of what moved in thirty days."""
        since = self._day()
        wanted = q.Turnover("plain", ("item",), {}, since, since + timedelta(days=30), opening=True)
        return wanted, self._plain.nothing


def ask(engine: Engine, query: Any) -> dict[str, Any]:
    found = answer(engine, query, SYSTEM)
    assert not isinstance(found, Problems), list(found)
    return found


def timed(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


class _Plain:
    """The same from the movements alone, as plain SQL."""

    def __init__(self, engine: Engine, tables: RegisterTables) -> None:
        self._engine, self._tables = engine, tables
        self._item, self._place = tables.keys

    def key(self, item: UUID, place: UUID, day: date) -> None:
        """One key."""
        self._sum(f"{self._item} = %s AND {self._place} = %s", (item, place), day)

    def item(self, item: UUID, day: date) -> None:
        """All places of an item."""
        self._sum(f"{self._item} = %s", (item,), day)

    def place(self, place: UUID, day: date) -> None:
        """All items of a place."""
        self._sum(f"{self._place} = %s", (place,), day, f" GROUP BY {self._item}")

    def nothing(self) -> None:
        """No comparison."""

    def _sum(self, where: str, ids: tuple[UUID, ...], day: date, group: str = "") -> None:
        with self._engine.store.read() as reader:
            m, amount = self._tables.movements.name, self._tables.amounts[0]
            sql = f"SELECT sum({amount}) FROM {m} WHERE {where} AND day <= %s{group}"
            row = (*(encode("id", id, reader.dialect) for id in ids), day.toordinal())
            reader.rows(Execution(sql.replace("%s", "?") if reader.dialect == "sqlite" else sql, [row]))
