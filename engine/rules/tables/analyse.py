"""Static analysis of decision tables: gaps, overlaps, conflicts, masked and unmatchable rules, each with an example input.

Each input is cut at the values its cells mention; between two cuts every cell says the same, so one representative value stands for
all (after Calvanese et al., arXiv 1603.07466). A rule is then a box of such pieces, and the questions are about boxes. The
representatives are put to the very closures that work the table out, so the analysis cannot disagree with them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from engine.clock import moment_at
from engine.problems import Problems
from engine.rules import tree as t
from engine.rules.closures import to_closures
from engine.rules.comparing import equal
from engine.rules.evaluate import RuleSyntaxError
from engine.rules.runtime import Run
from engine.rules.tables.pieces import pieces_of
from engine.rules.tables.table import DecisionTable, Input, Row, _Cell, read_table
from engine.values import Range

BOXES_MAX: Final = 20_000
"""Boxes that the search for gaps and masked rules may hold; beyond, `is_complete` is false."""
FINDINGS_MAX: Final = 200
"""Findings of a kind that are told."""
_MOMENT: Final = moment_at(datetime(2000, 1, 1, tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Finding:
    """Rules (indexes from 0) and an input that shows it, as a context; `region` says of each input which values are meant."""

    rules: tuple[int, ...]
    example: Mapping[str, Any] = field(default_factory=dict)
    region: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Analysis:
    """What the analysis found.

    gaps: inputs that no rule matches (their `rules` are empty). overlaps: pairs of rules that match one input. conflicts: those pairs
    whose outputs differ. masked: a rule that never decides, because the rules after it in the tuple always do. unmatchable: rules that
    no input matches. `opaque` are rules with cells that depend on more than their input (other names, functions of it); of them
    nothing is claimed. `is_complete` is false when the table was too large to search for gaps.
    """

    gaps: tuple[Finding, ...]
    overlaps: tuple[Finding, ...]
    conflicts: tuple[Finding, ...]
    masked: tuple[Finding, ...]
    unmatchable: tuple[Finding, ...]
    opaque: tuple[int, ...] = ()
    is_complete: bool = True

    @property
    def is_disjoint(self) -> bool:
        """Can at most one rule match any input?"""
        return not self.overlaps and not self.opaque


def analyse_table(table: Mapping[str, Any] | DecisionTable) -> Analysis:
    """The analysis of a decision table. Raises RuleSyntaxError for one that cannot be read."""
    read = table if isinstance(table, DecisionTable) else read_table(table)
    if isinstance(read, Problems):
        raise RuleSyntaxError(read)
    return analyse(read)


Box = tuple[int, ...]
"""For each input the set of its pieces, as bits."""


def analyse(table: DecisionTable) -> Analysis:
    """As analyse_table, of a table that was read."""
    columns = [_Column(one, [row.when[at] for row in table.rows]) for at, one in enumerate(table.inputs)]
    boxes = [tuple(column.masks[at] for column in columns) for at in range(len(table.rows))]
    opaque = tuple(at for at in range(len(table.rows)) if any(at in column.opaque for column in columns))
    search = _Search(table, columns, boxes, opaque)
    unmatchable = tuple(Finding((at,)) for at, box in enumerate(boxes) if at not in opaque and not all(box))
    overlaps = search.overlaps()
    conflicts = tuple(f for f in overlaps if _differ(table.rows[f.rules[0]], table.rows[f.rules[1]]))
    gaps, masked = search.gaps(), search.masked()
    return Analysis(gaps, overlaps, conflicts, masked, unmatchable, opaque, search.is_complete)


@dataclass
class _Search:
    table: DecisionTable
    columns: Sequence["_Column"]
    boxes: Sequence[Box]
    opaque: tuple[int, ...]
    is_complete: bool = True

    def overlaps(self) -> tuple[Finding, ...]:
        """Pairs of rules that match one input."""
        sure = [at for at in range(len(self.boxes)) if at not in self.opaque and all(self.boxes[at])]
        found: list[Finding] = []
        for place, first in enumerate(sure):
            for second in sure[place + 1 :]:
                both = tuple(a & b for a, b in zip(self.boxes[first], self.boxes[second], strict=True))
                if all(both):
                    found.append(self._finding((first, second), both))
        return tuple(found)

    def gaps(self) -> tuple[Finding, ...]:
        """What no rule matches; a rule of which nothing is known counts as matching all it may."""
        if any(not column.pieces for column in self.columns):
            return ()
        whole = tuple(column.everything for column in self.columns)
        rest = self._without([whole], range(len(self.boxes)))
        return tuple(self._finding((), box) for box in rest[:FINDINGS_MAX])

    def masked(self) -> tuple[Finding, ...]:
        """Rules that never decide: for F, U and A because of the rules before, for P because of higher priorities."""
        if self.table.policy not in "UAFP":
            return ()
        found = []
        for at, box in enumerate(self.boxes):
            if at in self.opaque or not all(box):
                continue
            others = [o for o in self._before(at) if o not in self.opaque and _meet(self.boxes[o], box)]
            if others and not self._without([box], others):
                found.append(self._finding((at, *others), box))
        return tuple(found)

    def _before(self, at: int) -> Iterable[int]:
        if self.table.policy != "P":
            return range(at)
        own = rank(self.table, self.table.rows[at])
        return [o for o, row in enumerate(self.table.rows) if (rank(self.table, row), o) < (own, at)]

    def _without(self, rest: list[Box], rules: Iterable[int]) -> list[Box]:
        """Boxes less those of rules."""
        for rule in rules:
            rest = [piece for box in rest for piece in _subtract(box, self.boxes[rule])]
            if len(rest) > BOXES_MAX:
                self.is_complete = False
                return []
        return rest

    def _finding(self, rules: tuple[int, ...], box: Box) -> Finding:
        example: dict[str, Any] = {}
        for column, mask in zip(self.columns, box, strict=True):
            _put(example, column.input, column.pieces[(mask & -mask).bit_length() - 1].value)
        return Finding(
            rules, example, tuple(column.describe(mask) for column, mask in zip(self.columns, box, strict=True))
        )


def _meet(first: Box, second: Box) -> bool:
    return all(a & b for a, b in zip(first, second, strict=True))


def _subtract(box: Box, other: Box) -> list[Box]:
    """`box` less `other`, as boxes that do not touch."""
    if not _meet(box, other):
        return [box]
    pieces: list[Box] = []
    for at in range(len(box)):
        outside = box[at] & ~other[at]
        if outside:
            pieces.append((*box[:at], outside, *box[at + 1 :]))
        box = (*box[:at], box[at] & other[at], *box[at + 1 :])
    return pieces


def _put(example: dict[str, Any], one: Input, value: Any) -> None:
    """The value of an input into a context: `a.b` is an entry of an entry; what is no path stands under its text."""
    steps: list[str] = []
    node = one.tree
    while isinstance(node, t.Path):
        steps.insert(0, node.name)
        node = node.source
    if not isinstance(node, t.Name):
        example[one.expression] = value
        return
    inside = example
    for step in (node.name, *steps[:-1]) if steps else ():
        inside = inside.setdefault(step, {})
    inside[steps[-1] if steps else node.name] = value


def rank(table: DecisionTable, row: Row) -> list[int]:
    """The priority of a rule's outputs: the place of each among its allowed values, 0 the highest."""
    ranks = []
    for output, node in zip(table.outputs, row.then, strict=True):
        value = _constant(node)
        known = [
            at
            for at, one in enumerate(output.allowed)
            if value is not _UNKNOWN and equal(_constant(one), value) is True
        ]
        ranks.append(known[0] if known else len(output.allowed))
    return ranks


