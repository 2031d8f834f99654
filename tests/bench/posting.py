"""One-line and 20-line documents through `perform()`, against the raw driver running the very same statements in one transaction.

The floor is recorded from the engine itself: the statements and rows of one posted document are captured at the driver and replayed with fresh
ids, so both sides do the same inserts, the same guarded balance change, audit and outbox included.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg

from engine.actions import Engine, perform
from engine.actions.commands import SubmitRecord
from engine.actor import SYSTEM
from engine.clock import Stopwatch
from engine.effects import Outcome
from engine.store import store as store_module
from tests.support.pack_site import Browser, engine_with

SERVER = "postgresql://postgres@127.0.0.1:5432"
DOCUMENTS = 150
ROUNDS = 5


def main() -> None:
    """Print documents a second and the ratios to the raw driver (the whole command, and its apply stage), for both databases and both sizes."""
    with tempfile.TemporaryDirectory() as folder:
        run("sqlite", f"sqlite:///{Path(folder) / 'bench.db'}")
    name = f"dougong_bench_{uuid4().hex[:8]}"
    try:
        admin = psycopg.connect(f"{SERVER}/postgres", autocommit=True, connect_timeout=3)
    except psycopg.Error:
        print("postgresql: no server answers on localhost, not measured")
        return
    with admin:
        admin.execute(f'CREATE DATABASE "{name}"')
        try:
            run("postgresql", f"{SERVER}/{name}")
        finally:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def run(label: str, url: str) -> None:
    engine = engine_with(url)
    browser = Browser(engine)
    browser.made("unit", {"code": "PC", "name": "piece"})
    for n in range(20):
        browser.made("item", {"code": f"I{n}", "name": f"i{n}", "unit": "PC"})
    browser.made("warehouse", {"code": "W", "name": "w"})
    browser.made("supplier", {"code": "S", "name": "s"})
    for lines in (1, 20):
        values = {
            "supplier": "S",
            "warehouse": "W",
            "lines": [{"item": f"I{n}", "quantity": "1"} for n in range(lines)],
        }
        captured = capture(engine, lambda values=values: through_perform(engine, values))
        engine_rates, apply_rates, raw_rates = [], [], []
        for _ in range(ROUNDS):
            watch = Stopwatch()
            engine_rates.append(rate(lambda values=values, watch=watch: through_perform(engine, values, watch)))
            apply_rates.append(DOCUMENTS / watch.laps["apply"] * 1000)
            raw_rates.append(rate(lambda captured=captured: replay(engine, captured)))
        ours, applied, raw = (statistics.median(rates) for rates in (engine_rates, apply_rates, raw_rates))
        print(
            f"{label:<11} {lines:>2} line(s): perform {ours:7.0f} docs/s, its apply stage {applied:7.0f}, raw driver {raw:7.0f} docs/s,"
            f" ratios {ours / raw:.2f} and {applied / raw:.2f}"
        )
    engine.store.close()


def rate(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    for _ in range(DOCUMENTS):
        work()
    return DOCUMENTS / (time.perf_counter() - started)


def through_perform(engine: Engine, values: dict[str, Any], watch: Stopwatch | None = None) -> None:
    outcome = perform(engine, SubmitRecord("goods_receipt", values, "post"), SYSTEM, stopwatch=watch)
    assert isinstance(outcome, Outcome), outcome


def capture(engine: Engine, work: Callable[[], None]) -> list[tuple[str, str, Any]]:
    """(how, sql, parameters) of every statement that is written by the work."""
    seen: list[tuple[str, str, Any]] = []
    original = store_module.apply

    class Recorder:
        def __init__(self, cursor: Any) -> None:
            self._cursor = cursor

        def __getattr__(self, name: str) -> Any:
            return getattr(self._cursor, name)

        def execute(self, sql: str, parameters: Any = ()) -> Any:
            seen.append(("execute", sql, parameters))
            return self._cursor.execute(sql, parameters)

        def executemany(self, sql: str, parameters: Any) -> Any:
            seen.append(("executemany", sql, list(parameters)))
            return self._cursor.executemany(sql, parameters)

    store_module.apply = lambda plan, writer, cursor, dialect, system: original(
        plan, writer, Recorder(cursor), dialect, system
    )  # type: ignore[assignment]
    try:
        work()
    finally:
        store_module.apply = original
    return seen


def replay(engine: Engine, captured: list[tuple[str, str, Any]]) -> None:
    """The same statements in one transaction, with a fresh record id, line ids and number."""
    connection = engine.store._writing.raw_connection()
    cursor = connection.cursor()
    fresh: dict[Any, Any] = {}
    if engine.store.dialect == "sqlite":
        cursor.execute("BEGIN IMMEDIATE")
    for how, sql, parameters in captured:
        rows = parameters if how == "executemany" else [parameters]
        renewed = [renew(sql, row, fresh) for row in rows]
        if how == "executemany":
            cursor.executemany(sql, renewed)
            continue
        cursor.execute(sql, renewed[0])
        if cursor.description:
            cursor.fetchall()
    connection.commit()
    connection.close()


def renew(sql: str, row: Any, fresh: dict[Any, Any]) -> Any:
    """New primary keys and a new document number, the rest as it was."""
    if not sql.startswith("INSERT INTO r_") and not sql.startswith("INSERT INTO l_"):
        return row
    pairs = row.items() if isinstance(row, dict) else enumerate(row)
    made = {}
    for at, (key, value) in enumerate(pairs):
        if (
            at == 0
            or (isinstance(value, bytes) and value in fresh)
            or (hasattr(value, "hex") and not isinstance(value, bytes | float) and value in fresh)
        ):
            value = fresh.setdefault(value, uuid4().bytes if isinstance(value, bytes) else uuid4())
        elif isinstance(value, str) and value.startswith("GR-"):
            value = f"GR-{uuid4().hex}"
        made[key] = value
    return made if isinstance(row, dict) else tuple(made.values())
