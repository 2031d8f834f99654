"""Planned movements of a record: what is expected when, and what comes off it. Pure: what is planned so far comes through Facts."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from engine.effects import Effect
from engine.facts import StoredPlanned
from engine.ledger import ForgetFulfilment, PlanMovement, SettlePlanned
from engine.registers.definition import PostingRule
from engine.registers.row_values import Row, RowValues


@dataclass(slots=True)
class PlannedRows:
    """The planned movements that one posting changes. `taken` is what it has taken off each so far."""

    values: RowValues
    form: str
    record: UUID
    made: list[Effect] = field(default_factory=list)
    settled: dict[UUID, tuple[StoredPlanned, int]] = field(default_factory=dict)

    @property
    def effects(self) -> list[Effect]:
        """One settlement for each planned movement that something comes off, then what is new."""
        register = self.values.register.name
        settled = [SettlePlanned(register, p.id, p.open, taken) for p, taken in self.settled.values() if taken]
        return [*settled, *self.made]

    def plan(self, rule: PostingRule, row: Row, key: tuple[Any, ...]) -> None:
        """Expect a quantity on a day. Nothing is planned for a quantity of zero."""
        values = self.values
        assert rule.quantity is not None
        assert rule.due is not None
        assert values.register.planned is not None
        quantity = values.amount(rule.quantity, row, "quantity", at=values.register.planned)
        due = values.needed(rule.due, row, "due", date)
        if quantity and due is not None:
            self._put(rule.name, row[0], (key, _day(due, values.planning.moment.zone)), quantity)

    def fulfil(self, rule: PostingRule, row: Row, key: tuple[Any, ...]) -> None:
        """Take a quantity off what the demand record has planned at this key, earliest first, at most what is open."""
        values = self.values
        assert rule.quantity is not None
        assert values.register.planned is not None
        quantity = values.positive(rule.quantity, row, at=values.register.planned)
        demand = values.demand(rule, row)
        if quantity is None or demand is None:
            return
        for planned in values.planning.facts.ledger(values.register.name).planned(demand):
            if not self._agrees(planned, key):
                continue
            sign = 1 if planned.quantity > 0 else -1
            part = min(quantity, abs(self._open(planned)))
            if part > 0:
                quantity -= part
                self._take(planned, sign * part)
                self._put(rule.name, row[0], (planned.key, planned.due), -sign * part, planned.id)

    def withdraw(self) -> None:
        """Take back all that is open of what the record has planned."""
        for planned in self.values.planning.facts.ledger(self.values.register.name).planned(self.record):
            self._take(planned, self._open(planned))

    def give_back(self) -> bool:
        """Open again what the record had taken off planned movements; false when there is nothing."""
        register, facts = self.values.register.name, self.values.planning.facts
        entries = facts.ledger(register).fulfilments(self.record)
        for entry, planned in entries:
            self.made.append(ForgetFulfilment(register, entry.id))
            self._take(planned, entry.quantity)
        return bool(entries)

    def _open(self, planned: StoredPlanned) -> int:
        return planned.open - self.settled.get(planned.id, (planned, 0))[1]

    def _take(self, planned: StoredPlanned, amount: int) -> None:
        self.settled[planned.id] = planned, self.settled.get(planned.id, (planned, 0))[1] + amount

    def _put(
        self,
        posting: str,
        line: UUID | None,
        where: tuple[tuple[Any, ...], date],
        quantity: int,
        fulfils: UUID | None = None,
    ) -> None:
        key, due = where
        register, made = self.values.register.name, self.values.planning.ids.new()
        self.made.append(
            PlanMovement(register, made, self.form, self.record, line, posting, key, due, quantity, fulfils)
        )

    def _agrees(self, planned: StoredPlanned, key: tuple[Any, ...]) -> bool:
        return all(
            held in (d.nothing, wanted)
            for d, held, wanted in zip(self.values.register.dimensions, planned.key, key, strict=True)
        )


def _day(value: date, zone: str) -> date:
    """The business date of a day or an instant."""
    return value.astimezone(ZoneInfo(zone)).date() if isinstance(value, datetime) else value
