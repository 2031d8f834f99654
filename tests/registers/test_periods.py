"""Periods: what is closed stays as it was; who may date back, close and reopen; and what a backdated posting would change, told before."""

from datetime import date

import pytest

from engine.actions import Audit, Engine, answer, audit_registers, perform, preview
from engine.actions import queries as q
from engine.actions.commands import ClosePeriod, ReopenPeriod, SubmitRecord
from engine.actor import SYSTEM, Actor
from engine.effects import Outcome
from engine.problems import Problems
from engine.values import NIL
from tests.support.ledger import Keeper, a_day, day_end, ledger_site
from tests.support.sites import one_site_each

ledger = one_site_each(ledger_site)
CLERK = Actor(NIL, "Cleo", frozenset({"clerk"}))
KEEPER = Actor(NIL, "Kim", frozenset({"keeper"}))


@pytest.fixture
def keeper(ledger: Engine) -> Keeper:
    """Someone on a register that is open."""
    perform(ledger, ReopenPeriod("goods", None, "a new test"), SYSTEM)
    return Keeper(ledger)


def day(number: int) -> date:
    return date.fromisoformat(a_day(str(number)))


def codes(found: Outcome | Problems) -> list[str]:
    return [p.code.partition(".")[2] for p in found] if isinstance(found, Problems) else []


def test_nothing_takes_effect_in_a_closed_period(keeper: Keeper) -> None:
    """Postings, reversals at their time and counts before the closed day are refused, naming the day; later ones are not."""
    assert codes(keeper.do("3: in 10 P as r")) == []
    closed = keeper.perform(ClosePeriod("goods", day(5), "month end"))
    assert isinstance(closed, Outcome)
    refused = keeper.do("4: in 1 P")
    assert codes(refused) == ["period_closed"]
    assert isinstance(refused, Problems)
    assert (refused.first.params["date"], refused.first.params["until"]) == (a_day("4"), a_day("5"))
    assert codes(keeper.do("5: count 3 P")) == ["period_closed"]
    assert codes(keeper.do("undo r")) == ["period_closed"]
    assert codes(keeper.do("reverse r")) == []
    assert codes(keeper.do("6: in 1 P")) == []
    assert codes(keeper.do("in 1 P")) == []


def test_closing_and_reopening(keeper: Keeper) -> None:
    """A day that is not over is not closed, nor one that is closed already; reopening needs a reason; all of it is kept with names."""
    assert codes(keeper.perform(ClosePeriod("goods", day(20)))) == ["period_not_over"]
    assert codes(keeper.perform(ClosePeriod("goods", day(10)))) == []
    assert codes(keeper.perform(ClosePeriod("goods", day(10)))) == ["period_closed_already"]
    assert codes(keeper.perform(ReopenPeriod("goods", day(12), "why not"))) == ["period_open_already"]
    assert codes(keeper.perform(ReopenPeriod("goods", day(4), " "))) == ["reason_missing"]
    assert codes(keeper.perform(ReopenPeriod("goods", day(4), "an invoice came late"))) == []
    shown = answer(keeper.engine, q.Periods("goods"), SYSTEM)
    assert isinstance(shown, dict)
    assert shown["until"] == a_day("4")
    entry = shown["history"][0]
    assert (entry["what"], entry["reason"], entry["name"]) == ("reopen", "an invoice came late", "system")
    assert codes(keeper.do("5: in 1 P")) == []


