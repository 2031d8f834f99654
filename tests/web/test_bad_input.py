"""Bad input of every kind gets a clear problem and changes nothing."""

import base64
import json
from typing import Any

import pytest

from tests.support.pack_site import Browser, engine_with

NOBODY = "00000000-0000-7000-8000-000000000001"
ITEM = {"code": "X-1", "name": "Lock", "unit": "PC"}


@pytest.fixture
def person(sqlite_url: str) -> Browser:
    """An administrator on a small site."""
    browser = Browser(engine_with(sqlite_url))
    browser.made("unit", {"code": "PC", "name": "piece"})
    return browser


BAD: list[tuple[str, dict[str, Any], int, str, str]] = [
    ("broken JSON", {"data": b'{"values": {', "content_type": "application/json"}, 400, "web.malformed_json", ""),
    ("not JSON", {"data": b"a=1", "content_type": "application/x-www-form-urlencoded"}, 415, "web.not_json", ""),
    ("a list", {"json": [1]}, 400, "web.wrong_shape", ""),
    ("no values", {"json": {}}, 400, "web.wrong_shape", "/values"),
    ("unknown member", {"json": {"values": ITEM, "vlaues": 1}}, 400, "web.unknown_member", "/vlaues"),
    ("deep nesting", {"data": ("[" * 500 + "]" * 500).encode(), "content_type": "application/json"}, 400, "web.too_deep", ""),
    ("NaN", {"data": b'{"values": {"stock_min": NaN}}', "content_type": "application/json"}, 400, "web.malformed_json", ""),
    ("not UTF-8", {"data": b'{"values": {"name": "\xff"}}', "content_type": "application/json"}, 400, "web.malformed_json", ""),
    ("10 MB", {"data": b" " * 10_000_000, "content_type": "application/json"}, 413, "web.body_too_large", ""),
    ("unknown field", {"json": {"values": {**ITEM, "nmae": "x"}}}, 422, "forms.unknown_field", "/nmae"),
    ("40 digits", {"json": {"values": {**ITEM, "stock_min": "1" * 40}}}, 422, "forms.number_too_large", "/stock_min"),
    ("40 digits as number", {"data": json.dumps({"values": ITEM}).replace("}}", ', "stock_min": ' + "1" * 40 + "}}").encode(),
                             "content_type": "application/json"}, 422, "forms.number_too_large", "/stock_min"),
    ("too many decimals", {"json": {"values": {**ITEM, "stock_min": "1.00001"}}}, 422, "forms.too_many_decimals", "/stock_min"),
    ("infinity", {"json": {"values": {**ITEM, "stock_min": "Infinity"}}}, 422, "forms.not_a_number", "/stock_min"),
    ("a list for a text", {"json": {"values": {**ITEM, "name": ["x"]}}}, 422, "forms.not_a_text", "/name"),
    ("control characters", {"json": {"values": {**ITEM, "name": "a\u0000b"}}}, 422, "forms.text_has_control_characters", "/name"),
    ("foreign id", {"json": {"values": {**ITEM, "unit": NOBODY}}}, 422, "forms.reference_unknown", "/unit"),
    ("empty required", {"json": {"values": {"code": "X", "unit": "PC"}}}, 422, "forms.required_field_empty", "/name"),
    ("no choice", {"json": {"values": {**ITEM, "kind": "gold"}}}, 422, "forms.not_a_choice", "/kind"),
    ("no such action", {"json": {"values": ITEM, "then": "explode"}}, 422, "actions.no_such_action", ""),
]  # fmt: skip


@pytest.mark.parametrize(("name", "request_", "status", "code", "pointer"), BAD, ids=[b[0] for b in BAD])
def test_bad_bodies(person: Browser, name: str, request_: dict[str, Any], status: int, code: str, pointer: str) -> None:
    """Each bad body gets its status, code and place as problem details, and no item is made."""
    answer = person.ask("POST", "/forms/item/records", **request_)

    problem = answer.get_json()
    assert (answer.status_code, problem["code"], problem["problems"][0]["pointer"]) == (status, code, pointer), (
        answer.text
    )
    assert answer.content_type == "application/problem+json"
    assert problem["title"] and problem["detail"]
    assert person.get("/forms/item/records", count=1).get_json()["count"]["number"] == 0


QUERIES = [
    ("/forms/item/records?filter=9**9**9**9**9 > 1", 422),
    ("/forms/item/records?filter=" + "(" * 500, 422),
    ("/forms/item/records?filter=nmae = 1", 422),
    ("/forms/item/records?filter=name", 422),
    ("/forms/item/records?filter=matches(name)", 422),
    ("/forms/item/records?sort=nothing", 422),
    ("/forms/item/records?after=zzzz", 422),
    ("/forms/item/records?limit=100000", 400),
    ("/forms/item/records?limit=-1", 400),
    ("/forms/nothing/records", 404),
    ("/forms/item/records/not-an-id", 400),
    (f"/forms/item/records/{NOBODY}", 404),
    ("/registers/nothing/balances", 404),
    ("/registers/stock/balances?by=colour", 422),
    ("/registers/stock/balances?item=abc", 422),
    ("/registers/stock/balances?at=yesterday", 400),
    (f"/structures/bom/explosion?parent={NOBODY}&quantity=-1", 422),
    ("/dashboards/nothing", 404),
    ("/nowhere", 404),
]


