"""Rules at work: what a pack's rules do when something happens to its records and balances, on both databases."""

from typing import Any
from uuid import UUID

from engine.actions import answer, perform
from engine.actions.commands import ChangeRecord, SubmitRecord
from engine.actions.queries import ListRecords, Notifications, RecordHistory
from engine.actor import SYSTEM, Actor
from engine.effects import Outcome
from engine.problems import Problems
from engine.texts import wording
from tests.support.ruled_site import BOSS, CLERK, Site


def test_set_follows_into_computed_fields_and_further_rules(database_url: str) -> None:
    """A rule sets a field when a record is created; what is computed from it follows, and a later rule that waits for it fires."""
    site = Site(database_url, """
        rule "price" for request when created if price = null then set price to 5
        rule "grade" for request when changed total if total > 10 then set grade to "big" set seen to "by rule"
    """)  # fmt: skip
    made = site.create("request", code="R1", quantity=3)
    assert site.get("request", made) | {"lines": []} == site.get("request", made)
    got = site.get("request", made)
    assert (got["price"], got["total"], got["grade"], got["seen"]) == (5, 15, "big", "by rule")
    assert [(f["rule"], f["did"]) for f in site.firings()] == [
        ("grade", ['grade = "big"', 'seen = "by rule"']),
        ("price", ["price = 5"]),
    ]
    assert site.firings(rule="grade")[0]["values"] == {"total": "15"}
    assert site.firings(rule="price")[0]["values"] == {"price": "null"}, "as the rule found it, not as it left it"
    site.change("request", made, note="x")
    assert len(site.firings()) == 2


def test_changed_knows_before_and_after(database_url: str) -> None:
    """A rule over a change sees the record before it as `old`, and fires only for the fields it names."""
    site = Site(database_url, """
        rule "grew" for request when changed quantity if quantity > old.quantity
        then set note to "from " + string(old.quantity)
        rule "touched" for request when changed then set grade to "touched"
    """)  # fmt: skip
    made = site.create("request", quantity=3)
    assert site.get("request", made)["grade"] is None
    site.change("request", made, quantity=5)
    got = site.get("request", made)
    assert (got["note"], got["grade"]) == ("from 3", "touched")
    site.change("request", made, quantity=4)
    assert site.get("request", made)["note"] == "from 3"


def test_refuse_and_warn(database_url: str) -> None:
    """A refusal stops the change with its message at the field; a warning does so unless somebody with the right overrides it."""
    site = Site(database_url, """
        rule "no" for request when created if quantity > 100 then refuse {en: "Too many", "zh-CN": "太多"} at quantity
        rule "hm" for request when created if quantity > 10 then warn "That is " + string(quantity)
    """)  # fmt: skip
    refused = site.try_create("request", quantity=500)
    assert isinstance(refused, Problems)
    assert [(p.code, p.place) for p in refused] == [("actions.rule_refuses", "/quantity"), ("actions.rule_warns", "")]
    assert wording(refused.first, "zh-CN")[0] == "太多"
    warned = site.try_create("request", quantity=50)
    assert isinstance(warned, Problems)
    assert (warned.first.code, warned.first.ways, wording(warned.first, "en")[0]) == (
        "actions.rule_warns",
        ("accept",),
        "That is 50",
    )
    assert site.all("request") == []
    assert isinstance(site.try_create("request", accept=("hm",), quantity=50), Outcome)
    assert site.firings()[0]["did"] == ["warning overridden: That is 50"]
    clerk = site.try_create("request", actor=CLERK, accept=("hm",), quantity=50)
    assert isinstance(clerk, Problems)
    assert clerk.first.code == "actions.rule_warns_all"
    assert len(site.all("request")) == 1