def _differ(first: Row, second: Row) -> bool:
    """May two rules give different outputs?"""
    for one, other in zip(first.then, second.then, strict=True):
        a, b = _constant(one), _constant(other)
        if a is _UNKNOWN or b is _UNKNOWN or not ((a is None and b is None) or equal(a, b) is True):
            return True
    return False


_UNKNOWN: Final = object()


def _constant(node: t.Node) -> Any:
    """The value of a node that reads nothing."""
    if _reads(node):
        return _UNKNOWN
    run = Run(_MOMENT)
    value = run.result(to_closures(node), {})
    return _UNKNOWN if run.warnings else value


def _reads(node: t.Node) -> bool:
    if isinstance(node, t.Name | t.Function | t.Loop | t.Filter):
        return True
    if isinstance(node, t.Call) and node.function in ("now", "today"):
        return True
    return any(_reads(child) for child in t.children(node))


class _Column:
    """One input: its pieces, and for each rule the pieces its cell admits."""

    def __init__(self, one: Input, cells: Sequence[t.Tests]) -> None:
        self.input = one
        self.opaque = frozenset(at for at, cell in enumerate(cells) if not _is_plain(cell))
        known = [cell for at, cell in enumerate(cells) if at not in self.opaque]
        allowed = one.allowed if one.allowed is not None and _is_plain(one.allowed) else None
        pieces = pieces_of(one, _cuts([*known, *([allowed] if allowed is not None else [])]))
        run = Run(_MOMENT)
        if allowed is not None:
            admitted = _Cell(allowed)
            pieces = [p for p in pieces if admitted.admits(p.value, {}, run)]
        self.pieces = pieces
        self.everything = (1 << len(pieces)) - 1
        self.masks = [self.everything if at in self.opaque else self._mask(cell, run) for at, cell in enumerate(cells)]

    def _mask(self, cell: t.Tests, run: Run) -> int:
        admits = _Cell(cell)
        run.steps += len(self.pieces) * 10
        return sum(1 << at for at, piece in enumerate(self.pieces) if admits.admits(piece.value, {}, run))

    def describe(self, mask: int) -> str:
        """A set of pieces in words."""
        if mask == self.everything:
            return "-"
        return ", ".join(piece.text for at, piece in enumerate(self.pieces) if mask >> at & 1)


def _is_plain(cell: t.Tests) -> bool:
    """Does it compare its input with constants only?"""
    return all(not _reads(node) and _constant(node) is not _UNKNOWN for _, node in cell.tests)


def _cuts(cells: Sequence[t.Tests]) -> tuple[list[Any], list[Any]]:
    """(ends of comparisons and ranges, values compared for equality)."""
    ends: list[Any] = []
    points: list[Any] = []
    for cell in cells:
        for operator, node in cell.tests:
            value = _constant(node)
            for found in value if isinstance(value, list) and operator == "in" else [value]:
                if isinstance(found, Range):
                    ends += [end for end in (found.low, found.high) if end is not None]
                else:
                    (points if operator in ("in", "=", "!=") else ends).append(found)
    return ends, points
