"""Values again what depends on something learnt late, and nothing else; forward only, in the total order, a bounded number at a time.

The next event is always the earliest of all keys that are dirty, so each is valued once, after everything it depends on: movements whose value
comes from others must lie after them in the order. Nothing is written: what changed is handed over, and lies over what the source knows until
then. A key is left as soon as its state is again what was booked.
"""

import heapq
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from engine.registers.costing.inputs import Inputs, given_by
from engine.registers.costing.state import CostState, Event, Valued
from engine.registers.costing.strategies import CostRules, value

Key = tuple[Any, ...]
"""Of one cost pool: item and scope, as the register says."""
Position = tuple[int, int]
"""(effective moment, sequence): one total order over all keys, no two events alike."""
CHUNK: Final = 500
"""Events asked of the source at once."""


@dataclass(frozen=True, slots=True)
class Placed:
    """An event at its place, with what is booked for it so far (its own value and all corrections since; nothing yet: 0)."""

    position: Position
    event: Event
    value: int = 0
    extra: tuple[tuple[str, int], ...] = ()
    after: CostState | None = None
    """The state booked after it, if it is kept: where the new one equals it, the key needs no more."""


class Source(Protocol):
    """What is booked, read only. Once changes are written down, it must answer with them, or they must lie over it still."""

    def rules(self, key: Key, position: Position) -> CostRules:
        """How the key is valued at that place."""

    def state_before(self, key: Key, position: Position) -> CostState:
        """The state left by all events of the key before that place."""

    def events(self, key: Key, position: Position, limit: int) -> Sequence[Placed]:
        """The events of the key from that place on, it included, in order; fewer than `limit` only if there are no more."""

    def inputs(self, entry: str) -> Inputs | None:
        """What makes up the value of the event; None: what it has `given`, or what is found."""

    def valued(self, entry: str) -> Valued:
        """What is booked for an event that is an input of others, with its pieces."""

    def dependents(self, entry: str) -> Sequence[tuple[Key, Position]]:
        """Where the events lie whose inputs name this one; all after it."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What must be booked: new - old, without quantity."""

    key: Key
    position: Position
    entry: str
    reason: str
    """Empty for the movement's own value, else of the extra."""
    old: int
    new: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """An event valued, whether or not it came out as before."""

    key: Key
    position: Position
    valued: Valued
    after: CostState


@dataclass(slots=True)
class _Open:
    """A key under way: its state before the first of the events read ahead."""

    state: CostState
    ahead: deque[Placed]
    more: bool


