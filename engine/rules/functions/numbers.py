"""Functions of numbers (DMN 1.5 §10.3.4.5). All exact: 34 digits."""

from collections.abc import Callable
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
)
from typing import Final

from engine.rules.functions.kinds import Function
from engine.rules.types import BOOLEAN, NUMBER
from engine.values import EXACT

_SCALE_MAX: Final = 6176


def _rounded(mode: str) -> Callable[..., Decimal | None]:
    def round_to(number: Decimal, scale: Decimal = Decimal(0)) -> Decimal | None:
        if scale != scale.to_integral_value() or abs(scale) > _SCALE_MAX:
            return None
        exponent = -int(scale)
        if number.as_tuple().exponent >= exponent:  # type: ignore[operator]  # finite: the exponent is an integer
            return number
        if number.adjusted() < exponent - 1:
            number = Decimal((number.as_tuple().sign, (1,), exponent - 2))
        return number.quantize(Decimal(1).scaleb(exponent), rounding=mode, context=_WIDE)

    return round_to


_WIDE: Final = EXACT.copy()
_WIDE.prec = 100


def _modulo(dividend: Decimal, divisor: Decimal) -> Decimal | None:
    if divisor == 0:
        return None
    with_floor = EXACT.divide(dividend, divisor).to_integral_value(ROUND_FLOOR)
    return EXACT.subtract(dividend, EXACT.multiply(divisor, with_floor))


def _is_remainder(number: Decimal, remainder: int) -> bool | None:
    if number != number.to_integral_value():
        return None
    return int(number) % 2 == remainder


FUNCTIONS: Final = (
    Function("abs", (NUMBER,), NUMBER, abs, sql=True),
    Function("floor", (NUMBER, NUMBER), NUMBER, _rounded(ROUND_FLOOR), optional=1),
    Function("ceiling", (NUMBER, NUMBER), NUMBER, _rounded(ROUND_CEILING), optional=1),
    Function("decimal", (NUMBER, NUMBER), NUMBER, _rounded(ROUND_HALF_EVEN)),
    Function("round half even", (NUMBER, NUMBER), NUMBER, _rounded(ROUND_HALF_EVEN)),
    Function("round half up", (NUMBER, NUMBER), NUMBER, _rounded(ROUND_HALF_UP)),
    Function("round half down", (NUMBER, NUMBER), NUMBER, _rounded(ROUND_HALF_DOWN)),
    Function("round up", (NUMBER, NUMBER), NUMBER, _rounded(ROUND_UP)),
    Function("round down", (NUMBER, NUMBER), NUMBER, _rounded(ROUND_DOWN)),
    Function("modulo", (NUMBER, NUMBER), NUMBER, _modulo),
    Function("even", (NUMBER,), BOOLEAN, lambda n: _is_remainder(n, 0)),
    Function("odd", (NUMBER,), BOOLEAN, lambda n: _is_remainder(n, 1)),
)
