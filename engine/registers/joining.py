"""Postings of several records in one register as one, where that is the same as posting them one after another.

What a posting does is judged when all of it is there, so a balance that one record empties too far and the next one fills again would pass.
Postings are joined only as long as every sum that a constraint, a condition or a rule looks at goes the same way, at the same time, at each
of its keys: then whatever holds before and after holds in between, and what is passed is passed once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from engine.ledger import Movement, PostMovements
from engine.registers.definition import Register, weighed
from engine.registers.writing import LINES_MAX

Sum = tuple[tuple[int, ...], tuple[int, ...]]
"""(dimensions, factors of the measures): what is added up at each of its keys."""
Ways = dict[tuple[Sum, tuple[Any, ...]], tuple[int, bool]]
"""{(sum, key): (when it changes, does it grow?)}"""


def joined(postings: Sequence[PostMovements], register: Register) -> list[PostMovements]:
    """The postings, in their order, as few as may be."""
    made: list[PostMovements] = []
    sums = _sums(register, postings)
    so_far: Ways | None = None
    for posting in postings:
        own = None if _stands_alone(posting) else _ways(posting.movements, sums)
        if own is None or so_far is None or not _agree(so_far, own) or not _has_room(made[-1], posting):
            made.append(posting)
            so_far = own
        else:
            made[-1] = _added(made[-1], posting)
            so_far |= own
    return made


def _agree(ways: Ways, others: Ways) -> bool:
    return all(ways.get(at, way) == way for at, way in others.items())


def _has_room(first: PostMovements, second: PostMovements) -> bool:
    return len(first.movements) + len(second.movements) <= LINES_MAX


def _stands_alone(posting: PostMovements) -> bool:
    """Does it look at balances before it writes?"""
    return bool(posting.picks) or posting.seen is not None or any(m.sets is not None for m in posting.movements)


def _sums(register: Register, postings: Sequence[PostMovements]) -> set[Sum]:
    """What is looked at: by constraints, by rules that wait for a balance, and each measure by itself, also where a guard reads measures."""
    width = len(register.measures)
    by_itself = [tuple(int(at == n) for at in range(width)) for n in range(width)]
    kept = {register.grains[0], *(guard.of for guard in register.guards if guard.weighs)}
    single = {(grain, factors) for grain in kept for factors in by_itself}
    watched = {(w.grain, w.factors) for p in postings for w in p.watches}
    return single | watched | {(c.of, c.factors) for c in register.constraints}


def _ways(movements: Sequence[Movement], sums: Iterable[Sum]) -> Ways | None:
    """How a posting changes each sum at each of its keys; None if one changes at several times."""
    changes: dict[tuple[Sum, tuple[Any, ...]], dict[int, int]] = {}
    for m in movements:
        for of in sums:
            at_key = changes.setdefault((of, tuple(m.key[n] for n in of[0])), {})
            at_key[m.effective] = at_key.get(m.effective, 0) + weighed(of[1], m.amounts)
    ways: Ways = {}
    for at, by_time in changes.items():
        moved = [(time, change > 0) for time, change in by_time.items() if change]
        if len(moved) > 1:
            return None
        if moved:
            ways[at] = moved[0]
    return ways


def _added(first: PostMovements, second: PostMovements) -> PostMovements:
    """Both as one posting of the first's record; what belongs to the other says so."""
    own = (second.form, second.record)
    moved = tuple(m if m.of is not None else replace(m, of=own) for m in second.movements)
    known = {(w.message.payload["rule"], w.grain, w.key) for w in first.watches}
    watches = tuple(w for w in second.watches if (w.message.payload["rule"], w.grain, w.key) not in known)
    return replace(first, movements=first.movements + moved, watches=first.watches + watches)
