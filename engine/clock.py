"""Clock: the moment, and the identities and numbers that a plan may not make up itself.

The only module that reads the computer's clock or its randomness. A plan gets a `Moment`, an `IdSource` and a `NumberSource`
as arguments, so the same facts give the same plan.
"""

import os
import threading
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

SITE_ZONE: Final = "Asia/Shanghai"


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant (UTC) and the business date it falls on in the site's zone."""

    instant: datetime
    today: date
    zone: str = SITE_ZONE

    @property
    def microseconds(self) -> int:
        """The instant as microseconds since 1970-01-01 UTC, as columns hold it."""
        return to_microseconds(self.instant)


class Clock(Protocol):
    """Tells the moment."""

    def now(self) -> Moment: ...


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The computer's clock, with business dates of `zone`."""

    zone: str = SITE_ZONE

    def now(self) -> Moment:
        return moment_at(datetime.now(UTC), self.zone)


@dataclass(frozen=True, slots=True)
class FixedClock:
    """A clock that stands still; for tests and for commands dated by their caller."""

    moment: Moment

    def now(self) -> Moment:
        return self.moment


def moment_at(instant: datetime, zone: str = SITE_ZONE) -> Moment:
    """The moment of an instant in a zone."""
    return Moment(instant.astimezone(UTC), instant.astimezone(ZoneInfo(zone)).date(), zone)


def to_microseconds(instant: datetime) -> int:
    """Microseconds since 1970-01-01 UTC, exactly."""
    delta = instant - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def from_microseconds(microseconds: int) -> datetime:
    """The UTC instant of a column value."""
    return datetime.fromtimestamp(microseconds // 1_000_000, UTC).replace(microsecond=microseconds % 1_000_000)


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class IdSource(Protocol):
    """Makes new ids."""

    def new(self) -> UUID: ...


class NumberSource(Protocol):
    """Takes the next number of a named counter. Fast: from a block, gaps allowed, never the same number twice."""

    def next(self, counter: str) -> int: ...


class RandomIds:
    """UUIDv7 (RFC 9562 §5.7): milliseconds, a counter that keeps one process's ids in order, then randomness."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def new(self) -> UUID:
        tick = time.time_ns() // 1_000_000 << 12
        with self._lock:
            self._last = tick = max(tick, self._last + 1)
        millis, counter = tick >> 12, tick & 0xFFF
        tail = int.from_bytes(os.urandom(8)) & 0x3FFF_FFFF_FFFF_FFFF
        return UUID(int=millis << 80 | 0x7 << 76 | counter << 64 | 0b10 << 62 | tail)


class CountingIds:
    """Ids 1, 2, 3 … for tests."""

    def __init__(self) -> None:
        self._count = 0

    def new(self) -> UUID:
        self._count += 1
        return UUID(int=0x7 << 76 | 0b10 << 62 | self._count)


class Stopwatch:
    """Milliseconds spent in named stages of one request, for Server-Timing."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._since = time.perf_counter()

    def lap(self, name: str) -> None:
        """Add the time since the last lap to stage `name`."""
        now = time.perf_counter()
        self.laps[name] = self.laps.get(name, 0) + (now - self._since) * 1000
        self._since = now
