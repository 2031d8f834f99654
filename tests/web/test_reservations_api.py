"""Reservations over HTTP: who holds what, given back, handed over and taken, with the problems of each."""

from typing import Any

import pytest

from engine.actions import Engine, install_pack, open_engine, perform
from engine.actions.commands import PutUser
from engine.actor import SYSTEM
from engine.packs import Pack
from engine.problems import Problems
from tests.support.ledger import ledger_pack
from tests.support.pack_site import Browser

ITS = ("item", "lot", "place", "entry")
READS = [{"form": name, "do": ["read"]} for name in ITS]
ROLES: dict[str, Any] = {
    "watcher": {"role": "watcher", "label": {"en": "Watcher"}, "grants": [*READS, {"register": "goods"}]},
    "counter": {"role": "counter", "label": {"en": "Counter"}, "grants": [{"register": "goods"}]},
    "reader": {"role": "reader", "label": {"en": "Reader"}, "grants": READS},
}


@pytest.fixture
def engine(sqlite_url: str) -> Engine:
    """The ledger pack with an administrator, a clerk, and three who may less."""
    engine, given = open_engine(sqlite_url), ledger_pack()
    pack = Pack(given.head, {**given.parts, "roles": {**given.parts["roles"], **ROLES}})
    assert not isinstance(install_pack(engine, pack), Problems)
    for login in ("admin", "clerk", *ROLES):
        roles = () if login == "admin" else (login,)
        assert not isinstance(perform(engine, PutUser(login, login, login, roles, "en", not roles), SYSTEM), Problems)
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


def test_who_may_not_change_the_holder_changes_nothing(engine: Engine, browser: Browser) -> None:
    """Reservations are given back, moved and taken by who may change the records; the list is for who may see the register, and names
    holders to who may read them."""
    made(browser, "in", "9", lot="L1")
    entry, other = made(browser, "pick", "4"), made(browser, "pick", "1")
    (mine,) = held(browser, entry)
    base, to = "/registers/goods/reservations", {"form": "entry", "record": other, "line": line_of(browser, other)}
    commands = [(f"{base}/{mine['id']}/release", {}), (f"{base}/{mine['id']}/move", to), (f"{base}:take", to)]
    came = {
        login: [Browser(engine, login).ask("POST", path, json=body) for path, body in commands]
        for login in ("watcher", "counter", "reader")
    }
    assert {login: [a.status_code for a in answers] for login, answers in came.items()} == {
        "watcher": [403] * 3, "counter": [404, 404, 403], "reader": [403] * 3,
    }  # fmt: skip
    assert held(browser, entry) == [mine]
    lists = {login: Browser(engine, login).get(base) for login in ("watcher", "counter", "reader")}
    assert {login: answer.status_code for login, answer in lists.items()} == {
        "watcher": 200, "counter": 200, "reader": 404,
    }  # fmt: skip
    assert [r["holder"]["id"] for r in lists["watcher"].get_json()["rows"]] == [entry, other]
    assert [(r["id"], r["holder"]["id"], r["open"]) for r in lists["counter"].get_json()["rows"]] == [
        (None, None, "4"), (None, None, "1"),
    ]  # fmt: skip
    assert Browser(engine, "counter").get(base, record=entry).get_json()["rows"] == []
    assert Browser(engine, "clerk").ask("POST", *commands[0][:1], json={}).get_json() == {"released": "4"}


def test_a_change_needs_a_session_and_the_csrf_token(browser: Browser) -> None:
    """As every change does; the reservation stays as it was."""
    made(browser, "in", "5", lot="L1")
    entry = made(browser, "pick", "5")
    path = f"/registers/goods/reservations/{held(browser, entry)[0]['id']}/release"
    for token in ("", "wrong"):
        answer = browser.ask("POST", path, json={}, headers={"X-CSRF-Token": token})
        assert (answer.status_code, answer.get_json()["code"]) == (403, "web.csrf_token_wrong")
    assert held(browser, entry)[0]["open"] == "5"
    browser.client.delete_cookie("dougong_session")
    assert browser.ask("POST", path, json={}).status_code == 401
    assert browser.get("/registers/goods/reservations").status_code == 401


def test_the_same_key_gives_back_once(browser: Browser) -> None:
    """A repeated request is answered as the first; the same key for another quantity, and a key that is too long, are refused."""
    made(browser, "in", "5", lot="L1")
    entry = made(browser, "pick", "5")
    path = f"/registers/goods/reservations/{held(browser, entry)[0]['id']}/release"

    def release(quantity: str, key: str) -> Any:
        return browser.ask("POST", path, json={"quantity": quantity}, headers={"Idempotency-Key": key})

    assert [release("2", "k").get_json() for _ in range(3)] == [{"released": "2"}] * 3
    assert held(browser, entry)[0]["open"] == "3"
    assert (release("1", "k").status_code, release("1", "k" * 201).status_code) == (409, 400)


def test_pages_of_reservations(browser: Browser) -> None:
    """Oldest first, however long the page; a filter by a dimension holds on every page; limits and filters that mean nothing are refused."""
    made(browser, "in", "9", lot="L1")
    entries = [made(browser, "pick", "1") for _ in range(7)]
    base = "/registers/goods/reservations"
    place = held(browser, entries[0])[0]["key"]["place"]["id"]
    for limit in (1, 3, 7, 200):
        seen, after = list[str](), ""
        while after is not None:
            page = browser.get(base, place=place, limit=limit, **({"after": after} if after else {})).get_json()
            assert 1 <= len(page["rows"]) <= limit
            seen, after = [*seen, *(r["holder"]["id"] for r in page["rows"])], page["next"]
        assert seen == entries
    for query, status in (
        ("limit=0", 400),
        ("limit=100000", 400),
        ("colour=red", 422),
        ("place=x", 422),
        ("place=", 422),
        ("zone=%00", 400),
    ):
        answer = browser.get(f"{base}?{query}")
        assert (answer.status_code, answer.content_type) == (status, "application/problem+json"), query


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
