"""A run of a planner: what is there and what is expected by date → suggestions, rows by key and bucket, alerts. Pure; what-if is a run with
other inputs.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import Any, Final, Literal, NamedTuple

from engine.replenishment.definition import BY_LEVEL, NOT_PLANNED, Key, Parameters
from engine.replenishment.netting import CELLS_MAX, Ask, Circle, Lotting, Netted, Netting, Parts, net
from engine.replenishment.timeline import Timeline

KEYS_MAX: Final = 200_000
"""Most keys of one run."""


class Flow(NamedTuple):
    """An expected supply or demand: so much (above zero, scaled) of a key on a day. `origin` says whose it is, for showing and for leaving
    out what the planner's own suggestions expect."""

    key: Key
    day: date
    quantity: int
    origin: Any = None


Flows = Mapping[Key, tuple[tuple[Flow, ...], tuple[Flow, ...]]]
"""Supplies and demands of keys within the horizon, in order of days."""
Find = Callable[["Keys", Flows], Collection[Any]]


class Component(NamedTuple):
    """One of the item `parent` is made of so much (exactly) of the item `component`."""

    parent: Any
    component: Any
    quantity: Fraction


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a run starts from. `parameters` is asked once for each key; `components` are what items (the first parts of keys) consist of, made and
    bought alike; `works_on` is the site's calendar."""

    today: date
    on_hand: Mapping[Key, int]
    demands: Sequence[Flow]
    supplies: Sequence[Flow]
    parameters: Callable[[Key], Parameters]
    components: Sequence[Component]
    works_on: Callable[[date], bool]
    horizon_days: int
    bucket: Literal["day", "week"]
    asked: Sequence[Key] = ()
    """Keys that are looked at though nothing is there of them and nothing expected: those with a level to be kept."""


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What is tried: further demands and supplies, and other parameters of some keys. Nothing of it is kept."""

    demands: Sequence[Flow] = ()
    supplies: Sequence[Flow] = ()
    parameters: Mapping[Key, Parameters] = field(default_factory=dict)


class Suggestion(NamedTuple):
    """What should be ordered: `quantity` (scaled) of `key`, `kind` "buy" from `source` or "make", to be there on `due` and so begun on
    `start`. It is netted in `bucket`; `needed` is when it should be there, and `late` says that it cannot be any more: then it starts
    as soon as it can."""

    key: Key
    bucket: int
    quantity: int
    needed: date
    start: date
    due: date
    late: bool
    kind: Literal["buy", "make"]
    source: Any


@dataclass(frozen=True, slots=True)
class Alert:
    """What a planner should look at: "over_maximum" (more than `quantity` too much, from `day` on), "late" (a suggestion that comes too
    late) or "short" (a key that nobody plans runs out on `day`, and by `quantity` at most)."""

    kind: Literal["over_maximum", "late", "short"]
    key: Key
    day: date
    quantity: int


@dataclass(frozen=True, slots=True)
class Row:
    """One bucket of one key, all scaled: demand that is expected, demand of what is made of it, supply that is expected, what is
    suggested, and what is then left."""

    day: date
    demand: int
    dependent: int
    supply: int
    suggested: int
    left: int


@dataclass(frozen=True, slots=True)
class Run:
    """What a run came to. `suggestions` by key in order of their buckets; `wanted` are the keys it was asked for: those that these are
    parts of have been netted, too."""

    inputs: Inputs
    timeline: Timeline
    parameters: Mapping[Key, Parameters]
    """How each key is planned, in the order they were met."""
    collected: "Keys"
    wanted: frozenset[Key]
    levels: Mapping[Key, int]
    """Low-level codes: how deep a key lies at most below what is made of it."""
    suggestions: Mapping[Key, tuple[Suggestion, ...]]
    alerts: tuple[Alert, ...]
    dependent: Mapping[Key, Mapping[int, int]]
    flows: Flows

    def parts(self, key: Key) -> list[tuple[Key, Component]]:
        """What a key is made of, in its own place; nothing when it is not made here."""
        return self.collected.parts(key)

    def rows(self, key: Key) -> list[Row]:
        """The buckets of a key."""
        supplies, demands = self.flows.get(key, ((), ()))
        count = self.timeline.count
        supply, demand = _by_bucket(supplies, self.timeline), _by_bucket(demands, self.timeline)
        suggested = {s.bucket: s.quantity for s in self.suggestions.get(key, ())}
        dependent = self.dependent.get(key, {})
        left, made = self.inputs.on_hand.get(key, 0), []
        for at in range(count):
            row = (demand.get(at, 0), dependent.get(at, 0), supply.get(at, 0), suggested.get(at, 0))
            left += row[2] + row[3] - row[0] - row[1]
            made.append(Row(self.timeline.first_days[at], *row, left))
        return made


@dataclass(frozen=True, slots=True)
class Impossible:
    """Why there is no run: "circle" (`keys` would be parts of themselves) or "too_large" (too many keys or buckets)."""

    kind: Literal["circle", "too_large"]
    keys: tuple[Key, ...] = ()


def tried(inputs: Inputs, what_if: WhatIf) -> Inputs:
    """The inputs as they would be."""
    return replace(
        inputs,
        demands=(*inputs.demands, *what_if.demands),
        supplies=(*inputs.supplies, *what_if.supplies),
        parameters=lambda key: what_if.parameters.get(key) or inputs.parameters(key),
        asked=(*inputs.asked, *what_if.parameters),
    )


def run(
    inputs: Inputs, dirty: Collection[Any] | Find | None = None, ask: Ask = lambda done, total: True
) -> Run | Impossible | None:
    """The suggestions for all keys, or (net-change) for the `dirty` ones and all that they consist of, which are the same. An item stands
    for all its keys; a function finds them among the keys and their flows. None when `ask` stopped it."""
    collected = Keys(inputs)
    if len(collected.parameters) > KEYS_MAX:
        return Impossible("too_large")
    timeline = Timeline(
        inputs.today,
        inputs.horizon_days,
        inputs.bucket,
        inputs.works_on,
        max((p.lead for p in collected.parameters.values()), default=0),
    )
    keys = tuple(collected.parameters)
    if len(keys) * timeline.count > CELLS_MAX:
        return Impossible("too_large")
    flows = _flows(inputs, timeline)
    netting = _netting(inputs, collected, timeline, flows)
    dirty = dirty(collected, flows) if callable(dirty) else dirty
    named = None if dirty is None else {at for at, key in enumerate(keys) if key in dirty or key[0] in dirty}
    netted = net(netting, named, ask)
    if netted is None:
        return None
    if isinstance(netted, Circle):
        return Impossible("circle", tuple(keys[at] for at in netted.keys))
    return _told(inputs, timeline, collected, flows, netted)


class Keys:
    """The keys of a run with their parameters: all that is there, expected or asked for, and all that made ones consist of."""

    def __init__(self, inputs: Inputs) -> None:
        components: dict[Any, list[Component]] = {}
        for part in inputs.components:
            components.setdefault(part.parent, []).append(part)
        self.parameters: dict[Key, Parameters] = {}
        self.below: list[list[tuple[int, Component]]] = []
        """For each key what it is made of, in its own place: the numbers of the parts' keys. Nothing when it is not made here."""
        self._keys: list[Key] = []
        self.numbers: dict[Key, int] = {}
        """The place of each among the parameters; a number is found faster than a key of ids."""
        for key in (*inputs.asked, *inputs.on_hand):
            self._number(key)
        for flow in (*inputs.demands, *inputs.supplies):
            self._number(flow.key)
        for key in self._keys:  # grows while it is walked
            if len(self.parameters) > KEYS_MAX:
                break
            p, rest = inputs.parameters(key), key[1:]
            self.parameters[key] = p
            own = components.get(key[0], ()) if p.make else ()
            self.below.append([(self._number((part.component, *rest)), part) for part in own])

    def _number(self, key: Key) -> int:
        found = self.numbers.get(key)
        if found is None:
            found = self.numbers[key] = len(self._keys)
            self._keys.append(key)
        return found

    def parts(self, key: Key) -> list[tuple[Key, Component]]:
        """What a key is made of, in its own place; nothing when it is not made here."""
        return [(self._keys[at], part) for at, part in self.below[self.numbers[key]]]


