"""Which postings are worth a preview of costs, as the description of a form tells the runtime; and whom a preview tells what."""

from typing import Any

import pytest

from engine.actions import Engine, answer, install_pack, open_engine, preview
from engine.actions import queries as q
from engine.actions.commands import SubmitRecord
from engine.actor import SYSTEM, Actor
from engine.clock import FixedClock, moment_at
from engine.problems import Problems
from engine.values import NIL
from tests.support.ledger import AT, GOODS, NOON, Keeper, ledger_pack, ledger_site
from tests.support.sites import one_site_each

ledger = one_site_each(ledger_site)
POSTER = Actor(NIL, "Pat", frozenset({"poster"}))
IN: dict[str, Any] = {
    "name": "in", "form": "entry", "on": "posted", "rows": "lines", "at": AT, "add": {"on_hand": "quantity"}, "effective": "record.day",
    "when": "record.day != null",
}  # fmt: skip
LATE = {
    "name": "late", "form": "entry", "on": "posted", "rows": "lines", "at": AT, "add": {"value": "amount"}, "cost": {"onto": "record.order"},
    "when": "record.order != null and amount != null",
}  # fmt: skip
UNDO = {"name": "undo", "form": "entry", "on": "undone", "do": "reverse", "keeps_time": True}
REVERSE = {"name": "reverse", "form": "entry", "on": "reversed", "do": "reverse"}


@pytest.mark.parametrize(
    ("postings", "told"),
    [
        ([IN], [("state:posted", "day")]),
        ([{**IN, "effective": "if record.day = null then today() else record.day"}], [("state:posted", "day")]),
        ([{**IN, "effective": 'record.day - @"P1D"'}], [("state:posted", None)]),
        ([{k: v for k, v in IN.items() if k != "effective"}], []),
        ([{**IN, "add": {"boxes": "quantity"}}], []),
        ([{**IN, "on": "created"}, {**IN, "name": "more"}], [("created", "day"), ("state:posted", "day")]),
        ([IN, UNDO, REVERSE], [("state:posted", "day"), ("state:undone", "day")]),
        ([IN, LATE, REVERSE], [("state:posted", None), ("state:reversed", None)]),
        ([{**IN, "on": "rule"}], [("rule:in", "day")]),
    ],
    ids=["field", "or-today", "shifted", "today", "not-valued", "events", "at-its-time", "onto", "by-a-rule"],
)
def test_what_may_change_costs(sqlite_url: str, postings: list[Any], told: list[tuple[str, str | None]]) -> None:
    """A form tells at which events, and in which field the day stands that decides; without a day where it cannot be told by one field, or
    where costs change whatever the day; nothing of postings that are always of today or move nothing valued."""
    engine = open_engine(sqlite_url, clock=FixedClock(moment_at(NOON)))
    installed = install_pack(engine, ledger_pack(goods={**GOODS, "postings": postings}))
    assert not isinstance(installed, Problems), [(p.code, p.place) for p in installed]
    assert described(engine, SYSTEM) == told
    assert described(engine, POSTER) == []  # who does not see the register is told nothing of it


def described(engine: Engine, actor: Actor) -> list[tuple[str, str | None]]:
    found = answer(engine, q.DescribeForm("entry"), actor)
    assert isinstance(found, dict)
    return [(r["on"], r["day"]) for r in found["revalues"]]


def test_a_preview_tells_only_of_registers_that_one_sees(ledger: Engine) -> None:
    """Who posts without seeing the ledger is told no costs of it."""
    keeper = Keeper(ledger)
    keeper.do("1: buy 10 P @ 100 as r")
    keeper.do("5: out 2 P")
    line = {"kind": "late", "item": keeper.item, "place": "P", "quantity": 0, "amount": 20}
    command = SubmitRecord("entry", {"order": str(keeper.known["r"]), "lines": [line]}, "post")
    for actor, told in ((SYSTEM, ["4"]), (POSTER, [])):
        found = preview(ledger, command, actor)
        assert isinstance(found, dict), list(found)
        assert [c["changed"] for c in found["costs"]] == told
