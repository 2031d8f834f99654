"""What holds for costs whatever happens: nothing is lost, nothing stays at zero, and late news ends where timely news would have."""

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.registers.costing import (
    EMPTY,
    METHODS,
    CostRules,
    CostState,
    Event,
    Inputs,
    Key,
    Layer,
    Replay,
    Share,
    from_json,
    given_by,
    part,
    preview,
    to_json,
    value,
)
from engine.registers.costing.layers import between, cut, rounded, shares, worth
from tests.registers.costing.book import Book, Line, sound

RULES = st.builds(
    CostRules,
    method=st.sampled_from(METHODS),
    standard=st.tuples(st.integers(0, 2000), st.integers(1, 7)),
    unit=st.sampled_from([1, 10, 100]),
)
EVENTS = st.builds(
    lambda quantity, worth, named: (quantity, worth, named),
    quantity=st.integers(-12, 12),
    worth=st.none() | st.integers(-50, 3000),
    named=st.integers(-3, 12),
)
"""(quantity, value or None, which earlier entry it names, below 0 none)"""


def story(events: list[tuple[int, int | None, int]]) -> Iterator[Event]:
    """Events in a row, a day each two."""
    for index, (quantity, worth_, named) in enumerate(events):
        given_ = None if worth_ is None else worth_ if quantity >= 0 else -worth_
        meant = (Layer(0, abs(quantity), 0, f"e{named}"),) if quantity <= 0 <= named else None
        yield Event(f"e{index}", index // 2, quantity, given_, meant)


def after(events: list[tuple[int, int | None, int]], rules: CostRules) -> CostState:
    """The state that they leave."""
    state = EMPTY
    for event in story(events):
        state = value(state, event, rules)[1]
    return state


@settings(deadline=None, max_examples=400)
@given(st.lists(st.tuples(EVENTS, st.integers(0, 3)), max_size=25), st.lists(RULES, min_size=4, max_size=4))
def test_nothing_is_lost(events: list[tuple[tuple[int, int | None, int], int]], rules: list[CostRules]) -> None:
    """Under any events and changes of method: the state changes by value and extras, what was given is the value, pieces are all that
    goes out, the state is sound, zero at zero, and survives being written down."""
    state, booked, brought, out, extras = EMPTY, 0, 0, 0, 0
    for event, (_, which) in zip(story([e for e, _ in events]), events, strict=True):
        valued, state = value(state, event, rules[which])
        booked += valued.value + sum(amount for _, amount in valued.extra)
        brought += valued.value if event.quantity >= 0 else 0
        out -= valued.value if event.quantity < 0 else 0
        extras += sum(amount for _, amount in valued.extra)
        assert booked == state.value
        assert brought + extras == out + state.value
        assert event.given in (None, valued.value) or event.quantity == 0
        sound(state)
        assert from_json(json.loads(json.dumps(to_json(state)))) == state
        if event.quantity < 0:
            assert sum(piece.quantity for piece in valued.taken) == -event.quantity
            assert worth(valued.taken) == -valued.value
            assert all(piece.value * valued.value <= 0 for piece in valued.taken)
        else:
            assert valued.taken == ()


@settings(deadline=None, max_examples=200)
@given(st.lists(EVENTS, max_size=12), RULES, st.integers(1, 9), st.integers(0, 3000))
def test_a_receipt_reversed_was_never_there(
    events: list[tuple[int, int | None, int]], rules: CostRules, quantity: int, worth_: int
) -> None:
    """Unless it settled what was owed, a receipt and its reversal leave quantity, value and layers as they were; the last cost, too, while
    anything is there."""
    before = after(events, rules)
    if before.quantity < 0:
        return
    state = value(before, Event("r", 99, quantity, worth_), rules)[1]
    state = value(state, Event("u", 99, -quantity, -worth_, (Layer(0, 0, 0, "r"),)), rules)[1]
    assert replace(state, last=before.last, method=before.method) == before
    if before.quantity and rules.method != "zero":
        assert state.last == before.last


@settings(deadline=None, max_examples=200)
@given(st.lists(EVENTS, max_size=12), RULES, st.integers(1, 30), st.lists(st.integers(1, 6), max_size=5))
def test_an_issue_returned_never_went(
    events: list[tuple[int, int | None, int]], rules: CostRules, quantity: int, parts: list[int]
) -> None:
    """An issue that comes back, in however many parts, leaves quantity, value and layers as they were; also below zero."""
    before = after(events, rules)
    if before.quantity <= 0:
        return
    issue = Event("i", 50, -quantity)
    valued, state = value(before, issue, rules)
    back = 0
    for size in [*parts, quantity]:
        stop = min(quantity, back + size)
        if stop > back:
            inputs = Inputs(0, (Share("i", "back", back, stop, quantity),))
            event = given_by(Event(f"b{back}", 60, stop - back), inputs, lambda _: valued, rules.unit)
            state = value(state, event, rules)[1]
        back = stop
    assert (state.quantity, [(x.day, x.entry, x.quantity) for x in state.layers]) == (
        before.quantity, [(x.day, x.entry, x.quantity) for x in before.layers])  # fmt: skip
    if rules.method in ("standard", "zero", "fifo") or quantity <= before.quantity:
        assert (state.value, state.layers) == (before.value, before.layers)


@given(st.integers(-500, 500), st.lists(st.integers(0, 9), min_size=1, max_size=8), st.sampled_from([1, 7, 100]))
def test_shares_are_all(total: int, weights: list[int], unit: int) -> None:
    """Shares sum to the total, have its sign, and depend on nothing but the weights before them."""
    if not sum(weights):
        weights = [*weights, 1]
    found = shares(total, weights, unit)
    assert sum(found) == total
    assert all(share * total >= 0 for share in found)
    ends = [sum(weights[:index]) for index in range(len(weights) + 1)]
    assert found == [part(total, Share("", "value", a, b, ends[-1]), unit) for a, b in pairwise(ends)]


@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(0, 500)), max_size=6), st.lists(st.integers(0, 60), max_size=4)
)
def test_pieces_are_all(sizes: list[tuple[int, int]], points: list[int]) -> None:
    """Pieces side by side sum to the layers, and a cut is where the pieces meet."""
    layers = tuple(Layer(0, quantity, amount, f"r{i}") for i, (quantity, amount) in enumerate(sizes))
    whole = sum(quantity for quantity, _ in sizes)
    ends = sorted({0, whole, *(point for point in points if point <= whole)})
    pieces = [between(layers, a, b, 10) for a, b in pairwise(ends)]
    assert sum(worth(piece) for piece in pieces) == worth(layers)
    for a, b in pairwise(ends):
        assert cut(layers, b, 10)[0] == between(layers, 0, b, 10)
        assert sum(layer.quantity for layer in cut(layers, a, 10)[1]) == whole - a


