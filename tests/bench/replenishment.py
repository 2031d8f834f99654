"""Netting against plain Python in the same run, equal in every order; and a whole run over as many items as the peers were measured with."""

import gc
import statistics
import time
from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from random import Random
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID, uuid4

from engine.actions import Engine, answer, perform, run_planner
from engine.actions.commands import SubmitMany, SubmitRecord
from engine.actions.gather import gather
from engine.actions.queries import ShowRequirements
from engine.actor import SYSTEM
from engine.effects import InsertRecord, LineRow, Outcome
from engine.problems import Problems
from engine.replenishment import Component, Flow, Inputs, Parameters, Pegging, Run, run
from engine.replenishment.netting import Lotting, Netted, Netting, Parts, net
from tests.bench import structures
from tests.replenishment.test_runs import TODAY, Factory, large_factory, pack

ROUNDS = 5


def main() -> None:
    """10,000 items × 52 weeks × 100,000 edges as arrays and as dictionaries; then 1,365 items from flows to suggestions, and on a site; then
    as many on a site as there were arrays."""
    _arrays()
    _requirements_in_memory()
    gc.collect()  # what was measured before is gone, and is not looked through again while the site is measured
    _from_the_database()
    _large_from_the_database()


def _arrays() -> None:
    given = _factory(Random(7), items=10_000, levels=10, weeks=52, edges=100_000)
    fast, netted = _timed(lambda: net(given))
    slow, plain = _timed(lambda: _plain(given), rounds=1)
    assert isinstance(netted, Netted)
    mine = [(key, *order) for key in range(len(given.on_hand)) for order in netted.orders(key)]
    assert mine == sorted(plain), "the two must order the same"
    print(f"netting, 10,000 items x 52 weeks x 100,000 edges: {fast:8.1f} ms   {len(plain)} orders")
    print(f"the same in plain Python:                         {slow:8.1f} ms   {slow / fast:.1f} times as long")
    dirty = {9_990, 9_995}  # below most others: all that goes into them is looked at, but not what lies beside them
    changed, part = _timed(lambda: net(given, dirty))
    assert isinstance(part, Netted)
    print(f"net-change after two of them changed:             {changed:8.1f} ms   {sum(part.netted)} keys looked at")


def _requirements_in_memory() -> None:
    inputs = _requirements(Random(11))
    whole, found = _timed(lambda: run(inputs))
    assert isinstance(found, Run)
    count = sum(len(made) for made in found.suggestions.values())
    print(
        f"requirements, {len(found.parameters)} items x {found.timeline.count} days:              {whole:8.1f} ms   {count} suggestions"
    )
    pegged, _ = _timed(lambda: _pegs(found))
    print(f"all their pegs and reasons:                       {pegged:8.1f} ms")


def _from_the_database() -> None:
    """The same on a site: items, recipes, balances and planned movements read, netted, compared, and suggestions written."""
    with TemporaryDirectory() as folder:
        factory = large_factory(f"sqlite:///{folder}/site.db", items=1365)
        asked, _ = _timed(lambda: answer(factory.engine, ShowRequirements("needs"), SYSTEM), rounds=3)
        print(f"requirements on a site (SQLite), 1,365 items:     {asked:8.1f} ms")
        first, made = _timed(lambda: run_planner(factory.engine, "needs", run_id=str(uuid4())), rounds=1)
        print(f"a run that writes all suggestions:                {first:8.1f} ms   {made['created']} records")
        second, made = _timed(lambda: run_planner(factory.engine, "needs", run_id=str(uuid4())), rounds=3)
        assert (made["created"], made["changed"], made["withdrawn"]) == (0, 0, 0)
        print(f"a run that finds all as it should be:             {second:8.1f} ms")


def _large_from_the_database() -> None:
    """10,000 items, 100,000 lines, a year of weeks: read, netted and looked at, with the lines read and with the graph in memory."""
    with TemporaryDirectory() as folder:
        engine = _large_site(f"sqlite:///{folder}/site.db", Random(7), items=10_000, levels=10, edges=100_000)
        gc.collect()
        gc.freeze()
        with gather(engine, SYSTEM) as planning:
            assert not isinstance(planning, Problems)
            memory = planning.release.structures["recipes"].memory

        def look(forgetting: dict[Any, Any]) -> dict[str, Any]:
            forgetting.clear()
            found = answer(engine, ShowRequirements("needs"), SYSTEM)
            assert not isinstance(found, Problems), list(found)
            counts: dict[str, Any] = found["counts"]
            return counts

        cold, counts = _timed(lambda: look(memory), rounds=3)
        warm, _ = _timed(lambda: look({}), rounds=3)
        print(
            f"10,000 items x 52 weeks x 100,000 lines on a site: {cold:8.1f} ms (graph in memory {warm:.1f} ms)   {counts['suggestions']} suggestions"
        )


