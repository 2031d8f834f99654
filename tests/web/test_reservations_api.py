"""Reservations over HTTP: who holds what, given back, handed over and taken, with the problems of each."""

from typing import Any

import pytest

from engine.actions import Engine, install_pack, open_engine, perform
from engine.actions.commands import PutUser
from engine.actor import SYSTEM
from engine.problems import Problems
from tests.support.ledger import ledger_pack
from tests.support.pack_site import Browser


@pytest.fixture
def engine(sqlite_url: str) -> Engine:
    """The ledger pack with an administrator."""
    engine = open_engine(sqlite_url)
    assert not isinstance(install_pack(engine, ledger_pack()), Problems)
    assert not isinstance(perform(engine, PutUser("admin", "admin", "admin", (), "en", True), SYSTEM), Problems)
    return engine


@pytest.fixture
def browser(engine: Engine) -> Browser:
    """Signed in, with an item, two lots and a place."""
    browser = Browser(engine)
    for form, values in (("item", {"code": "I"}), ("lot", {"code": "L1"}), ("place", {"code": "P", "zone": "one"})):
        browser.made(form, values)
    return browser


def made(browser: Browser, kind: str, quantity: str, **more: Any) -> str:
    """The id of a posted entry of one line."""
    line = {"kind": kind, "item": "I", "place": "P", "quantity": quantity, **more}
    id: str = browser.made("entry", {"lines": [line]}, "post")["id"]
    return id


def line_of(browser: Browser, entry: str) -> str:
    id: str = browser.get(f"/forms/entry/records/{entry}").get_json()["values"]["lines"][0]["id"]
    return id


def held(browser: Browser, entry: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = browser.get("/registers/goods/reservations", record=entry).get_json()["rows"]
    return rows


def test_given_back_handed_over_and_taken(browser: Browser) -> None:
    """Each command answers with what it did, and the list tells the new holders."""
    made(browser, "in", "10", lot="L1")
    first, second = made(browser, "pick", "6"), made(browser, "some", "9", amount="5")
    reservation = held(browser, first)[0]["id"]
    to = {"form": "entry", "record": second, "line": line_of(browser, second)}
    base = "/registers/goods/reservations"

    answers = [
        browser.ask("POST", f"{base}/{reservation}/release", json={"quantity": "1"}),
        browser.ask("POST", f"{base}/{reservation}/move", json={**to, "quantity": 2}),
        browser.ask("POST", f"{base}:take", json={**to, "quantity": "1.5"}),
        browser.ask("POST", f"{base}:take", json=to),
    ]

    assert [a.get_json() for a in answers] == [{"released": "1"}, {"moved": "2"}, {"taken": "1.5"}, {"taken": "1.5"}]
    assert [(r["open"], r["key"]["lot"]["title"]) for r in held(browser, second)] == [("9", "L1")]
    assert held(browser, first) == []
    assert len(browser.get(base, item=held(browser, second)[0]["key"]["item"]["id"]).get_json()["rows"]) == 1


def test_what_cannot_be_is_refused_with_its_status(browser: Browser) -> None:
    """Unknown reservations are 404, more than there is 409, nonsense 400 or 422."""
    made(browser, "in", "5", lot="L1")
    entry = made(browser, "pick", "5")
    reservation, base = held(browser, entry)[0]["id"], "/registers/goods/reservations"
    tried = [
        (f"{base}/{entry}/release", {}, 404, "actions.no_such_reservation"),
        (f"{base}/{reservation}/release", {"quantity": "6"}, 409, "actions.reservation_smaller"),
        (f"{base}/{reservation}/release", {"quantity": "x"}, 422, "actions.bad_quantity"),
        (f"{base}/{reservation}/release", {"amount": "1"}, 400, "web.unknown_member"),
        (f"{base}/{reservation}/move", {"form": "entry"}, 400, "web.wrong_shape"),
        (f"{base}/{reservation}/move", {"form": "entry", "record": entry}, 422, "actions.reserves_nothing"),
        (f"{base}:take", {"form": "nowhere", "record": entry}, 404, "actions.no_such_form"),
        ("/registers/nowhere/reservations:take", {"form": "entry", "record": entry}, 404, "actions.no_such_register"),
    ]
    for path, body, status, code in tried:
        answer = browser.ask("POST", path, json=body)
        assert (answer.status_code, answer.get_json()["code"]) == (status, code), path
    assert browser.get(base, record="x").status_code == 400
    assert browser.get(base, after="x").status_code == 422


def test_a_refusal_tells_who_holds_the_rest(browser: Browser) -> None:
    """The problem of a line that is short carries holders and ways out."""
    made(browser, "in", "5", lot="L1")
    holder = made(browser, "pick", "4")
    line = {"kind": "pick", "item": "I", "place": "P", "quantity": "2"}
    answer = browser.create("entry", {"lines": [line]}, "post")
    problem = answer.get_json()["problems"][0]
    assert (answer.status_code, problem["code"], problem["pointer"]) == (409, "registers.pick_short", "/lines/0")
    assert [(h["id"], h["quantity"]) for h in problem["params"]["holders"]] == [(holder, "4")]
    assert problem["ways"] == ["holder", "count"]
    assert "1 can be" in problem["title"]


def test_the_description_has_every_address(browser: Browser) -> None:
    """OpenAPI names the list and the three commands."""
    paths = browser.get("/openapi.json").get_json()["paths"]
    assert {p for p in paths if "reservations" in p} == {
        "/registers/{register}/reservations",
        "/registers/{register}/reservations/{id}/release",
        "/registers/{register}/reservations/{id}/move",
        "/registers/{register}/reservations:take",
    }