@given(st.integers(-(10**30), 10**30), st.integers(1, 10**12), st.sampled_from([1, 100]))
def test_rounding_is_to_the_nearest_and_half_to_even(numerator: int, denominator: int, unit: int) -> None:
    """No more than half a unit away, evenly at a half, and the same with both signs turned."""
    found = rounded(numerator, denominator, unit)
    assert found % unit == 0
    away = abs(2 * (found * denominator - numerator))
    assert away < denominator * unit or (away == denominator * unit and found // unit % 2 == 0)
    assert rounded(-numerator, denominator, unit) == -found == rounded(numerator, -denominator, unit)


# Several keys that feed each other

ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["in", "in", "in", "out", "out", "move", "move", "back", "undo", "cost", "count", "make", "late", "rule"]),
        st.integers(0, 3), st.integers(0, 3), st.integers(1, 9), st.integers(0, 2000), st.integers(0, 30)),
    max_size=30)  # fmt: skip
"""(what, key, other key or which method, quantity, value, which earlier entry or how many days back)"""


class Player:
    """Plays actions into a book."""

    def __init__(self, book: Book, rules: list[CostRules]) -> None:
        self.book = book
        self.options = rules
        self.day = 0
        self.number = 0
        self.sizes: dict[str, int] = {}
        self.gone: dict[str, int] = {}
        self.days: dict[str, int] = {}
        for index, each in enumerate(rules):
            book.ruled[("K", index)] = [((-1, 0), each)]

    def play(self, action: tuple[str, int, int, int, int, int]) -> None:
        """One action; nothing if there is nothing to do it to."""
        verb, key, other, size, worth_, which = action
        self.number += 1
        entry = f"n{self.number}"
        if verb == "rule":
            return self.book.rule(("K", key), self.options[other], self.day)
        if verb == "late":
            known = [e for e in self.days if e in self.book.made_of or self._given(e) is not None]
            if known:
                self.book.late(known[which % len(known)], worth_)
            return None
        self.day += which % 3 == 0
        day = max(0, self.day - which % 4) if verb in ("in", "out", "move", "cost", "count") else self.day
        lines = getattr(self, verb if verb != "in" else "receive")(entry, key, other, size, worth_, which, day)
        for _, event, _ in lines:
            self.sizes[event.entry], self.days[event.entry] = event.quantity, day
        if lines:
            self.book.post(day, lines)
        return None

    def _given(self, entry: str) -> int | None:
        key, position = self.book.where[entry]
        return next(p.event.given for p in self.book.placed[key] if p.position == position)

    def receive(self, entry: str, key: int, other: int, size: int, worth_: int, which: int, day: int) -> list[Line]:
        return [(("K", key), Event(entry, day, size, worth_ if which % 5 else None), None)]

    def out(self, entry: str, key: int, other: int, size: int, worth_: int, which: int, day: int) -> list[Line]:
        return [(("K", key), Event(entry, day, -size), None)]

    def count(self, entry: str, key: int, other: int, size: int, worth_: int, which: int, day: int) -> list[Line]:
        return [(("K", key), Event(entry, day, size - 5, counted=True), None)]

    def cost(self, entry: str, key: int, other: int, size: int, worth_: int, which: int, day: int) -> list[Line]:
        receipts = [e for e, n in self.sizes.items() if n > 0]
        meant = (Layer(0, size, 0, receipts[which % len(receipts)]),) if receipts and which % 2 else None
        return [(("K", key), Event(entry, day, 0, worth_ - 200, meant), None)]

    def move(self, entry: str, key: int, other: int, size: int, worth_: int, which: int, day: int) -> list[Line]:
        inputs = Inputs(0, (Share(f"{entry}-", "along", 0, size, size),))
        return [
            (("K", key), Event(f"{entry}-", day, -size), None),
            (("K", other), Event(f"{entry}+", day, size), inputs),
        ]

    def _rest(self, sign: int, size: int, which: int) -> tuple[str, int, int] | None:
        """(entry, from, to) of what an earlier movement of that sign has not given back yet."""
        open_ = [e for e, n in self.sizes.items() if n * sign > self.gone.get(e, 0)]
        if not open_:
            return None
        entry = open_[which % len(open_)]
        start = self.gone.get(entry, 0)
        stop = self.gone[entry] = min(abs(self.sizes[entry]), start + size)
        return entry, start, stop

    def back(self, entry: str, key: int, other: int, size: int, worth_: int, which: int, day: int) -> list[Line]:
        found = self._rest(-1, size, which)
        if not found:
            return []
        issue, start, stop = found
        inputs = Inputs(0, (Share(issue, "back", start, stop, -self.sizes[issue]),))
        return [(self.book.where[issue][0], Event(entry, day, stop - start), inputs)]

    def undo(self, entry: str, key: int, other: int, size: int, worth_: int, which: int, day: int) -> list[Line]:
        found = self._rest(1, size, which)
        if not found:
            return []
        receipt, start, stop = found
        inputs = Inputs(0, (Share(receipt, "value", start, stop, self.sizes[receipt]),))
        meant = (Layer(0, 0, 0, receipt),)
        return [(self.book.where[receipt][0], Event(entry, day, start - stop, layers=meant), inputs)]

    def make(self, entry: str, key: int, other: int, size: int, worth_: int, which: int, day: int) -> list[Line]:
        """Two outputs of an issue made for it and a by-product, by weights."""
        whole, spent, by = size + 2, f"{entry}i", f"{entry}y"
        lines: list[Line] = [
            (("K", key), Event(spent, day, -size), None),
            (("K", key), Event(by, day, 1, worth_ % 40), None),
        ]
        for name, start, stop in (("p", 0, size), ("q", size, whole)):
            shared = tuple(Share(source, "value", start, stop, whole) for source in (spent, by))
            own = part(worth_, Share("", "value", start, stop, whole), 1)
            lines.append((("K", other), Event(entry + name, day, size), Inputs(own, shared)))
        return lines


