"""What holds of values whatever is posted in whatever order: nothing is lost between records, what is undone never was, and late news is as
good as timely news. Scripts made by hypothesis, done by the whole engine.
"""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from engine.actions import Audit, Engine, answer, audit_registers, perform
from engine.actions import queries as q
from engine.actions.commands import ChangeRecord
from engine.actor import SYSTEM
from engine.effects import Outcome
from engine.problems import Problems
from tests.support.ledger import Keeper, day_end, ledger_site

OWN: Final = (None, "correction")
"""Reasons of what a movement itself is worth; the others are booked beside it."""
METHODS: Final = ("average", "fifo", "standard", "zero")
FEW = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """One site for all scripts: each has items of its own. At the end all that is kept is what the movements come to."""
    engine = ledger_site(f"sqlite:///{tmp_path_factory.mktemp('values') / 'site.db'}")
    yield engine
    audit = audit_registers(engine)
    assert isinstance(audit, Audit)
    assert audit.is_right, audit.found
    assert audit.waiting == 0
    engine.store.close()


def keeper_with(engine: Engine, method: str) -> Keeper:
    """Someone whose item is valued by a method, with goods at both places since the first day: more than a script takes away. (A pool that
    was emptied takes what is counted there at the last cost it knew, also that of a receipt that was undone.)"""
    keeper = Keeper(engine)
    values = {"method": method, "standard": "9.5"}
    assert isinstance(
        perform(engine, ChangeRecord("item", keeper.record("item", keeper.item), values), SYSTEM), Outcome
    )
    assert isinstance(keeper.do("1: buy 100 P @ 1011 + buy 100 R @ 1300"), Outcome)
    return keeper


def movements(keeper: Keeper) -> list[dict[str, Any]]:
    """All movements of the keeper's items."""
    found: list[dict[str, Any]] = []
    for code in (keeper.item, f"{keeper.item}x"):
        page = answer(
            keeper.engine, q.Movements("goods", {"item": str(keeper.record("item", code))}, limit=200), SYSTEM
        )
        assert not isinstance(page, Problems)
        assert page["next"] is None
        found += page["rows"]
    return found


def worth(keeper: Keeper, day: str | None = None) -> dict[str, tuple[Decimal, Decimal]]:
    """{zone: (quantity, value)} of the item, now or at the end of a day."""
    options = {"at": day_end(day)} if day else {}
    rows = keeper.balances(("zone",), **options)
    return {zone: (row["on_hand"], row["value"]) for zone, row in rows.items() if row["on_hand"] or row["value"]}


days = st.integers(2, 19)
quantities = st.integers(1, 6)
amounts = st.decimals(1, 99, places=2)
entries = st.one_of(
    st.builds("{}: buy {} P @ {}".format, days, quantities, amounts),
    st.builds("{}: buy {} R @ {}".format, days, quantities, amounts),
    st.builds("{}: out {} P".format, days, quantities),
    st.builds("{}: send {} P>R".format, days, quantities),
    st.builds("{}: send {} R>P".format, days, quantities),
    st.builds("{}: out {} R".format, days, quantities),
    st.builds("{}: use {} P + aside 1 *R @ {} + make {} *P @ {}".format, days, quantities, st.just("0.50"), quantities, amounts),
    st.builds("{}: count {} R".format, days, st.integers(90, 110)),
)  # fmt: skip
steps = st.one_of(
    entries,
    st.builds("back {} {}".format, quantities, st.integers(0, 9)),
    st.builds("late {} {}".format, amounts, st.integers(0, 9)),
    st.builds("undo {}".format, st.integers(0, 9)),
)  # fmt: skip


def play(keeper: Keeper, script: list[str]) -> dict[str, str]:
    """Do what can be done of a script; {name: what was done} of what stands or stood, by the names of the records."""
    done: dict[str, str] = {}
    for n, step in enumerate(script):
        verb, *rest = step.split()
        names = list(done)
        if verb in ("back", "late", "undo"):
            if not names:
                continue
            of = names[int(rest[-1]) % len(names)]
            step = {"back": f"back {rest[0]} P of {of}", "late": f"late 0 P @ {rest[0]} of {of}", "undo": f"undo {of}"}[
                verb
            ]
        name = f"n{n}"
        if isinstance(keeper.do(f"{step} as {name}" if verb != "undo" else step), Outcome):
            done[name] = step
            if verb == "undo":
                del done[name]
    return done


