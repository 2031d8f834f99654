"""What is known of names before there are values: which always have one, which lists are never empty, which numbers are never zero."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

Marks = frozenset[str]
"""What always holds of one name."""
Known = Mapping[str, Marks]
"""What always holds of names, or of the entries of a context. A name that is not in it may be null; None instead of a mapping says
that nothing is known, and then nothing is told."""

PRESENT: Final = "present"
"""It has a value."""
FILLED: Final = "filled"
"""It is a list with at least one element."""
SIGNS: Final = frozenset("-0+")
"""What a number may be: below zero, zero, above zero."""
NOT: Final[Mapping[str, str]] = {sign: f"not {sign}" for sign in SIGNS}
"""Marks of a number, when it has a value: `NOT["0"]` is never zero."""


def number_marks(minimum: Decimal | None, maximum: Decimal | None) -> Marks:
    """What follows for a number from its bounds."""
    gone: set[str] = set()
    if minimum is not None and minimum >= 0:
        gone |= {"-", "0"} if minimum > 0 else {"-"}
    if maximum is not None and maximum <= 0:
        gone |= {"+", "0"} if maximum < 0 else {"+"}
    return frozenset(NOT[sign] for sign in gone)


def signs_left(marks: Marks) -> frozenset[str]:
    """What a number with these marks may still be."""
    return frozenset(sign for sign in SIGNS if NOT[sign] not in marks)
