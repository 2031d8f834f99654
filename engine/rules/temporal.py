"""Dates, times, instants and durations as FEEL writes them (ISO 8601; DMN 1.5 §10.3.2.3.4 to .8).

Years 1 to 9999 and microseconds: what is finer is cut off when it is read. A region (`@Europe/Paris`) is a zoneinfo.
"""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.values import MonthsDuration

Temporal = date | datetime | time | timedelta | MonthsDuration

_ZONE: Final = r"(?P<zone>Z|[+-]\d{2}:\d{2}(?::\d{2})?|@[A-Za-z_]+(?:/[A-Za-z0-9_+-]+)*)?"
_CLOCK: Final = rf"(?P<hour>\d{{2}}):(?P<minute>\d{{2}})(?::(?P<second>\d{{2}})(?:\.(?P<fraction>\d{{1,9}}))?)?{_ZONE}"
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME: Final = re.compile(_CLOCK)
_DATETIME: Final = re.compile(rf"(?P<date>\d{{4}}-\d{{2}}-\d{{2}})T{_CLOCK}")
_MONTHS: Final = re.compile(r"(-?)P(?:(\d{1,12})Y)?(?:(\d{1,12})M)?")
_DAYS: Final = re.compile(r"(-?)P(?:(\d{1,9})D)?(?:T(?:(\d{1,12})H)?(?:(\d{1,12})M)?(?:(\d{1,15})(?:\.(\d{0,9}))?S)?)?")
_OFFSET_MAX: Final = timedelta(hours=14)
MICROSECOND: Final = timedelta(microseconds=1)


def read_temporal(text: str) -> Temporal | None:
    """The date, time, instant or duration that `text` writes, or None."""
    for read in (read_date, _read_full, read_time, read_duration):
        found = read(text)
        if found is not None:
            return found
    return None


def read_date(text: str) -> date | None:
    """`2026-01-31`."""
    if _DATE.fullmatch(text) is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def read_time(text: str) -> time | None:
    """`08:00:00`, with an offset (`Z`, `+08:00`), a region (`@Asia/Shanghai`) or neither (local)."""
    match = _TIME.fullmatch(text)
    return None if match is None or match["second"] is None else _clock(match)


def _clock(match: re.Match[str]) -> time | None:
    zone = read_zone(match["zone"]) if match["zone"] else None
    if match["zone"] and zone is None:
        return None
    micros = int((match["fraction"] or "0")[:6].ljust(6, "0"))
    minute, second = int(match["minute"]), int(match["second"] or 0)
    hour = 0 if _ends_day(match) and not (minute or second or micros) else int(match["hour"])
    try:
        return time(hour, minute, second, micros, zone)
    except ValueError:
        return None


def _ends_day(match: re.Match[str]) -> bool:
    """Is it `24:00:00`, the first moment of the next day (XML Schema part 2, §3.2.7)?"""
    return match["hour"] == "24"


def read_datetime(text: str) -> datetime | None:
    """`2026-01-31T08:00:00`, with an offset, a region, or neither; a date alone is its midnight."""
    day = read_date(text)
    return datetime(day.year, day.month, day.day) if day is not None else _read_full(text)  # noqa: DTZ001 - FEEL's local time


def _read_full(text: str) -> datetime | None:
    match = _DATETIME.fullmatch(text)
    if match is None:
        return None
    day, clock = read_date(match["date"]), _clock(match)
    if day is None or clock is None or (day == date.max and _ends_day(match)):
        return None
    return datetime.combine(day + timedelta(days=_ends_day(match)), clock)


def read_zone(text: str) -> tzinfo | None:
    """`Z`, `+08:00`, `@Asia/Shanghai`."""
    if text == "Z":
        return UTC
    if text.startswith("@"):
        return region(text[1:])
    hours, minutes, *seconds = (int(part) for part in text[1:].split(":"))
    offset = timedelta(hours=hours, minutes=minutes, seconds=seconds[0] if seconds else 0)
    if minutes > 59 or (seconds and seconds[0] > 59) or offset > _OFFSET_MAX:
        return None
    return fixed_zone(-offset if text[0] == "-" else offset)


