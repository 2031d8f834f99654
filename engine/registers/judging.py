"""What came back from a posting → problems that say what is missing where, at the line that wanted it; what must be asked next under the
same locks; and the messages that wait for a balance to pass a threshold.

A balance that has no later movements is judged as it is now. One that has them (the posting is backdated, or something is dated ahead) is
judged at every moment from the posting on, after the counts that follow have been brought back to what was counted.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Protocol
from uuid import uuid5

from engine.ledger import BalanceWatch, Cost, Enqueue, Movement, PostMovements
from engine.problems import Problem
from engine.registers import problems
from engine.registers.definition import Constraint, Guard, Register, weighed
from engine.registers.key_statements import KeyStatements
from engine.registers.months import day_of
from engine.rules.columns import Dialect, decode
from engine.statements import Execution, Inquiry, Stamp, Verdict
from engine.values import from_scaled, write_decimal

Key = tuple[Any, ...]
Grain = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Short:
    """A balance that breaks a constraint: `slack` after the posting and its `change`, in scaled units; `key` of the constraint's grain.
    `since` is the day (ordinal) of a later balance, None for the present one."""

    constraint: int
    key: Key
    slack: int
    change: int
    since: int | None = None


@dataclass(frozen=True, slots=True)
class Late:
    """A balance with movements on later days than the posting, which first changes it on the day `since`."""

    grain: int
    key: Key
    since: int


Balances = Mapping[tuple[Grain, Key], tuple[int, ...]]
"""(grain, key) → amounts after the posting."""


class KeyTest(Protocol):
    """Asks of one key of a grain whether a condition on what its dimensions refer to matters: a row comes back when it does."""

    def execution(self, key: Key, dialect: Dialect, stamp: Stamp) -> Execution: ...


@dataclass(frozen=True, slots=True)
class Asking:
    """What a register asks under the locks of a posting; `tests` by the name of the constraint."""

    statements: KeyStatements
    tests: Mapping[str, KeyTest]
    repost: Callable[[PostMovements], Sequence[Execution | Inquiry]]
    """Appends movements that no constraint judges: differences of counts."""


@dataclass(frozen=True, slots=True)
class PostingJudge:
    """Judges one posting."""

    register: Register
    effect: PostMovements
    stamp: Stamp
    dialect: Dialect
    asking: Asking
    differences: list[Movement] = field(default_factory=list)
    """What the posting changes in counts that come later."""

    def judge(self, grains: Iterable[int], shorts: Sequence[Short], lates: Sequence[Late], after: Balances) -> Verdict:
        """What the balances of `grains` say after the posting."""
        if not (shorts or lates or self.effect.watches or self.register.guards):
            return Verdict()
        late = {(x.grain, x.key) for x in lates}
        of = self.register.constraints
        now = [s for s in shorts if (self.register.grains.index(of[s.constraint].of), s.key) not in late]
        judged = self._judged(now)
        then = (*judged.then, *self._counted(lates), *self._later(lates), *self._guarded(grains))
        return replace(judged, messages=crossed(self.register, self.effect, after), then=then)

    # constraints

    def _judged(self, shorts: Sequence[Short]) -> Verdict:
        """One problem for each short balance, in the order of the lines; where a constraint has a condition, its key is asked first."""
        refusals: list[tuple[int, Problem]] = []
        warnings: list[tuple[int, Problem]] = []
        asked: list[Execution] = []
        for short in shorts:
            constraint = self.register.constraints[short.constraint]
            at, problem = self._problem(constraint, short)
            if constraint.when is not None:
                asked.append(self._asked(constraint, short.key, problem))
            else:
                (refusals if constraint.refuses else warnings).append((at, problem))
        return Verdict(
            tuple(p for _, p in sorted(refusals, key=_by_line)),
            tuple(p for _, p in sorted(warnings, key=_by_line)),
            then=asked,
        )

    def _asked(self, constraint: Constraint | Guard, key: Key, problem: Problem) -> Execution:
        """The problem is one if the key's test finds a row."""

        def verdict(rows: Sequence[Sequence[Any]]) -> Verdict:
            if not rows:
                return Verdict()
            return Verdict(refusals=(problem,)) if constraint.refuses else Verdict(warnings=(problem,))

        test = self.asking.tests[constraint.name].execution(key, self.dialect, self.stamp)
        return replace(test, judge=verdict)

    def _problem(self, constraint: Constraint, short: Short) -> tuple[int, Problem]:
        at, place = self._first_line(constraint, short.key)
        scale = self.register.scale_of(constraint.factors)
        told: dict[str, Any] = {
            "available": write_decimal(from_scaled(short.slack - short.change, scale)),
            "wanted": write_decimal(from_scaled(-short.change, scale)),
        }
        key = self.register.key_names(constraint.of, short.key)
        if short.since is None:
            return at, problems.constraint_broken(self.register, constraint, key, told, place)
        told |= {
            "date": date.fromordinal(short.since).isoformat(),
            "missing": write_decimal(from_scaled(-short.slack, scale)),
        }
        return at, problems.constraint_broken_later(self.register, constraint, key, told, place)

    def _first_line(self, constraint: Constraint, key: Key) -> tuple[int, str]:
        for at, m in enumerate(self._at(constraint.of, key)):
            if weighed(constraint.factors, m.amounts) < 0:
                return at, m.place
        return len(self.effect.movements), ""

    def _at(self, grain: Grain, key: Key) -> list[Movement]:
        return _at(self.effect.movements, grain, key)

    # later balances

    def _later(self, lates: Sequence[Late]) -> list[Inquiry]:
        """Asks about later balances once it is known what the posting changes in later counts."""
        return [Inquiry(lambda ask: Verdict(then=self._asked_later(lates)))] if lates else []

    def _asked_later(self, lates: Sequence[Late]) -> list[Execution]:
        """How low the later balances get, for each constraint that the posting makes worse at some moment."""
        asked: list[Execution] = []
        for late in lates:
            grain = self.register.grains[late.grain]
            for at, constraint in enumerate(self.register.constraints):
                change = self._worst(constraint, late.key) if constraint.of == grain else 0
                if change < 0:
                    lowest = self.asking.statements.lowest(at, late.key, late.since, self.dialect)
                    asked.append(replace(lowest, judge=self._lowest(at, late.key, change)))
        return asked

    def _worst(self, constraint: Constraint, key: Key) -> int:
        """By how much the posting, with what it changes in later counts, lowers the slack at the moment when it lowers it most."""
        worst = change = 0
        made = [*self._at(constraint.of, key), *_at(self.differences, constraint.of, key)]
        moved = sorted((self._place(m), weighed(constraint.factors, m.amounts)) for m in made)
        for at, (place, amount) in enumerate(moved):
            change += amount
            if at + 1 == len(moved) or moved[at + 1][0] != place:
                worst = min(worst, change)
        return worst

    def _day(self, m: Movement) -> int:
        return day_of(m.effective, self.stamp.moment.zone)

    def _place(self, m: Movement) -> tuple[int, int]:
        """Its day, and where in it: last, or where a count was."""
        return self._day(m), 2**62 if m.within is None else m.within

    def _lowest(self, constraint: int, key: Key, change: int) -> Callable[[Sequence[Sequence[Any]]], Verdict]:
        def verdict(rows: Sequence[Sequence[Any]]) -> Verdict:
            return self._judged([Short(constraint, key, int(slack), change, since) for since, slack in rows])

        return verdict

    # counts

    def _counted(self, lates: Sequence[Late]) -> list[Execution]:
        """Asks for the counts that come after the posting, at keys where there can be any."""
        if not self.register.counts:
            return []
        asked: list[Execution] = []
        for late in lates:
            if late.grain == 0:
                counts = self.asking.statements.counts_after(late.key, late.since, self.dialect)
                asked.append(replace(counts, judge=self._recounted(late.key)))
        return asked

    def _recounted(self, key: Key) -> Callable[[Sequence[Sequence[Any]]], Verdict]:
        """A count says what was there, whatever is found out later about the time before: the difference it booked changes by what is
        inserted before it."""

        def verdict(rows: Sequence[Sequence[Any]]) -> Verdict:
            changes: dict[int, list[int]] = {}
            for m in self._at(self.register.grains[0], key):
                for measure, amount in enumerate(m.amounts):
                    place = self._place(m)
                    first = next((n for n, r in enumerate(rows) if r[0] == measure and (r[1], r[2]) > place), None)
                    if amount and first is not None:
                        changes.setdefault(first, [0] * len(m.amounts))[measure] -= amount
            then: list[Execution | Inquiry] = []
            for n in sorted(changes):
                difference = self._difference(key, rows[n], tuple(changes[n]))
                self.differences.extend(difference.movements)
                then += self.asking.repost(difference)
            return Verdict(then=then)

        return verdict

    def _difference(self, key: Key, count: Sequence[Any], amounts: tuple[int, ...]) -> PostMovements:
        _, _, id, effective, form, record, line, posting, entry = count
        movement = Movement(posting, decode("id", line, self.dialect), "", key, amounts, effective, within=id)
        costed = next((m for m in self._at(self.register.grains[0], key) if m.cost is not None), None)
        seed = None if costed is None else costed.entry or costed.into
        if costed is not None and costed.cost is not None and seed is not None:  # the same goods: the same pool
            cost = Cost(costed.cost.key, costed.cost.method, costed.cost.standard, counted=True)
            into = decode("id", entry, self.dialect)
            movement = replace(movement, entry=uuid5(seed, str(id)), cost=cost, into=into)
        again = self.effect.recost and replace(self.effect.recost, id=uuid5(self.effect.recost.id, str(id)))
        made = PostMovements(self.register.name, form, decode("id", record, self.dialect), (movement,), recost=again)
        return replace(made, at_once=self.effect.at_once, open_from=self.effect.open_from)

    # guards

    def _guarded(self, grains: Iterable[int]) -> list[Execution]:
        """Asks every key whose guarded measures the posting changes. What is only given back is never held. A guard that no balance is kept
        for is judged with the last."""
        asked: list[Execution] = []
        last = len(self.register.grains) - 1
        for guard in self.register.guards:
            if (self.register.grains.index(guard.of) if guard.weighs else last) not in grains:
                continue
            touched = {
                tuple(m.key[at] for at in guard.of): m.place
                for m in reversed(self.effect.movements)
                if any(m.amounts[at] for at in guard.measures) and not self._gives_back(m)
            }
            for key in sorted(touched, key=str):
                names = self.register.key_names(guard.of, key)
                problem = problems.guard_broken(self.register, guard, names, touched[key])
                asked.append(self._asked(guard, key, problem))
        return asked

    def _gives_back(self, m: Movement) -> bool:
        """Does a movement do nothing but make a reservation smaller?"""
        if m.reservation is None or self.register.reservation is None:
            return False
        at = self.register.measure_index(self.register.reservation)
        return m.amounts[at] < 0 and not _other(m.amounts, at)


