"""Properties of netting: equal to the reference, net-change equal to regenerative, runs that change nothing twice, pegs that add up."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.replenishment import (
    Component,
    Flow,
    Impossible,
    Inputs,
    Open,
    Parameters,
    Pegging,
    Run,
    WhatIf,
    compare,
    run,
    tried,
)

from .reference import Reference

TODAY = date(2026, 3, 4)
ITEMS = [UUID(int=at + 1) for at in range(8)]
PLACES = ["P", "Q"]
KEYS = [(item, place) for item in ITEMS for place in PLACES]


@st.composite
def parameters(draw: st.DrawFn, most: int) -> Parameters:
    """Any parameters that a planner takes."""
    policy = draw(
        st.sampled_from([None, "min_max", "reorder_point", "order_up_to", "lot_for_lot", "fixed_lot", "period"])
    )
    amount = st.integers(0, most)
    minimum, safety = draw(amount), draw(st.integers(0, most // 4))
    maximum = draw(st.none() | amount)
    if policy in ("min_max", "order_up_to"):
        maximum = max(maximum or 0, minimum, safety)
    lot = draw(st.integers(1, most)) if policy in ("fixed_lot", "reorder_point") else draw(amount)
    return Parameters(
        policy, minimum, maximum, safety, lot, draw(amount), draw(amount), draw(st.integers(0, 6)), draw(st.integers(1, 5)), draw(st.booleans())
    )  # fmt: skip


@st.composite
def inputs(draw: st.DrawFn, most: int = 60) -> Inputs:
    """A small factory: eight items in two places, parts only of items with a greater number, so there is no circle."""
    flows = st.lists(
        st.builds(
            Flow, st.sampled_from(KEYS), st.integers(-3, 40).map(lambda d: TODAY + timedelta(days=d)), st.integers(1, most), st.integers(0, 3)
        ), max_size=8,
    )  # fmt: skip
    edges = draw(
        st.lists(
            st.tuples(st.integers(0, 6), st.integers(1, 7), st.fractions(Fraction(1, 9), 4, max_denominator=9)), max_size=12
        )
    )  # fmt: skip
    known: Mapping[Any, Parameters] = draw(st.dictionaries(st.sampled_from(KEYS), parameters(most), max_size=12))
    off = draw(st.sets(st.integers(-5, 40).map(lambda d: TODAY + timedelta(days=d)), max_size=6))
    return Inputs(
        TODAY,
        draw(st.dictionaries(st.sampled_from(KEYS), st.integers(-most, most), max_size=6)),
        draw(flows),
        draw(flows),
        lambda key: known.get(key, Parameters()),
        [Component(ITEMS[a], ITEMS[b], quantity) for a, b, quantity in edges if a < b],
        lambda day: day.isoweekday() <= 5 and day not in off,
        draw(st.integers(1, 35)),
        draw(st.sampled_from(["day", "week"])),
        list(known),
    )


def orders(found: Run) -> dict[Any, dict[int, int]]:
    return {key: {s.bucket: s.quantity for s in made} for key, made in found.suggestions.items()}


def ran(given_: Inputs, dirty: Any = None) -> Run:
    found = run(given_, dirty)
    assert isinstance(found, Run)
    return found


@given(inputs())
def test_netting_equals_the_reference(given_: Inputs) -> None:
    """Arrays by level order the same, in the same buckets, as dictionaries do."""
    slow = Reference(given_)
    found = ran(given_)
    assert orders(found) == {key: made for key, made in slow.orders.items() if made}
    assert {k: v for k, v in found.levels.items() if v} == {k: d for k in slow.parameters if (d := slow.depth(k))}


@settings(max_examples=40)
@given(inputs(most=2**62))
def test_large_numbers_are_exact(given_: Inputs) -> None:
    """What does not fit 64 bits is netted with Python's integers: no number is cut off or rounded."""
    assert orders(ran(given_)) == {key: made for key, made in Reference(given_).orders.items() if made}


@given(inputs(), st.sets(st.sampled_from(KEYS), max_size=3))
def test_net_change_equals_regenerative(given_: Inputs, dirty: set[Any]) -> None:
    """For what changed and all below it, the suggestions, rows and pegs are those of a run over everything."""
    whole, part = ran(given_), ran(given_, dirty)
    made = {k: v for k, v in whole.suggestions.items() if k in part.wanted}
    assert made == {k: v for k, v in part.suggestions.items() if k in part.wanted}
    assert dirty & set(whole.parameters) <= part.wanted
    for key in part.wanted:
        assert part.rows(key) == whole.rows(key)
        assert Pegging(part).pegs(key) == Pegging(whole).pegs(key)
    assert [a for a in whole.alerts if a.key in part.wanted] == [a for a in part.alerts if a.key in part.wanted]


@given(inputs(), st.sets(st.sampled_from(ITEMS), min_size=1, max_size=2))
def test_an_item_stands_for_all_its_keys(given_: Inputs, items: set[UUID]) -> None:
    """A net-change run for items is one for every key of theirs, also for those that only what they are parts of asks for."""
    whole = ran(given_)
    part = ran(given_, items)
    assert part.wanted == ran(given_, {key for key in whole.parameters if key[0] in items}).wanted
    assert {k: v for k, v in part.suggestions.items() if k in part.wanted} == {
        k: v for k, v in whole.suggestions.items() if k in part.wanted
    }


