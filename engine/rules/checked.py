"""The checked expression: the one input of all three targets."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC
from decimal import getcontext, setcontext
from typing import Any, Final

from engine.clock import Moment
from engine.rules import tree as t
from engine.rules.closures import Closure, to_closures
from engine.rules.runtime import Diagnostic, Run
from engine.rules.sql_marks import Mark, sql_marks
from engine.rules.to_python import Straight, to_python
from engine.rules.types import Type
from engine.rules.writing import write
from engine.values import EXACT

WRITTEN_MAX: Final = 160
"""Characters of an expression that a limit tells of."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What an expression came to, and a diagnostic for each null that was born of an error."""

    value: Any
    warnings: tuple[Diagnostic, ...] = ()


@contextmanager
def exact_decimals() -> Iterator[None]:
    """The decimal context of rules, for work on many values; `Checked.function` wants it."""
    before = getcontext()
    setcontext(EXACT)
    try:
        yield
    finally:
        setcontext(before)


class Program:
    """The Python of an expression: the straight way (made from `ast`, None when there is none) and the reference closures."""

    __slots__ = ("closure", "straight")

    def __init__(self, tree: t.Node, types: Mapping[int, Type]) -> None:
        self.closure: Closure = to_closures(tree)
        self.straight: Straight | None = to_python(tree, types, self.closure)


@dataclass(frozen=True, slots=True, eq=False)
class Checked:
    """An expression that passed the checker. `reads` are the paths it depends on, `types` the types of its nodes
    by identity. It is made once a release and process; its Python at the first use."""

    text: str
    tree: t.Node = field(repr=False)
    type: Type
    reads: frozenset[tuple[str, ...]]
    types: Mapping[int, Type] = field(default_factory=dict, repr=False)
    made: list[Program] = field(default_factory=list, repr=False)
    marked: list[Mapping[int, Mark]] = field(default_factory=list, repr=False)

    @property
    def marks(self) -> Mapping[int, Mark]:
        """Where each node can be worked out, by its identity (see sql_marks.py)."""
        if not self.marked:
            self.marked.append(sql_marks(self.tree, self.types))
        return self.marked[0]

    @property
    def sql(self) -> Mark:
        """Can the database work it out: `exact`, `positive` (as a condition) or `no`?"""
        return self.marks[id(self.tree)]

    @property
    def program(self) -> Program:
        """Its Python, made at the first use."""
        if not self.made:
            self.made.append(Program(self.tree, self.types))
        return self.made[0]

    def evaluate(self, values: Mapping[str, Any], moment: Moment) -> Evaluation:
        """The value in a scope. Total: what cannot be worked out is None with a diagnostic."""
        straight = self.program.straight
        if straight is None:
            return self.by_reference(values, moment)
        run, before = Run(moment, UTC), getcontext()
        setcontext(EXACT)
        try:
            return self._evaluation(run.result(straight.function, values), run)
        finally:
            setcontext(before)

    def by_reference(self, values: Mapping[str, Any], moment: Moment) -> Evaluation:
        """The value as the reference closures have it."""
        run = Run(moment, UTC)
        return self._evaluation(run.result(self.program.closure, values), run)

    def _evaluation(self, value: Any, run: Run) -> Evaluation:
        """A limit that was exceeded is told of the whole expression."""
        told = (w if w.expression else replace(w, expression=write(self.tree)[:WRITTEN_MAX]) for w in run.warnings)
        return Evaluation(value, tuple(told) if run.warnings else ())

    def function(self, moment: Moment) -> Callable[[Mapping[str, Any]], Any]:
        """values → value, for many records at one moment; to be called within `exact_decimals`."""
        straight = self.program.straight
        if straight is None or straight.embeds:
            return lambda values: self.evaluate(values, moment).value
        return straight.bound(Run(moment, UTC))


def marks(checked: Checked) -> list[tuple[int, int, str, Mark]]:
    """What an editor shows of where an expression runs: (line, column, text, mark) of every node, the outer before the inner."""
    shown: list[tuple[int, int, str, Mark]] = []
    waiting = [checked.tree]
    while waiting:
        node = waiting.pop()
        shown.append((*node.at, write(node), checked.marks[id(node)]))
        waiting += reversed(t.children(node))
    return shown


def is_true(evaluation: Evaluation) -> bool:
    """Is it boolean true, and nothing went wrong on the way? What every gate asks."""
    return evaluation.value is True and not evaluation.warnings
