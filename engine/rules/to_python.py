"""Target Python: checked tree → a function made from `ast` nodes, never from text. The one place of `compile` and `eval` in the engine.

The generated function is the straight way: it takes every value to be there and of its type, and reads each through a guard. Where
that is not so (a null, a record's quantity object, a division by zero) something raises one of MISSES, and the reference closures work
the expression out from the start, with their diagnostics. So the straight way may never give an answer of its own: it gives the
closures' answer or none. It runs under the decimal context EXACT.
"""

import ast
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from engine.rules import tree as t
from engine.rules.arithmetic import power
from engine.rules.runtime import Run, plain
from engine.rules.straight import CLASSES, Generator, NotStraight, function_of
from engine.rules.temporal import add_months
from engine.rules.types import Type
from engine.values import MonthsDuration

Compiled = Callable[[Any, Run], Any]
"""(scope, run) → value."""


def to_python(tree: t.Node, types: Mapping[int, Type]) -> Compiled | None:
    """The function that works out `tree`, whose node types (by identity) the checker found; None when no part of it is straight."""
    generator = Generator(types)
    try:
        body = generator.value(tree, {})
    except (NotStraight, RecursionError):
        return None
    module = ast.fix_missing_locations(ast.Expression(function_of(("s", "w"), body)))
    try:
        made: Compiled = eval(
            compile(module, "<rule>", "eval"), {"__builtins__": {}, **_HELPERS, **generator.constants}
        )
    except (RecursionError, MemoryError):
        return None
    return made


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