def _other(amounts: Sequence[int], at: int) -> bool:
    """Is anything moved but one measure?"""
    return any(a for i, a in enumerate(amounts) if i != at)


def _at(movements: Sequence[Movement], grain: Grain, key: Key) -> list[Movement]:
    """Those at a key of a grain."""
    return [m for m in movements if tuple(m.key[at] for at in grain) == key]


def crossed(register: Register, effect: PostMovements, after: Balances) -> tuple[Enqueue, ...]:
    """The messages of those watches whose balance this posting took past its threshold: once each time that happens."""
    messages: list[Enqueue] = []
    watched = {(w.grain, w.factors) for w in effect.watches}
    changes = {(grain, factors): changes_of(effect.movements, grain, factors) for grain, factors in watched}
    for watch in effect.watches:
        amounts = after.get((watch.grain, watch.key))
        if amounts is None:
            continue
        balance = weighed(watch.factors, amounts)
        before = balance - changes[watch.grain, watch.factors][watch.key]
        if _is_beyond(watch, balance) and not _is_beyond(watch, before):
            scale = register.scale_of(watch.factors)
            told = {
                name: write_decimal(from_scaled(n, scale)) for name, n in (("balance", balance), ("before", before))
            }
            messages.append(replace(watch.message, payload={**watch.message.payload, **told}))
    return tuple(messages)


