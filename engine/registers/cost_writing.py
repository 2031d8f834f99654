"""Values of a posting, worked out under the locks of its pools; and what depends on something learnt late, valued again.

A posting that is the latest of its pool is valued at once and for good. One that is not (backdated, or a late cost) gets the value that can be
told now, its pool is marked from that place on, and the replay books what turns out otherwise as movements of value alone: a few at once, the
rest by messages to the worker.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import UUID

from engine.ledger import Cost, Enqueue, Movement, PostMovements, Recost
from engine.registers.cost_source import CostSource
from engine.registers.cost_store import CostStore, Pool, Position, StoredPool, Worth, write_event, write_result
from engine.registers.costing import (
    CostRules,
    CostState,
    Event,
    Inputs,
    Layer,
    Replay,
    Share,
    Valued,
    given_by,
    value,
)
from engine.registers.definition import Register
from engine.registers.months import day_of, day_start, month_of_day
from engine.statements import Ask, Execution, Inquiry, Stamp

POOLS_AT_ONCE: Final = 200
"""Dirty pools that one step begins with."""
_EVER: Final[Position] = (10_000_000, 2**62)
"""After every movement."""
Steps = list[Execution | Inquiry]


@dataclass(slots=True)
class PostingCosts:
    """Values the movements of one posting."""

    register: Register
    store: CostStore
    stamp: Stamp
    ask: Ask
    source: CostSource = field(init=False)
    steps: Steps = field(default_factory=list)
    """What is written beside the movements."""
    _valued: dict[str, Valued] = field(default_factory=dict)
    _dirty: dict[Pool, Position] = field(default_factory=dict)
    _months: dict[tuple[Pool, int], CostState] = field(default_factory=dict)
    _new: list[tuple[UUID, Pool, int, str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.source = CostSource(self.store, self.ask)

    def has_changed(self, movements: Sequence[Movement]) -> bool:
        """Locks all pools; has anything come back by now of what comes back here?"""
        back = [s for m in movements if m.cost is not None for s in m.cost.shares if s.kind == "back"]
        entries = dict.fromkeys(s.entry for s in back)
        counts = dict.fromkeys(m.into for m in movements if m.into is not None)
        sources = [self.store.worth(self.ask, entry).pool for entry in (*entries, *counts)]
        self.source.lock([*sources, *(m.cost.key for m in movements if m.cost is not None)])
        gone = {entry: self.store.returned(self.ask, entry) for entry in entries}
        return any(s.start < stop and start < s.stop for s in back for start, stop in gone[s.entry])

    def valued(self, movements: Sequence[Movement]) -> tuple[Movement, ...]:
        """The movements with their values, and those of value alone that go along."""
        made: list[Movement] = []
        own = [m for m in movements if not self._is_part(m)]
        for m in movements:
            if m.into is not None and self._is_part(m):
                made.append(self._joined(m, m.into))
            elif m.cost is None or m.entry is None:
                made.append(m)
            elif m.reason == "late":
                made.append(self._late(m, m.cost))
            else:
                made += self._one(m, m.cost, m.entry)
        self.steps += self.store.new_worths(self._new)
        for m in own:
            if m.cost is not None and m.entry is not None:
                self.steps += self.store.new_edges(m.entry, self._edges(m, m.cost, movements))
        for pool, found in sorted(self.source.pools.items()):
            self.steps.append(self.store.keep_pool(pool, replace(found, dirty=self._dirty_from(pool, found))))
        self.steps += self.store.keep_months(self._months)
        return tuple(made)

    def _is_part(self, m: Movement) -> bool:
        """Is it only a part of the difference of a count? Not when the goods are kept in another pool since."""
        if m.into is None or m.cost is None:
            return False
        return m.reverses is not None or self._worth(m.into).pool == m.cost.key

    def _joined(self, m: Movement, count: UUID) -> Movement:
        """The count differs by that much more; what it comes to is found with all that depends on it."""
        at, worth = self.register.valuation, self._worth(count)
        assert at is not None
        event = replace(worth.event, quantity=worth.event.quantity + m.amounts[at.quantity])
        self.source.read[str(count)] = replace(worth, event=event)
        self.steps.append(self.store.keep_event(count, write_event(event, worth.rules, worth.inputs), event.quantity))
        self._mark(worth.pool, worth.position)
        return replace(m, amounts=self._with_value(m.amounts, 0), entry=None)

    def _worth(self, entry: UUID) -> Worth:
        return self.source.read.get(str(entry)) or self.store.worth(self.ask, entry)

    def _edges(self, m: Movement, cost: Cost, movements: Sequence[Movement]) -> list[tuple[UUID, int, int, str]]:
        """Where a movement descends from, with the part of each source's quantity. What is undone is no descent."""
        at = self.register.valuation
        assert at is not None
        own = {o.entry: o.amounts[at.quantity] for o in movements}
        made: list[tuple[UUID, int, int, str]] = []
        for s in cost.shares:
            source = own.get(s.entry)
            if source is None:
                source = self.store.worth(self.ask, s.entry).event.quantity
            kind = "undo" if m.reverses is not None and s.kind == "value" else s.kind
            start, stop = (abs(source) * n // s.whole for n in (s.start, s.stop))
            made.append((s.entry, start, stop - start, kind))
        return made

    @property
    def is_dirty(self) -> bool:
        """Must something be valued again?"""
        return bool(self._dirty)

    def _dirty_from(self, pool: Pool, found: StoredPool) -> Position | None:
        marks = [p for p in (found.dirty, self._dirty.get(pool)) if p is not None]
        return min(marks) if marks else None

    def _one(self, m: Movement, cost: Cost, entry: UUID) -> list[Movement]:
        at = self.register.valuation
        assert at is not None
        rules = CostRules(cost.method, cost.standard, self.store.unit)  # type: ignore[arg-type]
        inputs = _inputs(cost)
        day, quantity = day_of(m.effective, self.stamp.moment.zone), m.amounts[at.quantity]
        event = Event(str(entry), day, quantity, cost.given, self._meant(cost), cost.counted)
        brings = event if inputs is None else given_by(event, inputs, self._known, self.store.unit)
        found = self._step(cost.key, brings, rules)
        self._valued[str(entry)] = found
        self._new.append((entry, cost.key, quantity, write_event(event, rules, inputs), write_result(found)))
        own = replace(m, amounts=self._with_value(m.amounts, found.value))
        return [own, *(self._alone(m, entry, reason, amount) for reason, amount in found.extra)]

    def _step(self, pool: Pool, event: Event, rules: CostRules) -> Valued:
        """Value an event in its pool; one that is not the latest only for the time being."""
        found = self.source.pools[pool]
        valued, after = value(found.state, event, rules)
        if event.day < found.day:
            self._mark(pool, (event.day, 0))
            return replace(valued, extra=())
        if found.day and month_of_day(found.day) != month_of_day(event.day):
            self._months[pool, month_of_day(event.day)] = found.state
        self.source.pools[pool] = replace(found, state=after, day=event.day)
        return valued

    def _mark(self, pool: Pool, position: Position) -> None:
        self._dirty[pool] = min(position, self._dirty.get(pool, position))

    def _late(self, m: Movement, cost: Cost) -> Movement:
        """A cost learnt late belongs to the receipt that it corrects: what that brings is more now, and what came of it is found anew."""
        at = self.register.valuation
        assert at is not None
        assert m.corrects is not None
        amount = cost.given or 0
        worth = self._worth(m.corrects)
        event, inputs = worth.event, worth.inputs
        if inputs is not None:
            inputs = replace(inputs, own=inputs.own + amount)
        else:
            before = worth.valued.value if event.given is None else event.given
            event = replace(event, given=before + amount, counted=False)
        booked = replace(worth.valued, value=worth.valued.value + amount)
        self.source.read[str(m.corrects)] = replace(worth, event=event, inputs=inputs, valued=booked)
        self.steps.append(self.store.keep_event(m.corrects, write_event(event, worth.rules, inputs), event.quantity))
        self.steps += self.store.keep_results({m.corrects: write_result(booked)})
        self._mark(worth.pool, worth.position)
        return replace(m, amounts=self._with_value(m.amounts, amount))

    def _meant(self, cost: Cost) -> tuple[Layer, ...] | None:
        """The layers that a cost names: those that a receipt brought along, or its own."""
        if not cost.layers:
            return None
        meant: list[Layer] = []
        for entry, quantity in cost.layers:
            worth = self.store.worth(self.ask, entry)
            brought = None
            if worth.inputs is not None:
                brought = given_by(worth.event, worth.inputs, self._known, self.store.unit).layers
            meant += brought or (Layer(worth.event.day, quantity, 0, str(entry)),)
        return tuple(meant)

    def _known(self, entry: str) -> Valued:
        return self._valued.get(entry) or self.source.valued(entry)

    def _with_value(self, amounts: tuple[int, ...], worth: int) -> tuple[int, ...]:
        assert self.register.valuation is not None
        return tuple(worth if at == self.register.valuation.value else a for at, a in enumerate(amounts))

    def _alone(self, m: Movement, entry: UUID, reason: str, amount: int) -> Movement:
        nothing = (0,) * len(m.amounts)
        return Movement(
            m.posting,
            m.line,
            m.place,
            m.key,
            self._with_value(nothing, amount),
            m.effective,
            corrects=entry,
            reason=reason,
        )


def _inputs(cost: Cost) -> Inputs | None:
    if not cost.shares and not cost.own:
        return None
    shares = [Share(str(s.entry), s.kind, s.start, s.stop, s.whole) for s in cost.shares]  # type: ignore[arg-type]
    return Inputs(cost.own, tuple(shares))


@dataclass(frozen=True, slots=True)
class Recosted:
    """What came of one step: corrections to append, what else is written, the message for what is left, and what to tell: how many
    `records` changed, by how much in all (`changed`, scaled), how many of them in `closed` periods, and is it `complete`?"""

    corrections: Sequence[PostMovements]
    steps: Steps
    messages: tuple[Enqueue, ...]
    told: Mapping[str, Any]


@dataclass(slots=True)
class Recosting:
    """One step of valuing again what is dirty in a register."""

    register: Register
    store: CostStore
    stamp: Stamp
    ask: Ask

    def step(self, effect: Recost) -> Recosted:
        """Value again so many movements at most."""
        source = CostSource(self.store, self.ask)
        dirty = self.store.dirty(self.ask, POOLS_AT_ONCE)
        source.lock(list(dirty))
        replay = Replay(source, {pool: (first, _EVER) for pool, first in dirty.items()})
        done = replay.step(effect.limit)
        source.lock(list(replay.worklist))
        steps: Steps = []
        results = {
            UUID(o.valued.entry): write_result(o.valued)
            for o in replay.outcomes
            if source.read[o.valued.entry].valued != o.valued
        }
        steps += self.store.keep_results(results)
        steps += self.store.keep_months(_months(replay))
        for pool, found in sorted(source.pools.items()):
            waiting = replay.worklist.get(pool)
            state = found.state if waiting else replay.states.get(pool, found.state)
            steps.append(self.store.keep_pool(pool, StoredPool(state, found.day, waiting[0] if waiting else None)))
        left = not done or len(dirty) == POOLS_AT_ONCE
        messages = (effect.again,) if left and effect.again is not None else ()
        return self._recosted(replay, effect, steps, messages)

    def _recosted(self, replay: Replay, effect: Recost, steps: Steps, messages: tuple[Enqueue, ...]) -> Recosted:
        at = self.register.valuation
        assert at is not None
        places = self.store.places(self.ask, sorted({UUID(c.entry) for c in replay.corrections}))
        by_record: dict[tuple[str, UUID], list[Movement]] = {}
        closed: set[UUID] = set()
        for c in replay.corrections:
            key, effective, form, record, line, posting = places[UUID(c.entry)]
            if day_of(effective, self.stamp.moment.zone) < effect.open_from:
                closed.add(record)
                effective = max(effective, day_start(effect.open_from, self.stamp.moment.zone))
            amounts = tuple(c.new - c.old if m == at.value else 0 for m in range(len(self.register.measures)))
            reason = c.reason or "correction"
            made = Movement(posting, line, "", key, amounts, effective, corrects=UUID(c.entry), reason=reason)
            by_record.setdefault((form, record), []).append(made)
        postings = [PostMovements(effect.register, *of, tuple(made)) for of, made in by_record.items()]
        told = {
            "recosted": effect.register,
            "records": len(by_record),
            "changed": sum(abs(c.new - c.old) for c in replay.corrections),
            "closed": len(closed),
            "complete": not messages and not replay.worklist,
        }
        return Recosted(postings, steps, messages, told)


def _months(replay: Replay) -> dict[tuple[Pool, int], CostState]:
    """What is known at the beginning of each month that the replay passed into."""
    found: dict[tuple[Pool, int], CostState] = {}
    last: dict[Pool, tuple[int, CostState]] = {}
    for outcome in replay.outcomes:
        month = month_of_day(outcome.position[0])
        before = last.get(outcome.key)
        if before is not None and before[0] != month:
            found[outcome.key, month] = before[1]
        last[outcome.key] = month, outcome.after
    return found


def has_costs(movements: Iterable[Movement]) -> bool:
    """Must any of the movements be valued?"""
    return any(m.cost is not None for m in movements)
