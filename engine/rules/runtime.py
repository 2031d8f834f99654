"""What generated code calls: null-safe operators. Every null that is born of an error leaves a diagnostic; every loop spends steps.

The names of the diagnostics are those that FEEL engines share (feelin, feel-scala).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, DecimalException
from typing import Any, Final
from uuid import UUID

from engine.clock import Moment
from engine.rules.comparing import equal, in_range, kind_of, less
from engine.rules.functions import FUNCTIONS
from engine.rules.functions.kinds import Function
from engine.rules.limits import EXPONENT_MAX, LIST_MAX, STEPS_MAX, STRING_MAX
from engine.rules.temporal import add_months
from engine.values import EXACT, Money, MonthsDuration, Quantity, Range

DIAGNOSTICS_MAX: Final = 20
"""Most diagnostics kept of one evaluation; the first ones tell the cause."""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """Why a null came about: a code, where, and the kinds of the values."""

    code: str
    at: tuple[int, int]
    values: tuple[str, ...] = ()


class OutOfSteps(Exception):
    """The evaluation is over its budget; never leaves `Run.result`."""


class Run:
    """One evaluation: the moment it happens at, its budget and its diagnostics."""

    __slots__ = ("moment", "steps", "warnings")

    def __init__(self, moment: Moment) -> None:
        self.moment = moment
        self.steps = STEPS_MAX
        self.warnings: list[Diagnostic] = []

    def result(self, compiled: Callable[[Any, "Run"], Any], values: Mapping[str, Any]) -> Any:
        """The value, or None with LIMIT_EXCEEDED when the budget ran out."""
        try:
            return compiled(values, self)
        except (OutOfSteps, RecursionError):
            return self.null("LIMIT_EXCEEDED", (1, 1))

    def null(self, code: str, at: tuple[int, int], *values: Any) -> Any:
        """Null, with its diagnostic."""
        if len(self.warnings) < DIAGNOSTICS_MAX:
            self.warnings.append(Diagnostic(code, at, tuple(kind_of(v) for v in values)))
        return None

    def spend(self, steps: int = 1) -> None:
        """Take steps off the budget."""
        self.steps -= steps
        if self.steps < 0:
            raise OutOfSteps


class Inner:
    """The names of an element in front of the names around it."""

    __slots__ = ("element", "outer")

    def __init__(self, element: Mapping[str, Any], outer: Any) -> None:
        self.element = element
        self.outer = outer

    def __contains__(self, name: str) -> bool:
        return name in self.element or name in self.outer

    def __getitem__(self, name: str) -> Any:
        return self.element[name] if name in self.element else self.outer[name]


def plain(value: Any) -> Any:
    """A value of a record as expressions see it: quantities and money by their base amount, ids as text."""
    if isinstance(value, Quantity | Money):
        return value.base
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    return value


def variable(scope: Any, name: str, run: Run, at: tuple[int, int]) -> Any:
    """A name's value."""
    if name in scope:
        return plain(scope[name])
    return run.null("NO_VARIABLE_FOUND", at)


def path(source: Any, name: str, run: Run, at: tuple[int, int]) -> Any:
    """`source.name`; of null it is null without a diagnostic: an empty reference has no fields."""
    if source is None:
        return None
    if isinstance(source, Mapping):
        if name in source:
            return plain(source[name])
        return run.null("NO_CONTEXT_ENTRY_FOUND", at)
    if isinstance(source, list | tuple):
        run.spend(len(source))
        return [path(item, name, run, at) for item in source]
    if isinstance(source, date):
        part = _PARTS.get(name)
        if part is not None and (name not in _TIMES or isinstance(source, datetime)):
            return Decimal(part(source))
    return run.null("NO_PROPERTY_FOUND", at, source)


_PARTS: Final[Mapping[str, Callable[[Any], int]]] = {
    "year": lambda d: d.year,
    "month": lambda d: d.month,
    "day": lambda d: d.day,
    "weekday": lambda d: d.isoweekday(),
    "hour": lambda d: d.hour,
    "minute": lambda d: d.minute,
    "second": lambda d: d.second,
}
_TIMES: Final = frozenset({"hour", "minute", "second"})


def arithmetic(operator: str, left: Any, right: Any, run: Run, at: tuple[int, int]) -> Any:
    """`left operator right`; null when either is null (no diagnostic: nothing went wrong), else exact or a diagnostic."""
    if left is None or right is None:
        return None
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        return _numbers(operator, left, right, run, at)
    if isinstance(left, str) and isinstance(right, str) and operator == "+":
        joined = left + right
        return joined if len(joined) <= STRING_MAX else run.null("LIMIT_EXCEEDED", at)
    try:
        found = _temporal(operator, left, right)
    except (OverflowError, ValueError):
        found = None
    return run.null("INVALID_TYPE", at, left, right) if found is None else found


