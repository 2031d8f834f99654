"""Functions of strings (DMN 1.5 §10.3.4.3). Positions and lengths count code points."""

from decimal import Decimal
from typing import Any, Final

from engine.rules.functions.kinds import Function
from engine.rules.limits import STRING_MAX
from engine.rules.showing import show
from engine.rules.types import ANY, BOOLEAN, NUMBER, TEXT, list_of
from engine.values import read_decimal


def _substring(text: str, start: Decimal, length: Decimal | None = None) -> str | None:
    first = int(start)
    if first == 0 or (length is not None and length < 1):
        return None
    begin = first - 1 if first > 0 else len(text) + first
    if not 0 <= begin < max(len(text), 1):
        return "" if first > 0 else None
    return text[begin:] if length is None else text[begin : begin + int(length)]


def _substring_before(text: str, match: str) -> str:
    return text.partition(match)[0] if match and match in text else ""


def _substring_after(text: str, match: str) -> str:
    return text.partition(match)[2] if match in text else ""


def _number(text: str) -> Decimal | None:
    return read_decimal(text) if "," not in text and text == text.strip() else None


def _join(items: list[Any], delimiter: str | None = "") -> str | None:
    parts = [i for i in items if i is not None]
    if any(not isinstance(p, str) for p in parts):
        return None
    joined = (delimiter or "").join(parts)
    return joined if len(joined) <= STRING_MAX else None


FUNCTIONS: Final = (
    Function("string", (ANY,), TEXT, show),
    Function("number", (TEXT,), NUMBER, _number),
    Function("string length", (TEXT,), NUMBER, lambda t: Decimal(len(t)), sql=True),
    Function("upper case", (TEXT,), TEXT, str.upper),
    Function("lower case", (TEXT,), TEXT, str.lower),
    Function("substring", (TEXT, NUMBER, NUMBER), TEXT, _substring, optional=1),
    Function("substring before", (TEXT, TEXT), TEXT, _substring_before),
    Function("substring after", (TEXT, TEXT), TEXT, _substring_after),
    Function("contains", (TEXT, TEXT), BOOLEAN, lambda t, m: m in t, sql=True),
    Function("starts with", (TEXT, TEXT), BOOLEAN, str.startswith, sql=True),
    Function("ends with", (TEXT, TEXT), BOOLEAN, str.endswith, sql=True),
    Function("trim", (TEXT,), TEXT, str.strip),
    Function("string join", (list_of(TEXT), TEXT), TEXT, _join, optional=1, takes_null=True),
)
