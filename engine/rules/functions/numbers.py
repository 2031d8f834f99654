"""Functions of numbers (DMN 1.5 §10.3.4.5). All exact: 34 digits."""

from collections.abc import Callable
from datetime import timedelta
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
)
from typing import Any, Final

from engine.rules.functions.kinds import built_in
from engine.rules.types import BOOLEAN, NUMBER, Type
from engine.values import EXACT, MonthsDuration

_SCALE_LEAST, _SCALE_MOST = -6111, 6176
_WIDE: Final = Context(prec=100)


def _rounded(mode: str) -> Callable[..., Decimal | None]:
    def round_to(number: Decimal, scale: Decimal | None = None) -> Decimal | None:
        scale = Decimal(0) if scale is None else scale
        if not _SCALE_LEAST <= scale <= _SCALE_MOST:
            return None
        exponent = -int(scale)
        if number.as_tuple().exponent >= exponent:  # type: ignore[operator]  # finite: the exponent is an integer
            return number
        if number.adjusted() < exponent - 1:
            if not number:
                return Decimal(0)
            number = Decimal((number.as_tuple().sign, (1,), exponent - 2))
        return number.quantize(Decimal(1).scaleb(exponent), rounding=mode, context=_WIDE)

    return round_to


def modulo(dividend: Decimal, divisor: Decimal) -> Decimal | None:
    """`dividend - divisor * floor(dividend / divisor)`, worked out without rounding on the way."""
    if divisor == 0:
        return None
    if dividend and abs(dividend.adjusted() - divisor.adjusted()) > 80:
        return None  # nothing is left of the remainder in 34 digits
    rest = _LONG.remainder(dividend, divisor)
    if rest and (rest < 0) != (divisor < 0):
        rest = _LONG.add(rest, divisor)
    return EXACT.plus(rest)


_LONG: Final = Context(prec=200)


def _is_remainder(number: Decimal, remainder: int) -> bool | None:
    if number != number.to_integral_value():
        return None
    return int(number) % 2 == remainder


def _abs(value: Any) -> Any:
    if isinstance(value, MonthsDuration):
        return MonthsDuration(abs(value.months))
    return abs(value) if isinstance(value, timedelta) else value.copy_abs()


def _same(types: tuple[Type, ...]) -> Type:
    return types[0] if types else NUMBER


def _sqrt(number: Decimal) -> Decimal | None:
    return EXACT.sqrt(number) if number >= 0 else None


def _log(number: Decimal) -> Decimal | None:
    return EXACT.ln(number) if number > 0 else None


_SCALED: Final = "n: number, scale: number"

FUNCTIONS: Final = (
    built_in("abs", "n: number|days duration|months duration", _same, _abs, sql=True),
    built_in("floor", "n: number, [scale: number]", NUMBER, _rounded(ROUND_FLOOR)),
    built_in("ceiling", "n: number, [scale: number]", NUMBER, _rounded(ROUND_CEILING)),
    built_in("decimal", _SCALED, NUMBER, _rounded(ROUND_HALF_EVEN)),
    built_in("round half even", _SCALED, NUMBER, _rounded(ROUND_HALF_EVEN)),
    built_in("round half up", _SCALED, NUMBER, _rounded(ROUND_HALF_UP)),
    built_in("round half down", _SCALED, NUMBER, _rounded(ROUND_HALF_DOWN)),
    built_in("round up", _SCALED, NUMBER, _rounded(ROUND_UP)),
    built_in("round down", _SCALED, NUMBER, _rounded(ROUND_DOWN)),
    built_in("modulo", "dividend: number, divisor: number", NUMBER, modulo),
    built_in("even", "number: number", BOOLEAN, lambda n: _is_remainder(n, 0)),
    built_in("odd", "number: number", BOOLEAN, lambda n: _is_remainder(n, 1)),
    built_in("sqrt", "number: number", NUMBER, _sqrt),
    built_in("log", "number: number", NUMBER, _log),
    built_in("exp", "number: number", NUMBER, EXACT.exp),
)