def test_a_null_born_of_an_error_stops(database_url: str) -> None:
    """A condition that cannot be worked out stops the change; the designer reads which part, others one plain sentence."""
    site = Site(database_url, 'rule "r" for request when created if number(code) > 2 then set note to "x"')
    for actor, code in ((SYSTEM, "actions.rule_failed_at"), (CLERK, "actions.rule_failed")):
        found = site.try_create("request", actor=actor, code="x")
        assert isinstance(found, Problems)
        assert found.first.code == code
    assert dict(site.try_create("request", actor=SYSTEM, code="x").first.params) == {
        "rule": "r", "what": "if", "reason": "FUNCTION_INVOCATION_FAILURE", "part": "number(code)", "values": '"x"'}  # fmt: skip
    assert site.all("request") == []


def test_states_lines_and_own_actions(database_url: str) -> None:
    """Rules wait for states entered and left, and for added lines, which they see; they can move the record on."""
    site = Site(database_url, """
        rule "in" for request when enters open then set note to "in" take finish
        rule "out" for request when leaves draft then set grade to "left"
        rule "lines" for request when line added to lines if count(added) > 1 then set seen to string(sum(added.quantity))
    """)  # fmt: skip
    made = site.create("request", lines=[{"quantity": 2}])
    assert site.get("request", made)["seen"] is None
    site.change("request", made, lines=[{"quantity": 1}, {"quantity": 4}, {"quantity": 5}])
    assert site.get("request", made)["seen"] == "10"
    site.act("request", made, "submit")
    got = site.get("request", made)
    assert (got["state"], got["note"], got["grade"]) == ("done", "in", "left")


def test_create_and_change_other_records_in_one_transaction(database_url: str) -> None:
    """A rule creates and changes other records, whose own rules fire in turn; a refusal there undoes everything."""
    site = Site(database_url, """
        rule "buy" for request when enters open
        then create purchase and take order with item = item, quantity = quantity + 1, lines = [{item: item, quantity: 2}]
             change item with last = today(), low = true
        rule "why" for purchase when created then set reason to "for " + item.code
        rule "stop" for purchase when created if quantity > 100 then refuse "not so many"
    """)  # fmt: skip
    site.create("item", code="A")
    made = site.create("request", then="submit", actor=CLERK, item="A", quantity=3)
    (bought,) = site.all("purchase")
    assert (bought["quantity"], bought["reason"], bought["state"], bought["item"]["title"]) == (
        4,
        "for A",
        "ordered",
        "A",
    )
    (item,) = site.all("item")
    assert (item["last"], item["low"]) == ("2026-09-30", True)
    assert [f["rule"] for f in site.firings()] == ["why", "buy"]
    assert site.get("request", made)["state"] == "open"
    refused = perform(site.engine, SubmitRecord("request", {"item": "A", "quantity": 500}, "submit"), CLERK)
    assert isinstance(refused, Problems)
    assert (refused.first.code, refused.first.place) == ("actions.rule_refuses", "")
    assert (len(site.all("request")), len(site.all("purchase"))) == (1, 1)


def test_after_rules_run_by_themselves_once(database_url: str) -> None:
    """A rule that runs after a change sees the written record, tells people, and runs once however often its message is taken."""
    site = Site(database_url, """
        rule "tell" for request after enters open if quantity > 2
        then notify role boss that "Request " + code set note to "told by " + actor.name comment "told"
    """)  # fmt: skip
    made = site.create("request", then="submit", code="R1", quantity=3)
    other = site.create("request", then="submit", code="R2", quantity=1)
    assert site.get("request", made)["note"] is None
    site.drain()
    site.drain()
    assert site.get("request", made)["note"] == "told by Bo"
    assert site.get("request", other)["note"] is None
    boss = next(u for u in site.users() if u.login == "bo")
    told = answer(site.engine, Notifications(), Actor(boss.id, "bo", frozenset({"boss"})))
    assert not isinstance(told, Problems)
    assert [n["text"] for n in told["notifications"]] == [{"en": "Request R1"}]
    history = answer(site.engine, RecordHistory("request", UUID(made["id"])), SYSTEM)
    assert not isinstance(history, Problems)
    comments = [h["changes"] for h in history["history"] if h["action"] == "comment"]
    assert comments == [{"": [None, {"en": "told"}]}]
    assert [(f["rule"], f["phase"]) for f in site.firings()] == [("tell", "after")]


