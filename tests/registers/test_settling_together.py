"""Many clients who settle one planned movement, at once: exactly what was planned comes off it, and nobody is told to try again."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

from engine.actions import Engine
from engine.actions.commands import SubmitMany, SubmitRecord
from engine.actions.gather import facts_of, gather
from engine.actor import SYSTEM
from engine.effects import Outcome
from engine.facts import StoredPlanned
from engine.problems import Problems
from tests.support.ledger import Keeper, ledger_site
from tests.support.sites import one_site_each

ledger = one_site_each(ledger_site)
CLIENTS = 20


def together(keeper: Keeper, orders: Sequence[str]) -> list[str]:
    """What came of each order, all given at the same moment: "done", or the code of what refused it."""
    start = Barrier(len(orders))

    def give(order: str) -> Outcome | Problems:
        start.wait()
        return keeper.do(order)

    with ThreadPoolExecutor(len(orders)) as clients:
        return [o.first.code if isinstance(o, Problems) else "done" for o in clients.map(give, orders)]


def planned(keeper: Keeper, name: str) -> tuple[StoredPlanned, ...]:
    """What is open of a record's planned movements."""
    with gather(keeper.engine, SYSTEM) as planning:
        assert not isinstance(planning, Problems)
        return facts_of(planning).ledger("goods").planned(keeper.known[name])


def fulfilled(keeper: Keeper, record: UUID) -> int:
    """How much a record has taken off planned movements, in millionths."""
    with gather(keeper.engine, SYSTEM) as planning:
        assert not isinstance(planning, Problems)
        return sum(entry.quantity for entry, _ in facts_of(planning).ledger("goods").fulfilments(record))


def test_one_planned_movement_settled_to_the_last(ledger: Engine) -> None:
    """Twenty deliveries of one each on an order of twenty: all are written, and nothing of the order is open."""
    keeper = Keeper(ledger)
    assert isinstance(keeper.do("1: expect 20 P due 25 as order"), Outcome)
    assert together(keeper, ["arrive 1 P of order"] * CLIENTS) == ["done"] * CLIENTS
    assert planned(keeper, "order") == ()
    assert keeper.balances(("place",))["P"]["on_hand"] == 20


def test_more_comes_than_was_planned(ledger: Engine) -> None:
    """Twenty deliveries of one each on an order of seven and a half: all come in, and what came off the order is what it was."""
    keeper = Keeper(ledger)
    assert isinstance(keeper.do("1: expect 7.5 P due 25 as order"), Outcome)
    names = [f"d{n}" for n in range(CLIENTS)]
    assert together(keeper, [f"arrive 1 P of order as {name}" for name in names]) == ["done"] * CLIENTS
    assert planned(keeper, "order") == ()
    assert -sum(fulfilled(keeper, keeper.known[name]) for name in names) == 7_500_000
    assert keeper.balances(("place",))["P"]["on_hand"] == 20


def test_deliveries_and_their_reversals(ledger: Engine) -> None:
    """Ten deliveries are taken back while ten more come: what is open in the end is what the ten that stand have left."""
    keeper = Keeper(ledger)
    assert isinstance(keeper.do("1: expect 20 P due 25 as order"), Outcome)
    for n in range(CLIENTS // 2):
        assert isinstance(keeper.do(f"arrive 1 P of order as d{n}"), Outcome)
    orders = [f"reverse d{n}" for n in range(CLIENTS // 2)] + ["arrive 1 P of order"] * (CLIENTS // 2)
    assert together(keeper, orders) == ["done"] * CLIENTS
    assert sum(p.open for p in planned(keeper, "order")) == 10_000_000
    assert keeper.balances(("place",))["P"]["on_hand"] == 10


def test_several_planned_movements_of_one_order(ledger: Engine) -> None:
    """Deliveries that run over from one planned movement to the next take each to the last, whoever comes first."""
    keeper = Keeper(ledger)
    assert isinstance(keeper.do("1: expect 3 P due 24 + expect 5 P due 25 + need 4 Q due 26 as order"), Outcome)
    orders = ["arrive 0.5 P of order"] * 16 + ["arrive 1 Q of order"] * 4
    assert together(keeper, orders) == ["done"] * CLIENTS
    assert planned(keeper, "order") == ()


def test_two_deliveries_in_one_call(ledger: Engine) -> None:
    """Records that are written together take off one after the other."""
    keeper = Keeper(ledger)
    assert isinstance(keeper.do("1: expect 3 P due 25 as order"), Outcome)
    order = str(keeper.known["order"])
    line = {"kind": "arrive", "item": keeper.item, "place": "P", "quantity": "2"}
    delivery = SubmitRecord("entry", {"order": order, "lines": [line]}, "post")
    assert isinstance(keeper.perform(SubmitMany("entry", [delivery, delivery])), Outcome)
    assert planned(keeper, "order") == ()
    assert keeper.balances(("place",))["P"]["on_hand"] == 4
