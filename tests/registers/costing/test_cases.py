"""Costs as tables: before, action, after, worked out by hand; each ends with nothing lost and a replay that finds nothing else.

Lines of cases.txt (quantities and values as people write them, the unit of values 0.01):

    key A fifo | key A standard 12.50     how A is valued from here on (average if nothing is said)
    in r1 A 10 100.00                     receipt; ? for a value not given
    out i1 A 4                            issue
    count c1 A +2                         difference found by a count
    cost l1 A 5.00 of r1 10               value alone, for a receipt of that quantity (`of …` may be left out)
    move m A B 4                          transfer: entries m- and m+
    back b i1 2                           return of an issue
    undo u r1 10                          reversal, or return to where it came from, of a receipt
    make p:B:10:3 q:C:5:1 from i1 i2 own 5.00 less y   outputs entry:key:quantity:weight
    late r1 120.00                        the value of r1 (or what m+ or p has of its own) was another all the time
    @15 …                                 on that day; else ten days after the last
    … > -40.00 settlement -6.00; i2 -12.00 to -14.00   its value, its extras; then corrections of others (for `late`, of all)
    = A 6 60.00 : r1 6 60.00, r2/20 …     what is there, and its layers (with their day)
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from engine.registers.costing import Correction, CostRules, Event, Inputs, Layer, Share, part
from tests.registers.costing.book import Book, Line

UNIT = 100


def cases() -> Iterator[tuple[str, list[str]]]:
    name, lines = "", []
    for line in (Path(__file__).parent / "cases.txt").read_text().splitlines():
        if line.startswith("## "):
            if name:
                yield name, lines
            name, lines = line[3:], []
        elif line.strip() and not line.startswith("#"):
            lines.append(line.split(" #")[0].strip())
    yield name, lines


def amount(text: str) -> int:
    return int(Decimal(text) * 10**4)


def quantity(text: str) -> int:
    return int(Decimal(text) * 10**6)


class Table:
    """Does what a line says."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.day = 0
        self.sizes: dict[str, int] = {}
        self.gone: dict[str, int] = {}

    def do(self, line: str) -> None:
        """One line, with what it expects."""
        if line.startswith("="):
            return self.compare(line[1:])
        action, _, expected = line.partition(" > ")
        words = action.split()
        day = int(words.pop(0)[1:]) if words[0].startswith("@") else self.day + 10
        verb, *rest = words
        if verb == "key":
            standard = (amount(rest[2]), 10**6) if len(rest) > 2 else None
            self.book.rule((rest[0],), CostRules(rest[1], standard, UNIT), self.day)
            return None
        self.day = max(self.day, day)
        if verb == "late":
            changed = self.book.late(rest[0], amount(rest[1]))
            assert not expected or self.said(changed) == self.wanted(expected.split(";")), line
            return None
        lines = getattr(self, "receive" if verb == "in" else verb)(day, *rest)
        for key, event, _ in lines:
            self.sizes[event.entry] = abs(event.quantity)
            if key not in self.book.ruled:
                self.book.ruled[key] = [((-1, 0), CostRules("average", None, UNIT))]
        changed = self.book.post(day, lines)
        if expected:
            own, *others = expected.split(";")
            valued = self.book.known[lines[0][1].entry]
            told = [valued.value, *(x for extra in valued.extra for x in extra)]
            assert told == [w if re.match("[a-z]", w) else amount(w) for w in own.split()], (line, told)
            assert self.said(changed) == self.wanted(others), line
        return None

    @staticmethod
    def said(changed: list[Correction]) -> list[tuple[str, int, int]]:
        return [(".".join(filter(None, (c.entry, c.reason))), c.old, c.new) for c in changed]

    @staticmethod
    def wanted(texts: list[str]) -> list[tuple[str, int, int]]:
        found = []
        for text in texts:
            entry, old, to, new = text.split()
            assert to == "to"
            found.append((entry, amount(old), amount(new)))
        return found

    def compare(self, text: str) -> None:
        """What is there is what the table says."""
        head, colon, tail = text.partition(":")
        key, size, worth = head.split()
        state = self.book.states[(key,)]
        assert (state.quantity, state.value) == (quantity(size), amount(worth)), (text, state)
        if colon:
            wanted, found = [], []
            for layer, words in zip(state.layers, [w.split() for w in tail.split(",") if w.strip()], strict=True):
                entry, _, day = words[0].partition("/")
                wanted.append((entry, int(day or layer.day), quantity(words[1]), amount(words[2])))
                found.append((layer.entry, layer.day, layer.quantity, layer.value))
            assert found == wanted, text

    # Actions

    def receive(self, day: int, entry: str, key: str, size: str, given: str) -> list[Line]:
        return [((key,), Event(entry, day, quantity(size), None if given == "?" else amount(given)), None)]

    def out(self, day: int, entry: str, key: str, size: str) -> list[Line]:
        return [((key,), Event(entry, day, -quantity(size)), None)]

    def count(self, day: int, entry: str, key: str, size: str) -> list[Line]:
        return [((key,), Event(entry, day, quantity(size), counted=True), None)]

    def cost(self, day: int, entry: str, key: str, given: str, *of: str) -> list[Line]:
        meant = (Layer(0, quantity(of[2]) if len(of) > 2 else 0, 0, of[1]),) if of else None
        return [((key,), Event(entry, day, 0, amount(given), meant), None)]

    def move(self, day: int, entry: str, source: str, target: str, size: str) -> list[Line]:
        whole = quantity(size)
        inputs = Inputs(0, (Share(f"{entry}-", "along", 0, whole, whole),))
        return [((source,), Event(f"{entry}-", day, -whole), None),
                ((target,), Event(f"{entry}+", day, whole), inputs)]  # fmt: skip

    def back(self, day: int, entry: str, issue: str, size: str) -> list[Line]:
        start = self.gone.get(issue, 0)
        stop = self.gone[issue] = start + quantity(size)
        inputs = Inputs(0, (Share(issue, "back", start, stop, self.sizes[issue]),))
        return [(self.book.where[issue][0], Event(entry, day, stop - start), inputs)]

    def undo(self, day: int, entry: str, receipt: str, size: str) -> list[Line]:
        start = self.gone.get(receipt, 0)
        stop = self.gone[receipt] = start + quantity(size)
        inputs = Inputs(0, (Share(receipt, "value", start, stop, self.sizes[receipt]),))
        came = self.book.placed[self.book.where[receipt][0]]
        layers = next((p.event.layers for p in came if p.event.entry == receipt), None)
        meant = tuple(Layer(0, 0, 0, layer.entry) for layer in layers or (Layer(0, 0, 0, receipt),))
        return [(self.book.where[receipt][0], Event(entry, day, start - stop, layers=meant), inputs)]

    def make(self, day: int, *given: str) -> list[Line]:
        words = list(given)
        outputs = [word.split(":") for word in words[: words.index("from")]]
        tail = words[words.index("from") + 1 :]
        names = [word for i, word in enumerate(tail) if word not in ("own", "less") and tail[i - 1 : i] != ["own"]]
        own = amount(tail[tail.index("own") + 1]) if "own" in tail else 0
        whole = sum(int(weight) for *_, weight in outputs)
        lines, start = [], 0
        for entry, key, size, weight in outputs:
            stop = start + int(weight)
            shares = tuple(Share(name, "value", start, stop, whole) for name in names)
            inputs = Inputs(part(own, Share("", "value", start, stop, whole), UNIT), shares)
            lines.append(((key,), Event(entry, day, quantity(size)), inputs))
            start = stop
        return lines


@pytest.mark.parametrize(("name", "lines"), [pytest.param(name, lines, id=name) for name, lines in cases()])
def test_costs(name: str, lines: list[str]) -> None:
    """The values, extras, corrections and layers are those worked out by hand, whether states are kept or not and however long a step is."""
    for kept, step in ((True, 1), (False, 2), (True, 1000)):
        table = Table(Book(kept, step))
        for line in lines:
            table.do(line)
        table.book.check()


def test_there_are_enough_cases() -> None:
    """Each table has a name of its own and expects something."""
    found = list(cases())
    assert len(found) >= 70
    assert len({name for name, _ in found}) == len(found)
    assert all(any(" > " in line or line.startswith("=") for line in lines) for _, lines in found)
