"""A record's rows → movements, reservations and planned movements, by the posting rules of an event. Pure: what it needs to know comes
through Facts.

move     each row adds its measures at its key
set      each row says what balance was found (a count); the difference is worked out when it is written
reserve  each row opens a pending reservation of `quantity` at its key and adds it to the reserved measure; with `pick`, at the keys that
         are found for it (picking.py)
settle   each row takes `quantity` off the reservations of the `demand` record (oldest first, where the key agrees) and adds its measures
void     what the record still holds pending is given back
plan     each row expects `quantity` (signed) at its key on the day `due`; what the record had planned before is withdrawn
fulfil   each row takes `quantity` off what the `demand` record has planned (earliest first, where the key agrees), at most what is open
unplan   what is still open of the record's planned movements is withdrawn
reverse  the opposite of everything the record has posted in this register; what it fulfilled is open again
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import UUID

from engine.effects import Effect
from engine.facts import StoredMovement, StoredReservation
from engine.ledger import Enqueue, Movement, OpenReservation, Pick, PostMovements, SettleReservation
from engine.problems import Problem, Problems
from engine.registers import problems
from engine.registers.cost_planning import CostPlanner, planner_of
from engine.registers.definition import PostingRule, Register
from engine.registers.planned import PlannedRows
from engine.registers.row_values import Planning, Row, RowValues
from engine.values import from_scaled, write_decimal

Rows = Callable[[str | None], Sequence[Row]]
"""The rows of a sub-table of the record, or of its header."""


@dataclass(frozen=True, slots=True)
class Event:
    """What happened: to which record of which form. Of a record that is new nothing has been written yet."""

    form: str
    name: str
    record: UUID
    is_new: bool = False


def plan_postings(
    registers: Mapping[str, Register], event: Event, rows: Rows, planning: Planning
) -> tuple[Effect, ...] | Problems:
    """The effects of all posting rules for the event, one PostMovements a register, or every problem of every row."""
    effects: list[Effect] = []
    found: list[Problem] = []
    for register in sorted(registers.values(), key=lambda r: r.name):
        rules = register.postings_of(event.form, event.name)
        if rules:
            poster = _Poster(register, event, planning, RowValues(register, planning))
            for rule in rules:
                poster.post(rule, rows)
            effects += poster.effects()
            found += poster.values.found
    return Problems(tuple(found)) if found else tuple(effects)


@dataclass(slots=True)
class _Poster:
    register: Register
    event: Event
    planning: Planning
    values: RowValues
    movements: list[Movement] = field(default_factory=list)
    picks: list[Pick] = field(default_factory=list)
    others: list[Effect] = field(default_factory=list)
    taken: dict[UUID, int] = field(default_factory=dict)
    seen: int | None = None
    planned: PlannedRows = field(init=False)
    costs: CostPlanner | None = field(init=False)

    def __post_init__(self) -> None:
        self.costs = planner_of(self.values)
        self.planned = PlannedRows(self.values, self.event.form, self.event.record)

    def effects(self) -> list[Effect]:
        """Reservations and planned movements, then one posting."""
        others = [*self.others, *self.planned.effects]
        if not self.movements and not self.picks:
            return others
        name, recost = self.register.name, None
        if self.costs is not None:
            recost = Enqueue(self.planning.ids.new(), "recost", {"register": name})
        made = PostMovements(name, self.event.form, self.event.record, tuple(self.movements), recost=recost)
        return [*others, replace(made, seen=self.seen, picks=tuple(self.picks))]

    def post(self, rule: PostingRule, rows: Rows) -> None:
        """Apply one rule."""
        if rule.do == "plan" and not self.event.is_new:
            self.planned.withdraw()
        whole = _WHOLE.get(rule.do)
        if whole is not None:
            whole(self, rule)
            return
        start, weights = len(self.movements), list[int]()
        for row in rows(rule.rows):
            if self.values.applies(rule, row):
                self._row(rule, row)
                if rule.cost.weight is not None and len(self.movements) > start + len(weights):
                    weights.append(self._weight(rule, row))
        if self.costs is not None and rule.cost.postings and not rule.cost.along:
            self._share(start, weights)

    def _weight(self, rule: PostingRule, row: Row) -> int:
        """What a row weighs among those that share a cost."""
        assert rule.cost.weight is not None
        assert self.register.valuation is not None
        quantity = self.register.measures[self.register.valuation.quantity].name
        return self.values.positive(rule.cost.weight, row, at=quantity) or 1

    def _share(self, start: int, weights: Sequence[int]) -> None:
        """The rows of a posting take their cost from the same others: by weight, or else by quantity."""
        assert self.costs is not None
        assert self.register.valuation is not None
        made = self.movements[start:]
        by = list(weights) or [m.amounts[self.register.valuation.quantity] for m in made]
        if all(m.cost is not None for m in made) and sum(by) > 0:
            self.movements[start:] = self.costs.shared(made, by)

    def _row(self, rule: PostingRule, row: Row) -> None:
        if rule.pick is not None:
            self._pick(rule, row)
            return
        key, effective = self.values.key(rule, row), self.values.effective(rule, row)
        if key is None or effective is None:
            return
        if rule.do == "plan":
            self.planned.plan(rule, row, key)
        elif rule.do == "fulfil":
            self.planned.fulfil(rule, row, key)
        elif rule.do == "reserve":
            self._reserve(rule, row, key, effective)
        elif rule.do == "set":
            self._set(rule, row, key, effective)
        elif rule.do != "settle" or self._settle(rule, row, key, effective):
            amounts = self.values.amounts(rule.add, row)
            if amounts is not None and (any(amounts) or rule.cost.onto is not None):
                self._move(Movement(rule.name, row[0], row[1], key, amounts, effective), rule, row)

    def _move(self, m: Movement, rule: PostingRule, row: Row) -> None:
        """Append a movement, with its cost where the register is valued."""
        self.movements += [m] if self.costs is None else self.costs.costed(m, rule, row, self.movements)

    def _set(self, rule: PostingRule, row: Row, key: tuple[Any, ...], effective: int) -> None:
        name = next(iter(rule.to))
        at = self.register.measure_index(name)
        amounts = self.values.amounts(rule.to, row)
        if amounts is None:
            return
        if any(m.sets == at and m.key == key for m in self.movements):
            self.values.found.append(problems.counted_twice(self.register.label, row[1]))
        self._move(Movement(rule.name, row[0], row[1], key, amounts, effective, sets=at), rule, row)

    # reservations

    @property
    def _reserved(self) -> int:
        assert self.register.reservation is not None
        return self.register.measure_index(self.register.reservation)

    def _reserved_movement(
        self, rule: PostingRule, row: Row, reservation: tuple[UUID, tuple[Any, ...]], amount: int, effective: int
    ) -> Movement:
        amounts = tuple(amount if at == self._reserved else 0 for at in range(len(self.register.measures)))
        return Movement(rule.name, row[0], row[1], reservation[1], amounts, effective, reservation=reservation[0])

    def _quantity(self, rule: PostingRule, row: Row) -> int | None:
        assert rule.quantity is not None
        assert self.register.reservation is not None
        return self.values.positive(rule.quantity, row, at=self.register.reservation)

    def _reserve(self, rule: PostingRule, row: Row, key: tuple[Any, ...], effective: int) -> None:
        quantity = self._quantity(rule, row)
        priority, expires = self.values.priority(rule, row), self.values.expires(rule, row)
        if quantity is None:
            return
        made, event = self.planning.ids.new(), self.event
        self.others.append(
            OpenReservation(
                self.register.name, made, event.form, event.record, row[0], key, quantity, priority, expires
            )
        )
        self.movements.append(self._reserved_movement(rule, row, (made, key), quantity, effective))

    def _pick(self, rule: PostingRule, row: Row) -> None:
        given, effective = self.values.open_key(rule, row), self.values.effective(rule, row)
        quantity = self._quantity(rule, row)
        priority, expires = self.values.priority(rule, row), self.values.expires(rule, row)
        if given is not None and effective is not None and quantity is not None:
            seed = self.planning.ids.new()
            self.picks.append(Pick(rule.name, row[0], row[1], given, quantity, effective, seed, priority, expires))

    def _settle(self, rule: PostingRule, row: Row, key: tuple[Any, ...], effective: int) -> bool:
        quantity = self._quantity(rule, row)
        demand = self.values.demand(rule, row)
        if quantity is None or demand is None:
            return False
        pending = [
            r for r in self.planning.facts.ledger(self.register.name).reservations(demand) if self._agrees(r, key)
        ]
        open_ = sum(r.open - self.taken.get(r.id, 0) for r in pending)
        if open_ < quantity:
            scale = self.register.measures[self._reserved].scale
            requested, there = (write_decimal(from_scaled(n, scale)) for n in (quantity, open_))
            self.values.found.append(problems.reservation_exceeded(self.register.label, requested, there, row[1]))
            return False
        for r in pending:
            part = min(quantity, r.open - self.taken.get(r.id, 0))
            if part > 0:
                quantity -= part
                self.taken[r.id] = self.taken.get(r.id, 0) + part
                self.others.append(SettleReservation(self.register.name, r.id, posted=part))
                self.movements.append(self._reserved_movement(rule, row, (r.id, r.key), -part, effective))
        return True

    def _agrees(self, reservation: StoredReservation, key: tuple[Any, ...]) -> bool:
        return all(
            held in (d.nothing, wanted)
            for d, held, wanted in zip(self.register.dimensions, reservation.key, key, strict=True)
        )

    def void(self, rule: PostingRule) -> None:
        """Give back what the record still holds."""
        now = self.planning.moment.microseconds
        for r in self.planning.facts.ledger(self.register.name).reservations(self.event.record):
            self.others.append(SettleReservation(self.register.name, r.id, voided=r.open))
            self.movements.append(self._reserved_movement(rule, (r.line, "", {}), (r.id, r.key), -r.open, now))

    # reversal

    def reverse(self, rule: PostingRule) -> None:
        """The opposite of what the record has posted and not reversed yet."""
        posted = self.planning.facts.ledger(self.register.name).movements(self.event.record)
        self.seen = max((m.id for m in posted), default=None)
        reversed_ = {m.reverses for m in posted}
        own = [m for m in posted if m.corrects is None or m.reason == "late"]  # the rest follows from these
        rest = [m for m in own if m.reverses is None and m.id not in reversed_]
        given_back = self.planned.give_back()
        if not rest and not given_back:
            self.values.found.append(problems.nothing_to_reverse(self.register.label))
        taken: dict[UUID, int] = {}
        counts = {(m.line, m.key): m for m in posted if m.is_count}
        for m in reversed(rest) if self.costs is not None else rest:
            opposite = self._opposite(rule, m, counts.get((m.line, m.key)))
            costed = opposite if self.costs is None else self.costs.reversed(opposite, m, "")
            self.movements += [costed] if costed is not None else []
            if m.reservation is not None:
                taken[m.reservation] = taken.get(m.reservation, 0) + m.amounts[self._reserved]
        self._is_open(taken)
        # what a record held and gave away again comes to nothing
        self.others += [SettleReservation(self.register.name, id, posted=n) for id, n in taken.items() if n]

    def _is_open(self, taken: Mapping[UUID, int]) -> None:
        """What a record has reserved can be taken back as long as nothing of it was delivered or given free."""
        if not any(n > 0 for n in taken.values()):
            return
        pending = self.planning.facts.ledger(self.register.name).reservations(self.event.record)
        open_ = {r.id: r.open for r in pending}
        scale = self.register.measures[self._reserved].scale
        for id, n in taken.items():
            if n > open_.get(id, 0):
                requested, there = (write_decimal(from_scaled(a, scale)) for a in (n, open_.get(id, 0)))
                self.values.found.append(problems.reservation_used(self.register.label, requested, there))

    def _opposite(self, rule: PostingRule, m: StoredMovement, count: StoredMovement | None) -> Movement:
        """A count that is undone never was: its counter-movement takes effect when it did."""
        is_counted = any(p.do == "set" and p.name == m.posting for p in self.register.postings)
        keeps_time = rule.keeps_time or is_counted
        effective = m.effective if keeps_time else max(m.effective, self.planning.moment.microseconds)
        amounts = tuple(-a for a in m.amounts)
        made = Movement(rule.name, m.line, "", m.key, amounts, effective, m.id, m.reservation)
        if not is_counted or count is None:
            return made
        is_part = m.entry is None or m.is_count  # what was booked as a movement of its own goes as one
        return replace(made, within=count.id, into=count.entry if is_part else None)

    def unplan(self, rule: PostingRule) -> None:
        """Withdraw what is open of the record's planned movements."""
        self.planned.withdraw()


_WHOLE: Final[Mapping[str, Callable[[_Poster, PostingRule], None]]] = {
    "void": _Poster.void,
    "unplan": _Poster.unplan,
    "reverse": _Poster.reverse,
}
"""What is done once for the record, not for each row."""
