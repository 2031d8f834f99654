"""Many clients who reserve what is scarce, at once: exactly what is there is reserved, lot by lot, and nobody is told of a lock."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier

import pytest

from engine.actions import Audit, Engine, audit_registers
from engine.effects import Outcome
from engine.problems import Problems
from tests.support.ledger import Keeper, ledger_site
from tests.support.sites import one_site_each

ledger = one_site_each(ledger_site)
CLIENTS = 20


def together(keeper: Keeper, orders: list[str]) -> list[Outcome | Problems]:
    """What came of each order, all given at the same moment."""
    start = Barrier(len(orders))

    def give(order: str) -> Outcome | Problems:
        start.wait()
        return keeper.do(order)

    with ThreadPoolExecutor(len(orders)) as clients:
        return list(clients.map(give, orders))


def codes(outcomes: list[Outcome | Problems]) -> Counter[str]:
    return Counter(o.first.code if isinstance(o, Problems) else "done" for o in outcomes)


def check(keeper: Keeper, stock: dict[str, str]) -> None:
    """Every lot is reserved to the last piece, none beyond, and all tables agree."""
    got = {lot: row["held"] for lot, row in keeper.balances(("lot",)).items()}
    assert got == {lot: Decimal(n) for lot, n in stock.items()}
    audit = audit_registers(keeper.engine)
    assert isinstance(audit, Audit)
    assert audit.is_right, audit.found


@pytest.mark.parametrize("kind", ["pick", "newest", "fefo", "any"])
def test_one_scarce_thing_with_lots(ledger: Engine, kind: str) -> None:
    """Twenty orders of one each over ten pieces in three lots: ten get one, ten are told that there is none."""
    keeper = Keeper(ledger)
    for order in ("1: in 4 P/L1", "2: in 3 P/L2", "3: in 3 P/L3"):
        assert isinstance(keeper.do(order), Outcome)
    outcomes = together(keeper, [f"{kind} 1 P"] * CLIENTS)
    assert codes(outcomes) == {"done": 10, "registers.pick_short": 10}
    check(keeper, {"L1": "4", "L2": "3", "L3": "3"})


def test_as_much_as_there_is(ledger: Engine) -> None:
    """Twenty orders that want three each and take what they get: none of ten pieces is left, none is promised twice."""
    keeper = Keeper(ledger)
    for order in ("1: in 4 P/L1", "2: in 6 P/L2"):
        assert isinstance(keeper.do(order), Outcome)
    outcomes = together(keeper, ["some 3 P"] * CLIENTS)
    assert codes(outcomes) == {"done": 4, "registers.pick_short": 16}
    assert sum(bool(o.warnings) for o in outcomes if isinstance(o, Outcome)) == 1
    check(keeper, {"L1": "4", "L2": "6"})


def test_places_that_share_a_limit(ledger: Engine) -> None:
    """Orders at different places of a zone whose stock is partly promised by the zone: together not more than the zone leaves."""
    keeper = Keeper(ledger)
    for order in ("1: in 5 P/L1 + in 5 Q/L2", "keep 6 P"):
        assert isinstance(keeper.do(order), Outcome)
    outcomes = together(keeper, ["some 1 P", "some 1 Q"] * (CLIENTS // 2))
    assert codes(outcomes) == {"done": 4, "registers.pick_short": 16}
    assert keeper.balances(("zone",))["one"]["held"] == 10


def test_two_things_in_opposite_order(ledger: Engine) -> None:
    """Orders that want two things, one first or the other: none waits for another for ever, and both things are used up."""
    keeper = Keeper(ledger)
    assert isinstance(keeper.do("1: in 8 P/L1 + in 8 *P/L2"), Outcome)
    outcomes = together(keeper, ["pick 1 P + pick 1 *P", "pick 1 *P + pick 1 P + out 0.5 P/L1"] * (CLIENTS // 2))
    assert set(codes(outcomes)) <= {"done", "registers.pick_short", "registers.constraint_broken"}
    here, there = keeper.balances(("lot",))["L1"], keeper.balances(("lot",), other=True)["L2"]
    assert here["on_hand"] - here["held"] >= 0
    assert there["held"] == codes(outcomes)["done"]
    check(keeper, {"L1": str(here["held"])})
