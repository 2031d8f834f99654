"""Where the value of a movement comes from when it comes from others: shares of what they took, exactly to the last.

A transfer arrives with the pieces that left; a return brings the last pieces back; an output takes its share of everything consumed, less what
its by-products are worth. One sum serves all: own value - the shares of the other movements' signed values.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from engine.registers.costing.layers import between, portion, worth
from engine.registers.costing.state import Event, Layer, Valued


@dataclass(frozen=True, slots=True)
class Share:
    """The part from `start` to `stop` of `whole` of what another movement took.

    By `value` in any measure of weight: outputs that share a cost lie side by side, and the last takes the rest. By quantity with its pieces:
    `along`, the first pieces first (a transfer), or `back`, the last pieces first (a return, as if they had never gone).
    """

    entry: str
    kind: Literal["value", "along", "back"]
    start: int
    stop: int
    whole: int


@dataclass(frozen=True, slots=True)
class Inputs:
    """All that makes up the value of one movement."""

    own: int
    """Given with it and from no other movement: operations, freight."""
    shares: tuple[Share, ...]


Interval = tuple[int, int]
"""From where to where of a quantity."""


def free(taken: Iterable[Interval], whole: int) -> list[Interval]:
    """What is left of a quantity between the intervals taken of it, in order."""
    left: list[Interval] = []
    at = 0
    for start, stop in sorted(taken):
        if start > at:
            left.append((at, start))
        at = max(at, stop)
    return [*left, (at, whole)] if at < whole else left


def part(total: int, share: Share, unit: int) -> int:
    """The share of a value; shares that lie side by side sum to all of it."""
    return portion(total, share.stop, share.whole, unit) - portion(total, share.start, share.whole, unit)


def given_by(event: Event, inputs: Inputs, valued: Callable[[str], Valued], unit: int) -> Event:
    """The event with the value that its inputs give it, and the layers that come along with them."""
    given = inputs.own
    layers: list[Layer] = []
    for share in inputs.shares:
        source = valued(share.entry)
        if share.kind == "value":
            given -= part(source.value, share, unit)
        else:
            pieces = _pieces(source.taken, share, unit)
            given += worth(pieces)
            layers += sorted(
                pieces, key=lambda piece: piece.entry != share.entry
            )  # what went ahead of a receipt covers first
    brought = tuple(layers) if layers else event.layers
    return Event(event.entry, event.day, event.quantity, given, brought, event.counted)


def _pieces(taken: Sequence[Layer], share: Share, unit: int) -> tuple[Layer, ...]:
    """The pieces of the share, in the order in which they were taken."""
    if share.kind == "along":
        return between(taken, share.start, share.stop, unit)
    return between(taken, share.whole - share.stop, share.whole - share.start, unit)
