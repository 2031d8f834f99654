"""Explain: what a balance and a cost are made of, and what came of what, as a person would follow it."""

from typing import Any

import pytest

from engine.actions import Engine, answer
from engine.actions import queries as q
from engine.actor import SYSTEM
from engine.problems import Problems
from tests.support.ledger import Keeper, a_day, ledger_site
from tests.support.sites import one_site_each

ledger = one_site_each(ledger_site)


@pytest.fixture
def keeper(ledger: Engine) -> Keeper:
    """Bought, made, moved, and the freight came late."""
    keeper = Keeper(ledger)
    for line in (
        "1: buy 10 P @ 100 as r", "2: use 5 P + make 1 *P @ 3 as m", "3: send 1 *P>R as s", "4: out 1 *R as o", "5: late 0 P @ 20 of r",
    ):  # fmt: skip
        found = keeper.do(line)
        assert not isinstance(found, Problems), list(found)
    return keeper


def asked(keeper: Keeper, query: Any) -> dict[str, Any]:
    found = answer(keeper.engine, query, SYSTEM)
    assert not isinstance(found, Problems), list(found)
    return found


def movement(keeper: Keeper, name: str, posting: str) -> int:
    record = str(keeper.known[name])
    rows = asked(keeper, q.Movements("goods", {}, limit=200))["rows"]
    return next(
        int(r["id"]) for r in rows if r["record"]["id"] == record and r["posting"] == posting and not r["reason"]
    )


def test_a_balance_is_its_postings(keeper: Keeper) -> None:
    """The postings of a balance add up to it; the constraints on its key say what is left; a pool tells its layers and their age."""
    where = {"item": str(keeper.record("item", keeper.item)), "zone": "one"}
    found = asked(keeper, q.ExplainBalance("goods", where))
    assert found["balance"] == {"on_hand": "5", "held": "0", "boxes": "0", "value": "60"}
    assert {(p["posting"], p["amounts"]["on_hand"], p["amounts"]["value"]) for p in found["postings"]} == {
        ("buy", "10", "100"), ("use", "-5", "-60"), ("late", "0", "20")}  # fmt: skip
    assert [(c["name"], c["left"]) for c in found["constraints"]] == [("available", "5")]
    cost = found["cost"]
    assert (cost["method"], cost["quantity"], cost["value"], cost["waiting"]) == ("average", "5", "60", False)
    [layer] = cost["layers"]
    assert (layer["age"], layer["quantity"], layer["record"]["id"]) == (19, "5", str(keeper.known["r"]))


def test_a_cost_is_where_it_came_from(keeper: Keeper) -> None:
    """What was made names what was used, with quantities; the late freight is told as learnt later."""
    made = asked(keeper, q.ExplainMovement("goods", movement(keeper, "m", "make")))["cost"]
    assert made["value"] == "63"
    [used] = made["from"]
    assert (used["posting"], used["quantity"], used["value"], made["more_from"]) == ("use", "5", "-60", 0)
    assert [(later["reason"], later["amounts"]["value"]) for later in made["later"]] == [("correction", "10")]
    bought = asked(keeper, q.ExplainMovement("goods", movement(keeper, "r", "buy")))["cost"]
    assert (bought["given"], bought["value"]) == ("120", "120")
    assert [(later["reason"], later["amounts"]["value"]) for later in bought["later"]] == [("late", "20")]
    taken = asked(keeper, q.ExplainMovement("goods", int(used["id"])))["cost"]
    [piece] = taken["pieces"]
    assert (piece["day"], piece["quantity"], piece["value"]) == (a_day("1"), "5", "60")
    assert piece["movement"]["posting"] == "buy"
    assert [(t["posting"], t["value"]) for t in taken["to"]] == [("make", "63")]


def test_what_came_of_what_over_all_levels(keeper: Keeper) -> None:
    """Down from what was bought to all that was made of it, whatever it lay in between; up again the same way, with quantities."""
    for line in ("6: buy 4 P/L1 @ 40", "7: use 4 P/L1 + make 2 *P/L2 @ 0", "8: use 1 *P/L2 + make 1 *R/L3 @ 0"):
        found = keeper.do(line)
        assert not isinstance(found, Problems), list(found)
    item, other = (str(keeper.record("item", code)) for code in (keeper.item, f"{keeper.item}x"))
    lots = {code: str(keeper.record("lot", code)) for code in ("L1", "L2", "L3")}

    def walk(item: str, lot: str, *, down: bool) -> list[tuple[int, str, str, str]]:
        found = asked(keeper, q.Genealogy("goods", {"item": item, "lot": lots[lot]}, down))
        assert found["complete"]
        return [
            (r["level"], r["key"]["lot"]["title"], r["other"]["lot"]["title"], r["quantity"]) for r in found["rows"]
        ]

    assert walk(item, "L1", down=True) == [(1, "L1", "L2", "4"), (2, "L2", "L3", "1")]
    assert walk(other, "L3", down=False) == [(1, "L3", "L2", "1"), (2, "L2", "L1", "4")]


def test_what_was_undone_is_no_descent(keeper: Keeper) -> None:
    """Undoing what was made leaves nothing of the goods in it."""
    keeper.do("6: buy 4 P/L1 @ 40")
    keeper.do("7: use 4 P/L1 + make 2 *P/L2 @ 0 as x")
    keeper.do("undo x")
    where = {"item": str(keeper.record("item", keeper.item)), "lot": str(keeper.record("lot", "L1"))}
    assert asked(keeper, q.Genealogy("goods", where))["rows"] == []
