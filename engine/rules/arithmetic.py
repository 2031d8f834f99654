"""`+ - * / **` and negation of values that are not null (DMN 1.5 tables 55 to 57). What has no answer is a Fault."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Context, Decimal, DecimalException, DivisionByZero, InvalidOperation, Overflow, Subnormal, Underflow
from typing import Any, Final
from zoneinfo import ZoneInfo

from engine.rules.comparing import zone_kind
from engine.rules.limits import STRING_MAX
from engine.rules.runtime import Fault
from engine.rules.temporal import MICROSECOND, add_months
from engine.values import EXACT, EXPONENT_MAX, MonthsDuration

_MIDNIGHT: Final = datetime(2000, 1, 1)  # noqa: DTZ001 - any day: only its clock is used
DAY: Final = timedelta(days=1)
_POWERS: Final = Context(
    prec=80, Emax=200_000, Emin=-200_000, traps=[InvalidOperation, DivisionByZero, Overflow, Underflow, Subnormal]
)
"""Whole powers are squared and multiplied with 80 digits and rounded once; the browser does the very same steps."""


def arithmetic(operator: str, left: Any, right: Any) -> Any:
    """`left operator right`."""
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        return numbers(operator, left, right)
    if isinstance(left, str) and isinstance(right, str) and operator == "+":
        if len(left) + len(right) > STRING_MAX:
            raise Fault("LIMIT_EXCEEDED")
        return left + right
    try:
        found = _temporal(operator, left, right)
    except (OverflowError, ValueError, ArithmeticError):
        found = None
    if found is None:
        raise Fault("INVALID_TYPE")
    return found


def numbers(operator: str, left: Decimal, right: Decimal) -> Decimal:
    """Arithmetic of two numbers, 34 digits, half-even."""
    if operator == "/" and right == 0:
        raise Fault("DIVISION_BY_ZERO")
    try:
        return power(left, right) if operator == "**" else _ARITHMETIC[operator](left, right)
    except (Overflow, Underflow, Subnormal):
        raise Fault("LIMIT_EXCEEDED") from None
    except DecimalException:
        raise Fault("INVALID_ARGUMENTS") from None


_ARITHMETIC: Final[Mapping[str, Callable[[Decimal, Decimal], Decimal]]] = {
    "+": EXACT.add,
    "-": EXACT.subtract,
    "*": EXACT.multiply,
    "/": EXACT.divide,
}


def power(base: Decimal, exponent: Decimal) -> Decimal:
    """`base ** exponent`; 0 ** 0 is 1."""
    if exponent != exponent.to_integral_value():
        return EXACT.power(base, exponent)
    if abs(exponent) > EXPONENT_MAX * 5 or (base == 0 and exponent < 0):
        raise Fault("LIMIT_EXCEEDED" if base != 0 else "DIVISION_BY_ZERO")
    whole, result, factor = abs(int(exponent)), Decimal(1), base
    while whole:
        if whole % 2:
            result = _POWERS.multiply(result, factor)
        whole //= 2
        if whole:
            factor = _POWERS.multiply(factor, factor)
    return EXACT.plus(_POWERS.divide(Decimal(1), result) if exponent < 0 else result)


def negate(value: Any) -> Any:
    """`-value`."""
    if isinstance(value, Decimal):
        return value.copy_negate() if value else value
    if isinstance(value, timedelta):
        return -value
    if isinstance(value, MonthsDuration):
        return MonthsDuration(-value.months)
    raise Fault("INVALID_TYPE")


def _temporal(operator: str, left: Any, right: Any) -> Any:
    if isinstance(right, date | time) and not isinstance(left, date | time) and operator == "+":
        left, right = right, left
    if isinstance(left, date) and isinstance(right, date) and operator == "-":
        return _between(left, right)
    if isinstance(left, time) and operator in "+-":
        return _clock(operator, left, right)
    if isinstance(left, date) and operator in "+-":
        return _moved(left, right, 1 if operator == "+" else -1)
    return _spans(operator, left, right)


def _between(left: date, right: date) -> timedelta | None:
    if not isinstance(left, datetime) and not isinstance(right, datetime):
        return left - right
    first, second = instant(left), instant(right)
    if (first.tzinfo is None) != (second.tzinfo is None):
        return None
    return first - second if first.tzinfo is None else first.astimezone(UTC) - second.astimezone(UTC)


def instant(moment: date) -> datetime:
    """A date as the instant its day begins in UTC; an instant as it is."""
    if isinstance(moment, datetime):
        return moment
    return datetime(moment.year, moment.month, moment.day, tzinfo=UTC)


def _clock(operator: str, left: time, right: Any) -> Any:
    if isinstance(right, time):
        if operator == "+" or zone_kind(left) != zone_kind(right):
            return None
        return _of_day(left) - _of_day(right)
    if not isinstance(right, timedelta):
        return None
    moved = (_wall(left) + (right if operator == "+" else -right)) % DAY
    return (_MIDNIGHT + moved).time().replace(tzinfo=left.tzinfo)


def _of_day(clock: time) -> timedelta:
    return _wall(clock) - (clock.utcoffset() or timedelta(0))


def _wall(clock: time) -> timedelta:
    return timedelta(hours=clock.hour, minutes=clock.minute, seconds=clock.second, microseconds=clock.microsecond)


def _moved(start: date, span: Any, sign: int) -> date | None:
    if isinstance(span, MonthsDuration):
        return add_months(start, sign * span.months)
    if not isinstance(span, timedelta):
        return None
    if isinstance(start, datetime):
        if isinstance(start.tzinfo, ZoneInfo):  # so long later, whatever the clocks of the region do meanwhile
            return (start.astimezone(UTC) + sign * span).astimezone(start.tzinfo)
        return start + sign * span
    return start + timedelta(days=(sign * span) // DAY)


def _spans(operator: str, left: Any, right: Any) -> Any:
    if operator == "*" and isinstance(left, Decimal):
        left, right = right, left
    first = _amount(left)
    if first is None or operator == "**":
        return None
    back: Callable[[int], Any] = MonthsDuration if isinstance(left, MonthsDuration) else lambda n: n * MICROSECOND
    if type(left) is type(right):
        second = _amount(right)
        if operator == "/":
            return EXACT.divide(Decimal(first), Decimal(second)) if second else None
        return (
            None if second is None or operator == "*" else back(first + second if operator == "+" else first - second)
        )
    if operator in "*/" and isinstance(right, Decimal) and not (operator == "/" and right == 0):
        return back(int(_ARITHMETIC[operator](Decimal(first), right)))
    return None


def _amount(span: Any) -> int | None:
    if isinstance(span, timedelta):
        return span // MICROSECOND
    return span.months if isinstance(span, MonthsDuration) else None