def _large_site(url: str, random: Random, *, items: int, levels: int, edges: int) -> Engine:
    """The small pack over a year of weeks; every part is somewhere, and the highest are wished for."""
    given, size = pack(), items // levels
    given.parts["replenishment"]["needs"].update(horizon_days=364, bucket="week")
    factory = Factory(url, given)
    engine, ids, place = factory.engine, [uuid4() for _ in range(items)], UUID(factory.ids["P"])
    below: dict[int, list[int]] = {}
    for _ in range(edges):
        level = random.randrange(levels - 1)
        below.setdefault(level * size + random.randrange(size), []).append(random.randrange((level + 1) * size, items))
    effects: list[Any] = [
        InsertRecord("part", id, None, {"code": f"X{at}", "home": place, "policy": "lot_for_lot", "days": at % 4, "made": at in below})
        for at, id in enumerate(ids)
    ]  # fmt: skip
    for at, parts in below.items():
        amounts = [
            {"part": ids[part], "quantity": structures.amount(random.choice(("0.125", "0.5", "1")))} for part in parts
        ]
        lines = {"lines": tuple(LineRow(uuid4(), n, values) for n, values in enumerate(amounts))}
        effects.append(InsertRecord("recipe", uuid4(), None, {"whole": ids[at]}, lines))
    structures.fill_with(engine, effects)
    stock = [{"part": str(id), "place": str(place), "quantity": str(random.randrange(1, 300))} for id in ids]
    wishes = [
        {"part": str(ids[random.randrange(size)]), "place": str(place), "quantity": str(random.randrange(1, 100)),
         "day": (TODAY + timedelta(days=random.randrange(3, 360))).isoformat()}
        for _ in range(items)
    ]  # fmt: skip
    for form, rows in (("receipt", stock), ("wish", wishes)):
        for start in range(0, len(rows), 500):
            batch = [SubmitRecord(form, values) for values in rows[start : start + 500]]
            assert isinstance(perform(engine, SubmitMany(form, batch), SYSTEM), Outcome)
    return engine


def _timed(work: Callable[[], Any], rounds: int = ROUNDS) -> tuple[float, Any]:
    times, came = [], None
    for _ in range(rounds):
        before = time.perf_counter()
        came = work()
        times.append((time.perf_counter() - before) * 1000)
    return statistics.median(times), came


def _factory(random: Random, *, items: int, levels: int, weeks: int, edges: int) -> Netting:
    size = items // levels
    parts: list[tuple[int, int, int, int]] = []
    for _ in range(edges):
        level = random.randrange(levels - 1)
        parent = level * size + random.randrange(size)
        component = random.randrange((level + 1) * size, items)
        parts.append((parent, component, random.randrange(1, 5), random.choice((4, 8, 8, 16))))
    flows = [
        (random.randrange(size), random.randrange(weeks), -random.randrange(1, 100) * 10**6) for _ in range(20_000)
    ]
    flows += [
        (random.randrange(items), random.randrange(weeks), random.randrange(1, 500) * 10**6) for _ in range(10_000)
    ]
    rules = []
    for _ in range(items):
        safety = random.choice((0, 0, 20)) * 10**6
        lot = random.choice((0, 0, 50)) * 10**6
        multiple = random.choice((0, 0, 12)) * 10**6
        rules.append(Lotting(True, safety, safety, random.choice((1, 1, 4)), 0, lot, multiple, random.randrange(4)))
    on_hand = [random.randrange(300) * 10**6 for _ in range(items)]
    return Netting(
        weeks,
        on_hand,
        rules,
        flows,
        Parts(*zip(*parts, strict=True)),
        [[max(0, b - lead) for b in range(weeks)] for lead in range(4)],
    )


def _plain(given: Netting) -> list[tuple[int, int, int]]:
    """The same with lists and dictionaries, level by level."""
    p = given.parts
    below: dict[int, list[tuple[int, int, int]]] = {}
    waits = [0] * len(given.on_hand)
    for parent, *part in zip(p.parents, p.components, p.numerators, p.denominators, strict=True):
        below.setdefault(parent, []).append((part[0], part[1], part[2]))
        waits[part[0]] += 1
    flow = [[0] * given.buckets for _ in given.on_hand]
    for key, bucket, amount in given.flows:
        flow[key][bucket] += amount
    ready = [key for key, count in enumerate(waits) if not count]
    orders: list[tuple[int, int, int]] = []
    for key in ready:
        rule, left, row = given.lotting[key], given.on_hand[key], flow[key]
        for bucket in range(given.buckets):
            left += row[bucket]
            if left >= rule.trigger:
                continue
            least = seen = left
            for ahead in row[bucket + 1 : bucket + rule.window]:
                seen += ahead
                least = min(least, seen)
            amount = max(rule.target - least, rule.least)
            for whole in (rule.lot, rule.multiple):
                if whole:
                    amount = -(-amount // whole) * whole
            left += amount
            orders.append((key, bucket, amount))
            start = given.starts[rule.lead][bucket]
            for component, numerator, denominator in below.get(key, ()):
                flow[component][start] -= -(-amount * numerator // denominator)
        for component, _, _ in below.get(key, ()):
            waits[component] -= 1
            if not waits[component]:
                ready.append(component)
    return orders


def _requirements(random: Random) -> Inputs:
    """One product of five levels, four components each: 1,365 items, with orders for every week of a quarter."""
    today = date(2026, 3, 2)
    items = [(UUID(int=at + 1),) for at in range(1365)]
    components = [
        Component(items[at][0], items[child][0], Fraction(random.randrange(1, 4)))
        for at in range(len(items))
        for child in range(4 * at + 1, min(4 * at + 5, len(items)))
    ]
    known = {
        key: Parameters(
            "lot_for_lot",
            safety=5,
            multiple=random.choice((0, 10)),
            lead=random.randrange(1, 4),
            make=4 * at + 1 < len(items),
        )
        for at, key in enumerate(items)
    }
    demands = [Flow(items[0], today + timedelta(days=7 * week + 3), 10, week) for week in range(13)]
    demands += [Flow(random.choice(items), today + timedelta(days=random.randrange(90)), 5, at) for at in range(3_000)]
    on_hand = {key: random.randrange(50) for key in items}
    return Inputs(
        today, on_hand, demands, [], known.__getitem__, components, lambda day: day.isoweekday() <= 5, 91, "day", items
    )


def _pegs(found: Run) -> None:
    pegging = Pegging(found)
    for made in found.suggestions.values():
        for suggestion in made:
            pegging.reason(suggestion)
