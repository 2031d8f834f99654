"""What a net-change run looks at: the keys of which something is otherwise than the last finished run left it. Everything that a run starts
from is read anew and compared by marks (engine/replenishment/marks.py), so nothing that changed can be overlooked.
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from engine.actions.planner_inputs import Prepared
from engine.replenishment import MARK_BYTES, Flows, Key, Keys, Marks, Run
from engine.store import Reader, Store, site
from engine.values import canonical


@dataclass(frozen=True, slots=True)
class Only:
    """What a run is for (net-change): some `items` and what they consist of, or what has `changed` since the last finished run and what
    that consists of; neither: everything."""

    items: frozenset[UUID] = frozenset()
    changed: bool = False


EVERYTHING: Final = Only()
MARKS_SETTING: Final = "planner marks "
"""Setting that holds what a planner's last finished run left, by the planner's name."""
WRONG: Final = "?"
"""Stands for a suggestion that could not be filled in: the next run tries again."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The marks that a run leaves, and the release it ran under."""

    release: str
    marks: frozenset[bytes]


class Changes:
    """Finds the keys of a run in which something has changed, and makes the marks for the next."""

    def __init__(self, prepared: Prepared, known: frozenset[bytes]) -> None:
        self._prepared = prepared
        self._known = known
        self._shown = _Shown(prepared)

    @cached_property
    def _said(self) -> Mapping[Key, Sequence[str]]:
        """What the open suggestions of keys say, as text."""
        found: dict[Key, list[str]] = {}
        for one in self._prepared.open:
            values = self._prepared.standing[one.record].values
            found.setdefault(one.key, []).append(self._shown.text(one.key, values))
        return found

    def touched(self, keys: Keys, flows: Flows) -> frozenset[Key]:
        """The keys that are not as they were left."""
        return Marks(self._prepared.inputs, keys, flows).new(self._said, self._known)

    def left(self, found: Run, wanted: Mapping[Key, Sequence[Mapping[str, Any] | None]]) -> frozenset[bytes]:
        """The marks of all keys once what is `wanted` (None: cannot be filled in) stands for those that the run was for."""
        marks = Marks(found.inputs, found.collected, found.flows)
        says: dict[Key, Sequence[str]] = {
            key: self._said.get(key, ()) for key in found.parameters.keys() - found.wanted
        }
        says |= {key: [WRONG if v is None else self._shown.text(key, v) for v in all_] for key, all_ in wanted.items()}
        return frozenset(marks.of(key, says.get(key, ())) for key in found.parameters)


class _Shown:
    """What a suggestion says, and what its fields are worked out from beside the run's own numbers, as text."""

    def __init__(self, prepared: Prepared) -> None:
        self._prepared = prepared
        fields = prepared.planner.suggestion.fields
        self._fields = tuple(fields)
        self._paths = sorted({p for rule in fields.values() for p in rule.reads if p[0] in ("key", "item", "source")})

    def text(self, key: Key, values: Mapping[str, Any]) -> str:
        """The text for a key's suggestion with these values."""
        prepared = self._prepared
        scope = {
            "key": prepared.key_scope(key),
            "item": prepared.items.scope(key[0]),
            "source": prepared.inputs.parameters(key).source,
        }
        return repr([*(_text(values.get(n)) for n in self._fields), *(_text(_at(scope, p)) for p in self._paths)])


def _at(scope: Mapping[str, Any], path: Sequence[str]) -> Any:
    found: Any = scope
    for step in path:
        found = found.get(step) if isinstance(found, Mapping) else None
    return found.get("id") if isinstance(found, Mapping) else found


def _text(value: Any) -> str:
    if value is None or isinstance(value, str | bool | UUID):
        return str(value)
    try:
        return canonical(value)
    except TypeError:  # of a kind that does not travel
        return repr(value)


def known_marks(reader: Reader, planner: str, release: str) -> frozenset[bytes]:
    """What the planner's last finished run left; nothing when it ran under another release, which may plan in another way."""
    kept = site.setting(reader, MARKS_SETTING + planner) or {}
    if kept.get("release") != release:
        return frozenset()
    marks = b64decode(kept["marks"])
    return frozenset(marks[at : at + MARK_BYTES] for at in range(0, len(marks), MARK_BYTES))


def keep_marks(store: Store, planner: str, kept: Kept) -> None:
    """Keep the marks for the next run."""
    text = b64encode(b"".join(sorted(kept.marks))).decode()
    site.put_setting(store, MARKS_SETTING + planner, {"release": kept.release, "marks": text})