def test_after_rules_that_fail_are_kept_with_their_reason(database_url: str) -> None:
    """A rule that cannot run by itself leaves the change alone, and stands with its reason until it can."""
    site = Site(database_url, 'rule "r" for request after created if number(code) > 0 then comment "x"')
    made = site.create("request", code="x")
    site.drain()
    assert site.get("request", made)["state"] == "draft"
    (stuck,) = site.stuck()
    assert stuck["rule"] == "r"
    assert "FUNCTION_INVOCATION_FAILURE" in stuck["error"]
    assert stuck["given_up"] is False


def test_a_chain_of_rules_is_stopped_by_its_limit(database_url: str) -> None:
    """Rules of different records that set each other off without end are stopped by a named limit, and nothing is lost before it."""
    site = Site(database_url, """
        rule "b" for item after changed note then create request with item = parent
        rule "c" for request after created if item != null then change item with note = item.note + "x"
    """)  # fmt: skip
    site.create("item", code="A")
    item = site.all("item")[0]
    site.did(perform(site.engine, ChangeRecord("item", _id(site, "item"), {"parent": "A"}), BOSS))
    assert item["code"] == "A"
    site.did(perform(site.engine, ChangeRecord("item", _id(site, "item"), {"note": "go"}), BOSS))
    site.drain()
    assert any("end of a chain of more than 10 rules" in s["error"] for s in site.stuck())
    assert 3 <= len(site.all("request")) <= 20


def _id(site: Site, form: str) -> UUID:
    found = answer(site.engine, ListRecords(form), SYSTEM)
    assert not isinstance(found, Problems)
    return UUID(found["records"][0]["id"])


def test_reserve_and_release(database_url: str) -> None:
    """A rule reserves what a record asks for, and gives it back."""
    site = Site(database_url, """
        rule "hold" for request when enters open then reserve in pieces by hold
        rule "free" for request when enters done then release in pieces
    """)  # fmt: skip
    site.create("item", code="A")
    site.create("move", item="A", place="A", quantity=10)
    made = site.create("request", then="submit", item="A", quantity=4)
    assert site.balance() == ("10", "4")
    site.act("request", made, "finish")
    assert site.balance() == ("10", "0")


def test_a_balance_crosses_its_threshold_once(database_url: str) -> None:
    """A rule fires when a balance passes its threshold, once each time it does, with the numbers of that moment."""
    site = Site(database_url, """
        rule "low" for pieces after balance on_hand - held falls below item.least per item
        then create purchase with item = item, quantity = item.least - balance, reason = string(before) + " to " + string(balance)
        rule "full" for pieces after balance on_hand rises above 100 per item then notify role boss that item.code + " is full"
        rule "short" for pieces after constraint free breaks then change item with low = true
        rule "well" for pieces after constraint free holds again then change item with low = false
    """)  # fmt: skip
    site.create("item", code="A", least=10)
    site.create("item", code="B")

    def move(quantity: int, item: str = "A", place: str = "P") -> list[Any]:
        site.create("move", item=item, place=place, quantity=quantity)
        site.drain()
        return [(p["quantity"], p["reason"]) for p in site.all("purchase")]

    assert move(12) == []
    assert move(-1, place="Q") == []
    assert move(-1) == []
    assert move(-1) == [(1, "10 to 9")]
    assert move(-2) == [(1, "10 to 9")]
    assert move(3) == [(1, "10 to 9")]
    assert move(-5) == [(1, "10 to 9"), (5, "10 to 5")]
    assert move(-3, "B") == [(1, "10 to 9"), (5, "10 to 5")]
    assert [i["low"] for i in site.all("item")] == [None, True]
    move(3, "B")
    assert [i["low"] for i in site.all("item")] == [None, False]
    move(200)
    assert site.firings()[0]["rule"] == "full"
    assert len(site.firings(rule="low")) == 2