def test_rights_on_dates_and_periods(keeper: Keeper) -> None:
    """How far back and ahead one may post, and who may close and reopen, is what roles say; no grant is no right."""

    def entry(number: int) -> SubmitRecord:
        line = {"kind": "in", "item": keeper.item, "place": "P", "quantity": 1}
        return SubmitRecord("entry", {"day": a_day(str(number)), "lines": [line]}, "post")

    for actor, number, expected in (
        (KEEPER, 20, []), (KEEPER, 13, []), (KEEPER, 12, ["backdating_not_allowed"]), (KEEPER, 21, ["forward_dating_not_allowed"]),
        (CLERK, 20, []), (CLERK, 19, ["backdating_not_allowed"]),
    ):  # fmt: skip
        assert codes(perform(keeper.engine, entry(number), actor)) == expected, (actor.name, number)
    assert codes(perform(keeper.engine, ClosePeriod("goods", day(2)), CLERK)) == ["closing_not_allowed"]
    assert codes(perform(keeper.engine, ClosePeriod("goods", day(2)), KEEPER)) == []
    assert codes(perform(keeper.engine, ReopenPeriod("goods", None, "x"), KEEPER)) == ["reopening_not_allowed"]


def test_what_one_is_told_of_periods(keeper: Keeper) -> None:
    """Whoever sees the register reads until when it is closed, what they may do about it and for how many days they may post; costs that
    wait are counted."""
    keeper.perform(ClosePeriod("goods", day(5), "month end"))
    for actor, may in (
        (CLERK, {"close": False, "reopen": False, "back": 0, "ahead": 0}), (KEEPER, {"close": True, "reopen": False, "back": 7, "ahead": 0}),
    ):  # fmt: skip
        told = answer(keeper.engine, q.Periods("goods"), actor)
        assert isinstance(told, dict)
        assert (told["until"], told["may"], told["waiting"]) == (a_day("5"), may, 0)
        assert told["history"][0]["reason"] == "month end"
    stranger = answer(keeper.engine, q.Periods("goods"), Actor(NIL, "Sam", frozenset()))
    assert codes(stranger) == ["no_such_register"]  # type: ignore[arg-type]


def test_corrections_of_closed_periods_are_booked_on_the_first_open_day(keeper: Keeper) -> None:
    """A late cost of goods that went out in a closed period changes no closed balance; all of it appears on the first open day."""
    keeper.do("1: buy 10 P @ 100 as r")
    keeper.do("3: out 4 P")
    keeper.perform(ClosePeriod("goods", day(5)))
    assert codes(keeper.do("8: late 0 P @ 20 of r")) == []
    assert keeper.balances(("zone",), at=day_end("5"))["one"]["value"] == 60
    assert keeper.balances(("zone",), at=day_end("6"))["one"]["value"] == 72
    assert keeper.balances(("zone",))["one"]["value"] == 72
    audit = audit_registers(keeper.engine)
    assert isinstance(audit, Audit)
    assert audit.is_right


def test_what_a_backdated_posting_would_change(keeper: Keeper) -> None:
    """A preview says how many records would change and by how much; it writes nothing, and what then happens is what it said."""
    keeper.do("1: buy 10 P @ 100")
    for number in (5, 6, 7):
        keeper.do(f"{number}: out 2 P")
    keeper.do("8: send 2 P>R")
    line = {"kind": "buy", "item": keeper.item, "place": "P", "quantity": 10, "amount": 300}
    command = SubmitRecord("entry", {"day": a_day("3"), "lines": [line]}, "post")
    told = preview(keeper.engine, command, SYSTEM)
    assert isinstance(told, dict)
    [costs] = told["costs"]
    assert (costs["records"], costs["changed"], costs["closed"], costs["complete"]) == (4, "100", 0, True)
    assert keeper.balances(("zone",))["one"]["value"] == 20  # 2 of 10 left at 10, nothing has happened
    assert isinstance(keeper.perform(command), Outcome)
    assert keeper.balances(("zone",))["one"]["value"] == 240
    assert keeper.balances(("zone",))["two"]["value"] == 40


def test_a_preview_is_refused_like_the_posting(keeper: Keeper) -> None:
    """What may not be posted cannot be previewed either, for the same reasons."""
    line = {"kind": "out", "item": keeper.item, "place": "P", "quantity": 10}
    refused = preview(keeper.engine, SubmitRecord("entry", {"day": a_day("3"), "lines": [line]}, "post"), SYSTEM)
    assert codes(refused) == ["constraint_broken", "constraint_broken"]  # type: ignore[arg-type]
