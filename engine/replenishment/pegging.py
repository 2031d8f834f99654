"""Pegging: which supply covers which demand, first come first served within a key, and from there up to what it is all for and down to
what it needs. Worked out key by key, when asked for.
"""

from collections.abc import Sequence
from datetime import date
from functools import cached_property
from typing import Any, Final, Literal, NamedTuple

from engine.replenishment.definition import BY_LEVEL, Key
from engine.replenishment.requirements import Component, Flow, Run, Suggestion

TRACE_MAX: Final = 2_000
"""Most rows of one trace."""


class Supply(NamedTuple):
    """Something that covers demand: what is "there", what is "expected", or a "suggested" order."""

    kind: Literal["there", "expected", "suggested"]
    day: date
    quantity: int
    origin: Any = None
    suggestion: Suggestion | None = None


class Demand(NamedTuple):
    """Something that wants supply: what is "expected", what an order of another key needs ("dependent" on `suggestion`), or what is
    "owed": a balance below zero."""

    kind: Literal["expected", "dependent", "owed"]
    day: date
    quantity: int
    origin: Any = None
    suggestion: Suggestion | None = None


class Peg(NamedTuple):
    """`quantity` of a supply is for a demand; `demand` None: for what is to be left over; `supply` None: nothing covers it."""

    key: Key
    supply: Supply | None
    demand: Demand | None
    quantity: int


class Step(NamedTuple):
    """One row of a trace: `level` 0 is the key that was asked about."""

    level: int
    peg: Peg