def _flows(inputs: Inputs, timeline: Timeline) -> dict[Key, tuple[tuple[Flow, ...], tuple[Flow, ...]]]:
    found: dict[Key, tuple[list[Flow], list[Flow]]] = {}
    for at, flows in enumerate((inputs.supplies, inputs.demands)):
        for flow in sorted(flows, key=lambda f: f.day):
            if flow.day < timeline.end:
                found.setdefault(flow.key, ([], []))[at].append(flow)
    return {key: (tuple(supplies), tuple(demands)) for key, (supplies, demands) in found.items()}


def _by_bucket(flows: Iterable[Flow], timeline: Timeline) -> dict[int, int]:
    made: dict[int, int] = {}
    for flow in flows:
        at = timeline.bucket(flow.day)
        if at is not None:
            made[at] = made.get(at, 0) + flow.quantity
    return made


def _netting(
    inputs: Inputs,
    collected: Keys,
    timeline: Timeline,
    flows: Flows,
) -> Netting:
    """The run in numbers."""
    leads = {lead: at for at, lead in enumerate(dict.fromkeys(p.lead for p in collected.parameters.values()))}
    moved: list[tuple[int, int, int]] = []
    for key, (supplies, demands) in flows.items():
        at = collected.numbers[key]
        moved += [(at, bucket, amount) for bucket, amount in _by_bucket(supplies, timeline).items()]
        moved += [(at, bucket, -amount) for bucket, amount in _by_bucket(demands, timeline).items()]
    parts = [
        (at, component, *part.quantity.as_integer_ratio())
        for at, below in enumerate(collected.below)
        for component, part in below
    ]
    return Netting(
        timeline.count,
        [inputs.on_hand.get(key, 0) for key in collected.parameters],
        [lotting(p, leads[p.lead]) for p in collected.parameters.values()],
        moved,
        Parts(*zip(*parts, strict=True)),
        [timeline.start_buckets(lead) for lead in leads],
    )


