"""Where each movement of a posting takes its cost from, by its rule: given, found, from what other postings took, from what comes back, or a
value alone onto what was received. Pure; the value itself is found when the posting is written, under the lock of its pool.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from engine.facts import StoredMovement
from engine.ledger import Cost, CostShare, Movement
from engine.registers import problems
from engine.registers.costing import METHODS, Interval, Share, free, part
from engine.registers.definition import CostRule, PostingRule, Register, Valuation
from engine.registers.months import day_of
from engine.registers.row_values import Row, RowValues, dimension_value
from engine.values import from_scaled, write_decimal


@dataclass(slots=True)
class CostPlanner:
    """Gives the movements of one posting their costs. `movements` are those so far."""

    values: RowValues
    valuation: Valuation
    rules: dict[tuple[Any, ...], tuple[str, tuple[int, int] | None]] = field(default_factory=dict)
    back: dict[UUID, list[Interval]] = field(default_factory=dict)
    """What has come back of each movement, with what this posting takes back."""

    @property
    def register(self) -> Register:
        """The register that is posted to."""
        return self.values.register

    def costed(self, m: Movement, rule: PostingRule, row: Row, before: Sequence[Movement]) -> list[Movement]:
        """A movement with its cost (none with problems, several for a value onto several receipts)."""
        quantity, value = m.amounts[self.valuation.quantity], m.amounts[self.valuation.value]
        if m.sets != self.valuation.quantity and not quantity and not value:
            return [m]
        cost = self.basis(m.key, row[1])
        if cost is None:
            return []
        if rule.cost.onto is not None:
            return self._onto(m, cost, rule.cost, row)
        shares = self._shares(m, rule.cost, row, before)
        own = self._own(rule.cost, row)
        if shares is None or own is None:
            return []
        if m.sets is not None:
            cost = replace(cost, counted=True)
        elif shares or rule.cost.own is not None:
            cost = replace(cost, own=own, shares=shares)
        elif value or self._value_name in rule.add:
            cost = replace(cost, given=value)
        return [self._with(m, cost)]

    @property
    def _value_name(self) -> str:
        return self.register.measures[self.valuation.value].name

    def _with(self, m: Movement, cost: Cost) -> Movement:
        """With its cost, and no value yet: it is worked out when it is written."""
        amounts = tuple(0 if at == self.valuation.value else a for at, a in enumerate(m.amounts))
        return replace(m, amounts=amounts, entry=self.values.planning.ids.new(), cost=cost)

    def basis(self, key: tuple[Any, ...], place: str) -> Cost | None:
        """The pool of a key and how it is valued now; None with a problem."""
        wide = tuple(key[at] for at in self.valuation.of)
        if wide not in self.rules:
            found = self._rules(wide, place)
            if found is None:
                return None
            self.rules[wide] = found
        method, standard = self.rules[wide]
        return Cost(self._pool_of(key, method), method, standard)

    def _rules(self, wide: tuple[Any, ...], place: str) -> tuple[str, tuple[int, int] | None] | None:
        scope: dict[str, Any] = {}
        for at, value in zip(self.valuation.of, wide, strict=True):
            d = self.register.dimensions[at]
            known = None if value == d.nothing else value
            scope[d.name] = self.values.planning.reference(d.form, known) if d.form and known else known
        row: Row = (None, place, scope)
        method = "average"
        if self.valuation.method is not None:
            method = self.values.value(self.valuation.method, row, "method") or "average"
        if method not in METHODS:
            self.values.found.append(problems.method_unknown(self.register.label, str(method), place))
            return None
        if method != "standard":
            return method, None
        cost = self.values.value(self.valuation.standard, row, "standard") if self.valuation.standard else None
        if not isinstance(cost, Decimal) or cost < 0:
            self.values.found.append(problems.standard_missing(self.register.label, place))
            return None
        return method, self._unit_cost(cost)

    def _unit_cost(self, cost: Decimal) -> tuple[int, int]:
        """A cost per unit → (scaled value, scaled quantity), exactly."""
        numerator, denominator = cost.as_integer_ratio()
        value = 10 ** self.register.measures[self.valuation.value].scale
        return numerator * value, denominator * 10 ** self.register.measures[self.valuation.quantity].scale

    def _own(self, rule: CostRule, row: Row) -> int | None:
        return 0 if rule.own is None else self.values.amount(rule.own, row, "own", at=self._value_name)

    def _shares(
        self, m: Movement, rule: CostRule, row: Row, before: Sequence[Movement]
    ) -> tuple[CostShare, ...] | None:
        if rule.returned is not None:
            return self._returned(m, rule, row)
        sources = [o for o in before if o.posting in rule.postings and o.cost is not None and o.entry is not None]
        if not rule.along:
            return tuple(CostShare(o.entry, "value", 0, 1, 1) for o in sources if o.entry is not None)  # shared later
        made: list[CostShare] = []
        for o in sources:
            if o.line == row[0] and o.entry is not None:
                taken = -o.amounts[self.valuation.quantity]
                if taken != m.amounts[self.valuation.quantity]:
                    self.values.found.append(problems.quantities_differ(self.register.label, row[1]))
                    return None
                made.append(CostShare(o.entry, "along", 0, taken, taken))
        return tuple(made)

    def shared(self, movements: Sequence[Movement], weights: Sequence[int]) -> list[Movement]:
        """Movements that take their cost from the same others, each its part by weight, the last the rest."""
        whole, start, made = sum(weights), 0, list[Movement]()
        for m, weight in zip(movements, weights, strict=True):
            assert m.cost is not None
            parts = [replace(s, start=start, stop=start + weight, whole=whole) for s in m.cost.shares]
            made.append(replace(m, cost=replace(m.cost, shares=tuple(parts))))
            start += weight
        return made

    def _returned(self, m: Movement, rule: CostRule, row: Row) -> tuple[CostShare, ...] | None:
        """What comes back of what a record took at the same goods, the last taken first."""
        assert rule.returned is not None
        record = self.values.value(rule.returned, row, "returned")
        wanted = m.amounts[self.valuation.quantity]
        made: list[CostShare] = []
        rest = wanted
        for taken in reversed(self._taken(record, m) if record is not None else []):
            assert taken.entry is not None
            whole = -taken.amounts[self.valuation.quantity]
            for start, stop in free(self._back(taken.entry), whole):
                taking = min(rest, stop - start)
                if taking > 0:
                    made.append(CostShare(taken.entry, "back", start, start + taking, whole))
                    self._back(taken.entry).append((start, start + taking))
                    rest -= taking
        if rest > 0:
            self._too_much(wanted - rest, wanted, row[1])
            return None
        return tuple(made)

    def _too_much(self, available: int, wanted: int, place: str) -> None:
        scale = self.register.measures[self.valuation.quantity].scale
        told = [write_decimal(from_scaled(n, scale)) for n in (available, wanted)]
        self.values.found.append(problems.nothing_to_return(self.register.label, told[0], told[1], place))

    def _back(self, entry: UUID) -> list[Interval]:
        if entry not in self.back:
            self.back[entry] = list(self.values.planning.facts.ledger(self.register.name).returned(entry))
        return self.back[entry]

    def _taken(self, record: Any, m: Movement) -> list[StoredMovement]:
        """What a record took of the same goods (the first dimension of the pool, and the lot if there is one, agree) until the day of
        what comes back."""
        ledger = self.values.planning.facts.ledger(self.register.name)
        posted = ledger.movements(dimension_value(record, "reference"))
        undone, zone = {p.reverses for p in posted}, self.values.planning.moment.zone
        agree = [self.valuation.of[0], *([self.valuation.lot] if self.valuation.lot is not None else [])]
        return [
            p
            for p in posted
            if p.amounts[self.valuation.quantity] < 0
            and p.entry is not None
            and p.id not in undone
            and not self._is_counted(p)
            and day_of(p.effective, zone) <= day_of(m.effective, zone)
            and all(p.key[at] == m.key[at] for at in agree)
        ]

    def _is_counted(self, m: StoredMovement) -> bool:
        """Did a count find it? Such quantities change with what is found out later: nothing is given back of them."""
        return any(p.do == "set" and p.name == m.posting for p in self.register.postings)

    def _onto(self, m: Movement, cost: Cost, rule: CostRule, row: Row) -> list[Movement]:
        """A value alone, on the receipts of a record in the same pool, each by its quantity, the last the rest."""
        assert rule.onto is not None
        record = self.values.value(rule.onto, row, "onto")
        ledger = self.values.planning.facts.ledger(self.register.name)
        posted = ledger.movements(dimension_value(record, "reference")) if record is not None else ()
        undone = {p.reverses for p in posted}
        meant = [
            p
            for p in posted
            if p.amounts[self.valuation.quantity] > 0
            and p.entry is not None
            and p.reverses is None
            and p.id not in undone
            and not self._is_counted(p)
            and self._pool_of(p.key, cost.method) == cost.key
        ]
        if not meant:
            self.values.found.append(problems.nothing_received(self.register.label, row[1]))
            return []
        whole, value = sum(p.amounts[self.valuation.quantity] for p in meant), m.amounts[self.valuation.value]
        unit, made, start = self.register.measures[self.valuation.value].unit, list[Movement](), 0
        for p in meant:
            stop = start + p.amounts[self.valuation.quantity]
            given = part(value, Share("", "value", start, stop, whole), unit)
            late = replace(
                m, key=p.key, amounts=self._value_alone(given), effective=p.effective, corrects=p.entry, reason="late"
            )
            made.append(replace(late, entry=self.values.planning.ids.new(), cost=replace(cost, given=given)))
            start = stop
        return made

    def _pool_of(self, key: tuple[Any, ...], method: str) -> tuple[Any, ...]:
        return tuple(
            key[at] if at in self.valuation.of or method == "lot" else self.register.dimensions[at].nothing
            for at in self.valuation.pool
        )

    def _value_alone(self, value: int) -> tuple[int, ...]:
        return tuple(value if at == self.valuation.value else 0 for at in range(len(self.register.measures)))

    def reversed(self, opposite: Movement, m: StoredMovement, place: str) -> Movement | None:
        """The opposite of a movement at the original's cost: what went out comes back with its pieces, what came in leaves with its value.
        None with a problem when something of it has come back since."""
        cost = self.basis(m.key, place) if m.entry is not None or opposite.into is not None else None
        if opposite.into is not None and cost is not None:
            return self._with(opposite, cost)
        if m.entry is None or cost is None:
            return opposite
        quantity = m.amounts[self.valuation.quantity]
        if m.reason == "late":
            given = -m.amounts[self.valuation.value]
            cost = replace(cost, given=given)
            amounts = self._value_alone(given)
            return replace(
                opposite,
                amounts=amounts,
                entry=self.values.planning.ids.new(),
                cost=cost,
                corrects=m.corrects,
                reason="late",
            )
        if quantity < 0:
            gone = sum(stop - start for start, stop in self._back(m.entry))
            if gone:
                self._too_much(-quantity - gone, -quantity, place)
                return None
            share = CostShare(m.entry, "back", 0, -quantity, -quantity)
            return self._with(opposite, replace(cost, shares=(share,)))
        share = CostShare(m.entry, "value", 0, 1, 1)
        return self._with(opposite, replace(cost, shares=(share,), layers=((m.entry, quantity),)))


def planner_of(values: RowValues) -> CostPlanner | None:
    """The planner of a register's costs, if it is valued."""
    valuation = values.register.valuation
    return None if valuation is None else CostPlanner(values, valuation)
