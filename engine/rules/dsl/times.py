"""When a schedule is due: cron expressions in the site's zone, on all days or on days of work only. The home of cronsim."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

SKIPPED_MAX: Final = 1_000
"""Times in a row that may fall on days off before a schedule counts as never due."""


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Days of work: `weekdays` (1 Monday … 7 Sunday), without `holidays`, and with `workdays` that a holiday is made up for (调休)."""

    weekdays: frozenset[int] = frozenset((1, 2, 3, 4, 5))
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()

    def works_on(self, day: date) -> bool:
        """Is it a day of work?"""
        return day in self.workdays or (day.isoweekday() in self.weekdays and day not in self.holidays)


def read_calendar(json: Mapping[str, Any]) -> WorkCalendar:
    """The calendar of a pack (pack.json, "calendar")."""
    return WorkCalendar(
        frozenset(json.get("weekdays", (1, 2, 3, 4, 5))),
        frozenset(date.fromisoformat(day) for day in json.get("holidays", ())),
        frozenset(date.fromisoformat(day) for day in json.get("workdays", ())),
    )


def is_cron(text: str) -> bool:
    """Is it a cron expression of five parts?"""
    try:
        CronSim(text, datetime(2026, 1, 1))  # noqa: DTZ001 - only the text is judged
    except CronSimError:
        return False
    return len(text.split()) == 5


def latest_due(
    cron: str, zone: str, now: datetime, since: datetime, days: WorkCalendar | None = None
) -> datetime | None:
    """The last time after `since` and not after `now` that the schedule was due, or None. Times that were missed while nothing ran
    count as one."""
    times = CronSim(cron, now.astimezone(ZoneInfo(zone)) + timedelta(minutes=1), reverse=True)
    for _, due in zip(range(SKIPPED_MAX), times, strict=False):
        if due <= since:
            return None
        if due <= now and (days is None or days.works_on(due.date())):
            return due
    return None


def next_due(cron: str, zone: str, now: datetime, days: WorkCalendar | None = None) -> datetime | None:
    """The next time after `now` that the schedule is due, for showing."""
    for _, due in zip(range(SKIPPED_MAX), CronSim(cron, now.astimezone(ZoneInfo(zone))), strict=False):
        if days is None or days.works_on(due.date()):
            return due
    return None