@FEW
@example("average", ["2: out 1 P", "2: out 1 P", "undo 0", "late 1.00 0"])  # what undoes is no receipt
@example("average", ["2: send 1 R>P", "late 1.00 0", "2: out 1 P", "undo 0"])
@given(st.sampled_from(METHODS), st.lists(steps, min_size=4, max_size=14))
def test_nothing_is_lost_between_records(engine: Engine, method: str, script: list[str]) -> None:
    """What a transfer takes is what arrives; what is made is worth what was used, less by-products, with the work; what is undone sums to
    nothing; no value where there is no quantity."""
    keeper = keeper_with(engine, method)
    done = play(keeper, script)
    records = {str(id): name for name, id in keeper.known.items()}
    sums: dict[str, Decimal] = defaultdict(Decimal)
    late: dict[str, Decimal] = defaultdict(Decimal)
    undone: set[str] = set()
    for row in movements(keeper):
        name = records.get(row["record"]["id"], "")
        if row["reason"] in OWN:
            sums[name] += Decimal(row["amounts"]["value"])
        if row["posting"] == "undo":
            undone.add(name)
        if row["reason"] == "late":  # it belongs to what it is a cost of
            late[done.get(name, "").rpartition(" of ")[2] or name] += Decimal(row["amounts"]["value"])
    for name, step in done.items():
        kind = step.split(": ")[-1].split()[0]
        if name in undone:
            assert kind == "buy" or sums[name] + late[name] == 0, (name, step, script)
        elif kind == "send":
            assert sums[name] == 0, (name, step, script)
        elif kind == "use":
            assert sums[name] == Decimal(step.rsplit("@ ", 1)[1]), (name, step, script)
    for quantity, value in worth(keeper).values():
        assert quantity or not value


@FEW
@example(
    "fifo", ["2: buy 1 R @ 1.00", "3: count 90 R"], "2: send 1 P>R"
)  # what a later count booked of it costs what it cost
@given(st.sampled_from(METHODS), st.lists(steps, max_size=8), entries)
def test_what_is_undone_never_was(engine: Engine, method: str, script: list[str], last: str) -> None:
    """After an entry is undone at its time, quantities and values are as they were, now and at the end of every day."""
    keeper = keeper_with(engine, method)
    play(keeper, script)
    before = [worth(keeper), *(worth(keeper, str(day)) for day in range(1, 20))]
    assume(isinstance(keeper.do(f"{last} as last"), Outcome))
    assert isinstance(keeper.do("undo last"), Outcome)
    after = [worth(keeper), *(worth(keeper, str(day)) for day in range(1, 20))]
    assert after == before, (script, last)


free_steps = st.one_of(
    st.builds("buy {} P @ {}".format, quantities, amounts),
    st.builds("out {} P".format, st.integers(1, 4)),
    st.builds("buy {} R @ {}".format, quantities, amounts),
    st.builds("send {} P>R".format, st.integers(1, 4)),
    st.builds("send {} R>P".format, st.integers(1, 4)),
    st.builds("use {} P + make {} *P @ {}".format, st.integers(1, 4), quantities, amounts),
)


@settings(FEW, max_examples=100)
@given(st.sampled_from(METHODS[:2]), st.lists(free_steps, min_size=5, max_size=9), st.randoms(use_true_random=False))
def test_late_news_is_as_good_as_timely_news(engine: Engine, method: str, script: list[str], chance: Any) -> None:
    """Entries on different days come to the same quantities and values on every day, in whatever order they are entered."""
    timely, late = keeper_with(engine, method), keeper_with(engine, method)
    in_order = [f"{day}: {step}" for day, step in enumerate(script, start=2)]
    shuffled = list(in_order)
    chance.shuffle(shuffled)
    for keeper, order in ((timely, in_order), (late, shuffled)):
        for entry in order:
            assert isinstance(keeper.do(entry), Outcome), (entry, order)
    for day in range(1, len(in_order) + 2):
        assert worth(late, str(day)) == worth(timely, str(day)), (day, shuffled)
    assert worth(late) == worth(timely)
