"""What registers held and what moved, as tables by hand, and against a plain computation over all movements; on both databases, with pages of
one row and of many.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.actions import Engine, answer
from engine.actions import queries as q
from engine.actor import SYSTEM
from engine.effects import Outcome
from engine.problems import Problems
from engine.registers import PERIODS
from tests.registers.test_ledger import arrange
from tests.support.case_files import read_cases
from tests.support.ledger import MONTH, Keeper, ledger_site
from tests.support.sites import one_site_each

ledger = one_site_each(ledger_site)
ZONE = ZoneInfo("Asia/Shanghai")


CASES = list(read_cases(Path(__file__).parent / "turnover_cases.txt"))


@pytest.mark.parametrize(("name", "lines"), CASES, ids=[name.replace(" ", "-") for name, _ in CASES])
def test_turnover(ledger: Engine, name: str, lines: list[str]) -> None:
    """Every question has the answer that the case says."""
    keeper = Keeper(ledger)
    for line in lines:
        if line.startswith("? "):
            question, _, wanted = line[2:].partition("=>")
            got = Asker(keeper).ask(question.split())
            assert got == [" ".join(row.split()) for row in wanted.split(" | ") if row.strip()], line
        elif line.split()[0] in ("method", "standard", "allow"):
            arrange(keeper, line.split())
        else:
            made = keeper.do(numbered(line))
            assert isinstance(made, Outcome), (line, list(made))


def numbered(line: str) -> str:
    """A line with its date as the keeper counts days."""
    day, mark, rest = line.partition(": ")
    return f"{(date.fromisoformat(day) - MONTH).days + 1}: {rest}" if mark else line


@dataclass
class Asker:
    """Asks what a question of a case says, in pages of one row and of many."""

    keeper: Keeper

    def ask(self, words: list[str]) -> list[str]:
        """The rows in the words of a case."""
        kind, *words = words
        where = dict(word.split("=") for word in words if "=" in word)
        rest = [word for word in words if "=" not in word]
        return {
            "balance": self._balance,
            "turnover": self._turnover,
            "both": self._both,
            "average": self._average,
            "layers": self._layers,
            "ageing": self._ageing,
        }[kind](rest, self._where(where))

    def _where(self, given: dict[str, str]) -> dict[str, str]:
        titles = {n: v if n == "zone" else str(self.keeper.record(n, v)) for n, v in given.items()}
        return {"item": str(self.keeper.record("item", self.keeper.item)), **titles}

    def rows(self, query: Callable[[str, int], Any]) -> list[dict[str, Any]]:
        """All rows, which are the same in pages of any size."""
        found = [self._all(query, limit) for limit in (200, 1)]
        assert found[0] == found[1]
        return found[0]

    def _all(self, query: Callable[[str, int], Any], limit: int) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        after: str | None = ""
        while after is not None:
            page = answer(self.keeper.engine, query(after, limit), SYSTEM)
            assert not isinstance(page, Problems), list(page)
            assert len(page["rows"]) <= limit
            rows += page["rows"]
            after = page["next"]
        return rows

    def _balance(self, words: list[str], where: dict[str, str]) -> list[str]:
        by, day, measure = words
        if by == "-":  # one total is the turnover since ever
            since = date(2000, 1, 1)
            rows = self.rows(
                lambda a, n: q.Turnover("goods", (), where, since, date.fromisoformat(day), after=a, limit=n)
            )
            return [self._told(row, (), row["measures"][measure]["net"]) for row in rows]
        end = datetime.fromisoformat(f"{day}T23:59:59.999999").replace(tzinfo=ZONE)
        rows = self.rows(lambda a, n: q.Balances("goods", names(by), where, end, a, n))
        assert rows == self.rows(lambda a, n: q.Balances("goods", names(by), where, date.fromisoformat(day), a, n))
        return [self._told(row, names(by), row["measures"][measure]) for row in rows]

    def _turnover(self, words: list[str], where: dict[str, str], *kinds: str) -> list[str]:
        by, since, until, period, measure = words
        span = date.fromisoformat(since), date.fromisoformat(until)
        rows = self.rows(
            lambda a, n: q.Turnover("goods", names(by), where, *span, period, bool(kinds), after=a, limit=n)
        )
        told = kinds or ("in", "out")
        return [self._told(r, names(by), r["since"], *(r["measures"][measure][k] for k in told)) for r in rows]

    def _both(self, words: list[str], where: dict[str, str]) -> list[str]:
        return self._turnover(words, where, "opening", "in", "out", "closing")

    def _average(self, words: list[str], where: dict[str, str]) -> list[str]:
        by, since, until, measure = words
        span = date.fromisoformat(since), date.fromisoformat(until)
        rows = self.rows(lambda a, n: q.Average("goods", names(by), where, *span, after=a, limit=n))
        return [self._told(row, names(by), row["measures"][measure]["average"]) for row in rows]

    def _layers(self, words: list[str], where: dict[str, str]) -> list[str]:
        rows = self.rows(lambda a, n: q.Layers("goods", where, a, n))
        for row in rows:
            assert row["movement"]["form"] == "entry"
            assert row["movement"]["record"]["title"]
            assert (
                datetime.fromisoformat(row["movement"]["effective"]).astimezone(ZONE).date().isoformat() == row["day"]
            )
        by = ("zone", "lot")
        return [self._told(r, by, r["day"], str(r["age"]), r["quantity"], r["value"]) for r in rows]

    def _ageing(self, words: list[str], where: dict[str, str]) -> list[str]:
        limits, by = tuple(map(int, words[0].split(","))), names(words[1])
        rows = self.rows(lambda a, n: q.Ageing("goods", limits, by, where, a, n))
        return [
            self._told(
                r, by, r["quantity"], r["value"], *(w for b in r["ages"] for w in (";", b["quantity"], b["value"]))
            )
            for r in rows
        ]

    def _told(self, row: dict[str, Any], by: tuple[str, ...], *numbers: str | None) -> str:
        parts = [v["title"] if isinstance(v, dict) else v for v in (row["key"].get(n) for n in by)]
        key = "/".join(p for p in parts if p)
        return " ".join([*([key] if key else []), *("null" if n is None else n for n in numbers)])


def names(by: str) -> tuple[str, ...]:
    """Dimensions of a question."""
    return () if by == "-" else tuple(by.split(","))


# against a plain computation

SEEDS = range(3)
MEASURES = ("on_hand", "held", "boxes", "value")
DIMENSIONS = ("item", "place", "lot", "zone")
Moved = tuple[date, dict[str, str], dict[str, Decimal]]


@pytest.mark.parametrize("seed", SEEDS)
def test_virtual_tables_are_what_all_movements_come_to(ledger: Engine, seed: int) -> None:
    """Balances, turnover, opening and closing, and averages at random, by random dimensions, filters and spans."""
    chance = random.Random(seed)
    keeper = Keeper(ledger)
    arrange(keeper, ["allow"])
    moved_at_random(keeper, chance)
    moves = movements(keeper)
    assert len(moves) > 30
    for _ in range(15):
        by = tuple(sorted(chance.sample(DIMENSIONS, chance.randint(0, 4))))
        where = {"item": str(keeper.record("item", keeper.item))}
        if chance.random() < 0.4:
            where |= chance.choice([{"zone": "one"}, {"place": str(keeper.record("place", "P"))}])
        since = date(2024, 10, 25) + timedelta(chance.randint(0, 560))
        until = since + timedelta(chance.choice([0, 3, 31, 62, 370]))
        kept = [m for m in moves if all(m[1].get(n) == v for n, v in where.items())]
        check_balances(keeper, by, where, until, kept)
        check_turnover(keeper, by, where, (since, until), chance.choice(PERIODS), kept)
        check_average(keeper, by, where, (since, until), kept)


def moved_at_random(keeper: Keeper, chance: random.Random) -> None:
    """Postings on days from 2024 to 2026, in any order."""
    done = []
    for n in range(60):
        day = (date(2024, 11, 1) + timedelta(chance.randint(0, 560)) - MONTH).days + 1
        place, lot, other = chance.choice("PQRS"), chance.choice(["", "/L1", "/L2"]), chance.choice("PQRS")
        text = chance.choice(
            [f"in {chance.randint(1, 90)} {place}{lot}", f"buy {chance.randint(1, 9)} {place}{lot} @ {chance.randint(1, 99)}.5",
             f"out {chance.randint(1, 9)} {place}{lot}", f"box {chance.randint(-2, 2)} {place}{lot}",
             f"send {chance.randint(1, 9)} {place}{lot}>{other}", f"count {chance.randint(0, 50)} {place}{lot}"]
        )  # fmt: skip
        made = keeper.do(f"{day}: {text} as m{n}")
        if isinstance(made, Outcome):
            done.append(f"m{n}")
        if done and chance.random() < 0.15:
            keeper.do(f"{chance.choice(['undo', 'reverse'])} {chance.choice(done)}")


def movements(keeper: Keeper) -> list[Moved]:
    """All movements of the keeper's item: day, key, amounts."""
    item = str(keeper.record("item", keeper.item))
    rows = Asker(keeper)._all(lambda after, limit: q.Movements("goods", {"item": item}, after, limit), 200)
    return [
        (
            datetime.fromisoformat(row["effective"]).astimezone(ZONE).date(),
            {n: v["id"] if isinstance(v, dict) else v or "" for n, v in row["key"].items()},
            {n: Decimal(v) for n, v in row["amounts"].items()},
        )
        for row in rows
    ]


