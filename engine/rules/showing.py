"""How values read as text: FEEL's string() (DMN 1.5 §10.3.4.1), the same on every target."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from engine.rules.temporal import write_temporal
from engine.values import MonthsDuration, Range, write_decimal


def show(value: Any) -> str | None:
    """`value` as text; null stays null, and a function has no text."""
    match value:
        case None | str():
            return value
        case bool():
            return "true" if value else "false"
        case Decimal():
            return write_decimal(value)
        case datetime() | date() | time() | timedelta() | MonthsDuration():
            return write_temporal(value)
        case list() | tuple():
            return "[" + ", ".join(show_inside(v) for v in value) + "]"
        case Mapping() if not isinstance(value, dict) and "id" in value:
            return f"{{id: {show_inside(value['id'])}}}"  # a record that is referred to
        case Mapping():
            return "{" + ", ".join(f"{_key(k)}: {show_inside(v)}" for k, v in value.items()) + "}"
        case Range():
            return _show_range(value)
    return None if callable(value) else str(value)


def show_inside(value: Any) -> str:
    """A value within another, as it would be written in an expression; long texts are not cut."""
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return show(value) or "null"


def _key(name: str) -> str:
    return name if all(c.isalnum() or c in "_ " for c in name) else show_inside(name)


def _show_range(value: Range) -> str:
    if value.low is None or value.high is None:
        if value.low is None:
            return f"({'<=' if value.high_included else '<'} {show_inside(value.high)})"
        return f"({'>=' if value.low_included else '>'} {show_inside(value.low)})"
    low, high = ("[" if value.low_included else "("), ("]" if value.high_included else ")")
    return f"{low}{show_inside(value.low)}..{show_inside(value.high)}{high}"
