"""Movements in the order of the business: what a balance at a moment was made of."""

from datetime import date
from typing import Any

import pytest

from engine.actions import Engine, answer
from engine.actions import queries as q
from engine.actor import SYSTEM
from engine.effects import Outcome
from engine.problems import Problems
from tests.support.ledger import Keeper, ledger_site
from tests.support.sites import one_site_each

ledger = one_site_each(ledger_site)


def on_hand(ledger: Engine, keeper: Keeper, **options: Any) -> tuple[list[str], str]:
    """What the movements of a page did to on hand, and the cursor."""
    where = {"item": str(keeper.record("item", keeper.item))}
    found = answer(ledger, q.Movements("goods", where, **options), SYSTEM)
    assert not isinstance(found, Problems), list(found)
    return [row["amounts"]["on_hand"] for row in found["rows"]], found["next"]


def test_backdated_movements_stand_where_they_count(ledger: Engine) -> None:
    """By day, what was written late stands before what happened later, on the same day in the order of writing; pages go on behind the last."""
    keeper = Keeper(ledger)
    for text in ("10: in 10 P", "12: in 1 P", "4: in 5 P", "10: out 2 P"):
        assert isinstance(keeper.do(text), Outcome), text
    assert on_hand(ledger, keeper)[0] == ["-2", "5", "1", "10"]
    assert on_hand(ledger, keeper, by_day=True) == (["1", "-2", "10", "5"], None)
    first, after = on_hand(ledger, keeper, by_day=True, limit=2)
    assert (first, on_hand(ledger, keeper, by_day=True, limit=2, after=after)) == (["1", "-2"], (["10", "5"], None))


def test_until_a_day_they_sum_up_to_its_balance(ledger: Engine) -> None:
    """Movements until the end of a day are those that its balance is the sum of."""
    keeper = Keeper(ledger)
    for text in ("4: in 5 P", "10: in 10 P", "10: out 2 P", "12: in 1 P"):
        assert isinstance(keeper.do(text), Outcome), text
    assert on_hand(ledger, keeper, by_day=True, at=date(2026, 3, 10))[0] == ["-2", "10", "5"]
    assert str(keeper.balances(("place",), at=date(2026, 3, 10))["P"]["on_hand"]) == "13"


def test_no_text_means_none_of_what_may_be_left_out(ledger: Engine) -> None:
    """A key without a lot is asked for with empty text; a dimension that must be there cannot be empty."""
    keeper = Keeper(ledger)
    for text in ("in 3 P", "in 4 P/L1"):
        assert isinstance(keeper.do(text), Outcome), text
    item = str(keeper.record("item", keeper.item))
    found = answer(ledger, q.Movements("goods", {"item": item, "lot": ""}), SYSTEM)
    assert not isinstance(found, Problems)
    assert [row["amounts"]["on_hand"] for row in found["rows"]] == ["3"]
    assert isinstance(answer(ledger, q.Movements("goods", {"item": ""}), SYSTEM), Problems)


@pytest.mark.parametrize(("by_day", "after"), [(True, "5"), (False, "5.5"), (True, "x.1"), (False, "last")])
def test_a_cursor_of_another_order_is_refused(ledger: Engine, by_day: bool, after: str) -> None:
    """A cursor belongs to its order."""
    found = answer(ledger, q.Movements("goods", by_day=by_day, after=after), SYSTEM)
    assert isinstance(found, Problems)
    assert found.first.code == "actions.cursor_unreadable"
