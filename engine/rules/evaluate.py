"""The public interface: `evaluate(text, context)`. Plain Python in, plain Python out; total but for text that is no expression."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from engine.clock import SystemClock, moment_at
from engine.problems import Problems
from engine.rules.closures import Closure, to_closures
from engine.rules.parse import parse
from engine.rules.runtime import FunctionValue, Run

NAMES_MAX = 10_000
"""Most names of a context that are looked at for spaces."""


class RuleSyntaxError(ValueError):
    """The text is no expression. `line` and `column` say where (from 1), `code` why, `problems` in the product's words."""

    def __init__(self, found: Problems) -> None:
        first = found.first
        self.code = first.code
        self.line = int(str(first.params.get("line", 1)))
        self.column = int(str(first.params.get("column", 1)))
        self.problems = found
        about = first.params.get("found") or first.params.get("text") or ""
        super().__init__(f"{first.code} at line {self.line}, column {self.column}" + (f": {about!r}" if about else ""))


def evaluate(text: str, context: Mapping[str, Any] | None = None, *, at: datetime | None = None) -> Any:
    """The value of a FEEL expression over a context.

    Values in: str, bool, int or Decimal, None, date, datetime, time, timedelta, MonthsDuration, Range, list, dict; the same out, with
    every number a Decimal, FEEL's null None. Names of the context may have spaces. `at` is the moment of now() and today()
    (default: this moment). What has no value (an unknown name, a type error) is None; `check` tells such mistakes beforehand.
    Raises RuleSyntaxError for text that is no expression, TypeError for values that FEEL does not have (float among them).
    """
    run = Run(moment_at(at) if at is not None else SystemClock().now())
    values = scope_of(context or {}, run)
    return value_out(run.result(compiled(text, names_of(values)), values))


@lru_cache(maxsize=5_000)
def compiled(text: str, names: frozenset[str] = frozenset()) -> Closure:
    """The closure of a text. Raises RuleSyntaxError."""
    parsed = parse(text, names)
    if isinstance(parsed, Problems):
        raise RuleSyntaxError(parsed)
    return to_closures(parsed.tree)


def names_of(values: Any) -> frozenset[str]:
    """The names in a context, at any depth, that are no plain words."""
    found: set[str] = set()
    waiting: list[Any] = [values]
    left = NAMES_MAX
    while waiting and left > 0:
        value = waiting.pop()
        left -= 1
        if isinstance(value, dict):
            found.update(name for name in value if not name.isidentifier())
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return frozenset(found)


def scope_of(context: Mapping[str, Any], run: Run) -> dict[str, Any]:
    """The names of a context for one evaluation. Functions of another one can call each other here, and spend this budget."""
    values: dict[str, Any] = {}

    def adopt(function: FunctionValue) -> FunctionValue:
        return function if function.over is None else function.over(values, run)

    for name, value in context.items():
        values[str(name)] = value_in(value, adopt)
    return values


def value_in(value: Any, adopt: Callable[[FunctionValue], FunctionValue] | None = None) -> Any:
    """A Python value as expressions have it; `adopt` is what becomes of its functions."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise TypeError("numbers of rules are finite")
        return value
    if isinstance(value, float):
        raise TypeError("floats are not exact: give a Decimal")
    if isinstance(value, Mapping):
        return {str(k): value_in(v, adopt) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [value_in(v, adopt) for v in value]
    return adopt(value) if adopt is not None and isinstance(value, FunctionValue) else value


def value_out(value: Any) -> Any:
    """A value of an expression as plain Python; a function is one that can be called, and can be put into another context."""
    if isinstance(value, list | tuple):
        return [value_out(v) for v in value]
    return {k: value_out(v) for k, v in value.items()} if isinstance(value, Mapping) else value
