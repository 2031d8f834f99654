"""The self-audit of 1,000,000 movements, plain and valued, while another thread goes on posting: everything kept beside the movements is
worked out again from them and compared. $DOUGONG_BENCH_REBUILT says how many movements (1,000,000 unless said).
"""

import multiprocessing
import os
import statistics
import threading
import time
from collections.abc import Callable
from typing import Any

from engine.actions import Audit, Engine, audit_registers, open_engine, perform
from engine.actions.commands import SubmitRecord
from engine.actor import SYSTEM
from engine.effects import Outcome
from tests.bench.ledger_load import analyse, count_of, load_plain, load_valued, sites, tables_of

TARGET_S = 60


def main() -> None:
    """Print the seconds of each audit, and how long postings took meanwhile."""
    count = int(os.environ.get("DOUGONG_BENCH_REBUILT", "1000000"))
    with sites("rebuild") as each:
        for label, engine in each:
            started = time.perf_counter()
            load_plain(engine, tables_of(engine, "plain"), count)
            load_valued(engine, tables_of(engine, "valued"), count)
            analyse(engine)
            print(f"{label}: loaded in {time.perf_counter() - started:.0f} s")
            for form, values in (("item", {"code": "I"}), ("place", {"code": "P", "zone": "z"})):
                assert isinstance(perform(engine, SubmitRecord(form, values), SYSTEM), Outcome)
            for register, kind in (("plain", "in"), ("valued", "buy")):
                run(label, engine, register, kind)


def run(label: str, engine: Engine, register: str, kind: str) -> None:
    """The audit as the command does it, in a process of its own, and as a job beside the posting thread of one process."""
    alone = [posted(engine, kind) for _ in range(100)]
    with engine.store.read() as reader:
        count = count_of(reader, tables_of(engine, register))
    for how, audit in (("by the command", by_command), ("as a job", as_job)):
        (seconds, cpu), latencies = beside(lambda audit=audit: audit(engine, register), lambda: posted(engine, kind))
        verdict = "met" if seconds <= TARGET_S else "NOT MET"
        print(
            f"{label:<11} {register:<7} {how:<14} {count:,} movements audited in {seconds:6.1f} s (cpu {cpu:.1f} s; target {TARGET_S}: {verdict}); "
            f"meanwhile {len(latencies)} postings, p50 {statistics.median(latencies) * 1000:.1f} ms (alone {statistics.median(alone) * 1000:.1f})"
        )


def beside(work: Callable[[], Any], meanwhile: Callable[[], float]) -> tuple[Any, list[float]]:
    """What work comes to, and what another thread measured meanwhile, as often as it could."""
    found: list[float] = []
    stop = threading.Event()

    def go_on() -> None:
        while not stop.is_set():
            found.append(meanwhile())

    thread = threading.Thread(target=go_on)
    thread.start()
    result = work()
    stop.set()
    thread.join()
    return result, found


def as_job(engine: Engine, register: str) -> tuple[float, float]:
    """Seconds by the clock and of this thread's processor time of an audit, which must find nothing."""
    started, cpu = time.perf_counter(), time.thread_time()
    audit = audit_registers(engine, register)
    taken = time.perf_counter() - started, time.thread_time() - cpu
    assert isinstance(audit, Audit)
    assert audit.is_right, audit.found
    return taken


def by_command(engine: Engine, register: str) -> tuple[float, float]:
    """The same in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        taken: tuple[float, float] = pool.apply(_audited, (engine.store.url, register))
    return taken


def _audited(url: str, register: str) -> tuple[float, float]:
    return as_job(open_engine(url), register)


def posted(engine: Engine, kind: str) -> float:
    line = {"kind": kind, "item": "I", "place": "P", "quantity": "1", "amount": "2"}
    started = time.perf_counter()
    made = perform(engine, SubmitRecord("entry", {"lines": [line]}, "post"), SYSTEM)
    assert isinstance(made, Outcome), made
    return time.perf_counter() - started
