"""Business days and months of the site's zone: days order movements (as ordinals, 1 January of year 1 is 1), months (as year * 100 +
month) are the spans that totals are kept by.
"""

from calendar import monthrange
from datetime import date, datetime, time
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from engine.clock import from_microseconds, to_microseconds


@lru_cache(maxsize=4096)
def day_of(effective: int, zone: str) -> int:
    """The business day of an instant."""
    return from_microseconds(effective).astimezone(ZoneInfo(zone)).toordinal()


@lru_cache(maxsize=4096)
def month_of_day(day: int) -> int:
    """The month of a day."""
    found = date.fromordinal(day)
    return found.year * 100 + found.month


def month_of(effective: int, zone: str) -> int:
    """The month of an instant."""
    return month_of_day(day_of(effective, zone))


@cache
def month_start(month: int, zone: str) -> int:
    """Microseconds of the first instant of a month."""
    year, number = divmod(month, 100)
    return to_microseconds(datetime(year, number, 1, tzinfo=ZoneInfo(zone)))


def first_day(month: int) -> int:
    """The first day of a month (ordinal)."""
    return date(month // 100, month % 100, 1).toordinal()


@lru_cache(maxsize=4096)
def day_start(day: int, zone: str) -> int:
    """Microseconds of the first instant of a business day."""
    return to_microseconds(datetime.combine(date.fromordinal(day), time(), tzinfo=ZoneInfo(zone)))


def last_day(month: int) -> int:
    """The last day of a month (ordinal)."""
    return first_day(month) + monthrange(month // 100, month % 100)[1] - 1