def told_keys(by: tuple[str, ...], row: dict[str, Any]) -> tuple[str, ...]:
    return tuple(v["id"] if isinstance(v, dict) else v or "" for v in (row["key"][n] for n in by))


def plain(by: tuple[str, ...], moves: list[Moved]) -> dict[tuple[str, ...], dict[str, Decimal]]:
    """Sums by key."""
    sums: dict[tuple[str, ...], dict[str, Decimal]] = {}
    for _, key, amounts in moves:
        kept = sums.setdefault(tuple(key[n] for n in by), dict.fromkeys(MEASURES, Decimal(0)))
        for name, amount in amounts.items():
            kept[name] += amount
    return sums


def seen(numbers: dict[str, Decimal], by: tuple[str, ...], where: dict[str, str]) -> bool:
    """Is there anything to tell of a key?"""
    return any(v for n, v in numbers.items() if n != "value" or "place" not in {*by, *where})


def same(told: str | None, number: Decimal, by: tuple[str, ...], where: dict[str, str], name: str) -> bool:
    """Is a number told right? The value is not told by place or by lot (nobody keeps pools by lot here)."""
    if name == "value" and {"place", "lot"} & {*by, *where}:
        return told is None
    return told is not None and Decimal(told) == number


def check_balances(keeper: Keeper, by: tuple[str, ...], where: dict[str, str], day: date, moves: list[Moved]) -> None:
    """The sums of all movements up to the end of a day."""
    if not by:
        return
    end = datetime(day.year, day.month, day.day, 23, 59, 59, 999999, tzinfo=ZONE)
    rows = Asker(keeper).rows(lambda a, n: q.Balances("goods", by, where, end, a, n))
    wanted = {k: v for k, v in plain(by, [m for m in moves if m[0] <= day]).items() if seen(v, by, where)}
    assert {told_keys(by, r) for r in rows} == set(wanted)
    for row in rows:
        numbers = wanted[told_keys(by, row)]
        assert all(same(row["measures"][n], numbers[n], by, where, n) for n in MEASURES), (by, where, day, row, numbers)


