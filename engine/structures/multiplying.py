"""Multiplying a graph out by level, exactly: whole numbers over one denominator a node, 64 bits wide where they fit, Python's own where
they do not. The home of numpy for structures; the answers are those of the walk with ratios (`walked`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import gcd, lcm
from typing import Any, Final

import numpy as np

from engine.structures.graph import Graph

WIDE: Final = 2**63 - 1
"""The largest number of 64 bits."""
SCALE_BITS_MAX: Final = 4_000
"""Widest common denominator that is worth while; beyond it ratios are added one by one."""


@dataclass(frozen=True, slots=True)
class Amount:
    """What one of the root needs of a node: `real` as a part, `phantom` where its lines are taken in its place, at the deepest `level`;
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
        targets = np.fromiter((e.component for edges in below for e in edges), np.int64, count)
        self.levels = _levels(sources, targets, self._count)
        self.is_acyclic = bool((self.levels >= 0).all())
        """Is no node a part of itself? Only then may anything be multiplied."""
        order = np.argsort(self.levels[sources], kind="stable")
        self._sources, self._targets = sources[order], targets[order]
        self._bounds = np.searchsorted(self.levels[self._sources], np.arange(self.levels.max(initial=0) + 2))
        uses = [e.use for edges in below for e in edges]
        by_order = [uses[at] for at in order.tolist()]
        self._quantities = [u.quantity for u in by_order]
        has_lines = np.fromiter(map(bool, graph.below), np.bool_, self._count)
        self._phantom = np.fromiter((u.is_phantom for u in by_order), np.bool_, count) & has_lines[self._targets]
        self._largest_in = int(np.bincount(targets, minlength=1).max(initial=1))
        self._scales, self._factors = self._scaled() if self.is_acyclic else (None, [])
        fits = self._scales is not None and max(self._factors, default=0) <= WIDE
        self._wide = np.fromiter(self._factors, np.int64, count) if fits else None

    def _scaled(self) -> tuple[list[int] | None, list[int]]:
        """The denominator of every node's amounts, and for every edge the whole number that an amount of its source is multiplied by."""
        sources, targets = self._sources.tolist(), self._targets.tolist()
        if all(q.denominator == 1 for q in self._quantities):
            return [1] * self._count, [q.numerator for q in self._quantities]
        scales = [1] * self._count
        parts: list[tuple[int, int]] = []
        for source, target, quantity in zip(sources, targets, self._quantities, strict=True):
            top, bottom = quantity.numerator, quantity.denominator * scales[source]
            shared = gcd(top, bottom)
            top, bottom = top // shared, bottom // shared
            if scales[target] % bottom:
                scales[target] = lcm(scales[target], bottom)
                if scales[target].bit_length() > SCALE_BITS_MAX:
                    return None, []
            parts.append((top, bottom))
        return scales, [t * (scales[v] // b) for v, (t, b) in zip(targets, parts, strict=True)]

    def level(self, node: int) -> int:
        """The low-level code of a node: the longest way down to it from any that is in nothing else."""
        return int(self.levels[node])

    def amounts(self, root: int) -> dict[int, Amount]:
        """What one of `root` needs of every node that goes into it, itself left out."""
        assert self.is_acyclic
        depth, real = self._depths(root)
        if self._scales is None:
            return self._told(root, depth, real, *self.walked(root))
        found = self._narrow(root, depth) if self._wide is not None else None
        if found is None:
            found = self._unbounded(root, depth)
        scales = self._scales
        in_parts = [Fraction(a, s) if a else _ZERO for a, s in zip(found[0], scales, strict=True)]
        in_phantoms = [Fraction(a, s) if a else _ZERO for a, s in zip(found[1], scales, strict=True)]
        return self._told(root, depth, real, in_parts, in_phantoms)

    def _told(
        self, root: int, depth: Any, real: Any, parts: Sequence[Fraction], phantoms: Sequence[Fraction]
    ) -> dict[int, Amount]:
        reached = np.nonzero(depth > 0)[0].tolist()
        deep, is_real = depth.tolist(), real.tolist()
        return {n: Amount(parts[n], phantoms[n], deep[n], is_real[n]) for n in reached if n != root}

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
        assert self._wide is not None
        assert self._scales is not None
        if self._scales[root] > WIDE:
            return None
        whole, part, phantom = (np.zeros(self._count, np.int64) for _ in range(3))
        whole[root] = self._scales[root]
        for low, high in self._groups(root):
            sources, targets = self._sources[low:high], self._targets[low:high]
            taken = depth[sources] >= 0
            if not taken.any():
                continue
            demands, factors = whole[sources[taken]], self._wide[low:high][taken]
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
        for low, high in self._groups(root):
            for at in range(low, high):
                made = whole[sources[at]] * self._factors[at]
                if made:
                    whole[targets[at]] += made
                    (phantom if is_phantom[at] else part)[targets[at]] += made
        return part, phantom

    def walked(self, root: int) -> tuple[list[Fraction], list[Fraction]]:
        """As the others, with ratios, edge by edge."""
        whole, part, phantom = ([_ZERO] * self._count for _ in range(3))
        whole[root] = Fraction(1)
        sources, targets, is_phantom = self._sources.tolist(), self._targets.tolist(), self._phantom.tolist()
        for low, high in self._groups(root):
            for at in range(low, high):
                made = whole[sources[at]] * self._quantities[at]
                if made:
                    whole[targets[at]] += made
                    (phantom if is_phantom[at] else part)[targets[at]] += made
        return part, phantom


_ZERO: Final = Fraction(0)


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
