"""Gates of forms, actions and row rights: what cannot be worked out is never taken for an answer."""

import json
from uuid import UUID

import pytest

from engine.actions import Engine, answer, install_pack, open_engine, perform
from engine.actions.commands import PerformAction, SubmitRecord
from engine.actions.queries import GetRecord
from engine.actor import SYSTEM, Actor
from engine.effects import Outcome
from engine.packs import read_pack
from engine.problems import Problems
from engine.texts import wording
from engine.values import NIL
from tests.support.workshop import REQUEST, ROLES, texts

CLERK = Actor(NIL, "Cleo", frozenset({"clerk"}))
FAILS = "number(code) > 1"


def site(url: str, request: object, roles: object = ROLES[1]) -> Engine:
    files = texts("") | {"forms/request.json": json.dumps(request), "roles/clerk.json": json.dumps(roles)}
    pack = read_pack(files)
    assert not isinstance(pack, Problems)
    engine = open_engine(url)
    installed = install_pack(engine, pack)
    assert not isinstance(installed, Problems), [(p.code, p.file, p.place, dict(p.params)) for p in installed]
    return engine


def refused(engine: Engine, command: object, actor: Actor) -> Problems:
    found = perform(engine, command, actor)  # type: ignore[arg-type]  # commands of the test
    assert isinstance(found, Problems)
    return found


@pytest.mark.parametrize("part", ["computed", "default", "required", "check"])
def test_a_form_whose_expression_fails(sqlite_url: str, part: str) -> None:
    """A computed field, a default, a requirement and a check that cannot be worked out refuse the record, to designers in full."""
    fields = [dict(f) for f in REQUEST["fields"]]  # type: ignore[attr-defined]
    note = next(f for f in fields if f["name"] == "note")
    change = {
        "computed": f'if {FAILS} then "a" else "b"',
        "default": f'if {FAILS} then "a" else "b"',
        "required": FAILS,
    }
    note |= {part: change[part]} if part in change else {}
    checks = [{"name": "c", "that": FAILS, "at": "note", "message": {"en": "No"}}] if part == "check" else []
    engine = site(sqlite_url, {**REQUEST, "fields": fields, "checks": checks})
    assert isinstance(
        perform(
            engine, SubmitRecord("request", {"code": "7", "note": "n"} if part != "computed" else {"code": "7"}), SYSTEM
        ),
        Outcome,
    )
    told = refused(engine, SubmitRecord("request", {"code": "x"}), SYSTEM)
    plain = refused(engine, SubmitRecord("request", {"code": "x"}), CLERK)
    assert [p.code for p in told] == ["forms.expression_failed_at"]
    assert (told.first.params["part"], told.first.params["values"]) == ("number(code)", '"x"')
    assert [p.code for p in plain] == ["forms.expression_failed"]
    assert "number(code)" not in " ".join(wording(plain.first, "en"))


def test_an_action_whose_condition_fails(sqlite_url: str) -> None:
    """A state action whose condition cannot be worked out is offered, and who takes it is told why it cannot be."""
    actions = [{**a, "when": FAILS} for a in REQUEST["actions"]]  # type: ignore[attr-defined]
    engine = site(sqlite_url, {**REQUEST, "actions": actions})
    made = perform(engine, SubmitRecord("request", {"code": "x"}), CLERK)
    assert isinstance(made, Outcome)
    id = UUID(made.answer["id"])
    shown = answer(engine, GetRecord("request", id), CLERK)
    assert not isinstance(shown, Problems)
    assert shown["may"]["actions"] == ["submit"]
    told = refused(engine, PerformAction("request", id, "submit"), SYSTEM)
    plain = refused(engine, PerformAction("request", id, "submit"), CLERK)
    assert (told.first.code, told.first.params["part"]) == ("actions.condition_failed_at", "number(code)")
    assert plain.first.code == "actions.condition_failed"


def test_a_row_right_that_may_be_an_error_is_refused(sqlite_url: str) -> None:
    """A range with an end that is known only when it is asked may run backwards: the database would drop rows in silence."""
    clerk = json.loads(json.dumps(ROLES[1]))
    clerk["grants"][0]["rows"] = 'code in [actor.name.."m"]'
    pack = read_pack(texts("") | {"roles/clerk.json": json.dumps(clerk)})
    assert not isinstance(pack, Problems)
    found = install_pack(open_engine(sqlite_url), pack)
    assert isinstance(found, Problems)
    assert [p.code for p in found] == ["access.rows_not_in_sql"]
