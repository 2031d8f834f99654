"""Rules over HTTP: warnings that are overridden, hooks that other systems call, and what administrators see."""

import hmac
import json
import time
from hashlib import sha256
from typing import Any

import pytest

from engine.actions import perform, put_webhooks, webhooks_for
from engine.actions.commands import PutUser
from engine.actor import SYSTEM
from engine.packs import read_pack
from engine.problems import Problems
from engine.worker import Drainer
from tests.support.pack_site import Browser, engine_with
from tests.support.workshop import texts, workshop

RULES = """
rule "hm" for request when created if quantity > 10 then warn "That is many" at quantity
rule "hm too" for request when changed quantity if quantity > 10 then warn "That is many" at quantity
rule "not now" for request when deleted if grade = "kept" then warn "It is kept"
rule "shipped" for each request when webhook "carrier" received
if code = webhook.code then set note to webhook.words call webhook "erp" with code = code, quantity = quantity
rule "order" for request when webhook "carrier" received if webhook.code = null then create purchase with reason = webhook.words, quantity = webhook.count * 2
"""
SECRET = "a secret of some length"


def site(url: str) -> Browser:
    pack = workshop(RULES)
    engine = engine_with(url, pack, users=False)  # type: ignore[arg-type]  # the pack is right, or installing says so
    for login, roles, admin in (("admin", (), True), ("manager", ("boss",), False)):
        made = perform(engine, PutUser(login, login, login + "-1234", roles, "en", admin), SYSTEM)
        assert not isinstance(made, Problems), list(made)
    return Browser(engine, "admin", "admin-1234")


def sign(body: bytes, seconds: int, secret: str = SECRET) -> str:
    return f"t={seconds},v1={hmac.new(secret.encode(), f'{seconds}.'.encode() + body, sha256).hexdigest()}"


def call(browser: Browser, name: str, body: Any, **headers: str) -> Any:
    raw = json.dumps(body).encode()
    given = {"X-Dougong-Signature": sign(raw, int(time.time())), "X-Dougong-Delivery": "1", **headers}
    return browser.client.application.test_client().post(f"/api/v1/hooks/{name}", data=raw, headers=given)


def test_a_warning_is_shown_and_overridden(sqlite_url: str) -> None:
    """A warning comes as a problem that offers to accept it; the same request with the rule's name in `accept` passes."""
    browser = site(sqlite_url)
    refused = browser.create("request", {"quantity": 50})
    assert refused.status_code == 422
    problem, other = refused.get_json()["problems"]
    assert other["params"]["rule"] == "hm too"
    assert (problem["code"], problem["title"], problem["params"]["rule"]) == (
        "actions.rule_warns",
        "That is many",
        "hm",
    )
    assert problem["ways"] == ["accept"]
    body = {"values": {"quantity": 50}, "accept": ["hm", "hm too"]}
    made = browser.ask("POST", "/forms/request/records", json=body).get_json()
    headers = {"If-Match": f'"{made["revision"]}"'}
    path = f"/forms/request/records/{made['id']}"
    again = browser.ask("PATCH", path, json={"values": {"quantity": 60, "grade": "kept"}}, headers=headers)
    assert again.get_json()["problems"][0]["params"]["rule"] == "hm too"
    body = {"values": {"quantity": 60, "grade": "kept"}, "accept": ["hm too"]}
    changed = browser.ask("PATCH", path, json=body, headers=headers)
    assert changed.status_code == 200
    headers = {"If-Match": f'"{changed.get_json()["revision"]}"'}
    assert browser.ask("DELETE", path, headers=headers).status_code == 422
    assert browser.ask("DELETE", f"{path}?accept=not%20now", headers=headers).status_code == 204
    assert browser.ask("POST", "/forms/request/records", json={"values": {}, "accept": [1]}).status_code == 400


def test_another_system_calls(sqlite_url: str) -> None:
    """A signed call runs the rules that wait for it, once a delivery; what they send goes to the site's webhooks."""
    browser = site(sqlite_url)
    engine = browser.client.application.config["ENGINE"]
    made = browser.made("request", {"code": "R1", "quantity": 3})
    browser.made("request", {"code": "R2"})
    assert browser.ask("PUT", "/hooks", json={"hooks": {"carrier": SECRET}}).status_code == 204
    hook = {"form": "request", "on": "rule:erp", "url": "http://127.0.0.1:9/", "secret": "s"}
    assert browser.ask("PUT", "/webhooks", json={"webhooks": [hook]}).status_code == 204
    assert [h.url for h in webhooks_for(engine, "request", "rule:erp")] == ["http://127.0.0.1:9/"]
    for _ in range(2):
        answer = call(browser, "carrier", {"code": "R1", "words": "on its way"})
        assert (answer.status_code, answer.get_json()) == (202, {"asked": 2})
    while Drainer(engine).drain():
        pass
    assert browser.get(f"/forms/request/records/{made['id']}").get_json()["values"]["note"] == "on its way"
    fired = browser.get("/rules/firings").get_json()["firings"]
    assert [(f["rule"], f["did"]) for f in fired] == [("shipped", ['note = "on its way"', "call erp"])]
    assert call(browser, "carrier", {"words": "new", "count": 1.5}, **{"X-Dougong-Delivery": "2"}).get_json() == {
        "asked": 1
    }
    while Drainer(engine).drain():
        pass
    assert browser.get("/forms/purchase/records").get_json()["records"][0]["values"]["reason"] == "new"
    assert browser.get("/forms/purchase/records").get_json()["records"][0]["values"]["quantity"] == 3
    put_webhooks(engine, [])


