"""Net-change runs: what has changed since the last run is found by itself, and comes to what a run over everything would."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest

from engine.actions import Only, perform, run_planner
from engine.actions.commands import ChangeRecord, DeleteRecord, PerformAction, SubmitRecord
from engine.actor import SYSTEM
from engine.clock import FixedClock, Moment
from engine.effects import Outcome
from engine.problems import Problems

from .test_runs import Factory, pack, wrench

CHANGED = Only(changed=True)


@pytest.fixture
def factory(database_url: str) -> Factory:
    """The site, on each database."""
    return Factory(database_url, pack())


def net_change(factory: Factory) -> dict[str, Any]:
    """What a run over what has changed says."""
    found = run_planner(factory.engine, "needs", run_id=str(uuid4()), only=CHANGED)
    assert not isinstance(found, Problems), list(found)
    return dict(found)


def done(factory: Factory, command: Any) -> None:
    came = perform(factory.engine, command, SYSTEM)
    assert isinstance(came, Outcome), list(came)


def leaves_nothing(factory: Factory) -> None:
    """A run over everything finds nothing to do."""
    left = factory.run()
    assert {n: left[n] for n in ("created", "changed", "withdrawn")} == {"created": 0, "changed": 0, "withdrawn": 0}


def test_only_what_changed_is_planned(factory: Factory) -> None:
    """The first run is over everything; then a receipt of a part is a matter of that part, a wish for a product one of it and its parts."""
    wrench(factory)
    assert net_change(factory)["keys"] == 3
    assert net_change(factory)["keys"] == 0
    factory.moved("receipt", "N", "-1")
    assert net_change(factory) | {"alerts": 0} == {
        "keys": 1, "alerts": 0, "created": 0, "changed": 1, "withdrawn": 0, "kept": 0, "faults": [],
    }  # fmt: skip
    factory.moved("wish", "A", "1", "2026-03-12")
    assert net_change(factory)["keys"] == 2
    assert factory.suggested()["A"][0] == "9"
    leaves_nothing(factory)


@pytest.mark.parametrize(
    ("change", "keys"),
    [
        (lambda f: ChangeRecord("part", UUID(f.ids["N"]), {"high": "50"}), 1),
        (lambda f: ChangeRecord("maker", UUID(f.ids["M"]), {"days": 3}), 1),
        (lambda f: ChangeRecord("part", UUID(f.ids["A"]), {"code": "A2"}), 2),
        (lambda f: ChangeRecord("place", UUID(f.ids["P"]), {"code": "P2"}), 3),
        (lambda f: ChangeRecord("part", UUID(f.ids["A"]), {"made": False}), 2),
        (lambda f: ChangeRecord("recipe", UUID(f.ids["recipe A"]), {"lines": [f.line("N", "1")]}), 2),
        (lambda f: DeleteRecord("recipe", UUID(f.ids["recipe A"])), 1),
        (lambda f: ChangeRecord("proposal", UUID(f.record("N")["id"]), {"quantity": "5"}), 1),
        (lambda f: PerformAction("proposal", UUID(f.record("B")["id"]), "take"), 1),
        (lambda f: PerformAction("proposal", UUID(f.record("A")["id"]), "drop"), 2),
        (lambda f: SubmitRecord("part", {"code": "Z", "home": f.ids["P"], "policy": "order_up_to", "high": "5"}), 1),
        (lambda f: SubmitRecord("part", {"code": "Z", "home": f.ids["P"]}), 1),
    ],
    ids=["level", "lead time of a maker", "name", "name of the place", "bought from now on", "component", "no recipe", "quantity of a suggestion",
         "taken up", "dropped", "new part", "new part not planned"],
)  # fmt: skip
def test_whatever_a_suggestion_follows_from_is_found(
    sqlite_url: str, change: Callable[[Factory], Any], keys: int
) -> None:
    """Parameters of a key, records behind them, what its suggestion says, what it is a part of, and the suggestion itself."""
    factory = Factory(sqlite_url, pack())
    wrench(factory)
    factory.run()
    done(factory, change(factory))
    assert net_change(factory)["keys"] == keys
    leaves_nothing(factory)


def test_another_day_is_a_change_of_what_is_expected_or_suggested(sqlite_url: str) -> None:
    """What is suggested is looked at anew each day, since it may have become late; what nobody wants is not."""
    factory = Factory(sqlite_url, pack())
    wrench(factory)
    for code in ("X", "Y"):
        factory.part(code, policy="min_max", low="1", high="5")
        factory.moved("receipt", code, "3")
    assert factory.run()["created"] == 3
    factory.engine.clock = FixedClock(Moment(datetime(2026, 3, 11, 2, tzinfo=UTC), date(2026, 3, 11)))
    assert net_change(factory)["keys"] == 3
    leaves_nothing(factory)


def test_a_run_for_items_does_not_hide_what_else_changed(factory: Factory) -> None:
    """After a run for one item, a net-change run still finds the other."""
    wrench(factory)
    factory.run()
    factory.moved("receipt", "N", "-1")
    factory.moved("wish", "A", "1", "2026-03-12")
    assert factory.run("A")["changed"] >= 1
    assert net_change(factory)["changed"] == 1
    leaves_nothing(factory)


def test_a_stopped_run_does_not_hide_what_it_left_undone(factory: Factory) -> None:
    """What a stopped run has not written, the next net-change run writes."""
    wrench(factory)
    factory.run()
    factory.moved("receipt", "N", "-1")
    assert factory.run(only=CHANGED, watch=lambda done, total: total == 0) == ["replenishment.stopped"]
    assert net_change(factory)["changed"] == 1
    leaves_nothing(factory)


def random_change(factory: Factory, random: Random) -> None:
    """Somebody does something that may matter to some key."""
    parts = [name for name in factory.ids if name.startswith("X") and " " not in name]
    part, day = random.choice(parts), f"2026-03-{random.randrange(1, 31):02d}"
    match random.randrange(8):
        case 0 | 1:
            factory.moved("wish", part, str(random.randrange(1, 40)), day)
        case 2:
            factory.moved("order", part, str(random.randrange(1, 40)), day)
        case 3:
            factory.moved("receipt", part, str(random.randrange(-20, 40)))
        case 4:
            policy = random.choice(["lot_for_lot", "min_max", "fixed_lot", None])
            values = {"policy": policy, "low": "5", "high": "30", "lot": "7", "days": random.randrange(4)}
            done(factory, ChangeRecord("part", UUID(factory.ids[part]), values))
        case 5:
            made = random.random() < 0.7
            done(factory, ChangeRecord("part", UUID(factory.ids[part]), {"made": made}))
        case 6:
            below = parts[parts.index(part) + 1 :]
            some = random.sample(below, min(len(below), random.randrange(4)))
            lines = {"lines": [factory.line(name, str(random.randrange(1, 4))) for name in some]}
            recipe = factory.ids.get(f"recipe {part}")
            if recipe:
                done(factory, ChangeRecord("recipe", UUID(recipe), lines))
            else:
                factory.made("recipe", f"recipe {part}", {"whole": factory.ids[part], **lines})
        case _ if factory.suggested():
            record = factory.record(random.choice(sorted(factory.suggested())))
            done(factory, PerformAction("proposal", UUID(record["id"]), random.choice(["take", "drop"])))


@pytest.mark.parametrize("seed", range(6))
def test_after_random_changes_it_comes_to_the_same_as_a_run_over_everything(factory: Factory, seed: int) -> None:
    """Whatever was done since the last run, a run over everything that follows a net-change run finds nothing to do."""
    random = Random(seed)
    for at in range(12):
        factory.part(f"X{at}", policy="lot_for_lot", days=1, made=at < 8)
    whole = 0
    for _ in range(6):
        for _ in range(random.randrange(1, 4)):
            random_change(factory, random)
        whole += net_change(factory)["keys"] >= 12
        leaves_nothing(factory)
    assert whole <= 3
