"""Netting cases as data, worked out by hand: what there is, what is expected, and the suggestions, alerts and pegs that follow."""

from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import pytest

from engine.replenishment import (
    Component,
    Flow,
    Inputs,
    Open,
    Parameters,
    Peg,
    Pegging,
    Run,
    WhatIf,
    compare,
    run,
    tried,
)
from tests.support.case_files import read_cases

from .reference import Reference

SPACE = UUID(int=7)
CASES = list(read_cases(Path(__file__).parent / "cases.txt"))


def day(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")


def id_of(name: str) -> UUID:
    return uuid5(SPACE, name)


class Story:
    """What the lines of a case say."""

    def __init__(self, lines: list[str]) -> None:
        self.names: dict[UUID, str] = {}
        self.parameters: dict[Any, Parameters] = {}
        self.given: dict[str, Any] = {"today": day("03-02"), "horizon_days": 28, "bucket": "day"}
        self.on_hand: dict[Any, int] = {}
        self.demands: list[Flow] = []
        self.supplies: list[Flow] = []
        self.edges: list[Component] = []
        self.off: set[date] = set()
        self.extra: set[date] = set()
        self.open: list[Open] = []
        self.dirty: set[Any] | None = None
        self.by_date = False
        self.what_if: list[list[str]] = []
        self.claims: list[list[str]] = []
        for line in lines:
            words = line.split()
            if words[0] in ("=", "!", "peg", "up", "down", "row", "plan", "reason"):
                self.claims.append(words)
            elif words[0] == "if":
                self.what_if.append(words[1:])
            else:
                self.say(words)

    def key(self, name: str) -> Any:
        self.names[id_of(name)] = name
        return (id_of(name),)

    def say(self, words: list[str]) -> None:
        verb, *rest = words
        match verb:
            case "item":
                self.parameters[self.key(rest[0])] = parameters(rest[1:])
            case "part":
                parent, component = self.key(rest[0])[0], self.key(rest[1])[0]
                self.edges.append(Component(parent, component, Fraction(rest[2])))
            case "have":
                self.on_hand[self.key(rest[0])] = int(rest[1])
            case "want" | "come":
                into = self.demands if verb == "want" else self.supplies
                into.append(Flow(self.key(rest[0]), day(rest[2]), int(rest[1]), rest[3] if len(rest) > 3 else None))
            case "off":
                self.off |= {day(d) for d in rest}
            case "workday":
                self.extra |= {day(d) for d in rest}
            case "open":
                self.open.append(Open(UUID(int=len(self.open) + 1), self.key(rest[0]), day(rest[1])))
            case "dirty":
                self.dirty = {self.key(name) for name in rest}
            case "by_date":
                self.by_date = True
            case "today":
                self.given["today"] = day(rest[0])
            case "horizon":
                self.given["horizon_days"] = int(rest[0])
            case "bucket":
                self.given["bucket"] = rest[0]
            case _:
                raise AssertionError(words)

    def works_on(self, d: date) -> bool:
        return d in self.extra or (d.isoweekday() <= 5 and d not in self.off)

    def inputs(self) -> Inputs:
        own = Inputs(
            on_hand=self.on_hand, demands=self.demands, supplies=self.supplies, components=self.edges, works_on=self.works_on,
            parameters=lambda key: self.parameters.get(key, Parameters()), asked=list(self.parameters), **self.given,
        )  # fmt: skip
        if not self.what_if:
            return own
        other = Story([])
        for words in self.what_if:
            other.say(words)
        return tried(own, WhatIf(other.demands, other.supplies, other.parameters))


def parameters(words: list[str]) -> Parameters:
    given: dict[str, Any] = {}
    for word in words:
        name, _, value = word.partition("=")
        if value:
            given[name] = value if name == "source" else int(value)
        elif name == "make":
            given["make"] = True
        else:
            given["policy"] = name
    return Parameters(**given)


class Teller:
    """What a run came to, in the words of the cases."""

    def __init__(self, story: Story, found: Run) -> None:
        self.story = story
        self.run = found
        self.pegging = Pegging(found)

    def name(self, key: Any) -> str:
        return self.story.names[key[0]]

    def suggestions(self) -> list[list[str]]:
        made = sorted(
            (s for all_ in self.run.suggestions.values() for s in all_), key=lambda s: (self.name(s.key), s.bucket)
        )
        return [
            ["=", self.name(s.key), str(s.quantity), f"{s.start:%m-%d}>{s.due:%m-%d}", *(["late"] if s.late else [])]
            + ([f"from={s.source}"] if s.source else [])
            for s in made
        ]

    def alerts(self) -> list[list[str]]:
        made = [["!", a.kind, self.name(a.key), str(a.quantity), f"{a.day:%m-%d}"] for a in self.run.alerts]
        return sorted(made, key=lambda words: words[1:])

    def peg(self, peg: Peg) -> str:
        supply, demand = peg.supply, peg.demand
        left = (
            "nothing"
            if supply is None
            else supply.kind
            if supply.kind != "expected"
            else str(supply.origin or "expected")
        )
        if demand is None:
            right = "left"
        elif demand.suggestion is not None:
            right = self.name(demand.suggestion.key)
        else:
            right = str(demand.origin or demand.kind)
        return f"{left}:{peg.quantity}:{right}"

    def answer(self, words: list[str]) -> list[str]:
        """The claim as the run would make it."""
        verb, name = words[0], words[1]
        key = self.story.key(name)
        match verb:
            case "peg":
                return ["peg", name, *(self.peg(p) for p in self.pegging.pegs(key))]
            case "up":
                first = self.run.suggestions[key][0]
                return [
                    "up",
                    name,
                    *(f"{s.level}:{self.name(s.peg.key)}:{self.peg(s.peg)}" for s in self.pegging.up(first)),
                ]
            case "down":
                steps = self.pegging.down(key, words[2])
                return ["down", name, words[2], *(f"{s.level}:{self.name(s.peg.key)}:{self.peg(s.peg)}" for s in steps)]
            case "reason":
                return ["reason", name, self.pegging.reason(self.run.suggestions[key][0])]
            case "row":
                at = self.run.timeline.bucket(day(words[2]))
                assert at is not None
                r = self.run.rows(key)[at]
                return [
                    "row",
                    name,
                    f"{r.day:%m-%d}",
                    *(str(n) for n in (r.demand, r.dependent, r.supply, r.suggested, r.left)),
                ]
        raise AssertionError(words)

    def plan(self) -> list[str]:
        found = compare(
            self.run.suggestions,
            self.story.open,
            None if self.story.dirty is None else self.run.wanted,
            by_date=self.story.by_date,
        )
        return [
            "plan",
            *(f"create:{self.name(s.key)}:{s.quantity}" for s in found.create),
            *(f"keep:{record.int}:{s.quantity}" for record, s in found.keep),
            *(f"withdraw:{record.int}" for record in found.withdraw),
        ]


@pytest.mark.parametrize(("name", "lines"), CASES, ids=lambda v: v if isinstance(v, str) else "")
def test_case(name: str, lines: list[str]) -> None:
    """A case comes out as it was worked out by hand: every suggestion and alert, and each peg, trace and row that it names."""
    story = Story(lines)
    found = run(story.inputs(), story.dirty)
    assert isinstance(found, Run)
    teller = Teller(story, found)
    claimed = [words for words in story.claims if words[0] == "="]
    assert teller.suggestions() == claimed
    assert teller.alerts() == [words for words in story.claims if words[0] == "!"]
    for words in story.claims:
        if words[0] == "plan":
            assert teller.plan() == words
        elif words[0] not in ("=", "!"):
            assert teller.answer(words) == words


@pytest.mark.parametrize(("name", "lines"), CASES, ids=lambda v: v if isinstance(v, str) else "")
def test_case_by_the_reference(name: str, lines: list[str]) -> None:
    """The slow netting orders the same in every case."""
    story = Story(lines)
    found = run(story.inputs(), story.dirty)
    assert isinstance(found, Run)
    slow = Reference(story.inputs()).orders
    mine = {key: {s.bucket: s.quantity for s in made} for key, made in found.suggestions.items()}
    assert mine == {key: orders for key, orders in slow.items() if orders and (story.dirty is None or key in mine)}


def test_there_are_enough_cases() -> None:
    """At least forty, each with another name and each claiming something."""
    made = CASES
    assert len(made) >= 40
    assert len({name for name, _ in made}) == len(made)
    claims = ("=", "!", "plan", "row", "peg")
    assert [name for name, lines in made if not any(line.startswith(claims) for line in lines)] == []
