"""Picking: which keys a line's reservation is made at, found under the locks of the posting.

Candidates are the balances that agree with what the line names and of which something can be reserved, in the order of the posting rule:
fifo (whose first receipt is oldest), lifo (whose first receipt is youngest), fefo and nearest (lowest `by` first, nothing last; then fifo).
How much can be reserved is said by the constraints that weigh the reserved measure: at the key itself, and at every coarser balance that
they are kept by; where something is dated ahead, at the worst moment to come. A key that a guard forbids to take from is passed over.
Candidates are locked in the order in which postings lock them, never skipped, so two that pick at once go one after the other.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from engine.ledger import Movement, OpenReservation, Pick, PostMovements
from engine.problems import Problem
from engine.registers import problems
from engine.registers.definition import Constraint, Guard, PickRule, PostingRule, Register, weighed
from engine.registers.judging import KeyTest
from engine.registers.key_statements import KeyStatements, decoded_key
from engine.registers.months import day_of
from engine.registers.pick_statements import Key, PickStatements
from engine.rules.columns import Dialect
from engine.statements import Ask, Execution, Inquiry, Stamp, Verdict
from engine.values import from_scaled, write_decimal

_TAIL = (1 << 62) - 1
"""The random part of an id."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A balance that may be taken from."""

    key: Key
    amounts: tuple[int, ...]
    last: int


@dataclass(frozen=True, slots=True)
class PickSource:
    """What picking asks; `tests` by the name of the guard."""

    register: Register
    picks: PickStatements
    keys: KeyStatements
    tests: Mapping[str, KeyTest]


