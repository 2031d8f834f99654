"""A ledger of cost keys in memory: what the store is to the replay, for tables and properties."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from engine.registers.costing import (
    EMPTY,
    Correction,
    CostRules,
    CostState,
    Event,
    Inputs,
    Key,
    Placed,
    Position,
    Replay,
    Valued,
    given_by,
    value,
)

Line = tuple[Key, Event, Inputs | None]


@dataclass
class Book:
    """All events of all keys with what is booked for them; `kept` states after each event let a replay stop early."""

    kept: bool = True
    step: int = 3
    placed: dict[Key, list[Placed]] = field(default_factory=dict)
    states: dict[Key, CostState] = field(default_factory=dict)
    known: dict[str, Valued] = field(default_factory=dict)
    where: dict[str, tuple[Key, Position]] = field(default_factory=dict)
    made_of: dict[str, Inputs] = field(default_factory=dict)
    named_by: dict[str, list[str]] = field(default_factory=dict)
    ruled: dict[Key, list[tuple[Position, CostRules]]] = field(default_factory=dict)
    sequence: int = 0

    # The source of a replay

    def rules(self, key: Key, position: Position) -> CostRules:
        return [rules for since, rules in self.ruled[key] if since <= position][-1]

    def state_before(self, key: Key, position: Position) -> CostState:
        earlier = [placed for placed in self.placed.get(key, []) if placed.position < position]
        if self.kept:
            return (earlier[-1].after or EMPTY) if earlier else EMPTY
        state = EMPTY
        for placed in earlier:
            state = self._value(key, placed.position, placed.event, state)[1]
        return state

    def events(self, key: Key, position: Position, limit: int) -> Sequence[Placed]:
        found = [placed for placed in self.placed.get(key, []) if placed.position >= position]
        return [placed if self.kept else replace(placed, after=None) for placed in found[:limit]]

    def inputs(self, entry: str) -> Inputs | None:
        return self.made_of.get(entry)

    def valued(self, entry: str) -> Valued:
        return self.known[entry]

    def dependents(self, entry: str) -> list[tuple[Key, Position]]:
        return [self.where[other] for other in self.named_by.get(entry, [])]

    # Writing

    def _value(self, key: Key, position: Position, event: Event, state: CostState) -> tuple[Valued, CostState]:
        rules = self.rules(key, position)
        inputs = self.made_of.get(event.entry)
        return value(state, given_by(event, inputs, self.valued, rules.unit) if inputs else event, rules)

    def rule(self, key: Key, rules: CostRules, day: int) -> None:
        """From now on."""
        self.ruled.setdefault(key, []).append(((day, self.sequence + 1), rules))

    def post(self, day: int, lines: Sequence[Line]) -> list[Correction]:
        """Books one posting: at once where nothing lies after it, else by replay. What it changed in others."""
        dirty: dict[Key, tuple[Position, Position]] = {}
        for key, event, inputs in lines:
            self.sequence += 1
            position = (day, self.sequence)
            self.where[event.entry] = (key, position)
            if inputs:
                self.made_of[event.entry] = inputs
                for share in inputs.shares:
                    self.named_by.setdefault(share.entry, []).append(event.entry)
            own = self.placed.setdefault(key, [])
            at = bisect_left([placed.position for placed in own], position)
            if at == len(own) and not dirty:
                valued, state = self._value(key, position, event, self.states.get(key, EMPTY))
                own.append(Placed(position, event, valued.value, valued.extra, state))
                self.states[key], self.known[event.entry] = state, valued
            else:
                own.insert(at, Placed(position, event))
                self.known[event.entry] = Valued(event.entry, 0)
                dirty[key] = (min(position, dirty.get(key, (position,))[0]), position)
        new = {event.entry for _, event, _ in lines}
        return [c for c in self.replay(dirty) if c.entry not in new] if dirty else []

    def late(self, entry: str, given: int) -> list[Correction]:
        """Another value is learnt for an entry."""
        key, position = self.where[entry]
        if entry in self.made_of:
            self.made_of[entry] = replace(self.made_of[entry], own=given)
        else:
            own = self.placed[key]
            at = [placed.position for placed in own].index(position)
            own[at] = replace(own[at], event=replace(own[at].event, given=given))
        return self.replay({key: (position, position)})

    def replay(self, dirty: dict[Key, tuple[Position, Position]], write: bool = True) -> list[Correction]:
        """Runs a replay, writing down after each step and going on with a new one, as another process would."""
        found: list[Correction] = []
        while dirty:
            run = Replay(self, dirty)
            done = run.step(self.step)
            while not done and not write:
                done = run.step(self.step)
            found += run.corrections
            if not write:
                return found
            self._write(run)
            dirty = run.worklist
        return found

    def _write(self, run: Replay) -> None:
        for outcome in run.outcomes:
            own = self.placed[outcome.key]
            at = bisect_left([placed.position for placed in own], outcome.position)
            valued = outcome.valued
            own[at] = replace(own[at], value=valued.value, extra=valued.extra, after=outcome.after)
            self.known[valued.entry] = valued
            if at + 1 == len(own):
                self.states[outcome.key] = outcome.after

    # What must hold

    def check(self) -> None:
        """Nothing is lost, every state is sound, and valuing all from the beginning finds nothing else."""
        for key, state in self.states.items():
            booked = sum(p.value + sum(amount for _, amount in p.extra) for p in self.placed[key])
            assert booked == state.value, (key, booked, state)
            sound(state)
        fresh = replace(self, kept=False)
        run = Replay(fresh, dict.fromkeys(self.placed, ((-1, 0), (-1, 0))))
        assert run.step(10**9)
        assert run.corrections == []
        assert run.states == self.states
        for event in (placed.event for own in self.placed.values() for placed in own):
            valued = self.known[event.entry]
            if event.quantity < 0:
                assert sum(piece.value for piece in valued.taken) == -valued.value
                assert sum(piece.quantity for piece in valued.taken) == -event.quantity
                assert all(piece.value * valued.value <= 0 for piece in valued.taken)


def sound(state: CostState) -> None:
    """What CostState promises."""
    if state.quantity == 0:
        assert state.value == 0
    if state.quantity > 0:
        assert sum(layer.quantity for layer in state.layers) == state.quantity
        assert sum(layer.value for layer in state.layers) == state.value
        assert state.value >= 0
        assert all(layer.quantity > 0 and layer.value >= 0 for layer in state.layers)
        assert [layer.day for layer in state.layers] == sorted(layer.day for layer in state.layers)
    else:
        assert state.layers == ()
        assert state.value <= 0
    assert state.last[1] > 0
    assert state.last[0] >= 0
