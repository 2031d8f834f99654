"""Posting rules whose expressions cannot be worked out: they stop, whatever part it is; nothing is taken for zero or for false."""

import json

import pytest

from engine.actions import install_pack, open_engine, perform
from engine.actions.commands import SubmitRecord
from engine.actor import SYSTEM, Actor
from engine.effects import Outcome
from engine.packs import read_pack
from engine.problems import Problems
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
