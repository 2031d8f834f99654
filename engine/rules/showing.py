"""How values read as text: FEEL's string() (DMN 1.5 §10.3.4.1), the same on every target."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from engine.rules.temporal import write_duration
from engine.values import MonthsDuration, to_wire, write_decimal


def show(value: Any) -> str | None:
    """`value` as text; null stays null."""
    match value:
        case None | str():
            return value
        case bool():
            return "true" if value else "false"
        case Decimal():
            return write_decimal(value)
        case datetime() | date():
            return str(to_wire(value))
        case timedelta() | MonthsDuration():
            return write_duration(value)
        case list() | tuple():
            return "[" + ", ".join(_inside(v) for v in value) + "]"
        case Mapping():
            return "{" + ", ".join(f"{k}: {_inside(v)}" for k, v in value.items()) + "}"
    return str(value)


def _inside(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else show(value) or "null"
