"""Many records in one call come to the same as one call after another: their postings are joined only where that makes no difference."""

from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.actions import Engine, perform
from engine.actions.commands import ChangeRecord, SubmitMany, SubmitRecord
from engine.actor import SYSTEM
from engine.effects import Outcome
from engine.ledger import Movement, PostMovements
from engine.problems import Problems
from engine.registers import joined
from tests.support.ledger import Keeper, day_end, ledger_site
from tests.support.sites import one_site_each

DAYS = (2, 5, 9, 20)
entries = st.one_of(
    st.builds("{}: in {} {}".format, st.sampled_from(DAYS), st.integers(1, 6), st.sampled_from("PQR")),
    st.builds("{}: out {} {}".format, st.sampled_from(DAYS), st.integers(1, 6), st.sampled_from("PQR")),
    st.builds("{}: buy {} P @ {}".format, st.sampled_from(DAYS), st.integers(1, 6), st.integers(1, 50)),
    st.builds("{}: send {} P>R".format, st.sampled_from(DAYS), st.integers(1, 6)),
    st.builds("hold {} {}".format, st.integers(1, 3), st.sampled_from("PQ")),
    st.builds("pick {} P".format, st.integers(1, 3)),
    st.builds("{}: count {} Q".format, st.sampled_from(DAYS), st.integers(0, 9)),
    st.builds("ship {} P of order".format, st.integers(1, 2)),
    st.builds("{}: out 2 P + in 2 Q".format, st.sampled_from(DAYS)),
)


engine = one_site_each(ledger_site)


def keeper_of(engine: Engine, method: str) -> Keeper:
    """Someone with goods, an order that holds four of them, and a method."""
    keeper = Keeper(engine)
    values = {"method": method}
    assert isinstance(keeper.perform(ChangeRecord("item", keeper.record("item", keeper.item), values)), Outcome)
    for text in ("1: buy 12 P @ 60 + buy 5 Q @ 30", "hold 4 P as order"):
        assert isinstance(keeper.do(text), Outcome)
    return keeper


def together(keeper: Keeper, script: list[str]) -> Outcome | Problems:
    records = [SubmitRecord("entry", keeper.entry(text), "post") for text in script]
    return perform(keeper.engine, SubmitMany("entry", records), SYSTEM)


def state(keeper: Keeper) -> list[Any]:
    return [keeper.balances(("place",), at=day_end(str(day))) for day in DAYS] + [keeper.balances(("place", "zone"))]


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(("average", "fifo")), st.lists(entries, min_size=2, max_size=7))
def test_one_call_is_as_good_as_many(engine: Engine, method: str, script: list[str]) -> None:
    """The same is refused, and where nothing is, the same quantities and values stand at the end of every day."""
    one, many = keeper_of(engine, method), keeper_of(engine, method)
    single = [many.do(text) for text in script]
    at_once = together(one, script)
    assert isinstance(at_once, Outcome) == all(isinstance(made, Outcome) for made in single), (script, at_once)
    if isinstance(at_once, Outcome):
        assert state(one) == state(many), script


def test_what_one_takes_too_much_no_later_one_brings(engine: Engine) -> None:
    """Out before in is refused at its record and line, though all of them together would leave enough; each movement is its own record's."""
    keeper = Keeper(engine)
    assert isinstance(keeper.do("in 1 P"), Outcome)
    refused = together(keeper, ["in 1 Q", "out 3 P", "in 9 P"])
    assert isinstance(refused, Problems)
    assert {p.place for p in refused} == {"/records/1/lines/0"}
    assert isinstance(together(keeper, ["in 9 P", "out 3 P", "out 2 P"]), Outcome)
    assert keeper.balances(("place",))["P"]["on_hand"] == 5


# which postings are joined


def posting(*movements: tuple[str, int, int], day: int = 0, **options: Any) -> PostMovements:
    """(key, on hand, held) of each movement."""
    made = tuple(
        Movement("move", None, "", (key, "", "", "one"), (on_hand, held, 0, 0), day) for key, on_hand, held in movements
    )
    return PostMovements("goods", "entry", uuid4(), made, **options)


@pytest.mark.parametrize(
    ("postings", "sizes"),
    [
        ([posting(("a", 1, 0)), posting(("a", 2, 0)), posting(("b", 1, 0))], [3]),
        (
            [posting(("a", 1, 0)), posting(("a", 2, 0)), posting(("b", -1, 0))],
            [2, 1],
        ),  # at a place that has only so much room
        ([posting(("a", -1, 0)), posting(("a", 1, 0))], [1, 1]),
        ([posting(("a", -1, 0)), posting(("a", 0, -1))], [1, 1]),  # less on hand is less to be had, less held is more
        (
            [posting(("a", -1, 0), ("a", 0, -1)), posting(("a", -2, 0), ("a", 0, -2))],
            [4],
        ),  # delivered from what was held
        (
            [posting(("a", 1, 0)), posting(("a", 2, 0), day=1), posting(("b", 2, 0), day=1)],
            [1, 2],
        ),  # two days of one key
        ([posting(("a", 1, 0)), posting(("a", 1, 0), seen=5), posting(("a", 1, 0))], [1, 1, 1]),
        ([], []),
    ],
)
def test_joined(engine: Engine, postings: list[PostMovements], sizes: list[int]) -> None:
    """Joined as long as each sum goes one way at each key; movements keep their order and their records."""
    release = engine._release
    assert release is not None
    made = joined(postings, release.registers["goods"])
    assert [len(p.movements) for p in made] == sizes
    assert [m.amounts for p in made for m in p.movements] == [m.amounts for p in postings for m in p.movements]
    owners = [(m.of or (p.form, p.record)) for p in made for m in p.movements]
    assert owners == [(p.form, p.record) for p in postings for _ in p.movements]
