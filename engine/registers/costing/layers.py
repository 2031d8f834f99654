"""Cutting, putting and sharing: exact to the last unit, the last share takes the rest."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from engine.registers.costing.state import Layer


def rounded(numerator: int, denominator: int, unit: int) -> int:
    """The quotient as a multiple of `unit`, half to even."""
    whole = denominator * unit
    if whole < 0:
        numerator, whole = -numerator, -whole
    units, rest = divmod(numerator, whole)
    if 2 * rest > whole or (2 * rest == whole and units % 2):
        units += 1
    return units * unit


def portion(total: int, numerator: int, denominator: int, unit: int) -> int:
    """A fraction (0 to 1) of the total, rounded but never more than all of it."""
    if numerator == denominator:
        return total
    share = rounded(total * numerator, denominator, unit)
    return min(share, total) if total >= 0 else max(share, total)


def shares(total: int, weights: Sequence[int], unit: int) -> list[int]:
    """The total by weights (none below 0, not all 0); each share ends at the rounded running sum, so they always sum to the total."""
    whole, run, before, found = sum(weights) * unit, 0, 0, []
    for weight in weights:  # `portion` spelt out: this runs for every layer of every event
        run += weight
        units, rest = divmod(total * run, whole)
        if 2 * rest > whole or (2 * rest == whole and units % 2):
            units += 1
        until = units * unit
        if run * unit == whole or (until > total if total >= 0 else until < total):
            until = total
        found.append(until - before)
        before = until
    return found


def worth(layers: Iterable[Layer]) -> int:
    """Their values together."""
    return sum(layer.value for layer in layers)


def cut(layers: Sequence[Layer], quantity: int, unit: int) -> tuple[tuple[Layer, ...], tuple[Layer, ...]]:
    """(the first `quantity` of them, what is left); at most all. The last piece of a layer takes its rest."""
    for index, layer in enumerate(layers):
        if quantity < layer.quantity:
            if not quantity:
                return tuple(layers[:index]), tuple(layers[index:])
            value = portion(layer.value, quantity, layer.quantity, unit)
            piece = Layer(layer.day, quantity, value, layer.entry)
            rest = Layer(layer.day, layer.quantity - quantity, layer.value - value, layer.entry)
            return (*layers[:index], piece), (rest, *layers[index + 1 :])
        quantity -= layer.quantity
    return tuple(layers), ()


def between(layers: Sequence[Layer], start: int, stop: int, unit: int) -> tuple[Layer, ...]:
    """The pieces from one running quantity to another; stretches that lie side by side sum to all of it."""
    found, run = [], 0
    for layer in layers:
        first, last = max(start - run, 0), min(stop - run, layer.quantity)
        if first < last:
            ends = [portion(layer.value, point, layer.quantity, unit) for point in (first, last)]
            found.append(Layer(layer.day, last - first, ends[1] - ends[0], layer.entry))
        run += layer.quantity
    return tuple(found)


def take(
    layers: Sequence[Layer], meant: Sequence[Layer], quantity: int, unit: int
) -> tuple[tuple[Layer, ...], tuple[Layer, ...]]:
    """(pieces, what is left): from the layers meant first, the rest from the oldest."""
    pieces: list[Layer] = []
    kept = list(layers)
    for name in meant:
        wanted = min(quantity, name.quantity or quantity)
        for index, layer in enumerate(kept):
            if layer.entry == name.entry and wanted:
                found, rest = cut((layer,), min(wanted, layer.quantity), unit)
                kept[index : index + 1] = rest
                pieces += found
                quantity -= found[0].quantity
                break
    oldest, left = cut(kept, quantity, unit)
    return (*pieces, *oldest), left


def put(layers: tuple[Layer, ...], new: Iterable[Layer], brought: bool) -> tuple[Layer, ...]:
    """With new layers in the order of days; what is brought along goes before others of its day, and back to the rest of its own layer."""
    found = list(layers)
    for layer in reversed(tuple(new)):
        for index, other in enumerate(found):
            if (other.day, other.entry) == (layer.day, layer.entry):
                quantity, value = other.quantity + layer.quantity, other.value + layer.value
                found[index] = Layer(other.day, quantity, value, other.entry)
                break
        else:
            place = (bisect_left if brought else bisect_right)(found, layer.day, key=lambda other: other.day)
            found.insert(place, layer)
    return tuple(found)


def revalued(layers: Sequence[Layer], total: int, unit: int, by_value: bool = False) -> tuple[Layer, ...]:
    """With values that sum to the total, by quantity or by what they are worth already."""
    if not layers:
        return ()
    weights = (
        [layer.value for layer in layers] if by_value and worth(layers) > 0 else [layer.quantity for layer in layers]
    )
    return tuple(
        layer if layer.value == share else Layer(layer.day, layer.quantity, share, layer.entry)
        for layer, share in zip(layers, shares(total, weights, unit), strict=True)
    )