def fixed_zone(offset: timedelta) -> tzinfo | None:
    """A zone of one offset, or None when no place on earth has it."""
    if not offset:
        return UTC
    return timezone(offset) if abs(offset) <= _OFFSET_MAX else None


@cache
def region(name: str) -> tzinfo | None:
    """A zone of the tz database."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
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
    try:
        span = timedelta(
            days=int(days[2] or 0),
            hours=int(days[3] or 0),
            minutes=int(days[4] or 0),
            seconds=int(days[5] or 0),
            microseconds=int((days[6] or "0")[:6].ljust(6, "0")),
        )
    except OverflowError:
        return None
    return -span if days[1] else span


def add_months(day: date, months: int) -> date | None:
    """`day` so many months later; the last day of the month if there is no such day. None outside years 1 to 9999."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    if not 1 <= year <= 9999:
        return None
    last = month_length(year, month + 1)
    return day.replace(year=year, month=month + 1, day=min(day.day, last))


def month_length(year: int, month: int) -> int:
    """Days of a month."""
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def offset_of(value: datetime | time) -> timedelta | None:
    """How far a value is ahead of UTC; None for local ones, and for times in a region, whose offset depends on the day."""
    return value.utcoffset()


def zone_name(value: datetime | time) -> str | None:
    """The region or offset of a value."""
    zone = value.tzinfo
    if zone is None:
        return None
    return zone.key if isinstance(zone, ZoneInfo) else _write_offset(zone.utcoffset(None) or timedelta(0))


def write_clock(value: datetime | time) -> str:
    """The time of day with its zone: `10:30:00.5+01:00`, `10:30:00@Europe/Paris`."""
    text = f"{value.hour:02d}:{value.minute:02d}:{value.second:02d}"
    if value.microsecond:
        text += f".{value.microsecond:06d}".rstrip("0")
    if isinstance(value.tzinfo, ZoneInfo):
        return f"{text}@{value.tzinfo.key}"
    return text if value.tzinfo is None else text + _write_offset(value.tzinfo.utcoffset(None) or timedelta(0))


def _write_offset(offset: timedelta) -> str:
    if not offset:
        return "Z"
    minutes, seconds = divmod(abs(int(offset.total_seconds())), 60)
    text = f"{'-' if offset < timedelta(0) else '+'}{minutes // 60:02d}:{minutes % 60:02d}"
    return f"{text}:{seconds:02d}" if seconds else text


def write_temporal(value: Temporal) -> str:
    """A value as FEEL's string() gives it."""
    if isinstance(value, datetime):
        return f"{value.date().isoformat()}T{write_clock(value)}"
    if isinstance(value, date):
        return value.isoformat()
    return write_clock(value) if isinstance(value, time) else write_duration(value)


def write_duration(span: timedelta | MonthsDuration) -> str:
    """A duration in ISO 8601."""
    if isinstance(span, MonthsDuration):
        years, months = divmod(abs(span.months), 12)
        body = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
        return ("-" if span.months < 0 else "") + "P" + (body or "0M")
    micros = abs(span) // MICROSECOND
    days, rest = divmod(micros, 86_400_000_000)
    hours, rest = divmod(rest, 3_600_000_000)
    minutes, rest = divmod(rest, 60_000_000)
    seconds, fraction = divmod(rest, 1_000_000)
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    if seconds or fraction:
        clock += str(seconds) + (f".{fraction:06d}".rstrip("0") if fraction else "") + "S"
    body = (f"{days}D" if days else "") + (f"T{clock}" if clock else "")
    return ("-" if span < timedelta(0) else "") + "P" + (body or "T0S")