@pytest.mark.parametrize(("path", "status"), QUERIES)
def test_bad_queries(person: Browser, path: str, status: int) -> None:
    """Each bad query gets problem details with a title and a way out."""
    answer = person.get(path.replace("+", "%2B"))

    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    assert answer.get_json()["title"]


def test_changes_by_cookie_need_the_csrf_token(person: Browser) -> None:
    """A change with a wrong or absent CSRF token is refused."""
    for token in ("", "wrong"):
        answer = person.create("item", ITEM, headers={"X-CSRF-Token": token})
        assert (answer.status_code, answer.get_json()["code"]) == (403, "web.csrf_token_wrong")
    assert person.get("/forms/item/records", count=1).get_json()["count"]["number"] == 0


def test_a_change_must_name_the_revision_it_was_drawn_from(person: Browser) -> None:
    """Without If-Match a change is refused; with an old one nothing is overwritten."""
    item = person.made("item", ITEM)
    path = f"/forms/item/records/{item['id']}"

    missing = person.ask("PATCH", path, json={"values": {"name": "B"}})
    changed = person.ask("PATCH", path, json={"values": {"name": "B"}}, headers={"If-Match": '"1"'})
    stale = person.ask("PATCH", path, json={"values": {"name": "C"}}, headers={"If-Match": '"1"'})

    assert (missing.status_code, changed.status_code, stale.status_code) == (428, 200, 412)
    assert person.get(path).get_json()["values"]["name"] == "B"


def test_the_same_key_gives_the_same_answer(person: Browser) -> None:
    """A repeated request is answered as the first one; the same key with another body is refused."""
    headers = {"Idempotency-Key": "k1"}
    first = person.create("item", ITEM, headers=headers).get_json()
    again = person.create("item", ITEM, headers=headers)
    other = person.create("item", {**ITEM, "code": "X-2"}, headers=headers)

    assert again.get_json() == first
    assert (other.status_code, other.get_json()["code"]) == (409, "store.request_key_reused")
    assert person.get("/forms/item/records", count=1).get_json()["count"]["number"] == 1


def test_nobody_without_a_session(sqlite_url: str) -> None:
    """Everything but health and login needs a session or token; failed logins do not say which part was wrong, and are limited."""
    engine = engine_with(sqlite_url)
    client = Browser(engine).client
    client.delete_cookie("dougong_session")

    assert client.get("/api/v1/health").status_code == 200
    assert client.get("/api/v1/forms/item/records").status_code == 401
    assert client.get("/api/v1/openapi.json").status_code == 401
    assert client.get("/api/v1/forms/item/records", headers={"Authorization": "Bearer dg_wrong"}).status_code == 401
    wrong = [client.post("/api/v1/session", json={"login": "admin", "password": "no"}) for _ in range(9)]
    unknown = client.post("/api/v1/session", json={"login": "nobody", "password": "no"})
    assert {w.status_code for w in wrong[:8]} == {401}
    assert wrong[8].status_code == 429
    assert unknown.get_json()["code"] == wrong[0].get_json()["code"]


def test_a_defect_shows_no_stack_trace(person: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unforeseen failure is one sentence with a reference, and no trace of the code."""
    import engine.web.records_api as api

    def fail(*args: Any) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(api, "answer", fail)
    answer = person.get("/forms/item/records")

    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text


def test_text_that_no_database_holds_is_refused(database_url: str) -> None:
    """A NUL or half a character, in an address, a body or a cursor, is bad input on both databases, also for those who are not signed in."""
    browser = Browser(engine_with(database_url))
    stray = [
        base64.urlsafe_b64encode(text).decode() for text in (b'["x", "\\u0000"]', b'["x", "\\ud800"]', b"[" * 5_000)
    ]
    answers = [
        browser.get("/forms/item/records?search=%00"),
        browser.get("/forms/%00/records"),
        browser.client.post("/api/v1/session", json={"login": "\0", "password": "x"}),
        browser.client.post("/api/v1/session", json={"login": "x", "password": "\0"}),
        browser.client.post("/api/v1/session", data=b'{"login": "\\ud800", "password": "x"}', content_type="application/json"),
        *(browser.get("/forms/item/records", after=after) for after in stray),
    ]  # fmt: skip
    assert [a.status_code for a in answers] == [400] * 5 + [422] * 3
