"""What is known of the cost of one key, the movement that changes it, and what comes out. Quantities at scale 6, values at scale 4."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Layer:
    """A part of what is there that came in together; it keeps its day and entry wherever it travels."""

    day: int
    """Ordinal of the business day on which it was first received: its age."""
    quantity: int
    value: int
    entry: str
    """Id of the movement that first brought it."""


@dataclass(frozen=True, slots=True)
class CostState:
    """One cost key at a moment.

    At quantity 0 the value is 0. Above it the layers' quantities and values sum to those of the state, and no value is below 0. Below it there
    are no layers, and the value is 0 or below: what was issued in advance, to be settled by a receipt.
    """

    method: str
    """Of the last event; empty if there was none."""
    quantity: int
    value: int
    last: tuple[int, int]
    """The unit cost last known, exactly: (value, quantity), the latter above 0; nothing but (0, 1) if none ever was."""
    layers: tuple[Layer, ...]
    """Oldest first."""


EMPTY: Final = CostState("", 0, 0, (0, 1), ())


@dataclass(frozen=True, slots=True)
class Event:
    """One movement of one cost key, in its turn."""

    entry: str
    day: int
    quantity: int
    """Above 0 comes in, below goes out, 0 changes the value alone."""
    given: int | None = None
    """The value it brings, signed like the quantity; None: to be found."""
    layers: tuple[Layer, ...] | None = None
    """Coming in: the layers brought along, whose quantities sum to its quantity. Going out or of quantity 0: the entries of the layers meant,
    each with the quantity at most taken from it (0: any), or for quantity 0 with the quantity that the value is for (0: what is left)."""
    counted: bool = False
    """A count found the difference: nobody gave a value with it."""


@dataclass(frozen=True, slots=True)
class Valued:
    """What an event came to. The state's value changes by `value` and all of `extra`, always and exactly."""

    entry: str
    value: int
    """Of the movement itself, signed like its quantity: the value given, if one was."""
    taken: tuple[Layer, ...] = ()
    """Of what goes out: its pieces, whose quantities and values sum exactly to what the movement takes."""
    extra: tuple[tuple[str, int], ...] = ()
    """(reason, value) of what is booked besides, without quantity: `settlement`, `variance`, `revaluation`, `rounding`."""


def to_json(state: CostState) -> list[Any]:
    """As short lists."""
    return [
        state.method,
        state.quantity,
        state.value,
        list(state.last),
        [[layer.day, layer.quantity, layer.value, layer.entry] for layer in state.layers],
    ]


def from_json(data: Sequence[Any]) -> CostState:
    """The state that `to_json` wrote."""
    method, quantity, value, last, layers = data
    return CostState(method, quantity, value, (last[0], last[1]), tuple(Layer(*layer) for layer in layers))