@dataclass(slots=True)
class Picking:
    """Finds the keys for the picks of one posting. `post` writes movements, `open` a reservation."""

    source: PickSource
    effect: PostMovements
    stamp: Stamp
    dialect: Dialect
    post: Callable[[PostMovements], Sequence[Execution | Inquiry]]
    open: Callable[[OpenReservation], Sequence[Execution]]
    _ask: Ask = field(init=False)
    _room: dict[tuple[int, Key | None, Key], int] = field(default_factory=dict)
    _sound: dict[tuple[str, Key], bool] = field(default_factory=dict)
    _opened: list[OpenReservation] = field(default_factory=list)
    _moved: list[Movement] = field(default_factory=list)
    _refusals: list[Problem] = field(default_factory=list)
    _warnings: list[Problem] = field(default_factory=list)
    _left: list[Problem] = field(default_factory=list)

    def run(self, ask: Ask) -> Verdict:
        """The reservations and movements of all picks, or every line that is short."""
        self._ask = ask
        offered = self._locked([self._offered(pick) for pick in self.effect.picks])
        for pick, candidates in zip(self.effect.picks, offered, strict=True):
            self._pick(pick, candidates)
        if self._left and not self._opened:  # no line at all could be had in full
            self._refusals += self._left
        if self._refusals:
            return Verdict(refusals=tuple(self._refusals))
        whole = replace(self.effect, movements=(*self.effect.movements, *self._moved), picks=())
        opened = [e for made in self._opened for e in self.open(made)]
        return Verdict(warnings=tuple(self._warnings), then=[*opened, *self.post(whole)])

    # candidates

    def _offered(self, pick: Pick) -> list[Candidate]:
        width = len(self.source.register.dimensions)
        asked = self.source.picks.candidates(
            pick.posting, self._rule(pick).pick or PickRule("named"), pick.given, self.dialect, self.stamp
        )
        full = range(width)
        return [
            Candidate(
                decoded_key(self.source.register, row[:width], full, self.dialect),
                tuple(map(int, row[width:-1])),
                int(row[-1]),
            )
            for row in self._ask(asked)
        ]

    def _locked(self, offered: Sequence[Sequence[Candidate]]) -> Sequence[Sequence[Candidate]]:
        """The candidates as they are once nobody else can change them, nor the coarser balances that limit them."""
        if self.dialect == "sqlite":  # all writing is locked
            return offered
        keys = {c.key for some in offered for c in some}
        if not keys:
            return offered
        wanted = [*keys, *(m.key for m in self.effect.movements)]
        grains = {0, *(self._grain(c) for c in self.source.register.limits)}
        for grain in sorted(grains):
            of = self.source.register.grains[grain]
            self._ask(self.source.picks.locked(grain, list({tuple(k[at] for at in of) for k in wanted})))
        return [[c for c in self._offered(pick) if c.key in keys] for pick in self.effect.picks]

    def _grain(self, constraint: Constraint) -> int:
        return self.source.register.grains.index(constraint.of)

    def _rule(self, pick: Pick) -> PostingRule:
        own = (pick.posting, self.effect.form)
        return next(p for p in self.source.register.postings if (p.name, p.form) == own and p.pick is not None)

    # one line

    def _pick(self, pick: Pick, candidates: Sequence[Candidate]) -> None:
        rule = self._rule(pick)
        partial = rule.pick.partial if rule.pick is not None else "all"
        found: list[tuple[Candidate, int]] = []
        missing = pick.quantity
        for candidate in candidates:
            part = min(missing, self._capacity(candidate))
            if part > 0 and self._may_take(candidate.key):
                found.append((candidate, part))
                self._take(candidate.key, part)
                missing -= part
            if not missing:
                break
        if missing and partial == "lines":
            for candidate, part in found:
                self._take(candidate.key, -part)
        if missing:
            self._short(pick, partial, pick.quantity - missing)
        if not missing or (partial == "some" and found):
            for n, (candidate, part) in enumerate(found):
                self._reserve(pick, candidate.key, part, n)

    def _reserve(self, pick: Pick, key: Key, quantity: int, n: int) -> None:
        register, effect, made = self.source.register, self.effect, counted_up(pick.seed, n)
        assert register.reservation is not None
        at = register.measure_index(register.reservation)
        amounts = tuple(quantity if i == at else 0 for i in range(len(register.measures)))
        form, record, priority, ends = effect.form, effect.record, pick.priority, pick.expires_at
        self._opened.append(
            OpenReservation(register.name, made, form, record, pick.line, key, quantity, priority, ends)
        )
        movement = Movement(pick.posting, pick.line, pick.place, key, amounts, pick.effective, reservation=made)
        self._moved.append(movement)

    def _short(self, pick: Pick, partial: str, there: int) -> None:
        register = self.source.register
        limit = register.limits[0]
        key = {d.name: v for d, v in zip(register.dimensions, pick.given, strict=True) if v not in (None, d.nothing)}
        scale = register.scale_of(limit.factors)
        told = {n: write_decimal(from_scaled(v, scale)) for n, v in (("available", there), ("wanted", pick.quantity))}
        if partial == "some" and there:
            self._warnings.append(problems.picked_in_part(register, limit, key, told, pick.place))
        elif partial == "lines":
            self._warnings.append(problems.line_not_picked(register, limit, key, told, pick.place))
            self._left.append(problems.pick_short(register, limit, key, told, pick.place))
        else:
            self._refusals.append(problems.pick_short(register, limit, key, told, pick.place))

    # how much there is

    def _capacity(self, candidate: Candidate) -> int:
        """How much more can be reserved at a key: the least that any of the constraints leaves."""
        return min(
            room // per
            for n, limit in enumerate(self.source.register.limits)
            for per in (-limit.factors[self._reserved],)
            for room in self._rooms(n, limit, candidate)
        )

    @property
    def _reserved(self) -> int:
        assert self.source.register.reservation is not None
        return self.source.register.measure_index(self.source.register.reservation)

    def _rooms(self, n: int, limit: Constraint, candidate: Candidate) -> list[int]:
        """What a constraint leaves at a key by itself, and at its own coarser balance."""
        full = self.source.register.grains[0]
        own = (n, None, candidate.key)
        if own not in self._room:
            offset = limit.offset - limit.strict if limit.of == full else 0
            now = candidate.amounts, candidate.last
            self._room[own] = self._least(limit, (0, candidate.key), offset, now)
        if limit.of == full:
            return [self._room[own]]
        key = tuple(candidate.key[at] for at in limit.of)
        coarse = (n, key, ())
        if coarse not in self._room:
            grain = self._grain(limit)
            *amounts, last = self._ask(self.source.picks.balance(grain, key, self.dialect))[0]
            there = tuple(map(int, amounts)), int(last)
            self._room[coarse] = self._least(limit, (grain, key), limit.offset - limit.strict, there)
        return [self._room[own], self._room[coarse]]

    def _least(self, limit: Constraint, at: tuple[int, Key], offset: int, there: tuple[tuple[int, ...], int]) -> int:
        """A constraint's slack at a balance, at the worst moment from the posting on, without what the posting itself takes."""
        amounts, last = there
        grain, key = at
        of = self.source.register.grains[grain]
        least = weighed(limit.factors, amounts) + offset
        since = day_of(min(p.effective for p in self.effect.picks), self.stamp.moment.zone)
        if last > since:
            asked = self.source.keys.least((limit.factors, offset, of), key, since, self.dialect)
            least = int(self._ask(asked)[0][0])
        own = [m for m in self.effect.movements if tuple(m.key[i] for i in of) == key]
        return least + sum(min(weighed(limit.factors, m.amounts), 0) for m in own)

    def _take(self, key: Key, quantity: int) -> None:
        for n, limit in enumerate(self.source.register.limits):
            for where in ((n, None, key), (n, tuple(key[at] for at in limit.of), ())):
                if where in self._room:
                    self._room[where] += quantity * limit.factors[self._reserved]

    # guards

    def _may_take(self, key: Key) -> bool:
        """Is there no guard that forbids to take from a key?"""
        register = self.source.register
        counted = {self._reserved, *(i for c in register.limits for i, f in enumerate(c.factors) if f)}
        return all(self._holds(g, key) for g in register.guards if g.refuses and counted & set(g.measures))

    def _holds(self, guard: Guard, key: Key) -> bool:
        narrow = tuple(key[at] for at in guard.of)
        if (guard.name, narrow) not in self._sound:
            test = self.source.tests[guard.name].execution(narrow, self.dialect, self.stamp)
            self._sound[guard.name, narrow] = not self._ask(test)
        return self._sound[guard.name, narrow]


def counted_up(seed: UUID, n: int) -> UUID:
    """The id that comes `n` after another one, in the order of ids."""
    return UUID(int=(seed.int & ~_TAIL) | ((seed.int + n) & _TAIL))
