"""Dates, instants and durations as FEEL writes them (ISO 8601; DMN 1.5 §10.3.2.3.4 to .8). Years 1 to 9999, microseconds."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final

from engine.values import MonthsDuration

Temporal = date | datetime | timedelta | MonthsDuration

_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_DATETIME: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?")
_MONTHS: Final = re.compile(r"(-?)P(?:(\d{1,6})Y)?(?:(\d{1,6})M)?")
_DAYS: Final = re.compile(r"(-?)P(?:(\d{1,7})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:\.(\d{1,6}))?S)?)?")


def read_temporal(text: str) -> Temporal | None:
    """The date, instant or duration that `text` writes, or None."""
    return read_date(text) or read_datetime(text) or read_duration(text)


def read_date(text: str) -> date | None:
    """`2026-01-31`."""
    if _DATE.fullmatch(text) is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def read_datetime(text: str) -> datetime | None:
    """`2026-01-31T08:00:00Z`, or with an offset; without either it is taken as UTC. The result is UTC."""
    if _DATETIME.fullmatch(text) is None:
        return None
    try:
        found = datetime.fromisoformat(text)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def read_duration(text: str) -> timedelta | MonthsDuration | None:
    """`P1Y2M` is months, `P1DT2H` days; both may be negative."""
    months = _MONTHS.fullmatch(text)
    if months is not None and (months[2] or months[3]):
        count = int(months[2] or 0) * 12 + int(months[3] or 0)
        return MonthsDuration(-count if months[1] else count)
    days = _DAYS.fullmatch(text)
    if days is None or not any(days.groups()[1:5]) or text.endswith("T"):
        return None
    span = timedelta(
        days=int(days[2] or 0),
        hours=int(days[3] or 0),
        minutes=int(days[4] or 0),
        seconds=int(days[5] or 0),
        microseconds=int((days[6] or "0").ljust(6, "0")),
    )
    return -span if days[1] else span


def add_months(day: date, months: int) -> date | None:
    """`day` so many months later; the last day of the month if there is no such day. None outside years 1 to 9999."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    if not 1 <= year <= 9999:
        return None
    last = _month_length(year, month + 1)
    return day.replace(year=year, month=month + 1, day=min(day.day, last))


def _month_length(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def write_duration(span: timedelta | MonthsDuration) -> str:
    """A duration in ISO 8601, as FEEL's string() gives it."""
    if isinstance(span, MonthsDuration):
        years, months = divmod(abs(span.months), 12)
        body = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
        return ("-" if span.months < 0 else "") + "P" + (body or "0M")
    micros = abs(span) // timedelta(microseconds=1)
    days, rest = divmod(micros, 86_400_000_000)
    hours, rest = divmod(rest, 3_600_000_000)
    minutes, rest = divmod(rest, 60_000_000)
    seconds, fraction = divmod(rest, 1_000_000)
    time = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    if seconds or fraction:
        time += str(seconds) + (f".{fraction:06d}".rstrip("0") if fraction else "") + "S"
    body = (f"{days}D" if days else "") + (f"T{time}" if time else "")
    return ("-" if span < timedelta(0) else "") + "P" + (body or "T0S")
