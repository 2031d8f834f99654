"""Posting rules whose expressions cannot be worked out: they stop, whatever part it is; nothing is taken for zero or for false."""

import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from engine.actions import install_pack, open_engine, perform
from engine.actions.commands import SubmitRecord
from engine.actor import SYSTEM, Actor
from engine.clock import CountingIds, SystemClock
from engine.effects import Effect, Outcome
from engine.packs import read_pack
from engine.problems import Problems
from engine.registers import Event, Register, plan_postings
from engine.registers.definition import Dimension, Measure, PostingRule
from engine.rules import ANY, BOOLEAN, NUMBER, TEXT, Checked, Scope, check
from engine.texts import wording
from engine.values import NIL
from tests.support.workshop import texts

CLERK = Actor(NIL, "Cleo", frozenset({"clerk"}))
PARTS = [
    ("when", {"when": "number(place) > 1"}),
    ("item", {"at": {"item": "if number(place) > 1 then item else item", "place": "place"}}),
    ("place", {"at": {"item": "item", "place": "string(if number(place) > 1 then 1 else 2)"}}),
    ("on_hand", {"add": {"on_hand": "if number(place) > 1 then 1 else 2"}}),
    ("effective", {"effective": "if number(place) > 1 then today() else today()"}),
]


@pytest.mark.parametrize(("part", "change"), PARTS, ids=[part for part, _ in PARTS])
def test_a_part_that_cannot_be_worked_out_stops(sqlite_url: str, part: str, change: dict[str, object]) -> None:
    """An error in any part of a posting refuses the record; designers read which part of it and its values, others a plain sentence."""
    files = texts("")
    register = json.loads(files["registers/pieces.json"])
    register["postings"][0] |= change
    pack = read_pack(files | {"registers/pieces.json": json.dumps(register)})
    assert not isinstance(pack, Problems)
    engine = open_engine(sqlite_url)
    installed = install_pack(engine, pack)
    assert not isinstance(installed, Problems), [(p.code, p.place, dict(p.params)) for p in installed]
    assert isinstance(perform(engine, SubmitRecord("item", {"code": "A"}), SYSTEM), Outcome)
    assert isinstance(
        perform(engine, SubmitRecord("move", {"item": "A", "place": "7", "quantity": 1}), SYSTEM), Outcome
    )
    bad = SubmitRecord("move", {"item": "A", "place": "x", "quantity": 1})
    told, plain = perform(engine, bad, SYSTEM), perform(engine, bad, CLERK)
    assert isinstance(told, Problems)
    assert isinstance(plain, Problems)
    assert [p.code for p in told] == ["registers.posting_failed_at"]
    params = told.first.params
    assert (params["what"], params["reason"]) == (part, "FUNCTION_INVOCATION_FAILURE")
    assert (params["part"], params["values"]) == ("number(place)", '"x"')
    assert [(p.code, p.params["part"]) for p in plain] == [("registers.posting_failed", part)]
    assert "number(place)" not in " ".join(wording(plain.first, "en"))


SCOPE = Scope({"place": TEXT, "count": NUMBER, "zero": NUMBER, "wanted": BOOLEAN, "order": ANY})
"""It does not say what may be empty or zero, so `check` lets through what it would refuse in a pack."""
ROW = {"place": "P", "count": Decimal(2), "zero": Decimal(0), "wanted": True, "order": str(UUID(int=9))}
USUAL = {
    "when": "wanted",
    "at": "place",
    "add": "count",
    "quantity": "count",
    "demand": "order",
    "effective": "today()",
}
DIVISIONS = [
    ("when", "move", {"when": "1 / zero > 0"}),
    ("when", "move", {"when": "1 / zero > 0 or wanted"}),
    ("when", "reserve", {"when": "1 / zero > 0"}),
    ("when", "settle", {"when": "1 / zero > 0"}),
    ("place", "move", {"at": "string(1 / zero)"}),
    ("on_hand", "move", {"add": "1 / zero"}),
    ("on_hand", "move", {"add": "if 1 / zero > 0 then 1 else 2"}),
    ("quantity", "reserve", {"quantity": "1 / zero"}),
    ("quantity", "settle", {"quantity": "1 / zero"}),
    ("demand", "settle", {"demand": "if 1 / zero > 0 then order else order"}),
    ("effective", "move", {"effective": "if 1 / zero > 0 then today() else today()"}),
]
NOTHINGS = [
    ("wanted", "move", None),
    ("place", "move", "place"),
    ("count", "move", "on_hand"),
    ("count", "reserve", "quantity"),
    ("order", "settle", "demand"),
]


@dataclass
class Asked:
    """A posting that someone asks for."""

    actor: Actor
    facts: Any = None  # none is read: what cannot be worked out stops before
    ids: CountingIds = field(default_factory=CountingIds)
    moment: Any = field(default_factory=lambda: SystemClock().now())


def posted(do: Any, change: dict[str, str], row: dict[str, Any], actor: Actor) -> tuple[Effect, ...] | Problems:
    """What one row posts by the usual rule with a change."""
    parts: dict[str, Any] = {name: check(text, SCOPE) for name, text in (USUAL | change).items()}
    assert all(isinstance(part, Checked) for part in parts.values())
    parts |= {"at": {"place": parts["at"]}, "add": {"on_hand": parts["add"]}}
    made = PostingRule("r", "f", "created", do, None, **parts)
    place = Dimension("d", "place", {"en": "Place"}, "text", None, optional=False)
    measures = tuple(Measure(name, name, {"en": name}, 0, 0) for name in ("on_hand", "held"))
    register = Register("r", "pieces", {"en": "Pieces"}, (place,), measures, (), (), (), (made,), "held", None)
    event = Event("f", "created", UUID(int=1))
    return plan_postings({"pieces": register}, event, lambda _: [(None, "/lines/0", row)], Asked(actor))


@pytest.mark.parametrize(("part", "do", "change"), DIVISIONS)
def test_a_division_by_zero_stops(part: str, do: str, change: dict[str, str]) -> None:
    """A part that divides by zero stops the posting: designers read the division and its values, others the name of the part alone."""
    told, plain = posted(do, change, ROW, SYSTEM), posted(do, change, ROW, CLERK)
    assert isinstance(told, Problems)
    assert isinstance(plain, Problems)
    register = {"en": "Pieces"}
    assert [(p.code, p.place, dict(p.params)) for p in told] == [
        ("registers.posting_failed_at", "/lines/0",
         {"register": register, "what": part, "reason": "DIVISION_BY_ZERO", "part": "1 / zero", "values": "1, 0"}),
    ]  # fmt: skip
    assert [(p.code, p.place, dict(p.params)) for p in plain] == [
        ("registers.posting_failed", "/lines/0", {"register": register, "part": part})
    ]


@pytest.mark.parametrize("actor", [SYSTEM, CLERK], ids=["designer", "clerk"])
@pytest.mark.parametrize(("empty", "do", "part"), NOTHINGS)
def test_a_part_that_is_empty_without_an_error(empty: str, do: str, part: str | None, actor: Actor) -> None:
    """A condition that is null without an error counts as not; any other part stops, in the same words for all."""
    found = posted(do, {}, ROW | {empty: None}, actor)
    if part is None:
        assert found == ()
    else:
        assert isinstance(found, Problems)
        assert [(p.code, p.params["part"]) for p in found] == [("registers.posting_failed", part)]
