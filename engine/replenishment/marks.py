"""Marks: a digest for each key of all that its suggestions follow from and of what they say. A key whose mark an earlier run left, and that
lies below no other whose mark is new, would come to the same suggestions again: net-change leaves it alone.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import Final

from engine.replenishment.definition import Key, Parameters
from engine.replenishment.requirements import Flows, Inputs, Keys

MARK_BYTES: Final = 12
"""Long enough that two that are alike by chance are not met."""


class Marks:
    """Makes marks of the keys of one run. What a key is part of is in its mark, so that it is looked at when that ends."""

    def __init__(self, inputs: Inputs, keys: Keys, flows: Flows) -> None:
        self._inputs = inputs
        self._keys = keys
        self._flows = flows
        self._plain: dict[int, str] = {}
        """Parameters as text, by identity: most keys share theirs with others."""
        self._above: dict[Key, list[str]] = {}
        for key in keys.parameters:
            for component, part in keys.parts(key):
                self._above.setdefault(component, []).append(f"{part.parent} {part.quantity}")

    def of(self, key: Key, says: Collection[str]) -> bytes:
        """The mark of a key whose open suggestions say this. The day is in it where something is expected or suggested: what must be there
        by when begins and is late by the day."""
        flows = self._flows.get(key, ((), ()))
        parts = (
            key,
            self._inputs.on_hand.get(key, 0),
            self._parameters(key),
            sorted(self._above.get(key, ())),
            [[(flow.day.toordinal(), flow.quantity) for flow in side] for side in flows],
            sorted(says),
            self._inputs.today if says or flows[0] or flows[1] else None,
        )
        return blake2b(repr(parts).encode(), digest_size=MARK_BYTES).digest()

    def _parameters(self, key: Key) -> str:
        p = self._keys.parameters[key]
        found = self._plain.get(id(p))
        if found is None:
            found = self._plain[id(p)] = _plain(p)
        return found

    def new(self, says: Mapping[Key, Sequence[str]], known: Collection[bytes]) -> frozenset[Key]:
        """The keys whose marks are not among the `known`."""
        return frozenset(key for key in self._keys.parameters if self.of(key, says.get(key, ())) not in known)


def _plain(p: Parameters) -> str:
    """The parameters as text; of a record that is a source, which one it is."""
    return repr(replace(p, source=p.source.get("id")) if isinstance(p.source, Mapping) else p)
