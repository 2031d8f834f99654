"""Structures multiplied out: from the database to the answer, and in memory; beside a walk with ratios over the same graph.

Targets: 5 levels, 1,364 lines <= 50 ms; 10 levels, 100,000 edges <= 1 s. Medians of the rounds.
"""

import gc
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from engine.actions import Engine, answer
from engine.actions.gather import gather
from engine.actions.queries import Demand, Explode, WhereUsed
from engine.actor import SYSTEM
from engine.clock import RandomIds
from engine.effects import InsertRecord, LineRow, Plan
from engine.packs import Release
from engine.problems import Problems
from engine.structures.multiplying import Multiplier, multiplier
from engine.values import Quantity
from tests.structures.recipes import pack
from tests.support.pack_site import engine_with

ROUNDS = 9
Edges = dict[int, list[tuple[int, str]]]


def tree() -> Edges:
    """Four of each in each, five levels: 1,364 lines."""
    edges: Edges = {}
    level, made = [0], 1
    for _ in range(5):
        below = []
        for node in level:
            edges[node] = [(made + n, "1.5") for n in range(4)]
            below += range(made, made + 4)
            made += 4
        level = below
    return edges


def layers(quantities: tuple[str, ...]) -> Edges:
    """One product over ten levels of a thousand: 1,000 + 9 * 1,000 * 11 = 100,000 edges."""
    rng = random.Random(4)
    edges: Edges = {0: [(1 + n, rng.choice(quantities)) for n in range(1000)]}
    for layer in range(9):
        for node in range(1 + 1000 * layer, 1001 + 1000 * layer):
            below = rng.sample(range(1001 + 1000 * layer, 2001 + 1000 * layer), 11)
            edges[node] = [(b, rng.choice(quantities)) for b in below]
    return edges


def fill(engine: Engine, edges: Edges, structure: str = "recipe") -> dict[int, UUID]:
    """The records, written as an import of checked rows would write them."""
    ids, nodes = RandomIds(), {n for p, below in edges.items() for n in (p, *(b for b, _ in below))}
    items = {n: ids.new() for n in sorted(nodes)}
    effects: list[Any] = [InsertRecord("item", items[n], None, {"code": f"item {n}"}) for n in items]
    for at, (parent, below) in enumerate(edges.items()):
        lines = tuple(
            LineRow(ids.new(), n, {"component": items[b], "quantity": amount(q)}) for n, (b, q) in enumerate(below)
        )
        values: dict[str, Any] = {"item": items[parent], "batch": amount("1"), "double": False}
        if structure == "recipe":
            values = {"item": items[parent], "batch": amount("1"), "number": f"R{at}", "yield": amount("100")}
        form, state = ("recipe", "released") if structure == "recipe" else ("part_list", None)
        effects.append(InsertRecord(form, ids.new(), state, values, {"lines": lines}))
    fill_with(engine, effects)
    return items


def fill_with(engine: Engine, effects: list[Any]) -> None:
    """Write records that need no checking."""
    release = in_force(engine)
    for start in range(0, len(effects), 5_000):
        plan = Plan(SYSTEM, engine.clock.now(), release.digest, tuple(effects[start : start + 5_000]), {}, ())
        written = engine.store.write(plan, release.writer)
        assert not isinstance(written, Problems), written


def amount(text: str) -> Quantity:
    return Quantity(Decimal(text), Decimal(text))


def in_force(engine: Engine) -> Release:
    with gather(engine, SYSTEM) as planning:
        assert not isinstance(planning, Problems)
        return planning.release


def median(work: Callable[[], Any], before: Callable[[], Any] = lambda: None) -> str:
    """Milliseconds on the clock, and of this process alone: other work on the machine counts in the first only."""
    clock, own = [], []
    for _ in range(ROUNDS):
        before()
        start, mine = time.perf_counter(), time.process_time()
        work()
        clock.append((time.perf_counter() - start) * 1000)
        own.append((time.process_time() - mine) * 1000)
    return f"{statistics.median(clock):8.1f} ms (own {statistics.median(own):.1f})"


def told(engine: Engine, query: Any) -> dict[str, Any]:
    found = answer(engine, query, SYSTEM)
    assert not isinstance(found, Problems), list(found)
    return found


def measure(name: str, url: str, edges: Edges, *, indented: bool, structure: str = "recipe") -> None:
    engine = engine_with(url, pack(), users=False)
    items = fill(engine, edges, structure)
    gc.collect()
    gc.freeze()  # what the benchmark itself holds is not searched for garbage again and again
    memory = in_force(engine).structures[structure].memory
    count, last = sum(len(b) for b in edges.values()), max(items)
    explosion = Explode(Demand(structure, items[0], "7"), summarised=not indented)
    rows = told(engine, explosion)["rows"]
    print(f"{name}: {count:,} edges, {len(rows):,} rows ({'every row' if indented else 'by component'})")
    print(f"  from the database         {median(lambda: told(engine, explosion), memory.clear)}")
    print(f"  nothing changed since     {median(lambda: told(engine, explosion))}")
    used = WhereUsed(Demand(structure, items[last], "1"), summarised=True)
    print(f"  where-used over all       {median(lambda: told(engine, used))}")
    graph = next(v for k, v in memory.items() if k[0] == "graph")
    root, made = graph.node(items[0]), multiplier(graph)
    amounts, walked = made.amounts(root), made.walked(root)
    assert all(a.real == walked[0][n] and a.phantom == walked[1][n] for n, a in amounts.items())
    print(f"  in memory: graph made ready {median(lambda: Multiplier(graph))}")
    print(f"             multiplied       {median(lambda: made.amounts(root))}")
    print(f"             walk with ratios {median(lambda: made.walked(root))}   the same {len(amounts):,} amounts")
    engine.store.close()


def main() -> None:
    """All measurements, on SQLite."""
    whole, fractions = ("1", "2", "3"), ("1", "0.5", "0.125", "2.4")
    with tempfile.TemporaryDirectory() as folder:
        for at, (name, edges, structure) in enumerate((
            ("5 levels, every option declared", tree(), "recipe"), ("5 levels, plain", tree(), "plain"),
            ("10 levels, every option declared", layers(whole), "recipe"), ("10 levels, plain", layers(whole), "plain"),
            ("10 levels, plain, fractions", layers(fractions), "plain"),
        )):  # fmt: skip
            measure(
                name,
                f"sqlite:///{Path(folder) / f'{at}.db'}",
                edges,
                indented=name.startswith("5"),
                structure=structure,
            )
