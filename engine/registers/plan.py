"""A record's rows → movements and reservations, by the posting rules of an event. Pure: what it needs to know comes through Facts.

move     each row adds its measures at its key
reserve  each row opens a pending reservation of `quantity` at its key and adds it to the reserved measure
settle   each row takes `quantity` off the reservations of the `demand` record (oldest first, where the key agrees) and adds its measures
void     what the record still holds pending is given back
reverse  the opposite of everything the record has posted in this register
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from engine.actor import Actor
from engine.clock import IdSource, Moment, to_microseconds
from engine.effects import Effect, Movement, OpenReservation, PostMovements, SettleReservation
from engine.facts import Facts, StoredReservation
from engine.problems import Problem, Problems
from engine.registers import problems
from engine.registers.definition import PostingRule, Register
from engine.rules import Checked, Evaluation, is_true
from engine.values import Quantity, from_scaled, round_half_even, to_scaled, write_decimal

AMOUNT_MAX: Final = 10**18
"""Largest scaled amount of one movement; a balance has room for several of them."""
Row = tuple[UUID | None, str, Mapping[str, Any]]
"""(line id, place, scope)."""


class Planning(Protocol):
    """What planning a posting needs."""

    @property
    def facts(self) -> Facts: ...
    @property
    def actor(self) -> Actor: ...
    @property
    def moment(self) -> Moment: ...
    @property
    def ids(self) -> IdSource: ...


@dataclass(frozen=True, slots=True)
class Event:
    """What happened: to which record of which form."""

    form: str
    name: str
    record: UUID


def plan_postings(
    registers: Mapping[str, Register], event: Event, rows: Callable[[str | None], Sequence[Row]], planning: Planning
) -> tuple[Effect, ...] | Problems:
    """The effects of all posting rules for the event, one PostMovements a register, or every problem of every row."""
    effects: list[Effect] = []
    found: list[Problem] = []
    for register in sorted(registers.values(), key=lambda r: r.name):
        rules = [p for p in register.postings if p.form == event.form and p.on == event.name]
        if rules:
            poster = _Poster(register, event, planning)
            for rule in rules:
                poster.post(rule, rows)
            effects += poster.effects()
            found += poster.found
    return Problems(tuple(found)) if found else tuple(effects)


@dataclass(slots=True)
class _Poster:
    register: Register
    event: Event
    planning: Planning
    movements: list[Movement] = field(default_factory=list)
    others: list[Effect] = field(default_factory=list)
    found: list[Problem] = field(default_factory=list)
    effective: int | None = None
    taken: dict[UUID, int] = field(default_factory=dict)

    def effects(self) -> list[Effect]:
        """Reservations, then one posting."""
        if not self.movements:
            return list(self.others)
        at = self.effective if self.effective is not None else self.planning.moment.microseconds
        return [
            *self.others,
            PostMovements(self.register.name, self.event.form, self.event.record, at, tuple(self.movements)),
        ]

    def post(self, rule: PostingRule, rows: Callable[[str | None], Sequence[Row]]) -> None:
        """Apply one rule."""
        if rule.do == "void":
            self._void(rule)
        elif rule.do == "reverse":
            self._reverse(rule)
        else:
            for row in rows(rule.rows):
                if self._applies(rule, row):
                    self._row(rule, row)

    def _applies(self, rule: PostingRule, row: Row) -> bool:
        """Is the rule for this row? A condition that comes to null counts as not; one that cannot be worked out is a problem."""
        if rule.when is None:
            return True
        result = rule.when.evaluate(row[2], self.planning.moment)
        if result.warnings:
            self._failed("when", row[1], result)
        return is_true(result)

    def _failed(self, part: str, place: str, result: Evaluation | None = None) -> None:
        why = result.warnings[0] if result is not None and result.warnings and self.planning.actor.is_admin else None
        self.found.append(problems.posting_failed(self.register.label, part, place, why))

    def _row(self, rule: PostingRule, row: Row) -> None:
        line, place, scope = row
        key = self._key(rule, scope, place)
        if key is None:
            return
        self._date(rule, scope, place)
        if rule.do == "reserve":
            self._reserve(rule, line, place, scope, key)
            return
        if rule.do == "settle" and not self._settle(rule, row, key):
            return
        amounts = self._amounts(rule, scope, place)
        if amounts is not None and any(amounts):
            self.movements.append(Movement(rule.name, line, place, key, amounts))

    def _key(self, rule: PostingRule, scope: Mapping[str, Any], place: str) -> tuple[Any, ...] | None:
        key: list[Any] = []
        for d in self.register.dimensions:
            before = len(self.found)
            value = self._value(rule.at[d.name], scope, d.name, place) if d.name in rule.at else None
            if value is None and not d.optional and len(self.found) == before:
                self._failed(d.name, place)
            if len(self.found) > before:
                return None
            key.append(d.nothing if value is None else _dimension_value(value, d.kind))
        return tuple(key)

    def _amounts(self, rule: PostingRule, scope: Mapping[str, Any], place: str) -> tuple[int, ...] | None:
        amounts: list[int] = []
        for m in self.register.measures:
            amount = self._amount(rule.add[m.name], scope, place, m.name, m.scale) if m.name in rule.add else 0
            if amount is None:
                return None
            amounts.append(amount)
        return tuple(amounts)

    def _amount(self, expression: Checked, scope: Mapping[str, Any], place: str, part: str, scale: int) -> int | None:
        before = len(self.found)
        value = self._value(expression, scope, part, place)
        if not isinstance(value, Decimal):
            if len(self.found) == before:
                self._failed(part, place)
            return None
        whole = to_scaled(round_half_even(value, scale), scale)
        if whole is None or abs(whole) > AMOUNT_MAX:
            self.found.append(problems.quantity_too_large(self.register.label, place))
            return None
        return whole

    def _value(self, expression: Checked, scope: Mapping[str, Any], part: str, place: str) -> Any:
        """The value of a part of the rule; what cannot be worked out is a problem."""
        result = expression.evaluate(scope, self.planning.moment)
        if result.warnings:
            self._failed(part, place, result)
            return None
        return result.value.base if isinstance(result.value, Quantity) else result.value

    def _date(self, rule: PostingRule, scope: Mapping[str, Any], place: str) -> None:
        if rule.effective is None:
            return
        before = len(self.found)
        value = self._value(rule.effective, scope, "effective", place)
        if not isinstance(value, date):
            if len(self.found) == before:
                self._failed("effective", place)
            return
        self.effective = to_microseconds(_instant(value, self.planning.moment))

    def _quantity(self, rule: PostingRule, scope: Mapping[str, Any], place: str) -> int | None:
        assert rule.quantity is not None
        scale = self.register.measures[self._reserved].scale
        quantity = self._amount(rule.quantity, scope, place, "quantity", scale)
        if quantity is not None and quantity <= 0:
            self.found.append(problems.quantity_not_positive(self.register.label, place))
            return None
        return quantity

    @property
    def _reserved(self) -> int:
        assert self.register.reservation is not None
        return self.register.measure_index(self.register.reservation)

    def _reserved_movement(
        self, rule: PostingRule, line: UUID | None, place: str, reservation: tuple[UUID, tuple[Any, ...]], amount: int
    ) -> Movement:
        amounts = tuple(amount if at == self._reserved else 0 for at in range(len(self.register.measures)))
        return Movement(rule.name, line, place, reservation[1], amounts, reservation=reservation[0])

    def _reserve(
        self, rule: PostingRule, line: UUID | None, place: str, scope: Mapping[str, Any], key: tuple[Any, ...]
    ) -> None:
        quantity = self._quantity(rule, scope, place)
        if quantity is None:
            return
        made = self.planning.ids.new()
        self.others.append(
            OpenReservation(self.register.name, made, self.event.form, self.event.record, line, key, quantity)
        )
        self.movements.append(self._reserved_movement(rule, line, place, (made, key), quantity))

    def _settle(self, rule: PostingRule, row: Row, key: tuple[Any, ...]) -> bool:
        line, place, scope = row
        quantity = self._quantity(rule, scope, place)
        assert rule.demand is not None
        before = len(self.found)
        demand = self._value(rule.demand, scope, "demand", place)
        if quantity is None or demand is None:
            if quantity is not None and len(self.found) == before:
                self._failed("demand", place)
            return False
        pending = [
            r
            for r in self.planning.facts.reservations(self.register.name, _dimension_value(demand, "reference"))
            if self._agrees(r, key)
        ]
        open_ = sum(r.open - self.taken.get(r.id, 0) for r in pending)
        if open_ < quantity:
            scale = self.register.measures[self._reserved].scale
            self.found.append(
                problems.reservation_exceeded(
                    self.register.label,
                    write_decimal(from_scaled(quantity, scale)),
                    write_decimal(from_scaled(open_, scale)),
                    place,
                )
            )
            return False
        for r in pending:
            part = min(quantity, r.open - self.taken.get(r.id, 0))
            if part > 0:
                quantity -= part
                self.taken[r.id] = self.taken.get(r.id, 0) + part
                self.others.append(SettleReservation(self.register.name, r.id, posted=part))
                self.movements.append(self._reserved_movement(rule, line, place, (r.id, r.key), -part))
        return True

    def _agrees(self, reservation: StoredReservation, key: tuple[Any, ...]) -> bool:
        return all(
            held in (d.nothing, wanted)
            for d, held, wanted in zip(self.register.dimensions, reservation.key, key, strict=True)
        )

    def _void(self, rule: PostingRule) -> None:
        for r in self.planning.facts.reservations(self.register.name, self.event.record):
            self.others.append(SettleReservation(self.register.name, r.id, voided=r.open))
            self.movements.append(self._reserved_movement(rule, r.line, "", (r.id, r.key), -r.open))

    def _reverse(self, rule: PostingRule) -> None:
        posted = self.planning.facts.movements(self.register.name, self.event.record)
        reversed_ = {m.reverses for m in posted}
        rest = [m for m in posted if m.reverses is None and m.id not in reversed_]
        if not rest:
            self.found.append(problems.nothing_to_reverse(self.register.label))
        for m in rest:
            self.movements.append(
                Movement(rule.name, m.line, "", m.key, tuple(-a for a in m.amounts), m.id, m.reservation)
            )
            if m.reservation is not None:
                self.others.append(
                    SettleReservation(self.register.name, m.reservation, posted=m.amounts[self._reserved])
                )


def _dimension_value(value: Any, kind: str) -> Any:
    if kind != "reference":
        return value
    if isinstance(value, Mapping):
        value = value["id"]
    return value if isinstance(value, UUID) else UUID(str(value))


def _instant(value: date, moment: Moment) -> datetime:
    """A date is the start of that business day; today is now, so that a day's documents keep their order."""
    if isinstance(value, datetime):
        return value
    if value == moment.today:
        return moment.instant
    return datetime(value.year, value.month, value.day, tzinfo=ZoneInfo(moment.zone))
