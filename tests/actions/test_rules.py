"""Rules at work: what a pack's rules do when something happens, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from engine.actions import Engine, Import, answer, import_rows, install_pack, open_engine, perform, run_due_schedules
from engine.actions.commands import ChangeRecord, DecideTask, DeleteRecord, PerformAction, PutUser, SubmitRecord
from engine.actions.queries import GetRecord, Inbox, ListRecords, ListRules, Notifications, RecordHistory, RuleFirings
from engine.actor import SYSTEM, Actor
from engine.clock import moment_at
from engine.effects import Outcome
from engine.problems import Problems
from engine.texts import wording
from engine.worker import Drainer
from tests.support.workshop import workshop

BOSS = Actor(UUID(int=7), "Bo", frozenset({"boss"}))
CLERK = Actor(UUID(int=8), "Cleo", frozenset({"clerk"}))


class Clock:
    """A clock that the test moves."""

    def __init__(self, text: str = "2026-09-30T00:00:00Z") -> None:
        self.instant = datetime.fromisoformat(text)

    def now(self) -> Any:
        return moment_at(self.instant, "Asia/Shanghai")


class Site:
    """A site with the workshop pack and some rules."""

    def __init__(self, url: str, rules: str) -> None:
        self.clock = Clock()
        self.engine: Engine = open_engine(url, clock=self.clock)
        pack = workshop(rules)
        assert not isinstance(pack, Problems), [(p.code, p.file, dict(p.params)) for p in pack]
        installed = install_pack(self.engine, pack)
        assert not isinstance(installed, Problems), [
            (p.code, p.file, p.place, dict(p.params), p.ways) for p in installed
        ]
        for login, role in (("bo", "boss"), ("cleo", "clerk")):
            self.did(perform(self.engine, PutUser(login, login, "password", (role,)), SYSTEM))

    @staticmethod
    def did(outcome: Outcome | Problems) -> Any:
        assert isinstance(outcome, Outcome), [(wording(p, "en"), p.place) for p in outcome]
        return outcome.answer

    def create(self, form: str, then: str | None = None, actor: Actor = BOSS, **values: Any) -> Any:
        return self.did(perform(self.engine, SubmitRecord(form, values, then), actor))

    def try_create(self, form: str, actor: Actor = BOSS, accept: tuple[str, ...] = (), **values: Any) -> Any:
        return perform(self.engine, SubmitRecord(form, values, accept=accept), actor)

    def change(self, form: str, made: Any, **values: Any) -> Any:
        return self.did(perform(self.engine, ChangeRecord(form, UUID(made["id"]), values), BOSS))

    def act(self, form: str, made: Any, action: str) -> Any:
        return self.did(perform(self.engine, PerformAction(form, UUID(made["id"]), action), BOSS))

    def get(self, form: str, made: Any) -> Any:
        found = answer(self.engine, GetRecord(form, UUID(made["id"])), SYSTEM)
        assert not isinstance(found, Problems)
        return {**found["values"], "state": found["state"]}

    def all(self, form: str) -> list[Any]:
        found = answer(self.engine, ListRecords(form), SYSTEM)
        assert not isinstance(found, Problems)
        return [self.get(form, row) for row in sorted(found["records"], key=lambda row: str(row["id"]))]

    def firings(self, **about: Any) -> list[Any]:
        found = answer(self.engine, RuleFirings(**about), SYSTEM)
        assert not isinstance(found, Problems)
        return list(found["firings"])

    def drain(self) -> None:
        while Drainer(self.engine).drain():
            pass

    def stuck(self) -> list[Any]:
        found = answer(self.engine, ListRules(), SYSTEM)
        assert not isinstance(found, Problems)
        return list(found["stuck"])


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
    boss = next(u for u in _users(site) if u.login == "bo")
    told = answer(site.engine, Notifications(), Actor(boss.id, "bo", frozenset({"boss"})))
    assert not isinstance(told, Problems)
    assert [n["text"] for n in told["notifications"]] == [{"en": "Request R1"}]
    history = answer(site.engine, RecordHistory("request", UUID(made["id"])), SYSTEM)
    assert not isinstance(history, Problems)
    comments = [h["changes"] for h in history["history"] if h["action"] == "comment"]
    assert comments == [{"": [None, {"en": "told"}]}]
    assert [(f["rule"], f["phase"]) for f in site.firings()] == [("tell", "after")]


def _users(site: Site) -> Any:
    from engine.store import system

    with site.engine.store.read() as reader:
        return system.users(reader)


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
    assert _balance(site) == ("10", "4")
    site.act("request", made, "finish")
    assert _balance(site) == ("10", "0")


def _balance(site: Site) -> tuple[str, str]:
    from engine.actions.queries import Balances

    found = answer(site.engine, Balances("pieces", by=("item",)), SYSTEM)
    assert not isinstance(found, Problems)
    measures = found["rows"][0]["measures"]
    return measures["on_hand"], measures["held"]


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


def test_workflows_and_tasks(database_url: str) -> None:
    """A rule starts a workflow, and another waits for its task to be decided one way."""
    site = Site(database_url, """
        rule "ask" for request when created if quantity > 5 then start approval
        rule "no" for request when task sign done as rejected then set note to "rejected: " + task.comment
        rule "sure" for request when task sign done as rejected if quantity > 8 then warn "That is a large one"
    """)  # fmt: skip
    made = site.create("request", quantity=9)
    inbox = answer(site.engine, Inbox(), BOSS)
    assert not isinstance(inbox, Problems)
    (task,) = inbox["tasks"]
    warned = perform(site.engine, DecideTask(UUID(task["id"]), "rejected", "too dear"), BOSS)
    assert isinstance(warned, Problems)
    assert warned.first.code == "actions.rule_warns"
    site.did(perform(site.engine, DecideTask(UUID(task["id"]), "rejected", "too dear", ("sure",)), BOSS))
    assert site.get("request", made)["note"] == "rejected: too dear"


def test_deleted_and_imported(database_url: str) -> None:
    """Rules wait for records that are deleted and for those that an import creates."""
    site = Site(database_url, """
        rule "gone" for request after deleted then create purchase with reason = "was " + code
        rule "in" for request when imported then set grade to "imported"
    """)  # fmt: skip
    made = site.create("request", code="R1")
    assert site.get("request", made)["grade"] is None
    site.did(perform(site.engine, DeleteRecord("request", UUID(made["id"])), BOSS))
    assert [p["reason"] for p in site.all("purchase")] == ["was R1"]
    assert import_rows(site.engine, Import("request", [{"code": "R2"}, {"code": "R3"}]), BOSS).written == 2
    assert [r["grade"] for r in site.all("request")] == ["imported", "imported"]


def test_schedules(database_url: str) -> None:
    """A scheduled rule runs when it is due, for each record its condition holds for, on days of work only, and once a time."""
    site = Site(database_url, """
        rule "late" for each request when schedule "0 8 * * *" on workdays if due < today() and state = "draft" then set note to "late" take submit
        rule "report" for request when schedule "0 9 1 * *" then notify role boss that "A new month" create purchase with reason = "month"
    """)  # fmt: skip
    site.create("request", code="R1", due="2026-09-01")
    site.create("request", code="R2", due="2027-01-01")

    def at(text: str) -> list[Any]:
        site.clock.instant = datetime.fromisoformat(text)
        for _ in range(2):
            run_due_schedules(site.engine)
            site.drain()
        return [r["state"] for r in site.all("request")]

    assert at("2026-09-30T07:59:00+08:00") == ["draft", "draft"]
    assert at("2026-10-01T08:30:00+08:00") == ["draft", "draft"], "a holiday, and before that the day began after eight"
    assert len(site.all("purchase")) == 0
    assert at("2026-10-01T09:00:10+08:00") == ["draft", "draft"]
    assert [p["reason"] for p in site.all("purchase")] == ["month"]
    assert at("2026-10-02T08:00:10+08:00") == ["open", "draft"]
    assert len(site.firings(rule="late")) == 1
    assert at("2026-10-05T12:00:00+08:00") == ["open", "draft"]
    site.create("request", code="R3", due="2026-09-01")
    assert at("2026-10-10T08:00:10+08:00") == ["open", "draft", "open"], "a Saturday that is worked"
    assert len(site.all("purchase")) == 1


def test_conditions_the_database_cannot_work_out(database_url: str) -> None:
    """A schedule whose condition is beyond the database looks at the records one by one, and finds the same."""
    site = Site(
        database_url,
        'rule "r" for each request when schedule "* * * * *" if count(lines) * 2 > 2 then set note to "found"',
    )
    site.create("request", lines=[{"quantity": 1}])
    site.create("request", lines=[{"quantity": 1}, {"quantity": 2}])
    site.clock.instant += timedelta(minutes=2)
    assert run_due_schedules(site.engine) == 1
    site.drain()
    assert [r["note"] for r in site.all("request")] == [None, "found"]


def test_the_same_rules_as_json(database_url: str) -> None:
    """A pack may hold its rules as JSON, and a release that was stored runs them after a restart."""
    rules = """{"rules": "main", "items": [{"rule": "r", "for": "request", "when": {"event": "created"}, "if": "quantity > 1",
                "then": [{"do": "set", "field": "note", "to": "\\"many\\""}]}]}"""
    site = Site(database_url, rules)
    assert site.get("request", site.create("request", quantity=2))["note"] == "many"
    again = open_engine(database_url)
    made = perform(again, SubmitRecord("request", {"quantity": 3}), BOSS)
    assert isinstance(made, Outcome)
    assert site.get("request", made.answer)["note"] == "many"


def test_rules_are_listed_in_the_order_they_fire(sqlite_url: str) -> None:
    """Administrators see every rule in its order, in words of their language; others see none."""
    site = Site(
        sqlite_url,
        'rule "b" for request when created then set note to "1"\nrule "a" for request when created then set note to note + "2"',
    )
    made = site.create("request")
    assert site.get("request", made)["note"] == "12"
    listed = answer(site.engine, ListRules(), Actor(UUID(int=1), "Ada", frozenset(), "zh-CN", is_admin=True))
    assert not isinstance(listed, Problems)
    assert [(r["order"], r["name"], r["fired"]) for r in listed["rules"]] == [(1, "b", 1), (2, "a", 1)]
    assert listed["rules"][0]["text"] == '规则 "b"\n对 request\n当 新建 时\n则\n  设 note 为 "1"\n'
    assert isinstance(answer(site.engine, ListRules(), BOSS), Problems)
    assert isinstance(answer(site.engine, RuleFirings(), BOSS), Problems)


def test_a_crossing_fires_once_however_many_post(database_url: str) -> None:
    """Eight clerks who post at once take the balance past its threshold together; the rule fires exactly once."""
    site = Site(database_url, """
        rule "low" for pieces after balance on_hand falls below item.least per item then notify role boss that string(balance)
    """)  # fmt: skip
    site.create("item", code="A", least=50)
    site.create("move", item="A", place="P", quantity=100)

    def post(clerk: int) -> int:
        values = {"item": "A", "place": f"P{clerk % 3}", "quantity": -1}
        outcomes = [perform(site.engine, SubmitRecord("move", values), BOSS) for _ in range(10)]
        return sum(isinstance(outcome, Outcome) for outcome in outcomes)

    with ThreadPoolExecutor(8) as clerks:
        assert sum(clerks.map(post, range(8))) == 80
    site.drain()
    assert _balance(site)[0] == "20"
    (fired,) = site.firings(rule="low")
    assert (fired["values"]["balance"], fired["did"]) == ("49", ["notify boss"])


def test_lines_that_were_added_are_known_later(database_url: str) -> None:
    """A rule that runs after rows were added sees just those rows, too."""
    site = Site(
        database_url, 'rule "r" for request after line added to lines then set seen to string(sum(added.quantity))'
    )
    made = site.create("request", lines=[{"quantity": 7}])
    site.drain()
    assert site.get("request", made)["seen"] == "7"
    first = site.get("request", made)["lines"][0]
    site.change("request", made, lines=[{"id": first["id"], "quantity": 7}, {"quantity": 4}, {"quantity": 5}])
    site.drain()
    assert site.get("request", made)["seen"] == "9"


def test_balances_that_go_to_and_fro_end_at_the_limit(database_url: str) -> None:
    """Two rules whose movements take a balance past each other's threshold are stopped by the limit of chains, with the reason."""
    site = Site(database_url, """
        rule "up" for pieces after balance on_hand falls below 10 per item then create move with item = item, place = "P", quantity = 20
        rule "down" for pieces after balance on_hand rises above 25 per item then create move with item = item, place = "P", quantity = -20
    """)  # fmt: skip
    site.create("item", code="A")
    site.create("move", item="A", place="P", quantity=20)
    site.create("move", item="A", place="P", quantity=-15)
    site.drain()
    assert len(site.all("move")) == 3, "up once; 25 is not above 25"
    site.create("move", item="A", place="P", quantity=1)
    site.drain()
    assert 4 < len(site.all("move")) < 20
    assert [m["quantity"] for m in site.all("move")][4:6] == [-20, 20]
    assert any("end of a chain of more than 10 rules" in s["error"] for s in site.stuck())


