"""Side by side with Tryton from PyPI: reserve and ship, a structure multiplied out, and a run of requirements.

Tryton is GPL-3 and stays a separate program. This file fetches it with pip into an environment of its own in the user's cache folder and starts
`peer_tryton.py` there as a process; nothing of it is imported, copied or distributed here. Both sides use the same database server (PostgreSQL
on localhost where one answers, else a SQLite file each), the same items, quantities and number of commits. What our side does goes through
`perform()` and `answer()`, with its checks of rights, audit rows and outbox; the peer's side is told in its own file.

Making the environment (half a minute) and Tryton's tables with master data (some minutes) is done once: the environment is kept in the cache
folder, prepared databases there (SQLite) or on the server as dougong_peer_tryton_* (PostgreSQL); every run works on a copy and drops it.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg

from engine.actions import Engine, answer, perform, run_planner
from engine.actions.commands import Command, SubmitMany, SubmitRecord
from engine.actions.gather import gather
from engine.actions.queries import Demand, Explode, ListRecords, ShowRequirements
from engine.actor import SYSTEM
from engine.effects import Outcome
from engine.problems import Problems
from tests.support.pack_site import Browser, engine_with

PINS = (
    "trytond==8.2.1", "trytond_account==8.2.1", "trytond_account_invoice==8.2.0", "trytond_account_invoice_stock==8.2.0",
    "trytond_account_product==8.2.0", "trytond_company==8.2.0", "trytond_country==8.2.0", "trytond_currency==8.2.0", "trytond_party==8.2.0",
    "trytond_product==8.2.0", "trytond_production==8.2.0", "trytond_purchase==8.2.0", "trytond_purchase_request==8.2.0",
    "trytond_stock==8.2.1", "trytond_stock_supply==8.2.0", "trytond_stock_supply_production==8.2.0", "psycopg[binary,pool]==3.3.9",
)  # fmt: skip
PEER = Path(__file__).with_name("peer_tryton.py")
SERVER = "postgresql://postgres@127.0.0.1:5432"
STAMP = sha256(PEER.read_bytes() + repr(PINS).encode()).hexdigest()[:8]
"""A prepared database fits one state of the peer's file and the pins."""
PEER_DOCUMENTS, PEER_ROUNDS = 8, 3
DOCUMENTS, ROUNDS, BULK = 40, 5, 50
LEVELS, PARTS, EACH, WANTED = 5, 4, 2, 10
PARENTS = sum(PARTS**n for n in range(LEVELS))
ITEMS = PARENTS + PARTS**LEVELS
LEAST, MOST = 5, 10
"""Every item that is bought is kept between these."""
Rates = list[tuple[float, float]]
"""Documents a second of each round: by the clock, by the processor time of the measured process."""


class NoPeer(Exception):
    """Why the peer cannot be measured."""


def main() -> None:
    """Print medians and ratios; say so when Tryton cannot be had."""
    try:
        python = environment()
    except NoPeer as why:
        print(f"skipped: {why}")
        return
    label, place = ("postgresql", Server) if answers() else ("sqlite", Files)
    print(f"{label}, Tryton {PINS[0].partition('==')[2]}, load average {load()} at the start")
    with tempfile.TemporaryDirectory() as folder:
        places = place(python, Path(folder))
        before = with_site(places, ours_shipping)
        theirs = places.peer("shipping", PEER_DOCUMENTS, PEER_ROUNDS)
        after = with_site(places, ours_shipping)
        shipping(theirs, {way: before[way] + after[way] for way in before})
        theirs = places.peer("planning", WANTED, PEER_ROUNDS)
        planning(theirs, *with_site(places, ours_planning))
    print(f"load average {load()} at the end")


def load() -> str:
    """Programs that wanted a processor in the last minute."""
    return f"{os.getloadavg()[0]:.1f} ({os.cpu_count()} processors)" if hasattr(os, "getloadavg") else "unknown"


# The peer


def cache() -> Path:
    """Where the environment and prepared files are kept: outside the clone."""
    home = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or Path.home() / ".cache"
    return Path(home) / "dougong-bench-tryton"


