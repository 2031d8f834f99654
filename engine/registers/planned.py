"""Planned movements of a record: what is expected when, and what comes off it. Pure: what is planned so far comes through Facts."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from engine.effects import Effect
from engine.ledger import ForgetFulfilment, Fulfilment, FulfilPlanned, PlanMovement, SettlePlanned
from engine.registers.definition import PostingRule
from engine.registers.row_values import Row, RowValues


@dataclass(slots=True)
class PlannedRows:
    """The planned movements that one posting changes. `taken` is what it has taken off each so far."""

    values: RowValues
    form: str
    record: UUID
    made: list[Effect] = field(default_factory=list)
    wants: list[Fulfilment] = field(default_factory=list)
    """What is to be taken off the planned movements of demand records."""

    @property
    def effects(self) -> list[Effect]:
        """What is taken off planned movements, then what is new."""
        taken = [FulfilPlanned(self.values.register.name, tuple(self.wants))] if self.wants else []
        return [*taken, *self.made]

    def plan(self, rule: PostingRule, row: Row, key: tuple[Any, ...]) -> None:
        """Expect a quantity on a day. Nothing is planned for a quantity of zero."""
        values = self.values
        assert rule.quantity is not None
        assert rule.due is not None
        assert values.register.planned is not None
        quantity = values.amount(rule.quantity, row, "quantity", at=values.register.planned)
        due = values.needed(rule.due, row, "due", date)
        if quantity and due is not None:
            made, on = values.planning.ids.new(), _day(due, values.planning.moment.zone)
            self.made.append(
                PlanMovement(values.register.name, made, self.form, self.record, row[0], rule.name, key, on, quantity)
            )

    def fulfil(self, rule: PostingRule, row: Row, key: tuple[Any, ...]) -> None:
        """Take a quantity off what the demand record has planned at this key, earliest first, at most what is open when it is written: many
        may take off the same."""
        values = self.values
        assert rule.quantity is not None
        assert values.register.planned is not None
        quantity = values.positive(rule.quantity, row, at=values.register.planned)
        demand = values.demand(rule, row)
        if quantity and demand is not None:
            of, seed = (self.form, self.record), values.planning.ids.new()
            self.wants.append(Fulfilment(of, demand, rule.name, row[0], key, quantity, seed))

    def withdraw(self) -> None:
        """Take back all that is open of what the record has planned."""
        register = self.values.register.name
        self.made += [
            SettlePlanned(register, p.id) for p in self.values.planning.facts.ledger(register).planned(self.record)
        ]

    def give_back(self) -> bool:
        """Open again what the record had taken off planned movements; false when there is nothing."""
        register, facts = self.values.register.name, self.values.planning.facts
        entries = facts.ledger(register).fulfilments(self.record)
        for entry, planned in entries:
            self.made += [ForgetFulfilment(register, entry.id), SettlePlanned(register, planned.id, entry.quantity)]
        return bool(entries)


def _day(value: date, zone: str) -> date:
    """The business date of a day or an instant."""
    return value.astimezone(ZoneInfo(zone)).date() if isinstance(value, datetime) else value
