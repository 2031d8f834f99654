"""Movements of a posting added up: by the keys of a grain, and by month."""

from collections.abc import Sequence
from typing import Any

from engine.ledger import Movement
from engine.registers.months import day_of, month_of

Key = tuple[Any, ...]


def sums(grain: Sequence[int], movements: Sequence[Movement], zone: str) -> list[tuple[Key, tuple[int, ...], int, int]]:
    """(key, amounts, the day at whose end it was as before, the latest day) of each key of a grain, in sorted key order."""
    found: dict[Key, tuple[list[int], list[int]]] = {}
    for m in movements:
        key = tuple(m.key[at] for at in grain)
        kept, day = found.get(key), day_of(m.effective, zone)
        days = [judged_from(m, day), day]
        if kept is None:
            found[key] = list(m.amounts), days
        else:
            kept[1].extend(days)
            for at, amount in enumerate(m.amounts):
                kept[0][at] += amount
    return [(key, tuple(amounts), min(days), max(days)) for key, (amounts, days) in sorted(found.items())]


def judged_from(m: Movement, day: int) -> int:
    """The day after which balances are judged: what belongs within a day is judged with the rest of that day."""
    return day if m.within is None else day - 1


def turnovers(movements: Sequence[Movement], zone: str) -> list[tuple[tuple[Key, int], tuple[int, ...]]]:
    """What came in and went out of each key in each month, as (in, out) pairs."""
    found: dict[tuple[Key, int], list[int]] = {}
    for m in movements:
        kept = found.setdefault((m.key, month_of(m.effective, zone)), [0] * (2 * len(m.amounts)))
        for at, amount in enumerate(m.amounts):
            kept[2 * at + (amount < 0)] += abs(amount)
    return [(key, tuple(amounts)) for key, amounts in sorted(found.items())]