def lotting(p: Parameters, lead: int) -> Lotting:
    """What a policy means in numbers."""
    maximum = p.maximum or 0
    match p.policy:
        case None:
            return Lotting()
        case "min_max":
            trigger, target = max(p.minimum, p.safety), maximum
        case "reorder_point":
            trigger = target = max(p.minimum + 1, p.safety)  # reached is low enough
        case "order_up_to":
            trigger = target = maximum
        case "lot_for_lot" | "fixed_lot" | "period":
            trigger = target = p.safety
    lot = p.lot if p.policy in ("fixed_lot", "reorder_point") else 0
    window = p.period if p.policy == "period" else 1
    return Lotting(True, trigger, target, window, p.least, lot, p.multiple, lead)


def _told(
    inputs: Inputs,
    timeline: Timeline,
    collected: Keys,
    flows: Flows,
    netted: Netted,
) -> Run:
    """Numbers as suggestions and alerts."""
    keys = tuple(collected.parameters)
    dependent: dict[Key, dict[int, int]] = {}
    suggestions: dict[Key, tuple[Suggestion, ...]] = {}
    alerts: list[Alert] = []
    for at, (key, parameters) in enumerate(collected.parameters.items()):
        if not netted.netted[at]:
            continue
        orders, needed = netted.orders(at), netted.dependent(at)
        if needed:
            dependent[key] = needed
        left: list[tuple[int, int]] = []
        if parameters.policy is None or parameters.policy in BY_LEVEL or parameters.maximum is not None:
            left = _left(inputs.on_hand.get(key, 0), flows.get(key, ((), ())), needed, orders, timeline)
        made = tuple([_suggestion(key, order, parameters, left, timeline) for order in orders])
        if made:
            suggestions[key] = made
        alerts += _alerts(key, parameters, left, made, timeline)
    return Run(
        inputs,
        timeline,
        collected.parameters,
        collected,
        frozenset(key for at, key in enumerate(keys) if netted.wanted[at]),
        dict(zip(keys, netted.levels, strict=True)),
        suggestions,
        tuple(alerts),
        dependent,
        flows,
    )


def _left(
    on_hand: int,
    flows: tuple[tuple[Flow, ...], tuple[Flow, ...]],
    dependent: Mapping[int, int],
    orders: Sequence[tuple[int, int]],
    timeline: Timeline,
) -> list[tuple[int, int]]:
    """(bucket, what is left from it on), for the buckets in which that changes; the first is always there."""
    change = {0: on_hand}
    for sign, moved in (
        (1, _by_bucket(flows[0], timeline)),
        (-1, _by_bucket(flows[1], timeline)),
        (-1, dependent),
        (1, dict(orders)),
    ):
        for bucket, amount in moved.items():
            change[bucket] = change.get(bucket, 0) + sign * amount
    left, made = 0, []
    for bucket in sorted(change):
        left += change[bucket]
        made.append((bucket, left))
    return made


def _suggestion(
    key: Key, order: tuple[int, int], p: Parameters, left: Sequence[tuple[int, int]], timeline: Timeline
) -> Suggestion:
    """`left` is asked only of policies that keep a level."""
    bucket, quantity = order
    needed, start, due, late = timeline.dates(bucket, p.lead)
    if late and p.policy in BY_LEVEL:
        # A level that is reached is no demand that must be met that day: it is late if it runs out before.
        arrival = timeline.bucket(due)
        late = _least(left, bucket, timeline.count if arrival is None else arrival) - quantity < p.safety
    kind: Literal["buy", "make"] = "make" if p.make else "buy"
    return Suggestion(key, bucket, quantity, needed, start, due, late, kind, None if p.make else p.source)


def _least(left: Sequence[tuple[int, int]], bucket: int, until: int) -> int:
    """The least that is left from a bucket to the one before `until`, at least in that bucket."""
    found = [amount for at, amount in left if bucket < at < until]
    return min([next(amount for at, amount in reversed(left) if at <= bucket), *found])


def _alerts(
    key: Key, p: Parameters, left: Sequence[tuple[int, int]], made: Sequence[Suggestion], timeline: Timeline
) -> list[Alert]:
    found = [Alert("late", key, s.needed, s.quantity) for s in made if s.late]
    if p.maximum is not None:
        over = [(bucket, amount - p.maximum) for bucket, amount in left if amount > p.maximum]
        if over:
            found.append(Alert("over_maximum", key, timeline.first_days[over[0][0]], max(o for _, o in over)))
    if p.policy is None:
        short = [(bucket, -amount) for bucket, amount in left if amount < 0]
        if short:
            found.append(Alert("short", key, timeline.first_days[short[0][0]], max(s for _, s in short)))
    return found


__all__ = [
    "NOT_PLANNED", "Alert", "Flow", "Impossible", "Inputs", "Row", "Run", "Suggestion", "WhatIf", "lotting", "run", "tried",
]  # fmt: skip