def _numbers(operator: str, left: Decimal, right: Decimal, run: Run, at: tuple[int, int]) -> Any:
    if operator == "/" and right == 0:
        return run.null("DIVISION_BY_ZERO", at, left, right)
    if operator == "**" and (
        abs(right) > EXPONENT_MAX or (left != 0 and abs(left.adjusted() + 1) * abs(right) > EXPONENT_MAX)
    ):
        return run.null("LIMIT_EXCEEDED", at, left, right)
    try:
        result = _ARITHMETIC[operator](left, right)
    except DecimalException:
        return run.null("INVALID_ARGUMENTS", at, left, right)
    if abs(result.adjusted()) > EXPONENT_MAX:
        return run.null("LIMIT_EXCEEDED", at, left, right)
    return result


_ARITHMETIC: Final[Mapping[str, Callable[[Decimal, Decimal], Decimal]]] = {
    "+": EXACT.add,
    "-": EXACT.subtract,
    "*": EXACT.multiply,
    "/": EXACT.divide,
    "**": EXACT.power,
}


def _temporal(operator: str, left: Any, right: Any) -> Any:
    if isinstance(right, date) and not isinstance(left, date) and operator == "+":
        left, right = right, left
    if isinstance(left, date) and isinstance(right, date) and operator == "-":
        return _instant(left) - _instant(right)
    if isinstance(left, date) and operator in "+-":
        return _moved(left, right, 1 if operator == "+" else -1)
    return _spans(operator, left, right)


def _moved(start: date, span: Any, sign: int) -> date | None:
    if isinstance(span, MonthsDuration):
        return add_months(start, sign * span.months)
    if isinstance(span, timedelta):
        if isinstance(start, datetime):
            return start + sign * span
        return start + timedelta(days=(sign * span).days)
    return None


def _instant(moment: date) -> datetime:
    from_date = FUNCTIONS["date and time"].python(moment)
    assert isinstance(from_date, datetime)
    return from_date


def _spans(operator: str, left: Any, right: Any) -> Any:
    one = timedelta(microseconds=1)
    amount = [
        x // one if isinstance(x, timedelta) else x.months if isinstance(x, MonthsDuration) else None
        for x in (left, right)
    ]
    back: Callable[[int], Any] = (lambda n: n * one) if timedelta in (type(left), type(right)) else MonthsDuration
    if type(left) is type(right) and amount[0] is not None and amount[1] is not None:
        if operator == "/":
            return EXACT.divide(Decimal(amount[0]), Decimal(amount[1])) if amount[1] else None
        return (
            back(amount[0] + amount[1]) if operator == "+" else back(amount[0] - amount[1]) if operator == "-" else None
        )
    if operator == "*" and isinstance(left, Decimal):
        left, right, amount = right, left, amount[::-1]
    if (
        operator in "*/"
        and amount[0] is not None
        and isinstance(right, Decimal)
        and not (operator == "/" and right == 0)
    ):
        return back(int(_ARITHMETIC[operator](Decimal(amount[0]), right)))
    return None


def negate(value: Any, run: Run, at: tuple[int, int]) -> Any:
    """`-value`."""
    if value is None:
        return None
    if isinstance(value, Decimal):
        return value.copy_negate()
    if isinstance(value, timedelta):
        return -value
    return MonthsDuration(-value.months) if isinstance(value, MonthsDuration) else run.null("INVALID_TYPE", at, value)


def compare(operator: str, left: Any, right: Any, run: Run, at: tuple[int, int]) -> Any:
    """`left operator right`. Equality is total; order with a null is null."""
    if operator in ("=", "!="):
        same = equal(left, right)
        if same is None:
            return run.null("NOT_COMPARABLE", at, left, right)
        return same if operator == "=" else not same
    if left is None or right is None:
        return None
    if operator in (">", "<="):
        left, right = right, left
    below = less(left, right)
    if below is None:
        return run.null("NOT_COMPARABLE", at, left, right)
    return below if operator in ("<", ">") else not below


def logic(operator: str, left: Any, right: Callable[[], Any]) -> Any:
    """Three-valued and/or; the right side is only asked when it matters."""
    decides = operator == "or"
    if left is decides:
        return decides
    second = right()
    if second is decides:
        return decides
    return (not decides) if left is (not decides) and second is (not decides) else None


def negated(value: Any) -> Any:
    """`not(value)`."""
    return not value if isinstance(value, bool) else None


def member(value: Any, tests: Sequence[tuple[str, Any]], run: Run, at: tuple[int, int]) -> Any:
    """`value in (tests)`: true if any test is, false if all are, else null."""
    answers = [_member(value, operator, test, run, at) for operator, test in tests]
    if True in answers:
        return True
    return None if None in answers else False


