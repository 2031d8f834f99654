"""Posting rules that pick: what cannot be meant is told at its place when the pack is checked; and rules that watch balances hear of picks."""

import json
from datetime import date
from typing import Any

import pytest

from engine.actions import answer, install_pack, open_engine
from engine.actions import queries as q
from engine.actions.commands import ClosePeriod, SubmitRecord
from engine.actor import SYSTEM
from engine.effects import Outcome
from engine.packs import check_pack, read_pack
from engine.problems import Problems
from engine.worker import Drainer
from tests.support.ledger import AT, ENTRY, GOODS, HEAD, ITEM, LOT, PLACE, Keeper, ledger_pack, ledger_site

RESERVE = {"name": "r", "form": "entry", "on": "posted", "rows": "lines", "when": 'kind = "r"', "do": "reserve"}


def problems_of(posting: dict[str, Any], **register: Any) -> list[tuple[str, str]]:
    """(code, place) of what is wrong with a posting, in a register that is otherwise sound."""
    given = {"quantity": "quantity", "at": AT, **RESERVE, **posting}
    whole = {**GOODS, "postings": [given], **register}
    found = check_pack(ledger_pack(goods=whole))
    return [] if found is None else [(p.code, p.place) for p in found]


@pytest.mark.parametrize(
    ("posting", "code", "place"),
    [
        ({"pick": {"order": "fefo"}}, "registers.part_missing", "/pick"),
        ({"pick": {"order": "nearest"}}, "registers.part_missing", "/pick"),
        ({"pick": {"order": "fefo", "by": "lot.nothing"}}, "rules.unknown_entry", "/pick/by"),
        ({"pick": {"order": "fifo", "only": "lot.expires"}}, "rules.wrong_type", "/pick/only"),
        ({"pick": {"order": "fifo"}, "at": {"place": "place"}}, "registers.dimension_missing", "/at"),
        ({"pick": {"order": "named"}, "at": {"item": "item"}}, "registers.dimension_missing", "/at"),
        ({"do": "move", "add": {"on_hand": "1"}, "pick": {"order": "fifo"}}, "registers.only_for_reservations", "/pick"),
        ({"do": "move", "add": {"on_hand": "1"}, "priority": "1"}, "registers.only_for_reservations", "/priority"),
        ({"priority": '"high"'}, "rules.wrong_type", "/priority"),
        ({"pick": {"order": "random"}}, "packs.wrong_value", "/pick/order"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant(posting: dict[str, Any], code: str, place: str) -> None:
    """One mistake, one problem at its place."""
    assert problems_of(posting) == [(code, f"/postings/0{place}")]


def test_nothing_limits_what_is_picked() -> None:
    """Without a refusing constraint that weighs the reserved measure there is nothing to pick by."""
    picks = {"pick": {"order": "fifo"}}
    warning = [{"name": "soft", "that": "on_hand - held >= 0", "then": "warn"}]
    assert problems_of(picks, constraints=warning) == [("registers.nothing_limits", "/postings/0/pick")]
    assert problems_of(picks) == []


def test_what_is_open_may_be_left_out() -> None:
    """All dimensions but the first may be left out where they are found."""
    assert problems_of({"pick": {"order": "fifo"}, "at": {"item": "item"}}) == []


RULES = """
rule "low" for goods after balance on_hand - held falls below 3 per item, zone then notify role boss that string(balance)
rule "lot" for goods after balance on_hand - held falls below 2 per item, place, lot, zone then notify role boss that string(balance)
"""
BOSS = {"role": "boss", "label": {"en": "Boss"}, "grants": []}


def test_rules_that_watch_balances_hear_of_picks(database_url: str) -> None:
    """A pick that takes a balance below its threshold makes the rule fire, where its line names all that the rule watches by."""
    files = {"pack.json": HEAD, "registers/goods.json": GOODS, "roles/boss.json": BOSS}
    files |= {f"forms/{f['form']}.json": f for f in (ITEM, LOT, PLACE, ENTRY)}
    pack = read_pack({**{name: json.dumps(f) for name, f in files.items()}, "rules/low.rule": RULES})
    assert not isinstance(pack, Problems)
    engine = open_engine(database_url)
    installed = install_pack(engine, pack)
    assert not isinstance(installed, Problems), [(p.code, p.place, dict(p.params)) for p in installed]
    keeper = Keeper(engine)
    for form, values in (("lot", {"code": "L1"}), ("lot", {"code": "L2"}), ("place", {"code": "P", "zone": "one"})):
        assert isinstance(keeper.perform(SubmitRecord(form, values)), Outcome)

    for order in ("in 4 P/L1 + in 4 P/L2", "pick 5 P", "pick 1 P", "pick 1 P/L2"):
        assert isinstance(keeper.do(order), Outcome)
    Drainer(engine).drain()

    found = answer(engine, q.RuleFirings(), SYSTEM)
    assert not isinstance(found, Problems)
    assert sorted((f["rule"], f["values"]["balance"]) for f in found["firings"]) == [("lot", "1"), ("low", "2")]
    engine.store.close()


def test_nothing_is_picked_in_a_closed_period(database_url: str) -> None:
    """A pick is dated like any posting: not before the first open day."""
    engine = ledger_site(database_url)
    keeper = Keeper(engine)
    assert isinstance(keeper.do("1: in 4 P/L1"), Outcome)
    assert isinstance(keeper.perform(ClosePeriod("goods", date(2026, 3, 10), "")), Outcome)

    refused, done = keeper.do("10: pick 1 P"), keeper.do("11: pick 1 P")

    assert isinstance(refused, Problems)
    assert refused.first.code == "registers.period_closed"
    assert isinstance(done, Outcome)
    engine.store.close()