@given(inputs(), st.sets(st.sampled_from(KEYS), max_size=3))
def test_a_change_needs_only_a_net_change(given_: Inputs, changed: set[Any]) -> None:
    """After demands of some keys changed, a net-change run over these leaves the suggestions that a regenerative run would leave."""
    now = replace(given_, demands=[f for f in given_.demands if f.key not in changed])
    before = {key: list(made) for key, made in ran(given_).suggestions.items()}
    part, whole = ran(now, changed), ran(now)
    kept = {k: v for k, v in before.items() if k not in part.wanted} | {
        k: list(v) for k, v in part.suggestions.items() if k in part.wanted
    }
    gone = {k for k in before if k not in whole.parameters}  # nothing is known of these keys any more
    assert {k: v for k, v in kept.items() if k not in gone} == {k: list(v) for k, v in whole.suggestions.items()}


@given(inputs(), st.booleans())
def test_a_second_run_changes_nothing(given_: Inputs, by_date: bool) -> None:
    """When what was wanted stands, nothing is created or withdrawn, and every record says already what it should."""
    found = ran(given_)
    first = compare(found.suggestions, [], None, by_date=by_date)
    standing = [Open(UUID(int=at + 1), s.key, s.due) for at, s in enumerate(first.create)]
    again = compare(ran(given_).suggestions, standing, None, by_date=by_date)
    assert (again.create, again.withdraw) == ((), ())
    assert sorted(again.keep) == [(o.record, s) for o, s in zip(standing, first.create, strict=True)]


@given(inputs())
def test_pegs_add_up(given_: Inputs) -> None:
    """Every suggestion is pegged whole, every dependent demand of the rows is in the pegs, and planned keys leave no demand open but
    what a lower trigger allows."""
    found = ran(given_)
    pegging = Pegging(found)
    for key in found.parameters:
        pegs = pegging.pegs(key)
        for suggestion in found.suggestions.get(key, ()):
            assert (
                sum(p.quantity for p in pegs if p.supply and p.supply.suggestion is suggestion) == suggestion.quantity
            )
            assert pegging.reason(suggestion) in ("minimum", "demand", "dependent", "safety")
        dependent = sum(p.quantity for p in pegs if p.demand and p.demand.kind == "dependent")
        assert dependent == sum(r.dependent for r in found.rows(key))
        if found.parameters[key].policy is not None:
            assert [p for p in pegs if p.supply is None] == []
        left = sum(p.quantity for p in pegs if p.demand is None) - sum(p.quantity for p in pegs if p.supply is None)
        assert left == found.rows(key)[-1].left


@given(inputs())
def test_what_if_is_a_run_over_other_inputs(given_: Inputs) -> None:
    """A try with nothing in it is the run itself, and a try leaves the inputs as they were."""
    before = ran(given_)
    assert orders(ran(tried(given_, WhatIf()))) == orders(before)
    more = tried(given_, WhatIf([Flow(KEYS[0], TODAY, 5)], [], {KEYS[0]: Parameters("lot_for_lot", make=True)}))
    assert orders(ran(more)) == {key: made for key, made in Reference(more).orders.items() if made}
    assert orders(ran(given_)) == orders(before)


def test_a_run_can_be_watched_and_stopped() -> None:
    """Between levels the run asks with what is done; it goes to all of it, or stops when told, with nothing to show."""
    chain = [Component(a, b, Fraction(1)) for a, b in pairwise(ITEMS)]
    made = Inputs(
        TODAY, {}, [Flow((ITEMS[0],), TODAY, 5)], [], lambda key: Parameters("lot_for_lot", make=True), chain, lambda d: True, 7, "day"
    )  # fmt: skip
    seen: list[tuple[int, int]] = []
    assert isinstance(run(made, None, lambda done, total: seen.append((done, total)) is None), Run)
    assert seen == [(at, 8) for at in range(9)]
    assert run(made, None, lambda done, total: done < 3) is None


def test_a_circle_is_told() -> None:
    """Items that are made of each other cannot be netted; the run says which."""
    edges = [
        Component(ITEMS[0], ITEMS[1], Fraction(1)),
        Component(ITEMS[1], ITEMS[2], Fraction(1)),
        Component(ITEMS[2], ITEMS[1], Fraction(1)),
    ]
    made = Inputs(
        TODAY, {}, [Flow((ITEMS[0],), TODAY, 5)], [], lambda key: Parameters("lot_for_lot", make=True), edges, lambda d: True, 7, "day"
    )  # fmt: skip
    assert run(made) == Impossible("circle", ((ITEMS[1],), (ITEMS[2],)))


def test_a_calendar_without_work_ends_the_walk() -> None:
    """A calendar without working days gives some day, not an endless search."""
    made = Inputs(
        TODAY, {}, [Flow((ITEMS[0],), TODAY + timedelta(days=3), 5)], [], lambda key: Parameters("lot_for_lot", lead=3), [], lambda d: False, 7, "day"
    )  # fmt: skip
    (found,) = ran(made).suggestions[ITEMS[0],]
    assert found.late
    assert found.start > TODAY
