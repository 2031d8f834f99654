"""Runs of a planner on a site, on both databases: suggestions are records like any other, written through the same commands."""

import json
from copy import deepcopy
from datetime import UTC, date, datetime
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest

from engine.actions import Engine, Only, answer, install_pack, open_engine, perform, run_planner
from engine.actions.commands import ChangeRecord, PerformAction, RunPlanner, StopPlanner, SubmitMany, SubmitRecord
from engine.actions.queries import ListRecords
from engine.actor import SYSTEM
from engine.clock import FixedClock, Moment
from engine.effects import Outcome
from engine.packs import Pack
from engine.problems import Problems

from .small import FORMS, PLANNER, REGISTERS, STRUCTURES, field, text

COLUMNS = ("part", "quantity", "start", "due", "why")
TODAY = date(2026, 3, 2)
CLOCK = FixedClock(Moment(datetime(2026, 3, 2, 2, tzinfo=UTC), TODAY))


def pack(**changes: Any) -> Pack:
    """The small pack with orders that are expected, and a place where each part is at home."""
    forms, registers, planner = deepcopy(FORMS), deepcopy(REGISTERS), deepcopy(PLANNER)
    forms["part"]["fields"].append(field("home", "reference", form="place"))
    for name in ("order", "wish"):
        forms[name] = {
            "form": name, "label": text(name), "title": "part.code",
            "fields": [*deepcopy(forms["receipt"]["fields"]), field("day", "date", required=True)],
        }  # fmt: skip
    at = {"part": "part", "place": "place"}
    registers["hoard"]["planning"] = {"measure": "there"}
    registers["hoard"]["postings"] += [
        {
            "name": "coming",
            "form": "order",
            "on": "created",
            "do": "plan",
            "at": at,
            "quantity": "quantity",
            "due": "day",
        },
        {
            "name": "going",
            "form": "wish",
            "on": "created",
            "do": "plan",
            "at": at,
            "quantity": "-quantity",
            "due": "day",
        },
        {
            "name": "proposed",
            "form": "proposal",
            "on": "created",
            "do": "plan",
            "at": at,
            "quantity": "quantity",
            "due": "due",
        },
        {"name": "dropped", "form": "proposal", "on": "gone", "do": "unplan"},
    ]
    planner["items"]["at"] = {"place": "home"}
    planner["suggestion"].update(changes)
    head = {"pack": "small", "version": "1.0.0", "label": text("Small")}
    parts: dict[str, Any] = {
        "forms": forms, "registers": registers, "structures": STRUCTURES, "replenishment": {"needs": planner}, "workflows": {},
        "reports": {}, "dashboards": {}, "roles": {}, "rules": {},
    }  # fmt: skip
    return Pack(head, parts)


