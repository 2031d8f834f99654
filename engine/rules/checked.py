"""The checked expression: the one input of all three targets."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC
from decimal import getcontext, setcontext
from typing import Any

from engine.clock import Moment
from engine.rules import tree as t
from engine.rules.closures import Closure, to_closures
from engine.rules.runtime import Diagnostic, Run
from engine.rules.straight import MISSES
from engine.rules.to_python import Compiled, to_python
from engine.rules.types import Type
from engine.values import EXACT


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

    __slots__ = ("closure", "straight", "tree")

    def __init__(self, tree: t.Node, types: Mapping[int, Type]) -> None:
        self.tree = tree
        self.straight: Compiled | None = to_python(tree, types)
        self.closure: Closure = to_closures(tree)


@dataclass(frozen=True, slots=True, eq=False)
class Checked:
    """An expression that passed the checker. `reads` are the paths it depends on; `sql` says whether the database can work it out
    ("exact") or not ("no"); the digest names it in caches; `types` are the types of its nodes by identity."""

    text: str
    tree: t.Node = field(repr=False)
    type: Type
    reads: frozenset[tuple[str, ...]]
    sql: str
    digest: str
    types: Mapping[int, Type] = field(default_factory=dict, repr=False)
    made: list[Program] = field(default_factory=list, repr=False)

    @property
    def program(self) -> Program:
        """Its Python, made at the first use."""
        if not self.made:
            self.made.append(Program(self.tree, self.types))
        return self.made[0]

    def evaluate(self, values: Mapping[str, Any], moment: Moment) -> Evaluation:
        """The value in a scope. Total: what cannot be worked out is None with a diagnostic."""
        program = self.program
        if program.straight is not None:
            before = getcontext()
            setcontext(EXACT)
            try:
                run = Run(moment, UTC)
                return Evaluation(program.straight(values, run), tuple(run.warnings))
            except MISSES:
                pass
            finally:
                setcontext(before)
        return self.by_reference(values, moment)

    def by_reference(self, values: Mapping[str, Any], moment: Moment) -> Evaluation:
        """The value as the reference closures have it."""
        run = Run(moment, UTC)
        value = run.result(self.program.closure, values)
        return Evaluation(value, tuple(run.warnings))

    def function(self, moment: Moment) -> Callable[[Mapping[str, Any]], Any]:
        """values → value, for many records at one moment; to be called within `exact_decimals`."""
        straight, run = self.program.straight, Run(moment, UTC)

        def work(values: Mapping[str, Any]) -> Any:
            try:
                return straight(values, run)  # type: ignore[misc]
            except MISSES:
                return self.by_reference(values, moment).value

        return work if straight is not None else lambda values: self.by_reference(values, moment).value


def is_true(evaluation: Evaluation) -> bool:
    """Is it boolean true, and nothing went wrong on the way? What every gate asks."""
    return evaluation.value is True and not evaluation.warnings
