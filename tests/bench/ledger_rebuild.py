"""The self-audit of 1,000,000 movements, plain and valued, while another thread goes on posting: everything kept beside the movements is
worked out again from them and compared. $DOUGONG_BENCH_REBUILT says how many movements (1,000,000 unless said).
"""

import os
import statistics
import threading
import time

from engine.actions import Audit, Engine, audit_registers, perform
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
    alone = [posted(engine, kind) for _ in range(100)]
    latencies: list[float] = []
    stop = threading.Event()

    def post() -> None:
        while not stop.is_set():
            latencies.append(posted(engine, kind))

    poster = threading.Thread(target=post)
    poster.start()
    started, cpu = time.perf_counter(), time.thread_time()
    audit = audit_registers(engine, register)
    seconds, cpu = time.perf_counter() - started, time.thread_time() - cpu
    stop.set()
    poster.join()
    assert isinstance(audit, Audit)
    assert audit.is_right, audit.found
    with engine.store.read() as reader:
        count = count_of(reader, tables_of(engine, register))
    verdict = "met" if seconds <= TARGET_S else "NOT MET"
    print(
        f"{label:<11} {register:<7} {count:,} movements audited in {seconds:6.1f} s (cpu of the auditor {cpu:.1f} s; target {TARGET_S}: {verdict}); "
        f"meanwhile {len(latencies)} postings, p50 {statistics.median(latencies) * 1000:.1f} ms (alone {statistics.median(alone) * 1000:.1f})"
    )


def posted(engine: Engine, kind: str) -> float:
    line = {"kind": kind, "item": "I", "place": "P", "quantity": "1", "amount": "2"}
    started = time.perf_counter()
    made = perform(engine, SubmitRecord("entry", {"lines": [line]}, "post"), SYSTEM)
    assert isinstance(made, Outcome), made
    return time.perf_counter() - started