def environment() -> Path:
    """The Python of the peer's own environment, made if it is not there."""
    folder = cache() / f"environment-{sha256(repr((PINS, sys.version_info[:2])).encode()).hexdigest()[:8]}"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if (folder / "complete").exists():
        return python
    print("fetching Tryton from PyPI into its own environment …", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    done = subprocess.run(
        [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--retries", "1", *PINS],
        capture_output=True, text=True, check=False, timeout=900,
    )  # fmt: skip
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or done.stderr.splitlines()
        raise NoPeer(f"PyPI could not be reached, or does not have it: {said[-1] if said else 'pip says nothing'}")
    (folder / "complete").touch()
    return python


def run_peer(python: Path, settings: dict[str, str], *words: object) -> str:
    """What the peer's file prints in its own environment."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("TRYTOND_", "PYTHON"))}
    done = subprocess.run(
        [python, "-I", PEER, *map(str, words)], env=inherited | settings, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"The peer failed:\n{done.stderr[-3000:]}")
    return done.stdout


class Server:
    """Databases of both sides on a PostgreSQL server."""

    def __init__(self, python: Path, folder: Path) -> None:
        """With the peer's Python."""
        self.python = python

    def peer(self, work: str, *numbers: int) -> dict[str, Any]:
        """The peer's numbers for a work, from a copy of the prepared database."""
        settings = {"TRYTOND_DATABASE_URI": f"{SERVER}/"}
        kept = f"dougong_peer_tryton_{work}_{STAMP}"
        if (kept,) not in sql("SELECT datname FROM pg_database"):
            print(f"preparing Tryton's database for {work} …", flush=True)
            for (old,) in sql("SELECT datname FROM pg_database WHERE datname LIKE %s", f"dougong_peer_tryton_{work}_%"):
                sql(f'DROP DATABASE "{old}"')
            with database() as name:
                run_peer(self.python, settings, "prepare", work, name)
                sql(f'CREATE DATABASE "{kept}" TEMPLATE "{name}"')
        with database(kept) as name:
            found: dict[str, Any] = json.loads(run_peer(self.python, settings, "run", work, name, *numbers))
        return found

    @contextmanager
    def site(self) -> Iterator[str]:
        """The URL of an empty database for us."""
        with database() as name:
            yield f"{SERVER}/{name}"


class Files:
    """Databases of both sides as SQLite files."""

    def __init__(self, python: Path, folder: Path) -> None:
        """With the peer's Python, and a folder for copies."""
        self.python, self.folder = python, folder

    def peer(self, work: str, *numbers: int) -> dict[str, Any]:
        """The peer's numbers for a work, from a copy of the prepared file."""
        settings = {"TRYTOND_DATABASE_URI": "sqlite://", "TRYTOND_DATABASE__PATH": str(self.folder)}
        kept, copy = cache() / f"{work}-{STAMP}.sqlite", self.folder / f"{work}.sqlite"
        if not kept.exists():
            print(f"preparing Tryton's database for {work} …", flush=True)
            for old in cache().glob(f"{work}-*.sqlite"):
                old.unlink()
            copy.touch()
            run_peer(self.python, settings, "prepare", work, work)
            shutil.copy(copy, kept)
        shutil.copy(kept, copy)
        found: dict[str, Any] = json.loads(run_peer(self.python, settings, "run", work, work, *numbers))
        return found

    @contextmanager
    def site(self) -> Iterator[str]:
        """The URL of an empty database for us."""
        yield f"sqlite:///{self.folder / f'{uuid4().hex}.db'}"


def answers() -> bool:
    """Does a PostgreSQL server answer on localhost?"""
    try:
        sql("SELECT 1")
    except psycopg.Error:
        return False
    return True


def sql(statement: str, *values: str) -> list[Any]:
    """Rows of one statement at the server."""
    with psycopg.connect(f"{SERVER}/postgres", autocommit=True, connect_timeout=3) as connection:
        cursor = connection.execute(statement, values or None)
        return cursor.fetchall() if cursor.description else []


@contextmanager
def database(template: str = "template1") -> Iterator[str]:
    """The name of a new database, dropped afterwards."""
    name = f"dougong_bench_{uuid4().hex[:8]}"
    sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield name
    finally:
        sql(f'DROP DATABASE "{name}" WITH (FORCE)')


# Our side


def with_site(places: Server | Files, work: Callable[[Engine], Any]) -> Any:
    """What a work says on a new site."""
    with places.site() as url:
        engine = engine_with(url)
        try:
            return work(engine)
        finally:
            engine.store.close()


def done(engine: Engine, command: Command) -> Outcome:
    """The outcome of a command that must not be refused."""
    outcome = perform(engine, command, SYSTEM)
    assert isinstance(outcome, Outcome), list(outcome)
    return outcome


def ours_shipping(engine: Engine) -> dict[str, Rates]:
    """An order of one line, confirmed (reserved), and its shipment, posted: one by one, and many in a command. Two commits, as the peer's."""
    browser = Browser(engine)
    browser.made("unit", {"code": "PC", "name": "piece"})
    browser.made("warehouse", {"code": "W", "name": "w"})
    browser.made("supplier", {"code": "S", "name": "s"})
    browser.made("customer", {"code": "C", "name": "c"})
    for n in range(20):
        browser.made("item", {"code": f"I{n}", "name": f"i{n}", "unit": "PC"})
    filled = [{"item": f"I{n}", "quantity": "1000000"} for n in range(20)]
    browser.made("goods_receipt", {"supplier": "S", "warehouse": "W", "lines": filled}, "post")

    def order(n: int) -> SubmitRecord:
        line = {"item": f"I{n % 20}", "quantity": "1", "price": "1"}
        return SubmitRecord("sales_order", {"customer": "C", "warehouse": "W", "lines": [line]}, "confirm")

    def shipment(n: int, reserved: str) -> SubmitRecord:
        line = {"item": f"I{n % 20}", "quantity": "1"}
        return SubmitRecord("shipment", {"order": reserved, "warehouse": "W", "lines": [line]}, "post")

    def single() -> None:
        for n in range(DOCUMENTS):
            done(engine, shipment(n, done(engine, order(n)).answer["id"]))

    def bulk() -> None:
        made = done(engine, SubmitMany("sales_order", [order(n) for n in range(BULK)])).answer["results"]
        done(engine, SubmitMany("shipment", [shipment(n, made[n]["id"]) for n in range(BULK)]))

    single()
    return {
        "single": [rates(single, DOCUMENTS) for _ in range(ROUNDS)],
        "bulk": [rates(bulk, BULK) for _ in range(ROUNDS)],
    }


def rates(work: Callable[[], None], documents: int) -> tuple[float, float]:
    """Documents a second by the clock, and by the processor time of this process."""
    started, busy = time.perf_counter(), time.process_time()
    work()
    return documents / (time.perf_counter() - started), documents / (time.process_time() - busy)


def ours_planning(engine: Engine) -> tuple[dict[str, Any], dict[str, Any]]:
    """The explosion and the run of requirements, over the same structure."""
    top = ours_structure(engine)
    return ours_explosion(engine, top), ours_requirements(engine)


def ours_structure(engine: Engine) -> UUID:
    """Item n has the components 4n + 1 to 4n + 4; what has none is bought. The top's id."""
    browser = Browser(engine)
    browser.made("unit", {"code": "PC", "name": "piece"})
    browser.made("warehouse", {"code": "W", "name": "w"})
    browser.made("customer", {"code": "C", "name": "c"})
    codes = [f"P{n}" for n in range(ITEMS)]
    made = {"supply": "make", "policy": "lot_for_lot"}
    bought = {"policy": "min_max", "stock_min": str(LEAST), "stock_max": str(MOST)}
    items = [
        SubmitRecord("item", {"code": code, "name": code, "unit": "PC", "warehouse": "W", **(made if n < PARENTS else bought)})
        for n, code in enumerate(codes)
    ]  # fmt: skip
    first: list[Any] = []
    for at in range(0, ITEMS, 500):
        first += done(engine, SubmitMany("item", items[at : at + 500])).answer["results"][:1]
    parts = [
        SubmitRecord("bom", {"item": codes[n], "lines": [
            {"component": codes[PARTS * n + k], "quantity": str(EACH)} for k in range(1, PARTS + 1)]})
        for n in range(PARENTS)
    ]  # fmt: skip
    done(engine, SubmitMany("bom", parts))
    return UUID(first[0]["id"])


def ours_explosion(engine: Engine, top: UUID) -> dict[str, Any]:
    """Seconds for all levels under the top, read from the database and with the graph in memory; lines, and the sum of their totals."""
    query = Explode(Demand("bom", top, str(WANTED)))
    with gather(engine, SYSTEM) as planned:
        assert not isinstance(planned, Problems)
        memory = planned.release.structures["bom"].memory
    times: dict[str, list[float]] = {"cold": [], "warm": []}
    rows: list[dict[str, Any]] = []
    for _ in range(9):
        memory.clear()
        for taken in times.values():
            started = time.perf_counter()
            found = answer(engine, query, SYSTEM)
            taken.append(time.perf_counter() - started)
            assert not isinstance(found, Problems), list(found)
            rows = found["rows"]
    total = sum(Decimal(row["total"]) for row in rows)
    return {kind: statistics.median(t) for kind, t in times.items()} | {"lines": len(rows), "total": total}


def ours_requirements(engine: Engine) -> dict[str, Any]:
    """An order of the top waits: seconds of the run that writes and commits all suggestions, and of what finds them as they should be;
    the suggestions, and the sum of their quantities."""
    line = {"item": "P0", "quantity": str(WANTED), "price": "1"}
    done(engine, SubmitRecord("sales_order", {"customer": "C", "warehouse": "W", "lines": [line]}, "wait"))

    def run() -> tuple[float, dict[str, Any]]:
        started = time.perf_counter()
        found = run_planner(engine, "restock", run_id=str(uuid4()))
        taken = time.perf_counter() - started
        assert not isinstance(found, Problems), list(found)
        assert not found["faults"], found["faults"]
        return taken, dict(found)

    def look() -> float:
        started = time.perf_counter()
        assert not isinstance(answer(engine, ShowRequirements("restock"), SYSTEM), Problems)
        return time.perf_counter() - started

    looking = statistics.median(look() for _ in range(3))
    writing, made = run()
    again = [run() for _ in range(3)]
    assert {found["kept"] for _, found in again} == {made["created"]}, again
    quantities = list(suggested(engine))
    assert len(quantities) == made["created"]
    return {"writing": writing, "again": statistics.median(taken for taken, _ in again), "looking": looking,
            "proposals": made["created"], "wanted": sum(quantities)}  # fmt: skip


def suggested(engine: Engine) -> Iterator[Decimal]:
    """The quantities of all suggestions that were written."""
    after = ""
    while True:
        query = ListRecords("purchase_suggestion", columns=("quantity",), limit=200, after=after)
        page = answer(engine, query, SYSTEM)
        assert not isinstance(page, Problems), list(page)
        yield from (Decimal(record["values"]["quantity"]) for record in page["records"])
        after = page["next"] or ""
        if not after:
            return


# What is printed


def shipping(theirs: dict[str, Any], ours: dict[str, Rates]) -> None:
    """Reserve and ship, documents a second."""
    for way, said in (("single", "one by one"), ("bulk", f"{BULK} in a call")):
        by_clock, by_processor = (
            (statistics.median(r[at] for r in ours[way]), statistics.median(r[at] for r in theirs[way]))
            for at in (0, 1)
        )
        for (mine, its), measure in ((by_clock, "clock"), (by_processor, "own processor time")):
            print(f"reserve + ship, {said:<12} by {measure:<18}: ours {mine:8.1f} /s   Tryton {its:7.2f} /s   ratio {mine / its:6.1f}")  # fmt: skip


def planning(theirs: dict[str, Any], ours: dict[str, Any], run: dict[str, Any]) -> None:
    """An explosion and a run of requirements."""
    assert (ours["lines"], ours["total"]) == (theirs["lines"], Decimal(theirs["total"])), (ours, theirs)
    its = theirs["explosion"]
    print(
        f"explosion, {LEVELS} levels, {ours['lines']:,} lines: ours {ours['cold'] * 1000:.1f} ms (from memory {ours['warm'] * 1000:.1f} ms)"
        f"   Tryton {its * 1000:.0f} ms   ratio {its / ours['cold']:.1f} ({its / ours['warm']:.1f})   the same lines and totals"
    )
    told = (run["proposals"], run["wanted"])
    assert told == (theirs["proposals"], Decimal(theirs["wanted"])), (run, theirs)
    its = theirs["planning"]
    print(
        f"requirements, {ITEMS:,} items: ours {run['writing']:.2f} s, written and committed (again, all as it should be: {run['again']:.2f} s;"
        f" only looked at: {run['looking']:.2f} s)   Tryton {its:.1f} s, not committed   ratio {its / run['writing']:.1f}"
        f"   the same {run['proposals']:,} proposals, {run['wanted']:,} pieces"
    )
