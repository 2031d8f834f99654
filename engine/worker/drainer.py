"""The drainer: takes due messages from the outbox and handles them, on two threads: one for long jobs, one for all others, so that nobody
is told late because a planner works. A crash leaves the lease to run out; another takes over."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from engine.actions import Engine, end_reservations, run_due_schedules
from engine.store import site
from engine.store.site import Message, claim_messages, finish_message, renew_lease, retry_message
from engine.worker.handlers import LONG, handle

POLL_SECONDS: Final = 0.2
"""How often the outbox is looked at when nobody rings."""
SCHEDULES_SECONDS: Final = 10
"""How often schedules are looked at."""
BATCH: Final = 20
RENEWALS: Final = 3
"""How often the lease of a long job is renewed before it would run out."""
_log = logging.getLogger("dougong.worker")


class Drainer:
    """Handles messages until it is stopped; rung after each write of this process."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._stopped = threading.Event()
        self._next_schedules = 0
        self._bells = threading.Event(), threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(drain, bell), name=name, daemon=True)
            for name, drain, bell in zip(
                ("drainer", "drainer of long jobs"), (self._drain_short, self._drain_long), self._bells, strict=True
            )
        ]

    def start(self) -> "Drainer":
        """Begin."""
        self._engine.store.after_write = self._ring
        for thread in self._threads:
            thread.start()
        return self

    def stop(self) -> None:
        """End after the messages at hand."""
        self._stopped.set()
        self._ring()
        for thread in self._threads:
            thread.join(timeout=10)

    def drain(self) -> int:
        """Handle what is due now, long or not; how many that were."""
        return self._drain_short() + self._drain_long()

    def _ring(self) -> None:
        for bell in self._bells:
            bell.set()

    def _drain_short(self) -> int:
        now = self._engine.clock.now().microseconds
        if now >= self._next_schedules:
            self._next_schedules = now + SCHEDULES_SECONDS * 1_000_000
            run_due_schedules(self._engine)
            end_reservations(self._engine)
        return self._handle(claim_messages(self._engine.store, now, BATCH, but=LONG))

    def _drain_long(self) -> int:
        """One at a time: the lease of a second would run out while the first works."""
        return self._handle(claim_messages(self._engine.store, self._engine.clock.now().microseconds, 1, only=LONG))

    def _handle(self, messages: list[Message]) -> int:
        for message in messages:
            run_message(self._engine, message)
        return len(messages)

    def _run(self, drain: Callable[[], int], bell: threading.Event) -> None:
        while not self._stopped.is_set():
            bell.clear()
            try:
                if drain() == 0:
                    bell.wait(POLL_SECONDS)
            except Exception:  # the thread must outlive a lost connection; the messages keep their lease
                _log.exception("the outbox could not be drained")
                self._stopped.wait(1)


def run_message(engine: Engine, message: Message) -> None:
    """Handle one message and note what came of it."""
    try:
        if message.kind in LONG:
            with _lease_of(engine, message):
                error = handle(engine, message)
        else:
            error = handle(engine, message)
    except Exception as failure:  # noted on the message and tried again
        _log.exception("message %s failed", message.id)
        error = type(failure).__name__
    now = engine.clock.now().microseconds
    if error is None:
        finish_message(engine.store, message.id, now)
    else:
        retry_message(engine.store, message, now, error)


@contextmanager
def _lease_of(engine: Engine, message: Message) -> Iterator[None]:
    """Meanwhile the lease of the message is renewed, by a thread: the job itself may be busy for long."""
    over = threading.Event()

    def renew() -> None:
        while not over.wait(site.LEASE_SECONDS / RENEWALS):
            try:
                renew_lease(engine.store, message, engine.clock.now().microseconds)
            except Exception:  # a lost connection: there is time for another try before the lease runs out
                _log.exception("the lease of message %s could not be renewed", message.id)

    renewing = threading.Thread(target=renew, name=f"lease of {message.kind}", daemon=True)
    renewing.start()
    try:
        yield
    finally:
        over.set()
        renewing.join()