@dataclass(slots=True)
class Replay:
    """One run; `step` until it says that it is done."""

    source: Source
    worklist: dict[Key, tuple[Position, Position]]
    """Of each dirty key, from where on it is still to be valued, and up to where at least: its first and last event known to be dirty. With
    what was handed over, all that is needed to go on elsewhere."""
    corrections: list[Correction] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    """Every event valued, for whoever keeps states or pieces."""
    touched: dict[Key, None] = field(default_factory=dict)
    """Keys in the order in which they were first reached."""
    changed: dict[str, Valued] = field(default_factory=dict)
    """Entries that came out otherwise, in value or in pieces, and that others depend on: to be kept for these."""
    states: dict[Key, CostState] = field(default_factory=dict)
    """Of each key touched, up to where it stands in the worklist, or to its end. A key whose state fell back to what was booked is not here."""
    valued: int = 0
    """Events valued so far."""
    _open: dict[Key, _Open] = field(default_factory=dict)
    _heap: list[tuple[Position, str, Key]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.worklist = dict(self.worklist)
        self._heap = [(first, repr(key), key) for key, (first, _) in self.worklist.items()]
        heapq.heapify(self._heap)

    def step(self, limit: int) -> bool:
        """Values at most so many events; True if nothing is left to do. `corrections` and `outcomes` may be emptied at will, `changed` not, see `forget`."""
        until = self.valued + limit
        while self.worklist and self.valued < until:
            position, _, key = self._heap[0]
            if key not in self.worklist or self.worklist[key][0] != position:
                heapq.heappop(self._heap)
                continue
            self._next(key, position)
        return not self.worklist

    def forget(self) -> None:
        """Called once the source answers with all that was handed over."""
        self.corrections.clear()
        self.outcomes.clear()
        self.changed.clear()

    def _next(self, key: Key, position: Position) -> None:
        """Values the first event of the key from its place on, and moves the place behind it."""
        found = self._opened(key, position)
        if not found.ahead:
            self._leave(key, found.state)
            return
        if found.ahead[0].position > position:  # the place was only a bound: events of other keys may come first
            self._place(key, found.ahead[0].position, self.worklist[key][1])
            return
        placed = found.ahead.popleft()
        self.valued += 1
        valued, found.state = self._revalued(key, placed, found.state)
        self.outcomes.append(Outcome(key, placed.position, valued, found.state))
        self._compare(key, placed, valued)
        if found.state == placed.after and placed.position >= self.worklist[key][1]:
            self.states.pop(key, None)
            del self.worklist[key], self._open[key]
            return
        effective, sequence = placed.position
        self._place(key, found.ahead[0].position if found.ahead else (effective, sequence + 1), self.worklist[key][1])
        self.states[key] = found.state

    def _opened(self, key: Key, position: Position) -> _Open:
        """The key with events ahead, if there are any."""
        if key not in self._open:
            self.touched[key] = None
            self._open[key] = _Open(self.source.state_before(key, position), deque(), more=True)
        found = self._open[key]
        if not found.ahead and found.more:
            found.ahead.extend(self.source.events(key, position, CHUNK))
            found.more = len(found.ahead) == CHUNK
        return found

    def _leave(self, key: Key, state: CostState) -> None:
        """No more events."""
        self.states[key] = state
        del self.worklist[key], self._open[key]

    def _place(self, key: Key, first: Position, last: Position) -> None:
        """The key is dirty from there on, and at least up to there."""
        if self.worklist.get(key, (None,))[0] != first:
            heapq.heappush(self._heap, (first, repr(key), key))
        self.worklist[key] = (first, last)

    def _revalued(self, key: Key, placed: Placed, state: CostState) -> tuple[Valued, CostState]:
        """The event valued with what its inputs are worth now."""
        rules = self.source.rules(key, placed.position)
        event = placed.event
        inputs = self.source.inputs(event.entry)
        if inputs is not None:
            event = given_by(event, inputs, self._known, rules.unit)
        return value(state, event, rules)

    def _known(self, entry: str) -> Valued:
        """What an input took: found in this run, or booked."""
        return self.changed.get(entry) or self.source.valued(entry)

    def _compare(self, key: Key, placed: Placed, valued: Valued) -> None:
        """Notes what differs from what is booked, and whom that concerns."""
        entry = placed.event.entry
        differs = [("", placed.value, valued.value)] if placed.value != valued.value else []
        old, new = _sums(placed.extra), _sums(valued.extra)
        differs += [(r, old.get(r, 0), new.get(r, 0)) for r in sorted(old | new) if old.get(r, 0) != new.get(r, 0)]
        self.corrections += [Correction(key, placed.position, entry, *difference) for difference in differs]
        dependents = self.source.dependents(entry)
        if not dependents or (placed.value == valued.value and self.source.valued(entry).taken == valued.taken):
            return
        self.changed[entry] = valued
        for other, position in dependents:
            assert position > placed.position, "what depends on an event lies after it"
            first, last = self.worklist.get(other, (position, position))
            self._place(other, min(first, position), max(last, position))


def _sums(extra: Sequence[tuple[str, int]]) -> dict[str, int]:
    """Extras by reason."""
    found: dict[str, int] = {}
    for reason, amount in extra:
        found[reason] = found.get(reason, 0) + amount
    return found


@dataclass(frozen=True, slots=True)
class Preview:
    """What a replay would change."""

    count: int
    """Movements whose value changes."""
    total: int
    """By how much altogether, each change counted as above 0."""
    keys: tuple[Key, ...]
    corrections: tuple[Correction, ...]


def preview(source: Source, worklist: Mapping[Key, tuple[Position, Position]]) -> Preview:
    """Runs to the end and writes nothing."""
    replay = Replay(source, dict(worklist))
    while not replay.step(CHUNK):
        replay.outcomes.clear()
    changed = {correction.entry for correction in replay.corrections}
    total = sum(abs(correction.new - correction.old) for correction in replay.corrections)
    return Preview(len(changed), total, tuple(replay.touched), tuple(replay.corrections))