def period_start(day: date, period: str, since: date) -> date:
    """The first day of a period, within the span."""
    start = {
        "day": day,
        "week": day - timedelta(day.weekday()),
        "month": day.replace(day=1),
        "year": day.replace(month=1, day=1),
        "span": since,
    }[period]
    return max(start, since)


def check_turnover(
    keeper: Keeper, by: tuple[str, ...], where: dict[str, str], span: tuple[date, date], period: str, moves: list[Moved]
) -> None:
    """What came in and went out, and what was there before and after, period by period."""
    since, until = span
    rows = Asker(keeper).rows(lambda a, n: q.Turnover("goods", by, where, since, until, period, True, a, n))
    before = plain(by, [m for m in moves if m[0] < since])
    wanted: set[tuple[tuple[str, ...], str]] = {(k, since.isoformat()) for k, v in before.items() if seen(v, by, where)}
    for day, key, amounts in moves:
        if since <= day <= until and seen(amounts, by, where):
            wanted.add((tuple(key[n] for n in by), period_start(day, period, since).isoformat()))
    assert {(told_keys(by, r), r["since"]) for r in rows} == wanted, (by, where, span, period)
    for row in rows:
        own = [m for m in moves if tuple(m[1][n] for n in by) == told_keys(by, row)]
        first, last = date.fromisoformat(row["since"]), date.fromisoformat(row["until"])
        for name in MEASURES:
            numbers = row["measures"][name]
            coming = sum((m[2][name] for m in own if first <= m[0] <= last and m[2][name] > 0), Decimal(0))
            going = -sum((m[2][name] for m in own if first <= m[0] <= last and m[2][name] < 0), Decimal(0))
            opening = sum((m[2][name] for m in own if m[0] < first), Decimal(0))
            pairs = {"opening": opening, "in": coming, "out": going, "net": coming - going}
            pairs["closing"] = opening + coming - going
            assert all(same(numbers[k], v, by, where, name) for k, v in pairs.items()), (by, where, span, period, row)