class Pegging:
    """The pegs of a run."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._pegs: dict[Key, tuple[Peg, ...]] = {}

    @cached_property
    def _parents(self) -> dict[int, list[tuple[Key, Component]]]:
        """The keys whose orders need a key, by its number."""
        found: dict[int, list[tuple[Key, Component]]] = {}
        collected = self._run.collected
        for parent in self._run.suggestions:
            for component, part in collected.below[collected.numbers[parent]]:
                found.setdefault(component, []).append((parent, part))
        return found

    def pegs(self, key: Key) -> tuple[Peg, ...]:
        """All pegs of a key, in order of the demands."""
        found = self._pegs.get(key)
        if found is None:
            found = self._pegs[key] = tuple(_matched(key, self._supplies(key), self._demands(key)))
        return found

    def up(self, suggestion: Suggestion) -> list[Step]:
        """What a suggestion is for: the demands it covers; of those that other suggestions raise, theirs, to the top."""
        return self._trace(suggestion, lambda s: [p for p in self.pegs(s.key) if p.supply and p.supply.suggestion is s],
                           lambda p: [p.demand.suggestion] if p.demand and p.demand.suggestion else [])  # fmt: skip

    def down(self, key: Key, origin: Any) -> list[Step]:
        """What covers the expected demand of an origin: what is there, expected or suggested, and what the suggestions need in turn."""
        steps: list[Step] = []
        for peg in self.pegs(key):
            if peg.demand is not None and peg.demand.kind == "expected" and peg.demand.origin == origin:
                steps.append(Step(0, peg))
                if peg.supply is not None and peg.supply.suggestion is not None:
                    steps += [Step(s.level + 1, s.peg) for s in self.needs(peg.supply.suggestion)]
        return steps[:TRACE_MAX]

    def needs(self, suggestion: Suggestion) -> list[Step]:
        """What covers the needs of a suggestion, to the bottom."""
        return self._trace(
            suggestion, self._needed, lambda p: [p.supply.suggestion] if p.supply and p.supply.suggestion else []
        )

    def reason(self, suggestion: Suggestion) -> str:
        """Why it is suggested: "minimum" (a level is reached), "demand" (an expected demand), "dependent" (something made of it) or "safety"
        (only what is to be left over)."""
        if self._run.parameters[suggestion.key].policy in BY_LEVEL:
            return "minimum"
        kinds = {
            p.demand.kind
            for p in self.pegs(suggestion.key)
            if p.demand and p.supply and p.supply.suggestion is suggestion
        }
        return "demand" if kinds & {"expected", "owed"} else "dependent" if kinds else "safety"

    def _trace(self, first: Suggestion, pegs_of: Any, next_of: Any) -> list[Step]:
        """Depth first; what a suggestion leads to is told where it is met first."""
        steps: list[Step] = []
        seen = {id(first)}
        waiting: list[tuple[int, Peg]] = [(0, p) for p in reversed(pegs_of(first))]
        while waiting and len(steps) < TRACE_MAX:
            level, peg = waiting.pop()
            steps.append(Step(level, peg))
            for other in next_of(peg):
                if id(other) not in seen:
                    seen.add(id(other))
                    waiting += [(level + 1, p) for p in reversed(pegs_of(other))]
        return steps

    def _needed(self, suggestion: Suggestion) -> list[Peg]:
        components = dict.fromkeys(component for component, _ in self._run.parts(suggestion.key))
        return [
            p for c in components for p in self.pegs(c) if p.demand is not None and p.demand.suggestion is suggestion
        ]

    def _supplies(self, key: Key) -> list[tuple[int, Supply]]:
        """(bucket, supply) in the order in which they are used."""
        run = self._run
        there = run.inputs.on_hand.get(key, 0)
        found = [(0, Supply("there", run.timeline.today, there))] if there > 0 else []
        expected, _ = run.flows.get(key, ((), ()))
        later = [(self._bucket(f), Supply("expected", f.day, f.quantity, f.origin)) for f in expected]
        later += [
            (s.bucket, Supply("suggested", s.due, s.quantity, suggestion=s)) for s in run.suggestions.get(key, ())
        ]
        return found + sorted(later, key=lambda row: row[0])

    def _demands(self, key: Key) -> list[tuple[int, Demand]]:
        run = self._run
        there = run.inputs.on_hand.get(key, 0)
        found = [(0, Demand("owed", run.timeline.today, -there))] if there < 0 else []
        _, expected = run.flows.get(key, ((), ()))
        later = [(self._bucket(f), Demand("expected", f.day, f.quantity, f.origin)) for f in expected]
        for parent, part in self._parents.get(run.collected.numbers.get(key, -1), ()):
            for suggestion in run.suggestions[parent]:
                quantity = needed_of(part, suggestion.quantity)
                if quantity:
                    demand = Demand(
                        "dependent", max(suggestion.start, run.timeline.today), quantity, suggestion=suggestion
                    )
                    later.append((run.timeline.start_bucket(suggestion.bucket, run.parameters[parent].lead), demand))
        return found + sorted(later, key=lambda row: row[0])

    def _bucket(self, flow: Flow) -> int:
        found = self._run.timeline.bucket(flow.day)
        assert found is not None, "flows beyond the horizon were left out"
        return found


def needed_of(part: Component, quantity: int) -> int:
    """What an order of so much needs of a component: rounded up, each order by itself."""
    return -(-quantity * part.quantity.numerator // part.quantity.denominator)


def _matched(key: Key, supplies: Sequence[tuple[int, Supply]], demands: Sequence[tuple[int, Demand]]) -> list[Peg]:
    made: list[Peg] = []
    at, rest = 0, supplies[0][1].quantity if supplies else 0
    for _, demand in demands:
        open_ = demand.quantity
        while open_ and at < len(supplies):
            taken = min(open_, rest)
            if taken:
                made.append(Peg(key, supplies[at][1], demand, taken))
            open_, rest = open_ - taken, rest - taken
            if not rest:
                at += 1
                rest = supplies[at][1].quantity if at < len(supplies) else 0
        if open_:
            made.append(Peg(key, None, demand, open_))
    while at < len(supplies):
        if rest:
            made.append(Peg(key, supplies[at][1], None, rest))
        at += 1
        rest = supplies[at][1].quantity if at < len(supplies) else 0
    return made