def played(actions: list[tuple[str, int, int, int, int, int]], rules: list[CostRules], book: Book) -> Book:
    """The book after all actions, in one unit of value: shares of one movement are cut alike wherever they go."""
    player = Player(book, [replace(each, unit=rules[0].unit) for each in rules])
    for action in actions:
        player.play(action)
    return book


@settings(deadline=None, max_examples=150)
@given(ACTIONS, st.lists(RULES, min_size=4, max_size=4))
def test_late_news_ends_where_timely_news_would_have(
    actions: list[tuple[str, int, int, int, int, int]], rules: list[CostRules]
) -> None:
    """After transfers, production, returns, backdated postings and late prices, in any order: each key's value is what was booked, and
    valuing all events from nothing in their order finds every state and every value as they are."""
    played(actions, rules, Book(kept=True, step=3)).check()


@settings(deadline=None, max_examples=80)
@given(ACTIONS, st.lists(RULES, min_size=4, max_size=4), st.integers(1, 9), st.booleans())
def test_the_length_of_a_step_does_not_matter(
    actions: list[tuple[str, int, int, int, int, int]], rules: list[CostRules], step: int, kept: bool
) -> None:
    """Replays cut anywhere and gone on with by another process, with or without states to stop early at, book the same."""
    one = played(actions, rules, Book(step=10**6))
    with patch("engine.registers.costing.replay.CHUNK", 1 + step % 3):  # events are read ahead in pieces, too
        other = played(actions, rules, Book(kept, step))
    assert one.states == other.states
    assert one.known == other.known
    assert {k: [(p.position, p.value, p.extra) for p in own] for k, own in one.placed.items()} == {
        k: [(p.position, p.value, p.extra) for p in own] for k, own in other.placed.items()}  # fmt: skip


