"""Functions of dates, times and durations (DMN 1.5 §10.3.4.1, .7, .8)."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Final

from engine.rules.functions.kinds import built_in
from engine.rules.temporal import fixed_zone, read_date, read_datetime, read_duration, read_time, read_zone
from engine.rules.types import DATE, DATETIME, DURATION, MONTHS, NUMBER, TEXT, TIME
from engine.values import MonthsDuration

_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Final = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")  # fmt: skip


def _whole(number: Decimal) -> int:
    if number != number.to_integral_value():
        raise ValueError(number)
    return int(number)


def _date(source: Any, month: Any = None, day: Any = None) -> date | None:
    if isinstance(source, Decimal):
        return date(_whole(source), _whole(month), _whole(day))
    if isinstance(source, datetime):
        return source.date()
    return source if isinstance(source, date) else read_date(source)


def _datetime(source: Any, clock: Any = None, *more: Any) -> datetime | None:
    if isinstance(source, Decimal):
        day, *of_day = more
        made = _time(*of_day)
        return None if made is None else datetime.combine(_date(source, clock, day) or date.min, made)
    if clock is not None:
        return datetime.combine(source if not isinstance(source, datetime) else source.date(), clock)
    if isinstance(source, str):
        return read_datetime(source)
    if isinstance(source, datetime):
        return source
    return datetime(source.year, source.month, source.day, tzinfo=UTC)


def _time(source: Any, minute: Any = None, second: Any = None, zone: Any = None) -> time | None:
    if isinstance(source, Decimal):
        where = read_zone("@" + zone) if isinstance(zone, str) else fixed_zone(zone) if zone is not None else None
        if zone is not None and where is None:
            return None
        micros = int(second % 1 * 1_000_000)
        return time(_whole(source), _whole(minute), int(second), micros, where)
    if isinstance(source, datetime):
        return source.timetz()
    if isinstance(source, date):
        return time(0, 0, tzinfo=UTC)
    return source if isinstance(source, time) else read_time(source)


def _months_between(start: date, end: date) -> MonthsDuration:
    months = (end.year - start.year) * 12 + end.month - start.month
    if months > 0 and end.day < start.day:
        months -= 1
    elif months < 0 and end.day > start.day:
        months += 1
    return MonthsDuration(months)


_PARTS: Final = "year: number, month: number, day: number, hour: number, minute: number, second: number"

FUNCTIONS: Final = (
    built_in("date", ("from: text|date|date and time", "year: number, month: number, day: number"), DATE, _date),
    built_in("time", (
        "from: text|time|date and time|date", "hour: number, minute: number, second: number, [offset: days duration?]"
    ), TIME, _time),
    built_in("date and time", (
        "from: text|date and time|date", "date: date and time|date, time: time",
        f"{_PARTS}, [offset: days duration?]", f"{_PARTS}, timezone: text",
    ), DATETIME, _datetime),
    built_in("duration", "from: text|days duration|months duration", DURATION, lambda d: read_duration(d) if isinstance(d, str) else d),
    built_in("years and months duration", "from: date and time|date, to: date and time|date", MONTHS, _months_between),
    built_in("day of year", "date: date|date and time", NUMBER, lambda d: Decimal(d.timetuple().tm_yday)),
    built_in("day of week", "date: date|date and time", TEXT, lambda d: _DAYS[d.weekday()]),
    built_in("month of year", "date: date|date and time", TEXT, lambda d: _MONTHS[d.month - 1]),
    built_in("week of year", "date: date|date and time", NUMBER, lambda d: Decimal(d.isocalendar().week)),
)  # fmt: skip
