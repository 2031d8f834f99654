"""Multiplying a graph out by level, exactly: whole numbers over one denominator a node, 64 bits wide where they fit, Python's own where
they do not. The home of numpy for structures; the answers are those of the walk with ratios (`walked`).
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import chain, pairwise
from math import gcd, lcm
from typing import Any, Final, NamedTuple

import numpy as np

from engine.structures.graph import Graph

WIDE: Final = 2**63 - 1
"""The largest number of 64 bits."""
SCALE_BITS_MAX: Final = 4_000
"""Widest common denominator that is worth while; beyond it ratios are added one by one."""
ONE: Final = Fraction(1)
_ZERO: Final = Fraction(0)


class Amount(NamedTuple):
    """What a demand of the root needs of a node: `real` as a part, `phantom` where its lines are taken in its place, at the deepest `level`;
    `is_real` when a line needs it as a part."""

    real: Fraction
    phantom: Fraction
    level: int
    is_real: bool


class Multiplier:
    """A graph made ready for multiplying; from then on an explosion is one pass over its levels."""

    def __init__(self, graph: Graph) -> None:
        below = graph.below
        if graph.has_outputs:
            below = tuple([e for e in edges if not e.use.is_output] for edges in below)
        counts = np.fromiter(map(len, below), np.int64, len(below))
        count, self._count = int(counts.sum()), len(graph.nodes)
        sources = np.repeat(np.arange(self._count), counts)
        components, uses, _ = zip(*chain.from_iterable(below), strict=True) if count else ((), (), ())
        targets = np.array(components, np.int64)
        self.levels = _levels(sources, targets, self._count)
        self.is_acyclic = bool((self.levels >= 0).all())
        """Is no node a part of itself? Only then may anything be multiplied."""
        order = np.argsort(self.levels[sources], kind="stable")
        self._sources, self._targets = sources[order], targets[order]
        self._bounds = np.searchsorted(self.levels[self._sources], np.arange(self.levels.max(initial=0) + 2))
        # Many lines say the same: whatever is asked of a use is asked once.
        different = dict(zip(map(id, uses), uses, strict=True))
        number = {key: at for at, key in enumerate(different)}
        which = np.fromiter(map(number.__getitem__, map(id, uses)), np.int64, count)[order]
        self._different = [use.quantity for use in different.values()]
        self._which = which
        has_lines = np.fromiter(map(bool, graph.below), np.bool_, self._count)
        is_phantom = np.fromiter((use.is_phantom for use in different.values()), np.bool_, len(different))
        self._phantom = is_phantom[which] & has_lines[self._targets]
        self._largest_in = int(np.bincount(targets, minlength=1).max(initial=1))
        self._scales, self._factors = self._scaled() if self.is_acyclic else (None, _numbers([]))

    def _each(self, of_different: Sequence[Any]) -> list[Any]:
        """Something of each different use, for every edge."""
        return [of_different[at] for at in self._which.tolist()]

    def _scaled(self) -> tuple[list[int] | None, Any]:
        """The denominator of every node's amounts, and for every edge the whole number that an amount of its source is multiplied by."""
        if all(q.denominator == 1 for q in self._different):
            return [1] * self._count, _numbers([q.numerator for q in self._different])[self._which]
        sources, targets = self._sources.tolist(), self._targets.tolist()
        ratios = self._each([q.as_integer_ratio() for q in self._different])
        scales = [1] * self._count
        parts: list[tuple[int, int]] = []
        for source, target, (over, under) in zip(sources, targets, ratios, strict=True):
            top, bottom = over, under * scales[source]
            shared = gcd(top, bottom)
            top, bottom = top // shared, bottom // shared
            if scales[target] % bottom:
                scales[target] = lcm(scales[target], bottom)
                if scales[target].bit_length() > SCALE_BITS_MAX:
                    return None, _numbers([])
            parts.append((top, bottom))
        return scales, _numbers([t * (scales[v] // b) for v, (t, b) in zip(targets, parts, strict=True)])

    def level(self, node: int) -> int:
        """The low-level code of a node: the longest way down to it from any that is in nothing else."""
        return int(self.levels[node])

    def amounts(self, root: int, demand: Fraction = ONE) -> dict[int, Amount]:
        """What so much of `root` needs of every node that goes into it, itself left out."""
        assert self.is_acyclic
        depth, real = self._depths(root)
        reached = [n for n in np.nonzero(depth > 0)[0].tolist() if n != root]
        deep, is_real = depth.tolist(), real.tolist()
        if self._scales is None:
            parts, phantoms = self.walked(root)
            return {n: Amount(parts[n] * demand, phantoms[n] * demand, deep[n], is_real[n]) for n in reached}
        found = self._narrow(root, depth)
        of_parts, of_phantoms = found if found is not None else self._unbounded(root, depth)
        scales, (over, under) = self._scales, demand.as_integer_ratio()
        return {
            n: Amount(
                _ratio(of_parts[n] * over, scales[n] * under) if of_parts[n] else _ZERO,
                _ratio(of_phantoms[n] * over, scales[n] * under) if of_phantoms[n] else _ZERO,
                deep[n],
                is_real[n],
            )
            for n in reached
        }

    def _depths(self, root: int) -> tuple[Any, Any]:
        """The longest way from the root to every node (-1: none), and whether a line needs it as a part."""
        depth, real = np.full(self._count, -1, np.int64), np.zeros(self._count, np.bool_)
        depth[root] = 0
        for low, high in self._groups(root):
            above = depth[self._sources[low:high]]
            taken = above >= 0
            targets = self._targets[low:high][taken]
            np.maximum.at(depth, targets, above[taken] + 1)
            real[self._targets[low:high][taken & ~self._phantom[low:high]]] = True
        return depth, real

    def _groups(self, root: int) -> list[tuple[int, int]]:
        """The edges of each level, from the root's on."""
        bounds = self._bounds[int(self.levels[root]) :].tolist()
        return [(low, high) for low, high in pairwise(bounds) if low < high]

    def _narrow(self, root: int, depth: Any) -> tuple[list[int], list[int]] | None:
        """Amounts in 64 bits; None as soon as one might not fit."""
        assert self._scales is not None
        if self._factors.dtype != np.int64 or self._scales[root] > WIDE:
            return None
        whole, part, phantom = (np.zeros(self._count, np.int64) for _ in range(3))
        whole[root] = self._scales[root]
        for low, high in self._groups(root):
            sources, targets = self._sources[low:high], self._targets[low:high]
            taken = depth[sources] >= 0
            if not taken.any():
                continue
            demands, factors = whole[sources[taken]], self._factors[low:high][taken]
            if int(demands.max()) * int(factors.max()) * self._largest_in > WIDE:
                return None
            made, to, is_phantom = demands * factors, targets[taken], self._phantom[low:high][taken]
            np.add.at(whole, to, made)
            np.add.at(part, to[~is_phantom], made[~is_phantom])
            np.add.at(phantom, to[is_phantom], made[is_phantom])
        return part.tolist(), phantom.tolist()

    def _unbounded(self, root: int, depth: Any) -> tuple[list[int], list[int]]:
        """As _narrow, with numbers of any length."""
        assert self._scales is not None
        whole, part, phantom = ([0] * self._count for _ in range(3))
        whole[root] = self._scales[root]
        sources, targets, is_phantom = self._sources.tolist(), self._targets.tolist(), self._phantom.tolist()
        factors = self._factors.tolist()
        for low, high in self._groups(root):
            for at in range(low, high):
                made = whole[sources[at]] * factors[at]
                if made:
                    whole[targets[at]] += made
                    (phantom if is_phantom[at] else part)[targets[at]] += made
        return part, phantom

    def walked(self, root: int) -> tuple[list[Fraction], list[Fraction]]:
        """As the others, with ratios, edge by edge."""
        whole, part, phantom = ([_ZERO] * self._count for _ in range(3))
        whole[root] = ONE
        sources, targets, is_phantom = self._sources.tolist(), self._targets.tolist(), self._phantom.tolist()
        quantities = self._each(self._different)
        for low, high in self._groups(root):
            for at in range(low, high):
                made = whole[sources[at]] * quantities[at]
                if made:
                    whole[targets[at]] += made
                    (phantom if is_phantom[at] else part)[targets[at]] += made
        return part, phantom


def _numbers(numbers: Sequence[int]) -> Any:
    """Numbers that are not below zero as an array: in 64 bits if all of them fit, else as Python's own."""
    return np.array(numbers, np.int64 if max(numbers, default=0) <= WIDE else object)


def _ratio(top: int, bottom: int) -> Fraction:
    return Fraction(top) if bottom == 1 else Fraction(top, bottom)


def _levels(sources: Any, targets: Any, count: int) -> Any:
    """The longest way to every node from one that is in nothing; -1 for those on or below a circle."""
    levels = np.full(count, -1, np.int64)
    waiting = np.bincount(targets, minlength=count)[:count] if count else np.zeros(0, np.int64)
    starts = np.searchsorted(sources, np.arange(count + 1))
    front, level = np.nonzero(waiting == 0)[0], 0
    while front.size:
        levels[front] = level
        counts = starts[front + 1] - starts[front]
        shifts = np.repeat(starts[front] - np.concatenate(([0], np.cumsum(counts)[:-1])), counts)
        reached = targets[shifts + np.arange(int(counts.sum()))]
        np.subtract.at(waiting, reached, 1)
        candidates = np.unique(reached)
        front, level = candidates[waiting[candidates] == 0], level + 1
    return levels


def multiplier(graph: Graph) -> Multiplier:
    """The graph's Multiplier, made at the first use."""
    if "multiplier" not in graph.made:
        graph.made["multiplier"] = Multiplier(graph)
    found: Multiplier = graph.made["multiplier"]
    return found
