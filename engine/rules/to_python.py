"""Target Python: checked tree → a function made from `ast` nodes, never from text. The one place of `compile` and `exec` in the engine.

The generated function is the straight way: it takes every value to be there and of its type, and reads each through a guard. Where
that is not so (a null, a record's quantity object, a division by zero) something raises one of MISSES, and the reference closures work
the expression out from the start, with their diagnostics. So the straight way may never give an answer of its own: it gives the
closures' answer or none. It runs under the decimal context EXACT.
"""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from types import FunctionType
from typing import Any, Final

from engine.rules import tree as t
from engine.rules.arithmetic import power
from engine.rules.closures import Closure
from engine.rules.runtime import Run, plain
from engine.rules.straight import CLASSES, MISSES, NotStraight, function_of
from engine.rules.straight_lists import Generator
from engine.rules.temporal import add_months
from engine.rules.types import Type
from engine.values import MonthsDuration

Compiled = Callable[[Any, Run], Any]
"""(scope, run) → value."""


@dataclass(frozen=True, slots=True)
class Straight:
    """The generated function (scope, run) → value, total: what misses is handed to the closure. `embeds`: it also spends the run's
    budget on its way."""

    function: FunctionType
    embeds: bool

    def bound(self, run: Run) -> Callable[[Any], Any]:
        """scope → value, at one run; without the cost of another call."""
        made = self.function
        return FunctionType(made.__code__, made.__globals__, "rule", (run,))


def to_python(tree: t.Node, types: Mapping[int, Type], closure: Closure) -> Straight | None:
    """The function that works out `tree`, whose node types (by identity) the checker found; None when no part of it is straight."""
    generator = Generator(types)
    try:
        body = generator.body(tree)
    except (NotStraight, RecursionError):
        return None
    missed = ast.Return(
        ast.Call(ast.Name("missed", ast.Load()), [ast.Name("s", ast.Load()), ast.Name("w", ast.Load())], [])
    )
    guarded = ast.Try(body, [ast.ExceptHandler(ast.Name("MISSES", ast.Load()), None, [missed])], [], [])
    module = ast.fix_missing_locations(ast.Module([function_of("rule", ("s", "w"), [guarded])], []))
    names: dict[str, Any] = {
        "__builtins__": {},
        **_HELPERS,
        **generator.constants,
        "MISSES": MISSES,
        "missed": _by_closure(closure),
    }
    try:
        exec(compile(module, "<rule>", "exec"), names)
    except (RecursionError, MemoryError):
        return None
    return Straight(names["rule"], generator.embeds)


def _by_closure(closure: Closure) -> Compiled:
    return lambda scope, run: run.again(closure, scope)


def _as(value: Any, wanted: type) -> Any:
    """A value that is not simply of the wanted type: a quantity or an id may stand for one; all else misses."""
    found = plain(value)
    if type(found) is not wanted:
        raise TypeError
    return found


def _present(value: Any) -> Any:
    if value is None:
        raise TypeError
    return value


def _total(items: list[Decimal]) -> Decimal:
    if not items:
        raise TypeError
    return sum(items[1:], items[0])


def _moved(day: date, span: Any) -> Any:
    return (
        _present(add_months(day, span.months)) if type(span) is MonthsDuration else day + timedelta(days=span // _DAY)
    )


_DAY: Final = timedelta(days=1)
_HELPERS: Final[Mapping[str, Any]] = {
    "type": type, "len": len, "min": min, "max": max, "any": any, "all": all, "D": Decimal, "as_": _as, "present": _present,
    "total": _total, "power": power, "moved": _moved, **{f"T{i}": cls for i, cls in enumerate(CLASSES.values())},
}  # fmt: skip
