"""What a ledger of quantities is, in plain Python: lists and dicts, no engine. It says of each request whether it may be done, by going through
the whole history again.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

ZONES: Final = {"P": "one", "Q": "one", "R": "two", "S": "two"}
TODAY: Final = 20
Place = tuple[str, str]
"""(item, place)."""
Amounts = tuple[int, int, int]
"""On hand, held, boxes."""
Moves = Mapping[Place, Amounts]


@dataclass(frozen=True, slots=True)
class Moment:
    """What one record did in one go on a day, as the `order`-th thing that was entered. `counts` are balances that were found; what it
    moves itself is part of them."""

    day: int
    order: int
    moves: Moves
    counts: Mapping[Place, int] = field(default_factory=dict)


@dataclass(slots=True)
class Reserved:
    """A reservation of a record."""

    place: Place
    quantity: int
    open: int


@dataclass(slots=True)
class Model:
    """All moments that were accepted, and what is open of reservations, by record."""

    moments: dict[str, list[Moment]] = field(default_factory=dict)
    reserved: dict[str, Reserved] = field(default_factory=dict)
    shipped: dict[str, tuple[str, int]] = field(default_factory=dict)
    """(reservation, quantity) by shipment."""
    entered: int = 0

    def post(self, record: str, day: int, moves: Moves, counts: Mapping[Place, int] | None = None) -> bool:
        """Move and count on a day; false and nothing if that would break something at any moment."""
        return self._try(record, [self._moment(day, moves, counts or {})])

    def reserve(self, record: str, day: int, place: Place, quantity: int) -> bool:
        """Hold a quantity."""
        done = self.post(record, day, {place: (0, quantity, 0)})
        if done:
            self.reserved[record] = Reserved(place, quantity, quantity)
        return done

    def ship(self, record: str, day: int, of: str, quantity: int) -> bool:
        """Deliver on a reservation, at most what is open of it."""
        held = self.reserved[of]
        if held.open < quantity or not self.post(record, day, {held.place: (-quantity, -quantity, 0)}):
            return False
        held.open -= quantity
        self.shipped[record] = of, quantity
        return True

    def close(self, record: str) -> bool:
        """Give free today what a reservation still holds."""
        held = self.reserved[record]
        if held.open and not self._try(record, [self._moment(TODAY, {held.place: (0, -held.open, 0)}, {})]):
            return False
        held.open = 0
        return True

    def undo(self, record: str, *, now: bool = False) -> bool:
        """The opposite of all that a record moved, on its day or today. A count that is undone never was."""
        held = self.reserved.get(record)
        if held is not None and held.open < held.quantity:
            return False
        kept = [m for m in self.moments[record] if not m.counts]
        made = [
            self._moment(max(m.day, TODAY) if now else m.day, {p: (-a, -b, -c) for p, (a, b, c) in m.moves.items()}, {})
            for m in kept
        ]
        if not self._try(record, [*kept, *made], instead=True):
            return False
        if held is not None:
            held.open = 0
        if record in self.shipped:
            of, quantity = self.shipped[record]
            self.reserved[of].open += quantity
        return True

    def balances(self, until: int | None = None) -> dict[Place, Amounts]:
        """What there is, or was at the end of a day."""
        there: dict[Place, Amounts] = {}
        for moment, after in _history(self.moments.values()):
            if until is None or moment.day <= until:
                there = after
        return there

    def _moment(self, day: int, moves: Moves, counts: Mapping[Place, int]) -> Moment:
        self.entered += 1
        return Moment(day, self.entered, moves, counts)

    def _try(self, record: str, made: list[Moment], *, instead: bool = False) -> bool:
        known = [] if instead else self.moments.get(record, [])
        tried = self.moments | {record: [*known, *made]}
        if not all(_holds(after) for _, after in _history(tried.values())):
            return False
        self.moments = tried
        return True


def _history(moments: Iterable[Sequence[Moment]]) -> Iterator[tuple[Moment, dict[Place, Amounts]]]:
    """Each moment in its turn, with what there is after it."""
    there: dict[Place, Amounts] = {}
    for moment in sorted((m for made in moments for m in made), key=lambda m: (m.day, m.order)):
        there = dict(there)
        for place, (on_hand, held, boxes) in moment.moves.items():
            a, b, c = there.get(place, (0, 0, 0))
            there[place] = a + on_hand, b + held, c + boxes
        for place, counted in moment.counts.items():
            _, b, c = there.get(place, (0, 0, 0))
            there[place] = counted, b, c
        yield moment, there


def _holds(there: Mapping[Place, Amounts]) -> bool:
    """Nothing below zero, no more held in a zone than there is, boxes in their range."""
    zones: dict[tuple[str, str], int] = defaultdict(int)
    for (item, place), (on_hand, held, boxes) in there.items():
        zones[item, ZONES[place]] += on_hand - held
        if on_hand < 0 or not -5 <= boxes <= 5:
            return False
    return all(free >= 0 for free in zones.values())