def changes_of(movements: Sequence[Movement], grain: Sequence[int], factors: Sequence[int]) -> Mapping[Key, int]:
    """By how much movements change each balance of a grain: the sum of its measures times `factors`, by key."""
    changes: dict[Key, int] = {}
    for m in movements:
        key = tuple(m.key[at] for at in grain)
        changes[key] = changes.get(key, 0) + weighed(factors, m.amounts)
    return changes


def _is_beyond(watch: BalanceWatch, balance: int) -> bool:
    if balance == watch.threshold:
        return watch.inclusive
    return (balance < watch.threshold) == (watch.direction == "below")


def _by_line(item: tuple[int, Problem]) -> int:
    return item[0]


def asked_after(made: Sequence[Execution]) -> tuple[list[Execution], Inquiry]:
    """The statements, and what their verdicts ask for as one step to be taken later: a count that changes finds its pool as it is then."""
    later: list[Execution | Inquiry] = []

    def put_off(judge: Callable[[Sequence[Sequence[Any]]], Verdict]) -> Callable[[Sequence[Sequence[Any]]], Verdict]:
        def judged(rows: Sequence[Sequence[Any]]) -> Verdict:
            verdict = judge(rows)
            later.extend(verdict.then)
            return replace(verdict, then=())

        return judged

    put = [e if e.judge is None else replace(e, judge=put_off(e.judge)) for e in made]
    return put, Inquiry(lambda ask: Verdict(then=later))
