"""Timeline: the buckets of a plan, and lead times counted in working days. Knows the calendar only as a question: is this a working day?"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from datetime import date, timedelta
from typing import Final, Literal

WALK_MAX: Final = 5_000
"""Days that are looked at, each way, for working days; where a calendar has fewer, the last day looked at stands for the rest."""
_DAY: Final = timedelta(days=1)
Dates = tuple[date, date, date, bool]


class Timeline:
    """Bucket 0 begins today and holds everything that is past due; a `day` is a bucket, or a `week` from Monday on. What lies
    `horizon_days` or more after today is not planned. `lead_max` is the longest lead time that will be asked for."""

    __slots__ = ("_dates", "_days", "_due", "_monday", "_starts", "_works", "count", "end", "first_days", "today")

    def __init__(
        self,
        today: date,
        horizon_days: int,
        bucket: Literal["day", "week"],
        works_on: Callable[[date], bool],
        lead_max: int,
    ) -> None:
        self.today = today
        self.end = today + timedelta(days=horizon_days)
        self._days = 1 if bucket == "day" else 7
        self._monday = today if bucket == "day" else today - timedelta(days=today.weekday())
        self.count = ((self.end - _DAY) - self._monday).days // self._days + 1
        self.first_days = (today, *(self._monday + timedelta(days=self._days * at) for at in range(1, self.count)))
        self._works = _working_days(today, self.end, works_on, lead_max + 2)
        self._due = [self._last_before(day) for day in self.first_days]
        self._starts: dict[tuple[date, int], date] = {}
        self._dates: dict[tuple[int, int], Dates] = {}

    def bucket(self, day: date) -> int | None:
        """The bucket of a day; None beyond the horizon."""
        if day >= self.end:
            return None
        return max(0, (day - self._monday).days // self._days)

    def due(self, bucket: int) -> date:
        """The day by which an order for a bucket must be there: the last working day not after the bucket's first, today at the
        earliest."""
        return self._due[bucket]

    def _last_before(self, first: date) -> date:
        at = bisect_right(self._works, first)
        return max(self.today, self._works[at - 1]) if at else first

    def start(self, due: date, lead: int) -> date:
        """The working day that lies `lead` working days before `due`; it may be in the past."""
        if lead == 0:
            return due
        found = self._starts.get((due, lead))
        if found is None:
            found = self._starts[due, lead] = self._works[max(0, bisect_left(self._works, due) - lead)]
        return found

    def soonest(self, lead: int) -> tuple[date, date]:
        """(start, due) of an order that is placed as soon as people work again."""
        at = min(bisect_left(self._works, self.today), len(self._works) - 1)
        return self._works[at], self._works[min(at + lead, len(self._works) - 1)]

    def dates(self, bucket: int, lead: int) -> Dates:
        """(needed, start, due, late) of an order for a bucket: what should have started before today starts as soon as it can."""
        found = self._dates.get((bucket, lead))
        if found is None:
            needed = self.due(bucket)
            start, due = self.start(needed, lead), needed
            if start < self.today:
                start, due = self.soonest(lead)
            found = self._dates[bucket, lead] = needed, start, due, due > needed
        return found

    def start_buckets(self, lead: int) -> list[int]:
        """For an order due in each bucket, the bucket in which it starts; what should have started before today starts today."""
        return [self.start_bucket(at, lead) for at in range(self.count)]

    def start_bucket(self, bucket: int, lead: int) -> int:
        """The bucket in which an order due in another one starts."""
        found = self.bucket(max(self.start(self.due(bucket), lead), self.today))
        assert found is not None, "it starts no later than it is due"
        return found


def _working_days(today: date, end: date, works_on: Callable[[date], bool], wanted: int) -> list[date]:
    """Working days in order: `wanted` before today, all to `end`, and `wanted` after it. Never empty."""
    before: list[date] = []
    day = today
    for _ in range(WALK_MAX):
        day -= _DAY
        if works_on(day):
            before.append(day)
            if len(before) == wanted:
                break
    else:
        before.append(day)
    days = [*reversed(before), *(d for at in range((end - today).days) if works_on(d := today + at * _DAY))]
    day = end - _DAY
    for _ in range(WALK_MAX):
        day += _DAY
        if works_on(day):
            days.append(day)
            wanted -= 1
            if wanted == 0:
                break
    else:
        days.append(day)
    return days
