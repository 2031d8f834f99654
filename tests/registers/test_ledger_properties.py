"""Properties of the ledger, with random scripts: a model in plain Python agrees with every answer; value is conserved; a reversal restores what
was; the order in which independent postings are entered does not matter; what is kept is what the movements come to.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from engine.actions import Audit, Engine, audit_registers
from engine.clock import Moment, moment_at
from engine.problems import Problems
from tests.support.ledger import NOON, Keeper, day_end, ledger_site
from tests.support.ledger_model import TODAY, ZONES, Model

PLACES: Final = tuple(ZONES)
REFUSALS: Final = {
    "registers.constraint_broken",
    "registers.constraint_broken_later",
    "registers.reservation_exceeded",
    "registers.reservation_used",
}
DAYS: Final = st.one_of(st.integers(1, 22), st.just(TODAY))
FEW: Final = st.integers(1, 6)


@dataclass
class TickingClock:
    """Noon of the day on which the cases play, a millisecond later each time it is asked."""

    asked: int = 0

    def now(self) -> Moment:
        """The next moment."""
        self.asked += 1
        return moment_at(NOON + timedelta(milliseconds=self.asked))


@dataclass
class Shared:
    """One site for all examples, each of which works with an item of its own."""

    url: str = field(default_factory=lambda: f"sqlite:///{Path(mkdtemp()) / 'site.db'}")
    made: list[Engine] = field(default_factory=list)

    @property
    def engine(self) -> Engine:
        """The engine, opened when first asked for."""
        if not self.made:
            self.made.append(ledger_site(self.url, TickingClock()))
        return self.made[0]


SITE: Final = Shared()


def is_right() -> None:
    """All that is kept is what the movements and events come to, replayed."""
    audit = audit_registers(SITE.engine)
    assert isinstance(audit, Audit)
    assert audit.is_right, audit.found
    assert audit.waiting == 0


class Quantities(RuleBasedStateMachine):
    """Entries of any day in any order, undone and reversed: the ledger accepts and refuses exactly what the model does."""

    def __init__(self) -> None:
        super().__init__()
        self.keeper = Keeper(SITE.engine)
        self.model = Model()
        self.live: list[str] = []
        self.holds: list[str] = []
        self.made = 0

    def both(self, text: str, agrees: Callable[[str], bool]) -> bool:
        """Do it, and let the model do it; they must come to the same answer."""
        self.made += 1
        name = f"n{self.made}"
        answer = self.keeper.do(f"{text} as {name}" if ":" in text else text)
        accepted = agrees(name)
        if isinstance(answer, Problems):
            assert not accepted, (text, [p.code for p in answer], [dict(p.params) for p in answer])
            assert {p.code for p in answer} <= REFUSALS
        else:
            assert accepted, text
            if ":" in text:
                self.live.append(name)
        return accepted

    @initialize(quantities=st.lists(st.integers(0, 9), min_size=4, max_size=4))
    def stock(self, quantities: list[int]) -> None:
        """Something is there at the beginning."""
        lines = [(p, q) for p, q in zip(PLACES, quantities, strict=True) if q]
        if lines:
            moves = {("", p): (q, 0, 0) for p, q in lines}
            self.both("1: " + " + ".join(f"in {q} {p}" for p, q in lines), lambda n: self.model.post(n, 1, moves))

    @rule(day=DAYS, place=st.sampled_from(PLACES), quantity=FEW)
    def receive(self, day: int, place: str, quantity: int) -> None:
        """Something comes in."""
        self.both(f"{day}: in {quantity} {place}", lambda n: self.model.post(n, day, {("", place): (quantity, 0, 0)}))

    @rule(day=DAYS, place=st.sampled_from(PLACES), quantity=FEW)
    def issue(self, day: int, place: str, quantity: int) -> None:
        """Something goes out."""
        self.both(f"{day}: out {quantity} {place}", lambda n: self.model.post(n, day, {("", place): (-quantity, 0, 0)}))

    @rule(day=DAYS, places=st.permutations(PLACES), quantity=FEW, along=st.booleans())
    def move(self, day: int, places: list[str], quantity: int, along: bool) -> None:
        """Something goes from one place to another, with its cost or without."""
        here, there = places[:2]
        text = f"send {quantity} {here}>{there}" if along else f"out {quantity} {here} + in {quantity} {there}"
        moves = {("", here): (-quantity, 0, 0), ("", there): (quantity, 0, 0)}
        self.both(f"{day}: {text}", lambda n: self.model.post(n, day, moves))

    @rule(day=DAYS, place=st.sampled_from(PLACES), quantity=st.integers(-4, 4).filter(bool))
    def box(self, day: int, place: str, quantity: int) -> None:
        """A measure with a range."""
        self.both(f"{day}: box {quantity} {place}", lambda n: self.model.post(n, day, {("", place): (0, 0, quantity)}))

    @rule(day=DAYS, places=st.lists(st.sampled_from(PLACES), min_size=1, max_size=2, unique=True), found=st.integers(0, 9))
    def count(self, day: int, places: list[str], found: int) -> None:
        """Somebody counts."""
        text = " + ".join(f"count {found} {p}" for p in places)
        counts = {("", p): found for p in places}
        self.both(f"{day}: {text}", lambda n: self.model.post(n, day, {}, counts))

    @rule(day=DAYS, place=st.sampled_from(PLACES), quantity=FEW)
    def hold(self, day: int, place: str, quantity: int) -> None:
        """Somebody reserves."""
        if self.both(f"{day}: hold {quantity} {place}", lambda n: self.model.reserve(n, day, ("", place), quantity)):
            self.holds.append(self.live[-1])

    @precondition(lambda self: self.holds)
    @rule(data=st.data(), day=DAYS, quantity=FEW)
    def ship(self, data: Any, day: int, quantity: int) -> None:
        """Something that was reserved goes out."""
        of = data.draw(st.sampled_from(self.holds))
        place = self.model.reserved[of].place[1]
        self.both(f"{day}: ship {quantity} {place} of {of}", lambda n: self.model.ship(n, day, of, quantity))

    @precondition(lambda self: [h for h in self.holds if h in self.live])
    @rule(data=st.data())
    def close(self, data: Any) -> None:
        """What is left of a reservation is given free."""
        of = data.draw(st.sampled_from([h for h in self.holds if h in self.live]))
        if self.both(f"close {of}", lambda n: self.model.close(of)):
            self.live.remove(of)

    @precondition(lambda self: self.live)
    @rule(data=st.data(), now=st.booleans())
    def undo(self, data: Any, now: bool) -> None:
        """An entry is undone on its day, or reversed today."""
        of = data.draw(st.sampled_from(self.live))
        if self.both(f"{'reverse' if now else 'undo'} {of}", lambda n: self.model.undo(of, now=now)):
            self.live.remove(of)

    def teardown(self) -> None:
        """In the end, balances are the same, also at the end of each day, and all is the sum of its movements."""
        wanted = {p: (a, b, c) for (_, p), (a, b, c) in self.model.balances().items()}
        there = self.keeper.balances(("place",))
        for place in PLACES:
            row = there.get(place, {})
            got = tuple(row.get(m, Decimal(0)) for m in ("on_hand", "held", "boxes"))
            assert got == wanted.get(place, (0, 0, 0)), place
        for day in (1, 9, TODAY):
            then = self.keeper.balances(("place",), at=day_end(str(day)))
            for (_, place), amounts in self.model.balances(day).items():
                assert then.get(place, {}).get("on_hand", Decimal(0)) == amounts[0], (day, place)
        is_right()


Quantities.TestCase.settings = settings(
    max_examples=25, phases=(Phase.generate,), stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
TestQuantities = pytest.mark.slow(Quantities.TestCase)