def test_actions_on_another_record(database_url: str) -> None:
    """A rule takes a state action on a record that its own refers to; one that is not possible there undoes everything."""
    site = Site(database_url, """
        rule "follow" for follow_up when created then take submit on request
    """)  # fmt: skip
    made = site.create("request", code="R1")
    site.create("follow_up", request=made["id"])
    assert site.get("request", made)["state"] == "open"
    refused = perform(site.engine, SubmitRecord("follow_up", {"request": made["id"]}), BOSS)
    assert isinstance(refused, Problems)
    assert refused.first.code == "actions.action_not_possible"
    assert len(site.all("follow_up")) == 1


def test_people_are_told_by_name_of_nobody(database_url: str) -> None:
    """A rule tells a user; when there is none it says so in the history, and an id that is none stays with its reason."""
    site = Site(database_url, """
        rule "tell" for request when created then notify user grade that {en: "About " + code, "zh-CN": note}
    """)  # fmt: skip
    boss = next(u for u in _users(site) if u.login == "bo")
    site.create("request", code="R1", grade=str(boss.id))
    site.create("request", code="R2")
    site.create("request", grade=str(boss.id))
    site.create("request", code="R4", grade="somebody")
    site.drain()
    told = answer(site.engine, Notifications(), Actor(boss.id, "bo", frozenset({"boss"})))
    assert not isinstance(told, Problems)
    assert sorted(n["text"]["en"] for n in told["notifications"]) == ["About R1", "tell"], (
        "without a message, the rule's name"
    )
    assert ["notify nobody: the user is empty"] in [f["did"] for f in site.firings()]


def test_a_refusal_whose_message_is_empty_has_words(sqlite_url: str) -> None:
    """A message that comes to null is not shown as nothing, nor as "None": the problem's own words stand for it."""
    site = Site(sqlite_url, 'rule "r" for request when created then refuse "No: " + note warn {en: note}')
    refused = site.try_create("request")
    assert isinstance(refused, Problems)
    assert [wording(p, "en")[0] for p in refused] == [
        "The rule “r” does not allow this.",
        "The rule “r” warns of this.",
    ]