def _member(value: Any, operator: str, test: Any, run: Run, at: tuple[int, int]) -> Any:
    if operator != "in":
        return compare(operator, value, test, run, at)
    if isinstance(test, Range):
        return in_range(value, test)
    if isinstance(test, list | tuple):
        run.spend(len(test))
        return any((in_range(value, item) if isinstance(item, Range) else equal(value, item)) is True for item in test)
    return compare("=", value, test, run, at)


def between(value: Any, low: Any, high: Any, run: Run, at: tuple[int, int]) -> Any:
    """`value between low and high`."""
    return logic("and", compare(">=", value, low, run, at), lambda: compare("<=", value, high, run, at))


def select(source: Any, condition: Callable[[Any], Any], scope: Any, run: Run, at: tuple[int, int]) -> Any:
    """`source[condition]`: elements for which it is true; with a number, the element at that position (from 1, or -1 from the end)."""
    if source is None:
        return None
    items = source if isinstance(source, list | tuple) else [source]
    kept: list[Any] = []
    for item in items:
        run.spend()
        element = {**item, "item": item} if isinstance(item, Mapping) and "item" not in item else item
        inner = Inner(element if isinstance(element, Mapping) else {"item": item}, scope)
        answer = condition(inner)
        if isinstance(answer, Decimal):
            return _at_position(items, answer)
        if answer is True:
            kept.append(item)
    if not items and isinstance(answer := condition(Inner({"item": None}, scope)), Decimal):
        return None
    return kept


def _at_position(items: Sequence[Any], position: Decimal) -> Any:
    at = int(position)
    at = at - 1 if at > 0 else len(items) + at
    return plain(items[at]) if at != len(items) and 0 <= at < len(items) else None


def loop(
    kind: str, sources: Sequence[tuple[str, Callable[[Any], Any]]], body: Callable[[Any], Any], scope: Any, run: Run
) -> Any:
    """`for`, `some`, `every` over all combinations of the bindings."""
    answers = _combinations(list(sources), body, scope, run)
    if answers is None:
        return None
    if kind == "for":
        return answers
    decides = kind == "some"
    if any(a is decides for a in answers):
        return decides
    return None if any(not isinstance(a, bool) for a in answers) else not decides


def _combinations(
    sources: list[tuple[str, Callable[[Any], Any]]], body: Callable[[Any], Any], scope: Any, run: Run
) -> list[Any] | None:
    name, source = sources[0]
    items = source(scope)
    if not isinstance(items, list | tuple):
        return None
    answers: list[Any] = []
    for item in items:
        run.spend()
        inner = Inner({name: item}, scope)
        if len(sources) == 1:
            answers.append(body(inner))
        else:
            more = _combinations(sources[1:], body, inner, run)
            if more is None:
                return None
            answers += more
        if len(answers) > LIST_MAX:
            run.spend(run.steps + 1)
    return answers


def call(name: str, arguments: Sequence[Any], run: Run, at: tuple[int, int]) -> Any:
    """A built-in function. A null argument makes null, without a diagnostic, unless the function takes nulls."""
    function = FUNCTIONS[name]
    given = _spread(function, arguments)
    run.spend(1 + sum(len(a) for a in given if isinstance(a, list | tuple)))
    if not function.takes_null and any(a is None for a in given):
        return None
    if function.takes_null and given and given[0] is None:
        return None
    try:
        found = function.python(*given)
    except (TypeError, ValueError, ArithmeticError, AttributeError):
        return run.null("FUNCTION_INVOCATION_FAILURE", at, *given)
    if found is None and name not in _MAY_BE_NULL and not _has_null(given):
        return run.null("FUNCTION_INVOCATION_FAILURE", at, *given)
    return found


_MAY_BE_NULL: Final = frozenset({"sum", "mean", "min", "max", "all", "any", "string"})
"""Functions whose null is an answer (an empty list), not an error."""


def _spread(function: Function, arguments: Sequence[Any]) -> Sequence[Any]:
    takes_list = len(function.parameters) == 1 and function.parameters[0].is_list and not function.repeats
    if takes_list and (len(arguments) > 1 or not isinstance(arguments[0], list | tuple | None)):
        return [list(arguments)]
    return arguments


def _has_null(given: Sequence[Any]) -> bool:
    return any(isinstance(a, list | tuple) and any(i is None for i in a) for a in given)


def clock(name: str, run: Run) -> date:
    """today() and now()."""
    return run.moment.today if name == "today" else run.moment.instant


def interval(low: Any, high: Any, low_included: bool, high_included: bool) -> Range:
    """A range value."""
    return Range(low, high, low_included, high_included)
