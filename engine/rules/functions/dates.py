"""Functions of dates and durations (DMN 1.5 §10.3.4.1, .7, .8)."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from engine.rules.functions.kinds import Function
from engine.rules.temporal import read_date, read_datetime, read_duration
from engine.rules.types import ANY, DATE, DATETIME, DURATION, MONTHS, NUMBER, TEXT
from engine.values import MonthsDuration


def _date(source: Any, month: Any = None, day: Any = None) -> date | None:
    if isinstance(source, Decimal):
        try:
            return date(int(source), int(month), int(day))
        except (ValueError, TypeError, OverflowError):
            return None
    if isinstance(source, datetime):
        return source.date()
    if isinstance(source, date):
        return source
    return read_date(source) if isinstance(source, str) else None


def _datetime(source: Any) -> datetime | None:
    if isinstance(source, datetime):
        return source
    if isinstance(source, date):
        return datetime(source.year, source.month, source.day, tzinfo=UTC)
    return read_datetime(source) if isinstance(source, str) else None


def _days_duration(text: str) -> timedelta | None:
    found = read_duration(text)
    return found if isinstance(found, timedelta) else None


def _months_between(start: date, end: date) -> MonthsDuration:
    months = (end.year - start.year) * 12 + end.month - start.month
    if months > 0 and end.day < start.day:
        months -= 1
    elif months < 0 and end.day > start.day:
        months += 1
    return MonthsDuration(months)


FUNCTIONS: Final = (
    Function("date", (ANY, NUMBER, NUMBER), DATE, _date, optional=2),
    Function("date and time", (ANY,), DATETIME, _datetime),
    Function("duration", (TEXT,), DURATION, _days_duration),
    Function("years and months duration", (DATE, DATE), MONTHS, _months_between),
    Function("day of year", (DATE,), NUMBER, lambda d: Decimal(d.timetuple().tm_yday)),
    Function("week of year", (DATE,), NUMBER, lambda d: Decimal(d.isocalendar().week)),
)