@pytest.mark.parametrize(
    ("name", "headers", "status"),
    [
        ("carrier", {"X-Dougong-Signature": "t=1,v1=00"}, 404),
        ("carrier", {"X-Dougong-Signature": ""}, 404),
        ("carrier", {"X-Dougong-Signature": "t=²,v1=é"}, 404),
        (
            "carrier",
            {"X-Dougong-Signature": sign(b'{"code": "R1"}', int(time.time()), "another secret of length")},
            404,
        ),
        ("carrier", {"X-Dougong-Signature": sign(b'{"code": "R1"}', int(time.time()) - 3600)}, 404),
        ("carrier", {"X-Dougong-Signature": sign(b'{"code": "R2"}', int(time.time()))}, 404),
        ("nobody", {}, 404),
        ("carrier", {"X-Dougong-Delivery": ""}, 400),
    ],
)
def test_calls_that_are_not_signed_for_are_refused(
    sqlite_url: str, name: str, headers: dict[str, str], status: int
) -> None:
    """A wrong, old or missing signature, an unknown hook and a missing delivery key change nothing; the first two look the same."""
    browser = site(sqlite_url)
    browser.ask("PUT", "/hooks", json={"hooks": {"carrier": SECRET}})
    answer = call(browser, name, {"code": "R1"}, **{k: v.encode().decode("latin-1") for k, v in headers.items()})
    assert answer.status_code == status, answer.text
    assert answer.get_json()["problems"][0]["code"] in ("actions.no_such_hook", "web.bad_parameter")
    while Drainer(browser.client.application.config["ENGINE"]).drain():
        pass
    assert browser.get("/rules/firings").get_json()["firings"] == []


def test_only_administrators_see_rules_and_set_hooks(sqlite_url: str) -> None:
    """Rules, firings and hooks are for administrators; a hook must be one that a rule waits for, its secret long enough."""
    browser = site(sqlite_url)
    assert [r["name"] for r in browser.get("/rules").get_json()["rules"]][:2] == ["hm", "hm too"]
    assert browser.ask("PUT", "/hooks", json={"hooks": {"nobody": SECRET}}).status_code == 404
    assert browser.ask("PUT", "/hooks", json={"hooks": {"carrier": "short"}}).status_code == 400
    assert browser.get("/rules/firings", rule="nothing").status_code == 404
    other = Browser(browser.client.application.config["ENGINE"], "manager", "manager-1234")
    for answer in (other.get("/rules"), other.get("/rules/firings"), other.ask("PUT", "/hooks", json={"hooks": {}})):
        assert answer.status_code == 403


def test_a_comment_is_read_by_who_may_read_the_record(sqlite_url: str) -> None:
    """The words of a rule's comment stand in the history of a record also for someone who may read few of its fields."""
    rules = 'rule "say" for request when created then set grade to "A" comment {en: "Well.", "zh-CN": "好。"}'
    grants = [{"form": "request", "do": ["read"], "read": ["code"]}]
    reader = {"role": "reader", "label": {"en": "Reader"}, "grants": grants}
    pack = read_pack(texts(rules, **{"roles/reader.json": json.dumps(reader)}))
    engine = engine_with(sqlite_url, pack, users=False)  # type: ignore[arg-type]  # the pack is right, or installing says so
    for login, roles, admin in (("admin", (), True), ("manager", ("reader",), False)):
        made = perform(engine, PutUser(login, login, login + "-1234", roles, "en", admin), SYSTEM)
        assert not isinstance(made, Problems), list(made)
    record = Browser(engine, "admin", "admin-1234").made("request", {"code": "R1", "quantity": 5})
    history = Browser(engine, "manager", "manager-1234").get(f"/forms/request/records/{record['id']}/history")
    told = {entry["action"]: entry["changes"] for entry in history.get_json()["history"]}
    assert told == {
        "comment": {"": [None, {"en": "Well.", "zh-CN": "好。"}]},
        "create": {"code": [None, "R1"], "state": [None, "draft"]},
    }
