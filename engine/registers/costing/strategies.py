"""One movement valued: what is found by the method, what is left afterwards, and the difference booked besides.

Each method says two things: the value of a movement that brings none, and the state's value after it. Whatever the movement's own value and
the wanted one do not agree on is booked as an extra; so nothing is ever lost, whatever the method.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, get_args

from engine.registers.costing.layers import cut, portion, put, revalued, rounded, take, worth
from engine.registers.costing.state import CostState, Event, Layer, Valued

Method = Literal["average", "fifo", "lot", "standard", "zero"]
METHODS: Final[tuple[str, ...]] = get_args(Method)


@dataclass(frozen=True, slots=True)
class CostRules:
    """How a key is valued at a moment."""

    method: Method
    """`lot` counts as `average`: its key is narrower, which is the caller's business."""
    standard: tuple[int, int] | None
    """Exact unit cost (value, quantity above 0); needed by the method `standard`, else not read."""
    unit: int
    """The smallest step of values found: 100 is two decimals at scale 4."""


@dataclass(frozen=True, slots=True)
class _Step:
    """An event half done: its own value, the state's value wanted after it, pieces out, and layers left."""

    value: int
    target: int
    taken: tuple[Layer, ...]
    layers: tuple[Layer, ...]


def value(state: CostState, event: Event, rules: CostRules) -> tuple[Valued, CostState]:
    """What the event comes to, and the state after it.

    The state after is the state before, plus the value, plus all extras. A changed standard is booked with the next event, as its first extra.
    """
    assert rules.method != "standard" or rules.standard is not None, "the standard method needs a standard"
    assert not (event.counted and event.given is not None), "a count brings no value"
    start, extra = _aligned(state, rules)
    doing = _received if event.quantity > 0 else _issued if event.quantity < 0 else _changed
    step = doing(start, event, rules)
    rest = step.target - start.value - step.value
    if rest:
        extra += ((_reason(event, rules, rest), rest),)
    quantity = start.quantity + event.quantity
    layers = step.layers if rules.method == "fifo" else revalued(step.layers, step.target, rules.unit)
    last = _last(start.last, event, rules, quantity, step.target, layers)
    after = CostState(rules.method, quantity, step.target, last, layers)
    return Valued(event.entry, step.value, step.taken, extra), after


def _aligned(state: CostState, rules: CostRules) -> tuple[CostState, tuple[tuple[str, int], ...]]:
    """The state as the method sees it: what differs from the standard is revalued, any other change of method keeps the value."""
    if rules.method not in ("standard", "zero"):
        return state, ()
    wanted = _fixed(state.quantity, rules)
    if wanted == state.value:
        return state, ()
    layers = revalued(state.layers, wanted, rules.unit)
    return replace(state, value=wanted, layers=layers), (("revaluation", wanted - state.value),)


def _fixed(quantity: int, rules: CostRules) -> int:
    """What a quantity is worth by standard; nothing by `zero`."""
    if rules.method == "zero" or rules.standard is None:
        return 0
    return rounded(quantity * rules.standard[0], rules.standard[1], rules.unit)


def _reason(event: Event, rules: CostRules, rest: int) -> str:
    """Why a rest is booked."""
    if rules.method in ("standard", "zero"):
        return "variance"
    return "rounding" if event.quantity < 0 and abs(rest) <= rules.unit else "settlement"


def _last(
    last: tuple[int, int], event: Event, rules: CostRules, quantity: int, worth: int, layers: Sequence[Layer]
) -> tuple[int, int]:
    """The unit cost last known: of what is there (by `fifo`, of its newest layer), else of the last receipt."""
    if rules.method == "zero":
        return last
    if rules.method == "standard" and rules.standard is not None:
        return rules.standard
    if quantity > 0:
        newest = layers[-1]
        return (newest.value, newest.quantity) if rules.method == "fifo" else (worth, quantity)
    if event.quantity > 0 and event.given is not None:
        return max(0, event.given), event.quantity
    return last


