"""A ledger under fire: sixteen clients in several processes post, reserve, ship, transfer, count, backdate, undo and reverse at random on few
things, on both databases. Afterwards an auditor who does not know the engine goes through every row.

DOUGONG_FIRE_SEED sets the seed that is printed, DOUGONG_FIRE_OPERATIONS how much each client does.
"""

import os
import random
from collections import Counter
from typing import Final

import pytest

from engine.actions import Audit, Engine, audit_registers, perform
from engine.actions.commands import RecostRegister
from engine.actor import SYSTEM
from engine.clock import SystemClock
from engine.effects import Outcome
from tests.support.fire import Deed, fire, stocked
from tests.support.fire_auditor import audit
from tests.support.fire_books import read_books
from tests.support.ledger import ledger_site

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
