"""Planners over HTTP: what would be suggested, what-if, runs by the worker, rights."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from engine.actions import perform, run_due_schedules
from engine.actions.commands import PutUser
from engine.actor import SYSTEM
from engine.clock import FixedClock, Moment
from engine.effects import Outcome
from engine.packs import Pack
from engine.worker.drainer import Drainer
from tests.support.pack_site import Browser

from .test_runs import Factory, pack, wrench

ROLES: dict[str, Any] = {
    "watcher": {
        "role": "watcher", "label": {"en": "Watcher"},
        "grants": [{"form": "proposal", "do": ["read"]}, {"form": "part", "do": ["read"]}, {"register": "hoard"}],
    },
    "nobody": {"role": "nobody", "label": {"en": "Nobody"}, "grants": [{"form": "part", "do": ["read"]}]},
}  # fmt: skip


@pytest.fixture
def factory(sqlite_url: str) -> Factory:
    """A site with users of three kinds."""
    given = pack()
    made = Factory(sqlite_url, Pack(given.head, {**given.parts, "roles": ROLES}))
    for login, roles, admin in (("admin", (), True), ("watcher", ("watcher",), False), ("nobody", ("nobody",), False)):
        done = perform(made.engine, PutUser(login, login, login, roles, "en", admin), SYSTEM)
        assert isinstance(done, Outcome)
    wrench(made)
    return made


def test_requirements_show_what_a_run_would_suggest(factory: Factory) -> None:
    """Without items: the suggestions in order of their starts, and nothing is written."""
    found = Browser(factory.engine).get("/planners/needs/requirements").get_json()
    assert found["counts"] == {"keys": 3, "suggestions": 3, "alerts": 0, "faults": 0}
    assert [(s["key"]["part"]["title"], s["quantity"], s["kind"], s["start"]) for s in found["suggestions"]] == [
        ("N", "31", "buy", "2026-03-02"), ("B", "25", "buy", "2026-03-09"), ("A", "8", "make", "2026-03-11"),
    ]  # fmt: skip
    assert found["keys"] == []
    assert factory.suggested() == {}


def test_requirements_of_an_item_show_buckets_and_pegs(factory: Factory) -> None:
    """With an item: how it is planned, its buckets, and what each suggestion is for, up to the wish at the top."""
    found = Browser(factory.engine).get("/planners/needs/requirements", items=factory.ids["B"]).get_json()
    (b,) = found["keys"]
    assert (b["level"], b["on_hand"], b["parameters"]["policy"], b["parameters"]["lead_days"]) == (
        1,
        "5",
        "fixed_lot",
        2,
    )
    assert b["rows"] == [
        {"day": "2026-03-11", "demand": "0", "dependent": "20", "supply": "0", "suggested": "25", "left": "10"}
    ]
    (trace,) = b["traces"]
    assert trace["suggestion"]["reason"] == "dependent"
    assert trace["suggestion"]["source"] == factory.ids["M"]
    told = [
        (s["level"], s["key"]["part"]["title"], s["quantity"], (s["demand"] or {}).get("kind")) for s in trace["up"]
    ]
    assert told == [(0, "B", "15", "dependent"), (1, "A", "8", "expected"), (0, "B", "10", None)]
    assert trace["up"][1]["demand"]["record"]["id"] == factory.ids["wish A"]


def test_what_if_is_thrown_away(factory: Factory) -> None:
    """Further demand, a delivery and other parameters change the answer, and only the answer."""
    browser = Browser(factory.engine)
    key = {"part": factory.ids["A"], "place": factory.ids["P"]}
    tried = {
        "demands": [{"key": key, "day": "2026-03-13", "quantity": "2"}],
        "supplies": [{"key": {**key, "part": factory.ids["B"]}, "day": "2026-03-10", "quantity": "100"}],
        "parameters": [{"key": {**key, "part": factory.ids["N"]}, "policy": "min_max", "minimum": "5"}],
    }
    found = browser.ask("POST", "/planners/needs/requirements", json={"what_if": tried}).get_json()
    assert [(s["key"]["part"]["title"], s["quantity"], s["due"]) for s in found["suggestions"]] == [
        ("A", "8", "2026-03-12"), ("A", "2", "2026-03-13"),
    ]  # fmt: skip
    assert browser.get("/planners/needs/requirements").get_json()["counts"]["suggestions"] == 3
    assert factory.suggested() == {}


@pytest.mark.parametrize(
    ("part", "item", "place"),
    [
        ("demands", {"quantity": "0"}, "/what_if/demands/0/quantity"),
        ("demands", {"day": "tomorrow"}, "/what_if/demands/0/day"),
        ("supplies", {"key": {"part": "x"}}, "/what_if/supplies/0/key/part"),
        ("supplies", {"key": {"part": str(UUID(int=5))}}, "/what_if/supplies/0/key/part"),
        ("parameters", {"lots": "5"}, "/what_if/parameters/0/lots"),
        ("parameters", {"lot": "-5"}, "/what_if/parameters/0/lot"),
        ("parameters", {"policy": "often"}, "/what_if/parameters/0/policy"),
        ("parameters", {"policy": "order_up_to", "maximum": None}, "/what_if/parameters/0/maximum"),
        ("wishes", {}, "/what_if/wishes"),
    ],
)
def test_a_what_if_that_means_nothing_is_refused_at_its_place(
    factory: Factory, part: str, item: dict[str, Any], place: str
) -> None:
    """Nobody should decide by a what-if that was read otherwise than it was meant."""
    key = {"part": factory.ids["A"], "place": factory.ids["P"]}
    sound = {"key": key} if part == "parameters" else {"key": key, "day": "2026-03-13", "quantity": "2"}
    asked = Browser(factory.engine).ask(
        "POST", "/planners/needs/requirements", json={"what_if": {part: [{**sound, **item}]}}
    )
    assert asked.status_code == 422, asked.text
    assert place in [p["pointer"] for p in asked.get_json()["problems"]]


def test_a_run_is_asked_for_done_by_the_worker_and_told(factory: Factory) -> None:
    """202 with the run; the worker does it; the planner then tells what came of it."""
    browser = Browser(factory.engine)
    assert browser.get("/planners/needs").get_json()["last_run"] is None
    asked = browser.ask("POST", "/planners/needs/runs", json={})
    assert asked.status_code == 202
    waiting = browser.get("/planners/needs").get_json()["last_run"]
    assert (waiting["run"], waiting["state"], waiting["is_running"]) == (asked.get_json()["run"], "waiting", True)
    again = browser.ask("POST", "/planners/needs/runs", json={})
    assert again.status_code == 409
    while Drainer(factory.engine).drain():
        pass
    last = browser.get("/planners/needs").get_json()["last_run"]
    assert (last["run"], last["state"], last["created"], last["done"], last["total"]) == (
        asked.get_json()["run"], "done", 3, 3, 3,
    )  # fmt: skip
    assert sorted(factory.suggested()) == ["A", "B", "N"]


def test_a_run_over_what_has_changed_is_asked_for(factory: Factory) -> None:
    """It plans what changed since the last; together with items it means nothing and is refused."""
    browser = Browser(factory.engine)
    for keys in (3, 0):
        asked = browser.ask("POST", "/planners/needs/runs", json={"only_changed": True})
        assert asked.status_code == 202
        while Drainer(factory.engine).drain():
            pass
        last = browser.get("/planners/needs").get_json()["last_run"]
        assert (last["state"], last["keys"]) == ("done", keys)
    for wrong in ({"only_changed": "yes"}, {"only_changed": True, "items": [factory.ids["A"]]}):
        assert browser.ask("POST", "/planners/needs/runs", json=wrong).status_code == 400


def test_a_run_that_waits_can_be_stopped(factory: Factory) -> None:
    """Stopped before the worker came to it, it writes nothing."""
    browser = Browser(factory.engine)
    browser.ask("POST", "/planners/needs/runs", json={"items": [factory.ids["A"]]})
    assert browser.ask("DELETE", "/planners/needs/runs").status_code == 202
    while Drainer(factory.engine).drain():
        pass
    assert browser.get("/planners/needs").get_json()["last_run"]["state"] == "stopped"
    assert factory.suggested() == {}
    assert browser.ask("DELETE", "/planners/needs/runs").status_code == 409


def test_a_planner_runs_on_schedule(sqlite_url: str) -> None:
    """What is due by its schedule is asked for once, done by the worker, and not again before the next time."""
    given = pack()
    planner = {**given.parts["replenishment"]["needs"], "schedule": {"cron": "0 12 * * *", "workdays": True}}
    made = Factory(sqlite_url, Pack(given.head, {**given.parts, "replenishment": {"needs": planner}}))
    wrench(made)
    worker = Drainer(made.engine)
    while worker.drain():
        pass
    assert made.suggested() == {}  # it was installed at ten, after noon of the day before
    noon = Moment(datetime(2026, 3, 2, 4, 1, tzinfo=UTC), date(2026, 3, 2))  # in Shanghai
    made.engine.clock = FixedClock(noon)
    assert run_due_schedules(made.engine) == 1
    assert run_due_schedules(made.engine) == 0
    while worker.drain():
        pass
    assert sorted(made.suggested()) == ["A", "B", "N"]


def test_rights(factory: Factory) -> None:
    """Who sees the register and reads suggestions may look; who may not write suggestions may not run; others know of no planner."""
    watcher, nobody = Browser(factory.engine, "watcher"), Browser(factory.engine, "nobody")
    assert watcher.get("/planners/needs").get_json()["may"] == {"run": False}
    assert [p["name"] for p in watcher.get("/release").get_json()["planners"]] == ["needs"]
    assert nobody.get("/release").get_json()["planners"] == []
    assert watcher.get("/planners/needs/requirements").status_code == 200
    assert watcher.ask("POST", "/planners/needs/runs", json={}).status_code == 403
    assert watcher.ask("DELETE", "/planners/needs/runs").status_code == 403
    assert nobody.get("/planners/needs").status_code == 404
    assert nobody.get("/planners/needs/requirements").status_code == 404
    assert Browser(factory.engine).get("/planners/other").status_code == 404
