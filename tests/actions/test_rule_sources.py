"""Rules at work: workflows, imports, schedules and many clerks set them off, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from engine.actions import Import, answer, import_rows, open_engine, perform, run_due_schedules
from engine.actions.commands import DecideTask, DeleteRecord, SubmitRecord
from engine.actions.queries import Inbox, ListRules, Notifications, RuleFirings
from engine.actor import Actor
from engine.effects import Outcome
from engine.problems import Problems
from engine.texts import wording
from tests.support.ruled_site import BOSS, Site


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
    assert site.balance()[0] == "20"
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
    boss = next(u for u in site.users() if u.login == "bo")
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
