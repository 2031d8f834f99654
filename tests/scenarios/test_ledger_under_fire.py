"""A ledger under fire: sixteen clients in several processes post, reserve, ship, transfer, count, backdate, undo and reverse at random on few
things, on both databases. Afterwards an auditor who does not know the engine goes through every row.

DOUGONG_FIRE_SEED sets the seed that is printed, DOUGONG_FIRE_OPERATIONS how much each client does.
"""

import multiprocessing
import os
import random
import threading
from collections import Counter
from typing import Any, Final

import pytest

from engine.actions import Audit, Engine, audit_registers, open_engine, perform
from engine.actions.commands import RecostRegister, SubmitRecord
from engine.actor import SYSTEM
from engine.clock import SystemClock
from engine.effects import Outcome
from engine.problems import Problems
from tests.support.fire import Deed, fire, stocked
from tests.support.fire_auditor import audit
from tests.support.fire_books import read_books
from tests.support.ledger import Keeper, ledger_site

PROCESSES: Final = 4
THREADS: Final = 4
OPERATIONS: Final = int(os.environ.get("DOUGONG_FIRE_OPERATIONS", "25"))


@pytest.mark.slow
def test_nothing_is_lost_doubled_or_broken(database_url: str) -> None:
    """Whatever sixteen clients do at once, the books are right at every moment of history, and no client sees a lock."""
    seed = os.environ.get("DOUGONG_FIRE_SEED") or str(random.SystemRandom().randrange(10**6))
    print(f"DOUGONG_FIRE_SEED={seed}")
    engine = ledger_site(database_url, SystemClock())
    deeds = stocked(engine)
    deeds += fire(database_url, seed, processes=PROCESSES, threads=THREADS, operations=OPERATIONS)
    settle(engine)
    print(told(deeds))

    wrong = audit(read_books(database_url), deeds)
    assert not wrong, "\n".join(wrong)
    found = audit_registers(engine)
    assert isinstance(found, Audit)
    assert found.is_right, found.found
    assert found.waiting == 0
    engine.store.close()


def settle(engine: Engine) -> None:
    """What waits to be valued again is valued, as the worker would."""
    for _ in range(100):
        assert isinstance(perform(engine, RecostRegister("goods"), SYSTEM), Outcome)
        found = audit_registers(engine)
        assert isinstance(found, Audit)
        if not found.waiting:
            return


def told(deeds: list[Deed]) -> str:
    """How many of each kind were done, and why the others were not."""
    done = Counter(d.verb for d in deeds if not d.codes)
    return f"done {dict(done)}, refused {dict(Counter(code for d in deeds for code in d.codes))}"


IN_STOCK: Final = 300
CLIENTS: Final = 20
ATTEMPTS: Final = 30


@pytest.mark.slow
def test_twenty_clients_reserve_exactly_what_is_there(database_url: str) -> None:
    """20 clients try 30 times each to reserve 1 of the 300 that are there, all at one key: 300 are reserved, 300 refused."""
    engine = ledger_site(database_url, SystemClock())
    keeper = Keeper(engine, "HOT")
    assert isinstance(keeper.do(f"in {IN_STOCK} P"), Outcome)
    context = multiprocessing.get_context("spawn")
    results: multiprocessing.Queue[Any] = context.Queue()
    workers = [context.Process(target=rush, args=(database_url, CLIENTS // 4, results)) for _ in range(4)]
    for worker in workers:
        worker.start()
    answers: Counter[str] = Counter()
    for _ in workers:
        answers += results.get(timeout=600)
    for worker in workers:
        worker.join()

    assert answers == {"reserved": IN_STOCK, "registers.constraint_broken": CLIENTS * ATTEMPTS - IN_STOCK}
    there = keeper.balances(("place",))["P"]
    assert (there["on_hand"], there["held"]) == (IN_STOCK, IN_STOCK)
    books = read_books(database_url)
    held = [r for r in books.movements if r["posting"] == "hold"]
    assert len(held) == len(books.reservations) == IN_STOCK
    assert {r["open"] for r in books.reservations} == {10**6}
    engine.store.close()


def rush(url: str, threads: int, results: "multiprocessing.Queue[Any]") -> None:
    """A process of some clients, each of which tries to reserve one piece again and again."""
    engine, answers = open_engine(url), list[str]()
    line = {"kind": "hold", "item": "HOT", "place": "P", "quantity": "1"}

    def client() -> None:
        for _ in range(ATTEMPTS):
            answer = perform(engine, SubmitRecord("entry", {"lines": [line]}, "post"), SYSTEM)
            answers.append(answer.items[0].code if isinstance(answer, Problems) else "reserved")

    clients = [threading.Thread(target=client) for _ in range(threads)]
    for one in clients:
        one.start()
    for one in clients:
        one.join()
    engine.store.close()
    results.put(Counter(answers))
