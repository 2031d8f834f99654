"""What flows come to: opening and closing balances of periods, and day-end averages. Pure, over whole numbers."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from engine.registers.costing.layers import rounded
from engine.registers.turnover_reading import FlowRow, Span


@dataclass(frozen=True, slots=True)
class TurnoverRow:
    """A period of a key, in scaled units by measure: days `first` to `last` (ordinals), what was there before, what came in and went
    out, and what was there after."""

    key: tuple[Any, ...]
    first: int
    last: int
    opening: tuple[int, ...]
    coming: tuple[int, ...]
    going: tuple[int, ...]

    @property
    def net(self) -> tuple[int, ...]:
        """By how much it changed."""
        return tuple(c - g for c, g in zip(self.coming, self.going, strict=True))

    @property
    def closing(self) -> tuple[int, ...]:
        """What was there at its end."""
        return tuple(o + n for o, n in zip(self.opening, self.net, strict=True))


def rows_of(flows: Iterable[FlowRow], span: Span) -> Iterator[TurnoverRow]:
    """Flows in order of key and period → the periods in which something moved, and the first one of a key that had something before."""
    for _, of_key in groupby(flows, key=lambda flow: flow.key):
        balance: tuple[int, ...] | None = None
        for flow in of_key:
            opening = flow.opening if balance is None else balance
            row = TurnoverRow(flow.key, *span.days(flow.label), opening, flow.coming, flow.going)
            is_first = balance is None
            balance = row.closing
            if any(flow.coming) or any(flow.going) or (is_first and any(opening)):
                yield row


def averages(flows: Iterable[FlowRow], span: Span) -> Iterator[tuple[tuple[Any, ...], tuple[int, ...]]]:
    """(key, the mean of the balances at the ends of all days of the span) from flows by day with opening balances; half to even."""
    days = span.until - span.since + 1
    for key, of_key in groupby(flows, key=lambda flow: flow.key):
        sums: Sequence[int] = ()
        for flow in of_key:
            left = span.until - flow.label + 1
            moved = [(c - g) * left for c, g in zip(flow.coming, flow.going, strict=True)]
            sums = [s + o * days + m for s, o, m in zip(sums or [0] * len(moved), flow.opening, moved, strict=True)]
        yield key, tuple(rounded(total, days, 1) for total in sums)
