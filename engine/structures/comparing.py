"""Comparing two versions of a parent, line by line and summed up over all levels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class LineFacts:
    """A line of a version: the `key` by which it is found again in the other (its component), and its fields on the wire."""

    key: Any
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LineChange:
    """A line that is `added`, `removed` or `changed`, with {field: (before, after)} of what differs; None is not there."""

    change: Literal["added", "removed", "changed"]
    key: Any
    fields: Mapping[str, tuple[Any, Any]]


def compare(before: Sequence[LineFacts], after: Sequence[LineFacts]) -> list[LineChange]:
    """What leads from one version to the other, in the order of the newer lines; removed lines last. Several lines of one component are
    paired first when they are equal, then in their order."""
    left: dict[Any, list[LineFacts]] = {}
    for line in before:
        left.setdefault(line.key, []).append(line)
    paired: list[tuple[LineFacts, LineFacts | None]] = []
    open_lines: list[int] = []
    for line in after:
        same = next((o for o in left.get(line.key, []) if o.fields == line.fields), None)
        if same is not None:
            left[line.key].remove(same)
        else:
            open_lines.append(len(paired))
        paired.append((line, same))
    for at in open_lines:
        line = paired[at][0]
        if left.get(line.key):
            paired[at] = (line, left[line.key].pop(0))
    found: list[LineChange] = []
    for line, old in paired:
        if old is None:
            found.append(LineChange("added", line.key, {n: (None, v) for n, v in line.fields.items() if v is not None}))
        elif differences := {n: (old.fields.get(n), v) for n, v in line.fields.items() if old.fields.get(n) != v}:
            found.append(LineChange("changed", line.key, differences))
    gone = [line for line in before if line in left.get(line.key, [])]
    return found + [
        LineChange("removed", line.key, {n: (v, None) for n, v in line.fields.items() if v is not None})
        for line in gone
    ]