class Factory:
    """A site with the small pack."""

    def __init__(self, url: str, given: Pack) -> None:
        self.engine: Engine = open_engine(url, clock=CLOCK)
        installed = install_pack(self.engine, given)
        assert not isinstance(installed, Problems), [(p.file, p.place, p.code, p.params) for p in installed]
        self.ids: dict[str, str] = {}
        self.made("place", "P", {"code": "P"})
        self.made("maker", "M", {"name": "M", "days": 2})

    def made(self, form: str, name: str, values: dict[str, Any]) -> str:
        done = perform(self.engine, SubmitRecord(form, values), SYSTEM)
        assert isinstance(done, Outcome), list(done)
        self.ids[name] = done.answer["id"]
        return str(done.answer["id"])

    def part(self, code: str, **values: Any) -> None:
        self.made("part", code, {"code": code, "home": self.ids["P"], **values})

    def moved(self, form: str, part: str, quantity: str, day: str | None = None) -> str:
        values = {"part": self.ids[part], "place": self.ids["P"], "quantity": quantity, **({"day": day} if day else {})}
        return self.made(form, f"{form} {part}", values)

    def line(self, part: str, quantity: str) -> dict[str, str]:
        return {"part": self.ids[part], "quantity": quantity}

    def recipe(self, whole: str, **parts: str) -> None:
        lines = [self.line(name, quantity) for name, quantity in parts.items()]
        self.made("recipe", f"recipe {whole}", {"whole": self.ids[whole], "lines": lines})

    def run(self, *items: str, **options: Any) -> Any:
        options = {"only": Only(frozenset(UUID(self.ids[i]) for i in items)), **options}
        found = run_planner(self.engine, "needs", run_id=str(uuid4()), **options)
        if isinstance(found, Problems):
            return [p.code for p in found]
        return {name: found[name] for name in ("created", "changed", "withdrawn", "kept")}

    def suggested(self) -> dict[str, tuple[str, str, str, str]]:
        """{part: (quantity, start, due, why)} of the open suggestions."""
        rows = answer(
            self.engine, ListRecords("proposal", filter='state = "proposed"', columns=COLUMNS, limit=200), SYSTEM
        )
        assert isinstance(rows, dict), list(rows)
        return {
            r["values"]["part"]["title"]: tuple(str(r["values"][n]) for n in ("quantity", "start", "due", "why"))  # type: ignore[misc]
            for r in rows["records"]
        }

    def record(self, part: str) -> dict[str, Any]:
        rows = answer(
            self.engine, ListRecords("proposal", filter='state = "proposed"', columns=COLUMNS, limit=200), SYSTEM
        )
        assert isinstance(rows, dict), list(rows)
        found: dict[str, Any] = next(r for r in rows["records"] if r["values"]["part"]["title"] == part)
        return found


def large_factory(url: str, *, items: int) -> Factory:
    """One product of four components a level, all made but the lowest, with wishes for it and for anything; for measuring."""
    factory = Factory(url, pack())

    def many(form: str, rows: list[dict[str, Any]]) -> list[str]:
        ids: list[str] = []
        for at in range(0, len(rows), 500):
            batch = [SubmitRecord(form, row) for row in rows[at : at + 500]]
            done = perform(factory.engine, SubmitMany(form, batch), SYSTEM)
            assert isinstance(done, Outcome), list(done)[:3]
            ids += [row["id"] for row in done.answer["results"]]
        return ids

    random, place = Random(3), factory.ids["P"]
    made = [4 * at + 1 < items for at in range(items)]
    common = {"home": place, "policy": "lot_for_lot", "days": 1, "maker": factory.ids["M"]}
    parts = many("part", [{"code": f"X{at}", "made": made[at], **common} for at in range(items)])
    lines = [
        [{"part": parts[c], "quantity": "2"} for c in range(4 * at + 1, min(4 * at + 5, items))] for at in range(items)
    ]
    many("recipe", [{"whole": parts[at], "lines": lines[at]} for at in range(items) if made[at]])
    many("receipt", [{"part": part, "place": place, "quantity": str(random.randrange(1, 50))} for part in parts])
    days = [f"2026-03-{random.randrange(5, 28):02d}" for _ in range(2 * items)]
    many("wish", [{"part": random.choice(parts), "place": place, "quantity": "30", "day": day} for day in days])
    return factory


@pytest.fixture
def factory(database_url: str) -> Factory:
    """The site, on each database."""
    return Factory(database_url, pack())


def wrench(factory: Factory) -> None:
    """A product of two levels, a wish for it, and a bought part with levels."""
    factory.part("A", policy="lot_for_lot", made=True, days=1)
    factory.part("B", policy="fixed_lot", lot="25", maker=factory.ids["M"])
    factory.part("N", policy="min_max", low="10", high="40")
    factory.recipe("A", B="2.5")
    factory.moved("receipt", "B", "5")
    factory.moved("receipt", "N", "9")
    factory.moved("wish", "A", "8", "2026-03-12")