@settings(deadline=None, max_examples=80)
@given(ACTIONS, st.lists(RULES, min_size=4, max_size=4), st.integers(0, 30), st.integers(0, 4000), st.integers(1, 5))
def test_a_preview_says_what_the_replay_then_does(
    actions: list[tuple[str, int, int, int, int, int]], rules: list[CostRules], which: int, worth_: int, step: int
) -> None:
    """A preview writes nothing; the replay in steps of any length then makes those corrections, values nothing twice and reaches no key
    that does not depend on the change."""
    book = played(actions, rules, Book(step=step))
    found = [
        (key, at)
        for key, own in sorted(book.placed.items())
        for at, placed in enumerate(own)
        if placed.event.given is not None
    ]
    if not found:
        return
    key, at = found[which % len(found)]
    placed = book.placed[key][at]
    book.placed[key][at] = replace(placed, event=replace(placed.event, given=worth_))
    before = (dict(book.states), dict(book.known), {k: list(own) for k, own in book.placed.items()})
    seen = preview(book, {key: (placed.position, placed.position)})
    assert before == (book.states, book.known, book.placed)
    run = Replay(book, {key: (placed.position, placed.position)})
    while not run.step(step):
        assert run.worklist
    assert tuple(run.corrections) == seen.corrections
    assert seen.count == len({c.entry for c in run.corrections})
    assert seen.total == sum(abs(c.new - c.old) for c in run.corrections)
    assert run.valued == len({outcome.position for outcome in run.outcomes})
    assert [o.position for o in run.outcomes] == sorted(o.position for o in run.outcomes)
    assert set(seen.keys) <= reached(book, key, placed.position)


def reached(book: Book, key: Key, position: tuple[int, int]) -> set[Key]:
    """Keys that could depend on the change: from each event on, all later ones of its key and all it feeds."""
    keys, todo, since = set(), [(key, position)], {}
    while todo:
        at, start = todo.pop()
        if since.get(at, (10**9, 0)) <= start:
            continue
        since[at] = start
        keys.add(at)
        for placed in book.placed[at]:
            if placed.position >= start:
                todo += book.dependents(placed.event.entry)
    return keys


@pytest.mark.parametrize("kept", [True, False])
def test_a_replay_ends_early_only_where_states_are_kept(kept: bool) -> None:
    """A late price of a layer long gone values the events up to its last issue, or all if no states are kept."""
    book = Book(kept)
    key = ("K", 0)
    book.ruled[key] = [((-1, 0), CostRules("fifo", None, 1))]
    for index in range(50):
        book.post(index, [(key, Event(f"r{index}", index, 10, 100), None)])
        book.post(index, [(key, Event(f"i{index}", index, -10), None)])
    placed = book.placed[key][0]
    book.placed[key][0] = replace(placed, event=replace(placed.event, given=130))
    run = Replay(book, {key: (placed.position, placed.position)})
    assert run.step(1000)
    # The issue leaves nothing, but the last cost known is another until the next receipt.
    assert run.valued == (3 if kept else 100)
    assert [(c.entry, c.old, c.new) for c in run.corrections] == [("r0", 100, 130), ("i0", -100, -130)]
    run.forget()
    assert (run.corrections, run.outcomes, run.changed) == ([], [], {})
