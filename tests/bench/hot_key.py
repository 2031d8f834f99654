"""One hot balance: eight clients who all post to the same key, and calls of fifty documents, through `perform()`.

The floor of the hot key is what a careful programmer writes first: a transaction with SQLAlchemy Core, a guarded UPDATE a line, movements and
history, on tables of the same shape, by as many processes on the same server. The floor of the calls is the raw driver running the very
statements of one such call, for one client.
"""

import multiprocessing
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import psycopg
import sqlalchemy as sa

from engine.actions import Engine, open_engine, perform
from engine.actions.commands import SubmitMany, SubmitRecord
from engine.actor import SYSTEM
from engine.effects import Outcome
from tests.bench.posting import SERVER, capture, replay
from tests.support.pack_site import Browser, engine_with

CLIENTS, ROUNDS, BATCH = 8, 3, 50
DOCUMENTS = {1: 60, 20: 20}
"""Of each client in a round, by lines."""
LINES = 20
METADATA = sa.MetaData()
DOC = sa.Table(
    "naive_doc",
    METADATA,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("state", sa.Text),
    sa.Column("data", sa.Text),
)
MOVE = sa.Table(
    "naive_move", METADATA, sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True), sa.Column("doc", sa.Uuid, index=True),
    sa.Column("item", sa.Uuid), sa.Column("place", sa.Uuid), sa.Column("quantity", sa.BigInteger), sa.Index("naive_move_key", "item", "place"))  # fmt: skip
CELL = sa.Table(
    "naive_cell", METADATA, sa.Column("item", sa.Uuid, primary_key=True), sa.Column("place", sa.Uuid, primary_key=True),
    sa.Column("on_hand", sa.BigInteger))  # fmt: skip
HISTORY = sa.Table(
    "naive_history", METADATA, sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True), sa.Column("doc", sa.Uuid),
    sa.Column("change", sa.Text))  # fmt: skip


def main() -> None:
    """Print documents a second of both sides and their ratio."""
    try:
        psycopg.connect(f"{SERVER}/postgres", connect_timeout=3).close()
    except psycopg.Error:
        print("postgresql: no server answers on localhost, not measured")
        return
    with database() as url:
        site = engine_with(url)
        places = prepared(site)
        for lines, documents in DOCUMENTS.items():
            naive = statistics.median(together(naive_client, url, lines, documents) for _ in range(ROUNDS))
            ours = statistics.median(together(our_client, url, lines, documents) for _ in range(ROUNDS))
            print(
                f"hot key, {CLIENTS} clients, {lines:>2} line(s): perform {ours:6.0f} docs/s, naive loop {naive:6.0f}, ratio {ours / naive:.2f}"
            )
        calls = statistics.median(together(call_client, url, 1, BATCH * 2) for _ in range(ROUNDS))
        print(f"calls of {BATCH}, {CLIENTS} clients, 1 line: perform {calls:6.0f} docs/s")
        one_call(site, places)
        site.store.close()


@contextmanager
def database() -> Iterator[str]:
    """The URL of a new database, dropped afterwards."""
    name = f"dougong_bench_{uuid4().hex[:8]}"
    with psycopg.connect(f"{SERVER}/postgres", autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
        try:
            yield f"{SERVER}/{name}"
        finally:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def prepared(site: Engine) -> list[UUID]:
    """Items with plenty of stock on both sides; their ids."""
    browser = Browser(site)
    for form, code in (("unit", "PC"), ("warehouse", "W"), ("supplier", "S")):
        browser.made(form, {"code": code, "name": code})
    for n in range(LINES):
        browser.made("item", {"code": f"I{n}", "name": f"i{n}", "unit": "PC"})
    items = [UUID(int=n + 1) for n in range(LINES)]
    core = sa.create_engine(site.store.url.replace("postgresql://", "postgresql+psycopg://"))
    METADATA.create_all(core)
    with core.begin() as connection:
        connection.execute(CELL.insert(), [{"item": item, "place": UUID(int=0), "on_hand": 10**12} for item in items])
    core.dispose()
    return items


def together(client: Callable[..., None], url: str, lines: int, documents: int) -> float:
    """Documents a second of all clients, each a process, from the moment when all are ready."""
    spawning = multiprocessing.get_context("spawn")
    ready, done = spawning.Barrier(CLIENTS + 1), spawning.Barrier(CLIENTS + 1)
    clients = [spawning.Process(target=client, args=(url, lines, documents, ready, done)) for _ in range(CLIENTS)]
    for process in clients:
        process.start()
    ready.wait(120)
    started = time.perf_counter()
    done.wait(600)
    taken = time.perf_counter() - started
    for process in clients:
        process.join()
    return CLIENTS * documents / taken


def receipt(lines: int) -> SubmitRecord:
    """Goods received: every document moves the same items."""
    rows = [{"item": f"I{n}", "quantity": "1"} for n in range(lines)]
    return SubmitRecord("goods_receipt", {"supplier": "S", "warehouse": "W", "lines": rows}, "post")


def our_client(url: str, lines: int, documents: int, ready: Any, done: Any) -> None:
    """Posts through perform()."""
    site = open_engine(url)
    through(site, receipt(lines))
    ready.wait()
    for _ in range(documents):
        through(site, receipt(lines))
    done.wait()
    site.store.close()


def call_client(url: str, lines: int, documents: int, ready: Any, done: Any) -> None:
    """Posts many in a call."""
    site = open_engine(url)
    through(site, receipt(lines))
    ready.wait()
    for _ in range(documents // BATCH):
        through(site, SubmitMany("goods_receipt", [receipt(lines)] * BATCH))
    done.wait()
    site.store.close()


def through(site: Engine, command: Any) -> None:
    """Do it; nothing may be refused."""
    outcome = perform(site, command, SYSTEM)
    assert isinstance(outcome, Outcome), list(outcome)


def naive_client(url: str, lines: int, documents: int, ready: Any, done: Any) -> None:
    """Posts by a loop of guarded updates, in the order of the keys."""
    core = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    core.connect().close()
    ready.wait()
    for _ in range(documents):
        with core.begin() as connection:
            doc, place = uuid4(), UUID(int=0)
            connection.execute(DOC.insert().values(id=doc, state="posted", data="{}"))
            for n in range(lines):
                enough = (CELL.c.item == UUID(int=n + 1), CELL.c.place == place, CELL.c.on_hand >= 1)
                changed = connection.execute(CELL.update().where(*enough).values(on_hand=CELL.c.on_hand - 1))
                assert changed.rowcount == 1
            moves = [{"doc": doc, "item": UUID(int=n + 1), "place": place, "quantity": -1} for n in range(lines)]
            connection.execute(MOVE.insert(), moves)
            connection.execute(HISTORY.insert().values(doc=doc, change="{}"))
    done.wait()
    core.dispose()


def one_call(site: Engine, items: list[UUID]) -> None:
    """A call of many documents of one client, against the raw driver."""
    command = SubmitMany("goods_receipt", [receipt(1)] * BATCH)
    captured = capture(site, lambda: through(site, command))
    ours, raw = [], []
    for _ in range(5):
        started = time.perf_counter()
        through(site, command)
        ours.append(BATCH / (time.perf_counter() - started))
        started = time.perf_counter()
        replay(site, captured)
        raw.append(BATCH / (time.perf_counter() - started))
    mine, floor = statistics.median(ours), statistics.median(raw)
    print(
        f"a call of {BATCH}, 1 client, 1 line: perform {mine:6.0f} docs/s, raw driver {floor:6.0f}, ratio {mine / floor:.2f}"
    )
