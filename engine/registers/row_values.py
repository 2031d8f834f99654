"""What the expressions of a posting rule come to for one row: keys, scaled amounts, moments. What cannot be worked out is a problem at
its row, never zero and never "no".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from engine.actor import Actor
from engine.clock import IdSource, Moment, to_microseconds
from engine.facts import Facts
from engine.problems import Problem
from engine.registers import problems
from engine.registers.definition import PostingRule, Register
from engine.rules import Checked, Evaluation, is_true
from engine.values import Quantity, round_half_even, to_scaled

AMOUNT_MAX: Final = 10**18
"""Largest scaled amount of one movement; a balance has room for several of them."""
PRIORITY_MAX: Final = 1_000_000
"""Largest priority, and its opposite the lowest."""
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
    def reference(self, form: str, id: UUID) -> Any:
        """What expressions see of a record that something refers to."""
        ...


@dataclass(slots=True)
class RowValues:
    """Works out the parts of posting rules of one register; `found` are the problems."""

    register: Register
    planning: Planning
    found: list[Problem] = field(default_factory=list)

    def applies(self, rule: PostingRule, row: Row) -> bool:
        """Is the rule for this row? A condition that comes to null counts as not; one that cannot be worked out is a problem."""
        if rule.when is None:
            return True
        result = rule.when.evaluate(row[2], self.planning.moment)
        if result.warnings:
            self.failed("when", row[1], result)
        return is_true(result)

    def failed(self, part: str, place: str, result: Evaluation | None = None) -> None:
        """Note that a part came to nothing."""
        why = result.warnings[0] if result is not None and result.warnings and self.planning.actor.is_admin else None
        self.found.append(problems.posting_failed(self.register.label, part, place, why))

    def value(self, expression: Checked, row: Row, part: str) -> Any:
        """The value of a part of the rule, or None with a problem when it cannot be worked out."""
        result = expression.evaluate(row[2], self.planning.moment)
        if result.warnings:
            self.failed(part, row[1], result)
            return None
        return result.value.base if isinstance(result.value, Quantity) else result.value

    def needed(self, expression: Checked, row: Row, part: str, kind: type) -> Any:
        """The value of a part that must be of a `kind`, or None with a problem."""
        before = len(self.found)
        value = self.value(expression, row, part)
        if isinstance(value, kind):
            return value
        if len(self.found) == before:
            self.failed(part, row[1])
        return None

    def key(self, rule: PostingRule, row: Row) -> tuple[Any, ...] | None:
        """The key that a row posts at."""
        given: dict[str, Any] = {}
        for d in self.register.dimensions:
            if d.source is None:
                before = len(self.found)
                value = self.value(rule.at[d.name], row, d.name) if d.name in rule.at else None
                if value is None and not d.optional and len(self.found) == before:
                    self.failed(d.name, row[1])
                if len(self.found) > before:
                    return None
                given[d.name] = value
        return self._whole(given, row[1])

    def open_key(self, rule: PostingRule, row: Row) -> tuple[Any, ...] | None:
        """The key that a row picks at, None where it says nothing; or None with a problem. Where the row names the whole key, what it says
        nothing of is none."""
        assert rule.pick is not None
        if rule.pick.order == "named":
            return self.key(rule, row)
        given: dict[str, Any] = {}
        before = len(self.found)
        for at, d in enumerate(self.register.dimensions):
            if d.source is None:
                given[d.name] = self.value(rule.at[d.name], row, d.name) if d.name in rule.at else None
                if at == 0 and given[d.name] is None and len(self.found) == before:
                    self.failed(d.name, row[1])  # what is reserved is never left open
        if len(self.found) > before:
            return None
        for d in self.register.dimensions:
            if d.source is not None:
                known = _known(d.source, given)
                given[d.name] = self.value(d.source, (None, row[1], given), d.name) if known else None
        kinds = [(given[d.name], d.kind) for d in self.register.dimensions]
        return tuple(None if value is None else dimension_value(value, kind) for value, kind in kinds)

    def priority(self, rule: PostingRule, row: Row) -> int:
        """The priority of a reservation, a whole number; 0 where the rule says nothing."""
        value = None if rule.priority is None else self.needed(rule.priority, row, "priority", Decimal)
        whole = 0 if value is None else int(round_half_even(value, 0))
        if abs(whole) > PRIORITY_MAX:
            self.failed("priority", row[1])
            return 0
        return whole

    def expires(self, rule: PostingRule, row: Row) -> int | None:
        """When a reservation ends, in microseconds since 1970 UTC: at an instant, or when a day is over; None for never."""
        value = None if rule.expires is None else self.value(rule.expires, row, "expires")
        if value is None:
            return None
        if not isinstance(value, date):
            self.failed("expires", row[1])
            return None
        if not isinstance(value, datetime):
            value = datetime.combine(value + timedelta(days=1), time(), tzinfo=ZoneInfo(self.planning.moment.zone))
        return to_microseconds(value)

    def _whole(self, given: dict[str, Any], place: str) -> tuple[Any, ...] | None:
        """The key with the dimensions that are found from the given ones."""
        key: list[Any] = []
        for d in self.register.dimensions:
            if d.source is not None:
                value = self.value(d.source, (None, place, given), d.name) if _known(d.source, given) else None
                if value is None and not d.optional:
                    self.failed(d.name, place)
                    return None
            else:
                value = given[d.name]
            key.append(d.nothing if value is None else dimension_value(value, d.kind))
        return tuple(key)

    def amounts(self, parts: Mapping[str, Checked], row: Row) -> tuple[int, ...] | None:
        """Scaled amounts in the register's order of measures; those that no part gives are zero."""
        amounts: list[int] = []
        for m in self.register.measures:
            amount = self.amount(parts[m.name], row, m.name, at=m.name) if m.name in parts else 0
            if amount is None:
                return None
            amounts.append(amount)
        return tuple(amounts)

    def amount(self, expression: Checked, row: Row, part: str, *, at: str) -> int | None:
        """A number rounded to the decimals of the measure `at` and scaled, or None with a problem."""
        measure = self.register.measures[self.register.measure_index(at)]
        value = self.needed(expression, row, part, Decimal)
        if value is None:
            return None
        whole = to_scaled(round_half_even(value, measure.decimals), measure.scale)
        if whole is None or abs(whole) > AMOUNT_MAX:
            self.found.append(problems.quantity_too_large(self.register.label, row[1]))
            return None
        return whole

    def positive(self, expression: Checked, row: Row, *, at: str) -> int | None:
        """A quantity of the measure `at` that must be above zero."""
        quantity = self.amount(expression, row, "quantity", at=at)
        if quantity is not None and quantity <= 0:
            self.found.append(problems.quantity_not_positive(self.register.label, row[1]))
            return None
        return quantity

    def demand(self, rule: PostingRule, row: Row) -> UUID | None:
        """The record that a row delivers on, or None with a problem."""
        assert rule.demand is not None
        before = len(self.found)
        value = self.value(rule.demand, row, "demand")
        if value is None:
            if len(self.found) == before:
                self.failed("demand", row[1])
            return None
        found: UUID = dimension_value(value, "reference")
        return found

    def effective(self, rule: PostingRule, row: Row) -> int | None:
        """When the movements of a row take effect, in microseconds since 1970 UTC."""
        if rule.effective is None:
            return self.planning.moment.microseconds
        value = self.needed(rule.effective, row, "effective", date)
        return None if value is None else to_microseconds(instant_of(value, self.planning.moment))


def dimension_value(value: Any, kind: str) -> Any:
    """The value of a dimension as movements hold it: the id of a reference, anything else itself."""
    if kind != "reference":
        return value
    if isinstance(value, Mapping):
        value = value["id"]
    return value if isinstance(value, UUID) else UUID(str(value))


def instant_of(value: date, moment: Moment) -> datetime:
    """The instant of a business date. Today is now, so that a day's records keep their order; any other day is its last microsecond, so
    that what was entered late comes after all that was entered on that day."""
    if isinstance(value, datetime):
        return value
    if value == moment.today:
        return moment.instant
    midnight = datetime.combine(value + timedelta(days=1), time(), tzinfo=ZoneInfo(moment.zone))
    return midnight - timedelta(microseconds=1)


def _known(source: Checked, given: Mapping[str, Any]) -> bool:
    """Do all dimensions that a found one depends on have a value?"""
    return all(given.get(path[0]) is not None for path in source.reads)
