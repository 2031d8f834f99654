"""Throttling of failed logins: per login and address, pure given the time."""

import threading
from typing import Final

FAILURES_MAX: Final = 8
"""Failures in a row before waiting begins."""
WAIT_SECONDS: Final = 30
"""Waiting after each further failure."""
KEYS_MAX: Final = 10_000
"""Logins and addresses remembered; the oldest are forgotten."""


class Throttle:
    """Remembers failures in memory."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures: dict[str, tuple[int, int]] = {}

    def wait(self, key: str, now: int) -> int:
        """Seconds to wait before `key` may try again; 0 is at once. `now` in microseconds."""
        count, last = self._failures.get(key, (0, 0))
        if count < FAILURES_MAX:
            return 0
        return max(0, WAIT_SECONDS - (now - last) // 1_000_000)

    def failed(self, key: str, now: int) -> None:
        """A failure."""
        with self._lock:
            self._failures[key] = (self._failures.pop(key, (0, 0))[0] + 1, now)
            while len(self._failures) > KEYS_MAX:
                self._failures.pop(next(iter(self._failures)))

    def passed(self, key: str) -> None:
        """A success: forget the failures."""
        with self._lock:
            self._failures.pop(key, None)
