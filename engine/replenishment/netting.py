"""Netting by low-level code, over arrays: what must be ordered in which bucket so that no key falls below its trigger, level by level, what
is made asking for its components. The home of numpy here. Exact: scaled integers in int64; where those might not hold a number, the same
steps are done with Python's integers, which have no end.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

LEVELS_MAX: Final = 50
"""Deepest structure that is netted."""
CELLS_MAX: Final = 40_000_000
"""Most keys times buckets."""
_ROOM: Final = 2**62
"""What an intermediate result stays below in int64."""

Array = NDArray[Any]
Ask = Callable[[int, int], bool]
"""Asked between levels with what is done and what there is to do; False stops the run."""


@dataclass(frozen=True, slots=True)
class Lotting:
    """How one key is ordered. When less than `trigger` would be left, so much that `target` is left over the next `window` buckets, at
    least `least`, in whole `lot`s and whole `multiple`s (0: any). `lead` is a position in Netting.starts. `planned`: at all?"""

    planned: bool = False
    trigger: int = 0
    target: int = 0
    window: int = 1
    least: int = 0
    lot: int = 0
    multiple: int = 0
    lead: int = 0


@dataclass(frozen=True, slots=True)
class Parts:
    """One place of each column is a part: an order of the key `parents[n]` needs numerators[n] / denominators[n] of the key
    `components[n]` for each of its own (positions of keys)."""

    parents: Sequence[int] = ()
    components: Sequence[int] = ()
    numerators: Sequence[int] = ()
    denominators: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Netting:
    """What is netted. `flows` are (key, bucket, amount), supply above zero, demand below. `starts`: for each lead time, the bucket in which
    an order due in a bucket starts."""

    buckets: int
    on_hand: Sequence[int]
    lotting: Sequence[Lotting]
    flows: Sequence[tuple[int, int, int]]
    parts: Parts
    starts: Sequence[Sequence[int]]


@dataclass(frozen=True, slots=True)
class Netted:
    """What came of it, for the `netted` keys: those that were `wanted` and all that these are parts of. `levels` are the low-level
    codes; the rest is asked for key by key."""

    levels: Sequence[int]
    netted: Sequence[bool]
    wanted: Sequence[bool]
    _columns: tuple[Array, Array]
    """Buckets and amounts of all orders, sorted by key and bucket."""
    _first: Array
    _dependent: Array

    @property
    def count(self) -> int:
        """How many orders there are."""
        return len(self._columns[0])

    def orders(self, key: int) -> list[tuple[int, int]]:
        """(bucket, amount) of the orders of a key."""
        own = slice(int(self._first[key]), int(self._first[key + 1]))
        buckets, amounts = (column[own].tolist() for column in self._columns)
        return list(zip(buckets, amounts, strict=True))

    def dependent(self, key: int) -> dict[int, int]:
        """What orders of other keys need of this one, by bucket."""
        row = self._dependent[key]
        found = np.flatnonzero(row)
        return dict(zip(found.tolist(), row[found].tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class Circle:
    """Keys that would be parts of themselves, or lie below such keys; nothing can be netted."""

    keys: tuple[int, ...]


class Stopped(Exception):
    """The run was stopped between two levels; goes no further than `net`."""


class _TooLarge(Exception):
    """A number might not fit int64; goes no further than `net`."""


def net(
    given: Netting, dirty: Collection[int] | None = None, ask: Ask = lambda done, total: True
) -> Netted | Circle | None:
    """The orders of all keys, or of the `dirty` ones and everything below them (what lies above these is netted with them, since it asks
    for them; so the answer is the same). None when `ask` said so."""
    graph = _Graph(given)
    levels = graph.levels()
    if isinstance(levels, Circle):
        return levels
    wanted = np.ones(len(given.on_hand), dtype=bool)
    needed = wanted
    if dirty is not None:
        wanted = graph.below(dirty)
        needed = graph.above(wanted)
    for kind in (np.int64, object):
        try:
            return _Run(given, graph, kind).all(levels, wanted, needed, ask)
        except _TooLarge:
            continue
        except OverflowError:  # a number of the input is itself beyond int64
            continue
        except Stopped:
            return None
    raise AssertionError("Python's integers hold every number")


class _Graph:
    """The parts, sorted by parent."""

    def __init__(self, given: Netting) -> None:
        self.keys = len(given.on_hand)
        parents = np.array(given.parts.parents, dtype=np.int64)
        self.order = np.argsort(parents, kind="stable")
        self.parents = parents[self.order]
        self.components = np.array(given.parts.components, dtype=np.int64)[self.order]
        self.first = np.searchsorted(self.parents, np.arange(self.keys + 1))

    def levels(self) -> Array | Circle:
        """The low-level code of each key: the longest way down to it."""
        levels = np.zeros(self.keys, dtype=np.int64)
        for _ in range(LEVELS_MAX + 1):
            before = levels.copy()
            np.maximum.at(levels, self.components, levels[self.parents] + 1)
            if np.array_equal(before, levels):
                return levels
        return Circle(tuple(np.flatnonzero(levels > LEVELS_MAX).tolist()))

    def below(self, dirty: Collection[int]) -> Array:
        """The keys and everything that they consist of."""
        found = np.zeros(self.keys, dtype=bool)
        found[list(dirty)] = True
        return self._spread(found, self.parents, self.components)

    def above(self, keys: Array) -> Array:
        """The keys and everything that they are parts of."""
        return self._spread(keys.copy(), self.components, self.parents)

    def _spread(self, found: Array, source: Array, to: Array) -> Array:
        for _ in range(LEVELS_MAX + 1):
            before = int(found.sum())
            found[to[found[source]]] = True
            if int(found.sum()) == before:
                break
        return found


class _Run:
    """One netting with numbers of one kind."""

    def __init__(self, given: Netting, graph: _Graph, kind: Any) -> None:
        self._given = given
        self._graph = graph
        self._kind = kind
        rules = given.lotting or (Lotting(),)  # one that no key has, so that there are columns
        self._planned = np.array([r.planned for r in rules], dtype=bool)
        self._lead = np.array([r.lead for r in rules], dtype=np.int64)
        self._window = np.array([r.window for r in rules], dtype=np.int64)
        columns = zip(*((r.trigger, r.target, r.least, r.lot, r.multiple) for r in rules), strict=True)
        self._trigger, self._target, self._least, self._lot, self._multiple = (np.array(c, dtype=kind) for c in columns)
        self._on_hand = np.array(given.on_hand, dtype=kind)
        self._numerator = np.array(given.parts.numerators, dtype=kind)[graph.order]
        self._denominator = np.array(given.parts.denominators, dtype=kind)[graph.order]
        self._starts = np.array(given.starts, dtype=np.int64).reshape(len(given.starts), given.buckets)
        size = (len(given.on_hand), given.buckets)
        self._flow, self._dependent = np.zeros(size, dtype=kind), np.zeros(size, dtype=kind)
        if given.flows:
            keys, buckets, amounts = zip(*given.flows, strict=True)
            self._room(sum(abs(a) for a in amounts))
            np.add.at(self._flow, (np.array(keys), np.array(buckets)), np.array(amounts, dtype=kind))

    def all(self, levels: Array, wanted: Array, needed: Array, ask: Ask) -> Netted:
        """Level after level, from the top."""
        order = np.argsort(levels, kind="stable")
        depth = int(levels.max()) + 1 if len(levels) else 0
        ends = np.searchsorted(levels[order], np.arange(depth + 1))
        total, done = int(needed.sum()), 0
        found: list[tuple[Array, Array, Array]] = []
        for level in range(depth):
            if not ask(done, total):
                raise Stopped
            keys = order[ends[level] : ends[level + 1]]
            keys = keys[needed[keys]]
            orders = self._level(keys)
            self._explode(*orders)
            found.append(orders)
            done += len(keys)
        if not ask(total, total):
            raise Stopped
        return self._netted(found, levels, wanted, needed)

    def _netted(self, found: list[tuple[Array, Array, Array]], levels: Array, wanted: Array, needed: Array) -> Netted:
        keys, buckets, amounts = (
            (np.concatenate(column) for column in zip(*found, strict=True)) if found else _nothing()
        )
        order = np.lexsort((buckets, keys))
        first = np.searchsorted(keys[order], np.arange(len(levels) + 1))
        dependent = self._dependent if needed.all() else np.where(needed[:, None], self._dependent, 0)
        return Netted(
            levels.tolist(), needed.tolist(), wanted.tolist(), (buckets[order], amounts[order]), first, dependent
        )

    def _level(self, keys: Array) -> tuple[Array, Array, Array]:
        """The orders of keys that do not ask for each other."""
        keys = keys[self._planned[keys]]
        self._room_for(keys)
        change = np.cumsum(self._flow[keys] - self._dependent[keys], axis=1)
        left = self._on_hand[keys][:, None] + change
        lowest = self._lowest(left, self._window[keys])
        trigger, target = self._trigger[keys], self._target[keys]
        ordered = np.zeros(len(keys), dtype=self._kind)
        made: list[tuple[Array, Array, Array]] = []
        # A key that never falls below its trigger without an order needs none: most columns have few that do.
        for bucket in range(self._given.buckets):
            short = np.flatnonzero(left[:, bucket] + ordered < trigger)
            if len(short):
                amounts = self._lots(keys[short], target[short] - lowest[short, bucket] - ordered[short])
                ordered[short] += amounts
                made.append((keys[short], np.full(len(short), bucket), amounts))
        if not made:
            return _nothing()
        k, b, a = (np.concatenate(column) for column in zip(*made, strict=True))
        return k, b, a

    def _lowest(self, left: Array, window: Array) -> Array:
        """For each bucket, the least that is left in it and the buckets after it that one order covers."""
        lowest = left
        for ahead in range(1, min(int(window.max(initial=1)), left.shape[1])):
            rows = np.flatnonzero(window > ahead)
            if lowest is left:
                lowest = left.copy()
            lowest[rows, :-ahead] = np.minimum(lowest[rows, :-ahead], left[rows, ahead:])
        return lowest

    def _lots(self, keys: Array, amounts: Array) -> Array:
        """Amounts as they can be ordered."""
        amounts = np.maximum(amounts, self._least[keys])
        for size in (self._lot[keys], self._multiple[keys]):
            whole = np.where(size > 0, size, 1)
            amounts = -(-amounts // whole) * whole
        return amounts

    def _explode(self, keys: Array, buckets: Array, amounts: Array) -> None:
        """Adds what orders need of components, in the bucket in which they start; each is rounded up by itself."""
        graph = self._graph
        counts = graph.first[keys + 1] - graph.first[keys]
        if not counts.sum():
            return
        which = np.repeat(np.arange(len(keys)), counts)
        at = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts) + graph.first[keys][which]
        self._room(_most(amounts) * _most(self._numerator[at]))
        needed = -(-(amounts[which] * self._numerator[at]) // self._denominator[at])
        starts = self._starts[self._lead[keys], buckets][which]
        cells = graph.components[at] * self._given.buckets + starts
        there, most, together = _most(self._dependent), _most(needed), len(cells)
        if there + together * most >= _ROOM:  # only then it matters how many really meet in one cell
            together = int(np.bincount(cells).max())
        self._room(there + together * most)
        np.add.at(self._dependent.reshape(-1), cells, needed)

    def _room_for(self, keys: Array) -> None:
        """Is int64 wide enough for every sum of a level?"""
        buckets = self._given.buckets
        moved = _most(self._on_hand[keys]) + buckets * (_most(self._flow[keys]) + _most(self._dependent[keys]))
        lots = _most(self._least[keys]) + _most(self._lot[keys]) + _most(self._multiple[keys])
        self._room(2 * moved + _most(self._target[keys]) + _most(self._trigger[keys]) + buckets * lots)

    def _room(self, number: int) -> None:
        if self._kind is np.int64 and number >= _ROOM:
            raise _TooLarge


def _nothing() -> tuple[Array, Array, Array]:
    nothing = np.zeros(0, dtype=np.int64)
    return nothing, nothing, nothing


def _most(numbers: Array) -> int:
    """The largest magnitude, as a Python integer."""
    if not numbers.size:
        return 0
    return max(abs(int(numbers.max())), abs(int(numbers.min())))