def test_a_run_writes_suggestions_and_a_second_changes_nothing(factory: Factory) -> None:
    """What is wanted, made of and below its level is suggested with dates and reasons; the same run again leaves every record alone,
    though each suggestion is itself expected supply."""
    wrench(factory)
    assert factory.run() == {"created": 3, "changed": 0, "withdrawn": 0, "kept": 0}
    assert factory.suggested() == {
        "A": ("8", "2026-03-11", "2026-03-12", "demand"),
        "B": ("25", "2026-03-09", "2026-03-11", "dependent"),
        "N": ("31", "2026-03-02", "2026-03-02", "minimum"),
    }
    before = factory.record("B")["revision"]
    assert factory.run() == {"created": 0, "changed": 0, "withdrawn": 0, "kept": 3}
    assert factory.record("B")["revision"] == before


def test_a_run_follows_what_changed(factory: Factory) -> None:
    """More is wanted, less is needed: suggestions are changed and withdrawn, not added to."""
    wrench(factory)
    factory.run()
    factory.moved("wish", "A", "12", "2026-03-11")
    factory.moved("receipt", "N", "5")
    assert factory.run() == {"created": 0, "changed": 2, "withdrawn": 1, "kept": 0}
    assert factory.suggested() == {
        "A": ("12", "2026-03-10", "2026-03-11", "demand"),
        "B": ("25", "2026-03-06", "2026-03-10", "dependent"),
    }


def test_what_is_taken_up_is_nobodys_but_theirs(factory: Factory) -> None:
    """A suggestion that somebody took counts as the supply that it is expected to be, and is not touched again."""
    wrench(factory)
    factory.run()
    taken = factory.record("N")
    done = perform(factory.engine, PerformAction("proposal", UUID(taken["id"]), "take"), SYSTEM)
    assert isinstance(done, Outcome)
    assert factory.run() == {"created": 0, "changed": 0, "withdrawn": 0, "kept": 2}
    assert "N" not in factory.suggested()


def test_what_somebody_changed_says_again_what_is_needed(factory: Factory) -> None:
    """An open suggestion is the planner's: a changed quantity is put right."""
    wrench(factory)
    factory.run()
    record = factory.record("A")
    done = perform(factory.engine, ChangeRecord("proposal", UUID(record["id"]), {"quantity": "3"}), SYSTEM)
    assert isinstance(done, Outcome)
    assert factory.run()["changed"] == 1
    assert factory.suggested()["A"][0] == "8"


def test_net_change_looks_at_the_items_and_what_lies_below(factory: Factory) -> None:
    """A run for one product leaves other keys alone and comes to the same for it and its parts."""
    wrench(factory)
    assert factory.run("A") == {"created": 2, "changed": 0, "withdrawn": 0, "kept": 0}
    assert sorted(factory.suggested()) == ["A", "B"]
    assert factory.run() == {"created": 1, "changed": 0, "withdrawn": 0, "kept": 2}


def test_expected_supply_counts_on_its_day(factory: Factory) -> None:
    """An order that comes in time covers the wish; one that comes later does not."""
    factory.part("A", policy="lot_for_lot", days=1)
    factory.moved("wish", "A", "8", "2026-03-12")
    factory.moved("order", "A", "5", "2026-03-11")
    factory.moved("order", "A", "9", "2026-03-13")
    factory.run()
    assert factory.suggested() == {"A": ("3", "2026-03-11", "2026-03-12", "demand")}


def test_an_item_whose_parameters_mean_nothing_is_told_and_the_others_are_planned(factory: Factory) -> None:
    """One wrong item does not hold up the rest."""
    wrench(factory)
    factory.part("X", policy="sometimes")
    found = run_planner(factory.engine, "needs", run_id="r1")
    assert not isinstance(found, Problems)
    assert found["created"] == 3
    faults = [(fault["key"][0], fault["problems"]) for fault in found["faults"]]
    assert faults == [(factory.ids["X"], ["replenishment.unknown_policy"])]


def test_a_run_is_watched_and_stopped(factory: Factory) -> None:
    """A run that is stopped has written nothing that is wrong, and the next one does what is left."""
    wrench(factory)
    assert factory.run(watch=lambda done, total: False) == ["replenishment.stopped"]
    assert factory.suggested() == {}
    seen: list[tuple[int, int]] = []
    assert factory.run(watch=lambda done, total: seen.append((done, total)) is None)["created"] == 3
    assert seen[0][0] == 0
    assert seen[-1] == (0, 3)


