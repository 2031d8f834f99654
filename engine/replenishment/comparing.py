"""What a run wants against what is already suggested: to create, to change, to withdraw, or to leave alone. A second run over the same
facts wants nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from engine.replenishment.definition import Key
from engine.replenishment.requirements import Suggestion


@dataclass(frozen=True, slots=True)
class Open:
    """A suggestion that stands and that the planner may change: its record, key and due date."""

    record: UUID
    key: Key
    due: date | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """`create` are new, `keep` pairs records with what they should say (whether that changes anything is seen when their values are
    compared), `withdraw` are records that nothing wants any more."""

    create: tuple[Suggestion, ...]
    keep: tuple[tuple[UUID, Suggestion], ...]
    withdraw: tuple[UUID, ...]


def compare(
    wanted: Mapping[Key, Sequence[Suggestion]], open_: Sequence[Open], scope: Collection[Key] | None, *, by_date: bool
) -> Comparison:
    """One open suggestion for each key (its first), or `by_date` for each due date. Records of keys outside the `scope` of the run (None:
    all) are left alone; of several for one thing the oldest (by id) stays."""
    standing: dict[Key, list[Open]] = {}
    for one in sorted(open_, key=lambda o: o.record):
        standing.setdefault(one.key, []).append(one)
    create: list[Suggestion] = []
    keep: list[tuple[UUID, Suggestion]] = []
    withdraw: list[UUID] = []
    for key in dict.fromkeys((*wanted, *standing)):
        if scope is not None and key not in scope:
            continue
        wishes = list(wanted.get(key, ()))[: None if by_date else 1]
        pairs, left = _paired(wishes, standing.get(key, []))
        keep += pairs
        kept = {id(s) for _, s in pairs}
        create += [s for s in wishes if id(s) not in kept]
        withdraw += left
    return Comparison(tuple(create), tuple(keep), tuple(withdraw))


def _paired(wishes: Sequence[Suggestion], standing: Sequence[Open]) -> tuple[list[tuple[UUID, Suggestion]], list[UUID]]:
    """Those due on the same day first, the others in their order."""
    pairs: dict[int, UUID] = {}
    left = list(standing)
    for at, wish in enumerate(wishes):
        same = next((o for o in left if o.due == wish.due), None)
        if same is not None:
            left.remove(same)
            pairs[at] = same.record
    for at in range(len(wishes)):
        if at not in pairs and left:
            pairs[at] = left.pop(0).record
    return [(record, wishes[at]) for at, record in sorted(pairs.items())], [o.record for o in left]
