"""Rounding what is needed of leaves, and writing exact ratios as decimals. Nothing above a leaf is rounded."""

from decimal import Decimal
from fractions import Fraction
from typing import Final

from engine.values import EXACT, from_scaled

DECIMALS_MAX: Final = 10
"""Most decimals that a leaf is rounded to."""


def to_decimal(number: Fraction) -> Decimal:
    """The number to 34 significant digits; exactly, when it has no more."""
    if number.denominator == 1:
        return EXACT.create_decimal(number.numerator)
    return EXACT.divide(Decimal(number.numerator), Decimal(number.denominator))


def rounded(number: Fraction, decimals: int, way: str) -> Decimal:
    """A ratio that is not below zero at so many decimals (0 to DECIMALS_MAX); `way` is up, half_even, half_up or down. It is compared as
    a ratio: what is a hair above a whole number is above it."""
    places = min(max(decimals, 0), DECIMALS_MAX)
    whole, rest = divmod(number.numerator * 10**places, number.denominator)
    twice = 2 * rest - number.denominator
    more = {"up": rest > 0, "half_up": twice >= 0, "half_even": twice > 0 or (twice == 0 and whole % 2 == 1)}
    return from_scaled(whole + more.get(way, False), places)
