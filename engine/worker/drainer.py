"""The drainer: a thread that takes due messages from the outbox and handles them. A crash leaves the lease to run out; another takes over."""

import logging
import threading
from typing import Final

from engine.actions import Engine, end_reservations, run_due_schedules
from engine.store.site import Message, claim_messages, finish_message, retry_message
from engine.worker.handlers import handle

POLL_SECONDS: Final = 0.2
"""How often the outbox is looked at when nobody rings."""
SCHEDULES_SECONDS: Final = 10
"""How often schedules are looked at."""
BATCH: Final = 20
_log = logging.getLogger("dougong.worker")


class Drainer:
    """Handles messages until it is stopped; rung after each write of this process."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._bell = threading.Event()
        self._stopped = threading.Event()
        self._next_schedules = 0
        self._thread = threading.Thread(target=self._run, name="drainer", daemon=True)

    def start(self) -> "Drainer":
        """Begin."""
        self._engine.store.after_write = self._bell.set
        self._thread.start()
        return self

    def stop(self) -> None:
        """End after the message at hand."""
        self._stopped.set()
        self._bell.set()
        self._thread.join(timeout=10)

    def drain(self) -> int:
        """Handle what is due now; how many that were."""
        now = self._engine.clock.now().microseconds
        if now >= self._next_schedules:
            self._next_schedules = now + SCHEDULES_SECONDS * 1_000_000
            run_due_schedules(self._engine)
            end_reservations(self._engine)
        messages = claim_messages(self._engine.store, now, BATCH)
        for message in messages:
            run_message(self._engine, message)
        return len(messages)

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._bell.clear()
            try:
                if self.drain() == 0:
                    self._bell.wait(POLL_SECONDS)
            except Exception:  # the thread must outlive a lost connection; the messages keep their lease
                _log.exception("the outbox could not be drained")
                self._stopped.wait(1)


def run_message(engine: Engine, message: Message) -> None:
    """Handle one message and note what came of it."""
    try:
        error = handle(engine, message)
    except Exception as failure:  # noted on the message and tried again
        _log.exception("message %s failed", message.id)
        error = type(failure).__name__
    now = engine.clock.now().microseconds
    if error is None:
        finish_message(engine.store, message.id, now)
    else:
        retry_message(engine.store, message, now, error)