def _received(start: CostState, event: Event, rules: CostRules) -> _Step:
    """Comes in: covers first what was issued in advance, and the rest is laid down."""
    method, unit = rules.method, rules.unit
    after = start.quantity + event.quantity
    if event.given is not None:
        own = event.given
    elif method in ("standard", "zero"):
        own = _fixed(after, rules) - start.value
    else:
        cost = (start.value, start.quantity) if start.quantity else start.last
        own = rounded(event.quantity * cost[0], cost[1], unit)
    coming = event.layers or (Layer(event.day, event.quantity, own, event.entry),)
    assert sum(layer.quantity for layer in coming) == event.quantity, "layers brought along are all that comes in"
    if worth(coming) != own or own < 0:
        coming = revalued(coming, max(0, own), unit, by_value=True)
    rest = coming if start.quantity >= 0 else cut(coming, min(event.quantity, -start.quantity), unit)[1]
    layers = put(start.layers, rest, brought=event.layers is not None)
    if method in ("standard", "zero"):
        target = _fixed(after, rules)
    elif after <= 0:
        target = rounded(start.value * after, start.quantity, unit)
    elif method == "fifo":
        target = worth(layers)
    elif start.quantity < 0:
        target = rounded(max(0, own) * after, event.quantity, unit)
    else:
        target = max(0, start.value + own)
    return _Step(own, target, (), layers)


def _issued(start: CostState, event: Event, rules: CostRules) -> _Step:
    """Goes out: from what is there, and beyond it at the last cost."""
    method, unit = rules.method, rules.unit
    after = start.quantity + event.quantity
    have = max(0, start.quantity)
    here = min(-event.quantity, have)
    pieces, kept = take(start.layers, event.layers or (), here, unit)
    ahead = rounded((-event.quantity - here) * start.last[0], start.last[1], unit)
    if method in ("standard", "zero"):
        found = start.value - _fixed(after, rules)
    elif method == "fifo":
        found = worth(pieces) + ahead
    else:
        found = (portion(start.value, here, have, unit) if here else 0) + ahead
    own = -found if event.given is None else event.given
    if method in ("standard", "zero"):
        target = _fixed(after, rules)
    elif after < 0:
        target = min(0, start.value + own)
    elif method == "fifo":
        target = worth(kept)
    else:
        target = max(0, start.value + own) if after else 0
    return _Step(own, target, _pieces(pieces, event, own, rules), kept)


def _pieces(pieces: tuple[Layer, ...], event: Event, own: int, rules: CostRules) -> tuple[Layer, ...]:
    """All that goes out, worth together what the movement takes: what was not there is a piece of its own, of this day."""
    beyond = -event.quantity - sum(piece.quantity for piece in pieces)
    if rules.method == "fifo":
        rest = -own - worth(pieces)
        if beyond and rest >= 0:
            return (*pieces, Layer(event.day, beyond, rest, event.entry))
        if not beyond and not rest:
            return pieces
    if beyond:
        pieces = (*pieces, Layer(event.day, beyond, 0, event.entry))
    return revalued(pieces, -own, rules.unit, by_value=rules.method == "fifo")


def _changed(start: CostState, event: Event, rules: CostRules) -> _Step:
    """A value alone: to what is there; if nothing is, it is booked out at once."""
    own = event.given or 0
    if rules.method in ("standard", "zero") or start.quantity <= 0:
        return _Step(own, start.value, (), start.layers)
    if rules.method != "fifo":
        return _Step(own, max(0, start.value + own), (), start.layers)
    if not event.layers:
        layers = revalued(start.layers, max(0, start.value + own), rules.unit, by_value=True)
    else:
        layers = _added(start.layers, event.layers, own, rules.unit)
    return _Step(own, worth(layers), (), layers)


def _added(layers: Sequence[Layer], meant: Sequence[Layer], given: int, unit: int) -> tuple[Layer, ...]:
    """With a value on the layers meant, each for the part of it that is left.

    The part for what is gone stays out and is settled; to reach those who took it, it has to be given with the receipt, and replayed."""
    found = list(layers)
    for name in revalued(meant, given, unit) if any(m.quantity for m in meant) else _evenly(layers, meant, given, unit):
        for index, layer in enumerate(found):
            if layer.entry == name.entry:
                part = portion(name.value, min(layer.quantity, name.quantity), name.quantity, unit)
                found[index] = replace(layer, value=max(0, layer.value + part))
                break
    return tuple(found)


def _evenly(layers: Sequence[Layer], meant: Sequence[Layer], given: int, unit: int) -> tuple[Layer, ...]:
    """The given value on those meant that are left, by their quantity."""
    entries = {name.entry for name in meant}
    return revalued([layer for layer in layers if layer.entry in entries], given, unit)