def check_average(
    keeper: Keeper, by: tuple[str, ...], where: dict[str, str], span: tuple[date, date], moves: list[Moved]
) -> None:
    """The mean of the sums up to the end of each day, rounded."""
    since, until = span
    rows = Asker(keeper).rows(lambda a, n: q.Average("goods", by, where, since, until, a, n))
    days = (until - since).days + 1
    told = {told_keys(by, r): r for r in rows}
    for key in plain(by, moves):
        own = [m for m in moves if tuple(m[1][n] for n in by) == key]
        sums = {
            n: sum((m[2][n] * min(days, (until - m[0]).days + 1) for m in own if m[0] <= until), Decimal(0))
            for n in MEASURES
        }
        scales = {"value": 4}
        means = {n: (s / days).quantize(Decimal(1).scaleb(-scales.get(n, 6))) for n, s in sums.items()}
        assert (key in told) == seen(means, by, where)
        if key in told:
            numbers = told[key]["measures"]
            assert all(same(numbers[n]["average"], means[n], by, where, n) for n in MEASURES), (by, where, span, key)


# what cannot be asked


@pytest.mark.parametrize(
    ("query", "code"),
    [
        (q.Turnover("nothing"), "actions.no_such_register"),
        (q.Turnover("goods", ("colour",)), "actions.bad_dimension"),
        (q.Turnover("goods", where={"colour": "red"}), "actions.bad_dimension"),
        (q.Turnover("goods", where={"item": "red"}), "actions.bad_dimension"),
        (q.Turnover("goods", period="fortnight"), "actions.bad_period"),
        (q.Turnover("goods", since=date(2026, 2, 1), until=date(2026, 1, 1)), "actions.bad_span"),
        (q.Turnover("goods", since=date(1, 1, 1)), "actions.bad_span"),
        (q.Turnover("goods", until=date(9999, 12, 31)), "actions.bad_span"),
        (q.Turnover("goods", since=date(2024, 1, 1), period="day"), "actions.too_many_periods"),
        (q.Turnover("goods", after="x"), "actions.cursor_unreadable"),
        (q.Turnover("goods", after="W10"), "actions.cursor_unreadable"),
        (q.Average("goods", since=date(2000, 1, 1)), "actions.too_many_periods"),
        (q.Layers("goods", {"place": str(SYSTEM.id)}), "actions.bad_dimension"),
        (q.Ageing("goods", (30,), ("place",)), "actions.bad_dimension"),
        (q.Ageing("goods", ()), "actions.bad_age_limits"),
        (q.Ageing("goods", (30, 30)), "actions.bad_age_limits"),
        (q.Ageing("goods", tuple(range(13))), "actions.bad_age_limits"),
    ],
)
def test_what_makes_no_sense_is_refused(ledger: Engine, query: Any, code: str) -> None:
    """With a problem that names what was wrong."""
    found = answer(ledger, query, SYSTEM)
    assert isinstance(found, Problems)
    assert [p.code for p in found] == [code]


def test_moments_before_and_after_all_days(ledger: Engine) -> None:
    """The earliest and the latest instants that can be written are answered, not refused."""
    keeper = Keeper(ledger)
    assert isinstance(keeper.do("1: in 5 P"), Outcome)
    item = str(keeper.record("item", keeper.item))
    utc = ZoneInfo("UTC")
    for at, count in ((datetime(1, 1, 1, tzinfo=utc), 0), (datetime(9999, 12, 31, 23, tzinfo=utc), 1)):
        found = answer(ledger, q.Balances("goods", ("item",), {"item": item}, at), SYSTEM)
        assert not isinstance(found, Problems)
        assert len(found["rows"]) == count
