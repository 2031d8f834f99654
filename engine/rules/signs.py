"""Signs of numbers: what a sum, product or rounding may be when only the signs of its parts are known. Enough to tell a divisor that
is never zero, without working anything out.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from engine.rules.known import NOT, SIGNS
from engine.values import MonthsDuration

Signs = frozenset[str]
"""Some of `-`, `0`, `+`."""
NEGATIVE, ZERO, POSITIVE, NATURAL, NOT_ZERO = (frozenset(s) for s in ("-", "0", "+", "0+", "-+"))
_FLIPPED: Final[Mapping[str, str]] = {"-": "+", "0": "0", "+": "-"}


def sign_of(value: Any) -> Signs:
    """The sign of a constant; of what has none, any."""
    if isinstance(value, MonthsDuration):
        value = value.months
    elif isinstance(value, timedelta):
        value = value // timedelta(microseconds=1)
    elif not isinstance(value, Decimal):
        return SIGNS
    return ZERO if value == 0 else POSITIVE if value > 0 else NEGATIVE


def negated(signs: Signs) -> Signs:
    """Of `-x`."""
    return frozenset(_FLIPPED[s] for s in signs)


def added(left: Signs, right: Signs) -> Signs:
    """Of `x + y`."""
    return _paired(left, right, lambda a, b: b if a == "0" else a if b in ("0", a) else "-0+")


def multiplied(left: Signs, right: Signs) -> Signs:
    """Of `x * y`."""
    return _paired(left, right, lambda a, b: "0" if "0" in (a, b) else "+" if a == b else "-")


def _paired(left: Signs, right: Signs, of: Callable[[str, str], str]) -> Signs:
    return frozenset(sign for a in left for b in right for sign in of(a, b))


def raised(base: Signs, exponent: Any) -> Signs:
    """Of `x ** constant`; the exponent is None when it is no constant."""
    if isinstance(exponent, Decimal) and exponent == 0:
        return POSITIVE
    if isinstance(exponent, Decimal) and exponent == exponent.to_integral_value():
        return frozenset("0" if s == "0" else "+" if int(exponent) % 2 == 0 else s for s in base)
    return POSITIVE if base == POSITIVE else SIGNS


def total(signs: Signs) -> Signs:
    """Of the sum or mean of some numbers."""
    return added(signs, signs) | signs


def excluded(operator: str, signs: Signs) -> Signs:
    """What x cannot be when `x operator y` and y has one of these signs."""
    if operator in ("<", "<="):
        return negated(excluded({"<": ">", "<=": ">="}[operator], negated(signs)))
    if operator == ">":
        return frozenset("-0") if signs <= NATURAL else frozenset()
    if operator == ">=":
        return frozenset("-0") if signs <= POSITIVE else NEGATIVE if signs <= NATURAL else frozenset()
    if operator == "=":
        return SIGNS - signs
    return ZERO if signs == ZERO else frozenset()


def mark(sign: str) -> str:
    """The mark that says: never this sign."""
    return NOT[sign]