def test_a_run_is_asked_for_and_only_one_at_a_time(factory: Factory) -> None:
    """Asking puts a message into the outbox and a note that it waits; a second is refused until the first is done or stopped."""
    wrench(factory)
    asked = perform(factory.engine, RunPlanner("needs"), SYSTEM)
    assert isinstance(asked, Outcome)
    again = perform(factory.engine, RunPlanner("needs"), SYSTEM)
    assert isinstance(again, Problems)
    assert again.first.code == "replenishment.already_running"
    stopped = perform(factory.engine, StopPlanner("needs"), SYSTEM)
    assert isinstance(stopped, Outcome)
    assert stopped.answer == asked.answer
    came = run_planner(factory.engine, "needs", run_id=asked.answer["run"])
    assert isinstance(came, Problems)
    assert came.first.code == "replenishment.stopped"
    assert factory.suggested() == {}
    nothing = perform(factory.engine, StopPlanner("needs"), SYSTEM)
    assert isinstance(nothing, Problems)
    assert nothing.first.code == "replenishment.not_running"


def test_a_message_that_comes_twice_runs_once(factory: Factory) -> None:
    """The same run again answers what it came to."""
    wrench(factory)
    first = run_planner(factory.engine, "needs", run_id="one")
    factory.moved("wish", "A", "1", "2026-03-05")
    assert not isinstance(first, Problems)
    again = run_planner(factory.engine, "needs", run_id="one")
    assert not isinstance(again, Problems)
    assert again["created"] == first["created"]
    assert factory.suggested()["A"][2] == "2026-03-12"


def test_suggestions_without_an_action_to_withdraw_are_deleted(database_url: str) -> None:
    """Without a state action a suggestion that is not needed goes to the trash."""
    given = pack()
    planner = json.loads(json.dumps(given.parts["replenishment"]["needs"]))
    del planner["suggestion"]["withdraw"]
    registers = json.loads(json.dumps(given.parts["registers"]))
    registers["hoard"]["postings"] = [p for p in registers["hoard"]["postings"] if p["form"] != "proposal"]
    parts = {**given.parts, "registers": registers, "replenishment": {"needs": planner}}
    factory = Factory(database_url, Pack(given.head, parts))
    wrench(factory)
    assert factory.run()["created"] == 3
    factory.moved("receipt", "N", "5")
    assert factory.run() == {"created": 0, "changed": 0, "withdrawn": 1, "kept": 2}
    assert sorted(factory.suggested()) == ["A", "B"]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("policy", 'if id = "" then null else policy'),
        ("lead_days", "if key.part.maker = null then days else source.days"),
    ],
)
def test_rules_may_read_more_of_an_item_than_its_fields(database_url: str, rule: str, said: str) -> None:
    """What is read of items follows what rules look at; however much that is, the run suggests the same."""
    given = pack()
    given.parts["replenishment"]["needs"]["items"][rule] = said
    factory = Factory(database_url, given)
    wrench(factory)
    factory.part("S", policy="min_max", low="10", high="20")  # alike but for its levels
    factory.moved("receipt", "S", "1")
    factory.run()
    assert factory.suggested() == {
        "A": ("8", "2026-03-11", "2026-03-12", "demand"),
        "B": ("25", "2026-03-09", "2026-03-11", "dependent"),
        "N": ("31", "2026-03-02", "2026-03-02", "minimum"),
        "S": ("19", "2026-03-02", "2026-03-02", "minimum"),
    }


def test_one_suggestion_for_each_date(database_url: str) -> None:
    """Where the pack wants it, every order of the plan is a suggestion."""
    factory = Factory(database_url, pack(per="date"))
    factory.part("A", policy="lot_for_lot", days=1)
    factory.moved("wish", "A", "8", "2026-03-12")
    factory.moved("wish", "A", "4", "2026-03-16")
    assert factory.run()["created"] == 2
    assert factory.run() == {"created": 0, "changed": 0, "withdrawn": 0, "kept": 2}
