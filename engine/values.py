"""Values: exact numbers and the two value types FEEL has and Python has not.

`Decimal` above the store, scaled integers in columns and in register arithmetic; this is the one module that converts
between them. A storage scale belongs to the physical type, not to the digits a field shows, so showing more digits never
rewrites a table.
"""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import (
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DecimalException,
    DivisionByZero,
    InvalidOperation,
    Overflow,
    Subnormal,
    Underflow,
)
from typing import Any, Final
from uuid import UUID

QUANTITY_SCALE: Final = 6
MONEY_SCALE: Final = 4
RATE_SCALE: Final = 8
SCALED_MAX: Final = 2**63 - 1
"""The largest scaled integer a column holds (BIGINT)."""

DECIMAL_DIGITS: Final = 34
NUMBER_TEXT_MAX: Final = 60
"""Longest text that is read as a number; longer is refused before it is parsed."""

EXPONENT_MAX: Final = 6_000
"""Largest decimal exponent of a number that arithmetic makes, either way."""

EXACT: Final = Context(
    prec=DECIMAL_DIGITS,
    rounding=ROUND_HALF_EVEN,
    Emax=EXPONENT_MAX,
    Emin=-EXPONENT_MAX,
    traps=[InvalidOperation, DivisionByZero, Overflow, Underflow, Subnormal],
)
"""The arithmetic of rules: 34 significant digits, half-even (DMN 1.5 §10.3.2.3.1). What is too large or too small is trapped."""

NIL: Final = UUID(int=0)
""""None" in a dimension: NULL would break uniqueness."""


@dataclass(frozen=True, slots=True)
class MonthsDuration:
    """A years-and-months duration (DMN 1.5 §10.3.2.3.8), in months; the other duration is `timedelta`."""

    months: int


@dataclass(frozen=True, slots=True)
class Range:
    """A range of comparable values (DMN 1.5 §10.3.2.7); None at an end means unbounded."""

    low: Any
    high: Any
    low_included: bool = True
    high_included: bool = True


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount as a person entered it, and in base units: base = entered * numerator / denominator, exactly rational,
    rounded half-even to QUANTITY_SCALE. `unit` is the id of the unit record, None when the field declares no units."""

    base: Decimal
    entered: Decimal
    unit: UUID | None = None
    numerator: int = 1
    denominator: int = 1


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of money: `amount` in `currency` (ISO 4217) and, at `rate`, `base` in the site's currency."""

    amount: Decimal
    currency: str
    rate: Decimal
    base: Decimal


def read_decimal(text: str | int) -> Decimal | None:
    """The exact number written in `text` (a JSON string or integer), or None if it is not a finite plain number."""
    raw = str(text).strip()
    if not raw or len(raw) > NUMBER_TEXT_MAX or raw[-1] in "_" or "_" in raw:
        return None
    try:
        number = Decimal(raw)
    except DecimalException:
        return None
    if not number.is_finite() or abs(number.adjusted()) > NUMBER_TEXT_MAX:
        return None
    return number


def write_decimal(number: Decimal) -> str:
    """The shortest plain notation: no exponent, no trailing zeros, no "-0"."""
    if number == 0:
        return "0"
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def to_scaled(number: Decimal, scale: int) -> int | None:
    """`number` as an integer of 10**-scale units; None if it has more digits than that or does not fit a column."""
    shifted = number.scaleb(scale, _WIDE)
    whole = int(shifted)
    if shifted != whole or abs(whole) > SCALED_MAX:
        return None
    return whole


def from_scaled(whole: int, scale: int) -> Decimal:
    """The number that a column holds as `whole`."""
    return Decimal(whole).scaleb(-scale, _WIDE)


def round_half_even(number: Decimal, decimals: int) -> Decimal:
    """`number` with at most `decimals` digits after the point, ties to even (the default of amounts that are stored)."""
    return number.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_EVEN, context=_WIDE)


_WIDE: Final = Context(prec=80, rounding=ROUND_HALF_EVEN)


def to_wire(value: Any) -> Any:
    """A value as JSON carries it: decimals and ids as strings, instants as UTC ISO 8601 with Z, dates as YYYY-MM-DD."""
    match value:
        case None | bool() | str():
            return value
        case Decimal():
            return write_decimal(value)
        case int():
            return value if abs(value) < 2**53 else str(value)
        case UUID():
            return str(value)
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case Quantity(unit=None):
            return write_decimal(value.base)
        case Quantity():
            return {"value": write_decimal(value.entered), "unit": str(value.unit), "base": write_decimal(value.base)}
        case Money():
            return {
                "amount": write_decimal(value.amount),
                "currency": value.currency,
                "rate": write_decimal(value.rate),
                "base": write_decimal(value.base),
            }
        case dict():
            return {k: to_wire(v) for k, v in value.items()}
        case list() | tuple() | frozenset() | set():
            return [to_wire(v) for v in value]
    raise TypeError(f"{type(value).__name__} has no form on the wire")


def is_storable(text: str) -> bool:
    """Can every database hold this text? None has half a character; PostgreSQL has no NUL."""
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False


def write_cursor(parts: Sequence[Any]) -> str:
    """Where a page ended, as one word for an address: texts, whole numbers and None."""
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def read_cursor(text: str) -> list[Any]:
    """What `write_cursor` wrote. Anybody may have made it up: a ValueError when it is not such parts as a database can hold."""
    try:
        parts = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(parts, list) or not all(map(_is_part, parts)):
        raise ValueError("not the parts of a cursor")
    return parts


def _is_part(part: Any) -> bool:
    if isinstance(part, str):
        return is_storable(part)
    return part is None or (isinstance(part, int) and abs(part) <= SCALED_MAX)


def canonical(value: Any) -> str:
    """One text for equal values: sorted keys, no spaces, wire forms. For digests and request-body hashes."""
    return json.dumps(to_wire(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
