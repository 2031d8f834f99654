"""Netting as slowly and plainly as it can be said: dictionaries, days walked one by one, each policy in its own words. Nothing of the
engine's arithmetic is used."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from engine.replenishment import Inputs, Parameters

DAY = timedelta(days=1)


def back(day: date, lead: int, works_on: Callable[[date], bool]) -> date:
    """The working day `lead` working days before."""
    while lead:
        day -= DAY
        lead -= works_on(day)
    return day


class Reference:
    """Nets `inputs`; `orders` is what came of it: {key: {bucket: quantity}}."""

    def __init__(self, inputs: Inputs) -> None:
        self.inputs = inputs
        self.edges: dict[Any, list[Any]] = {}
        for edge in inputs.components:
            self.edges.setdefault(edge.parent, []).append(edge)
        self.last = self.bucket(inputs.today + DAY * (inputs.horizon_days - 1))
        self.moves: dict[Any, dict[int, int]] = {}
        for sign, flows in ((1, inputs.supplies), (-1, inputs.demands)):
            for flow in flows:
                if flow.day < inputs.today + DAY * inputs.horizon_days:
                    self.move(flow.key, self.bucket(flow.day), sign * flow.quantity)
        keys = dict.fromkeys([*inputs.asked, *inputs.on_hand, *(f.key for f in (*inputs.demands, *inputs.supplies))])
        self.parameters: dict[Any, Parameters] = {}
        for key in keys:
            self.meet(key)
        self.orders: dict[Any, dict[int, int]] = {}
        depth = {key: self.depth(key) for key in self.parameters}
        for key in sorted(self.parameters, key=depth.__getitem__):
            self.orders[key] = self.order(key, self.parameters[key])

    def meet(self, key: Any) -> None:
        if key not in self.parameters:
            self.parameters[key] = self.inputs.parameters(key)
            for below in self.below(key):
                self.meet(below)

    def below(self, key: Any) -> list[Any]:
        return [(e.component, *key[1:]) for e in self.edges.get(key[0], ())] if self.parameters[key].make else []

    def depth(self, key: Any) -> int:
        above = [k for k in self.parameters if key in self.below(k)]
        return 1 + max((self.depth(k) for k in above), default=-1)

    def bucket(self, day: date) -> int:
        today = self.inputs.today
        if day <= today:
            return 0
        if self.inputs.bucket == "day":
            return (day - today).days
        weeks = 0
        while today < day:
            today += DAY
            weeks += today.weekday() == 0
        return weeks

    def first(self, bucket: int) -> date:
        day = self.inputs.today
        while self.bucket(day) < bucket:
            day += DAY
        return day

    def move(self, key: Any, bucket: int, amount: int) -> None:
        row = self.moves.setdefault(key, {})
        row[bucket] = row.get(bucket, 0) + amount

    def order(self, key: Any, p: Parameters) -> dict[int, int]:
        made: dict[int, int] = {}
        moves = self.moves.get(key, {})
        left = self.inputs.on_hand.get(key, 0)
        for bucket in range(self.last + 1):
            left += moves.get(bucket, 0)
            amount = self.amount(p, left, [moves.get(b, 0) for b in range(bucket + 1, self.last + 1)])
            if amount:
                made[bucket] = amount
                left += amount
                self.explode(key, p, bucket, amount)
        return made

    def amount(self, p: Parameters, left: int, later: list[int]) -> int:
        wanted = 0
        if p.policy == "lot_for_lot" and left < p.safety:
            wanted = p.safety - left
        if p.policy == "fixed_lot" and left < p.safety:
            wanted = self.whole(max(p.safety - left, p.least), p.lot)
        if p.policy == "period" and left < p.safety:
            least = seen = left
            for change in later[: p.period - 1]:
                seen += change
                least = min(least, seen)
            wanted = p.safety - least
        if p.policy == "min_max" and left < max(p.minimum, p.safety):
            wanted = (p.maximum or 0) - left
        if p.policy == "reorder_point" and (left <= p.minimum or left < p.safety):
            above = p.minimum + 1 if p.minimum >= p.safety else p.safety
            wanted = self.whole(max(above - left, p.least), p.lot)
        if p.policy == "order_up_to" and left < (p.maximum or 0):
            wanted = (p.maximum or 0) - left
        if wanted == 0:
            return 0
        return self.whole(max(wanted, p.least), p.multiple)

    def whole(self, amount: int, size: int) -> int:
        return amount if size == 0 else size * (amount // size + (1 if amount % size else 0))

    def explode(self, key: Any, p: Parameters, bucket: int, amount: int) -> None:
        if not p.make:
            return
        due = self.first(bucket)
        while due > self.inputs.today and not self.inputs.works_on(due):
            due -= DAY
        start = self.bucket(back(due, p.lead, self.inputs.works_on))
        for edge in self.edges.get(key[0], ()):
            exact = amount * edge.quantity
            needed = int(exact) + (exact != int(exact))
            self.move((edge.component, *key[1:]), start, -needed)
