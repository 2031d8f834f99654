"""Long jobs have a thread of their own: nothing else waits for them, and while one works nobody takes it over."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from engine.actions import Engine, perform
from engine.actions.commands import AuditRegisters
from engine.actor import SYSTEM
from engine.effects import Outcome, Plan
from engine.ledger import Enqueue
from engine.store import site, system
from engine.store.site import Message
from engine.worker import HANDLERS, Drainer
from tests.support.pack_site import engine_with


class SlowJob:
    """Stands for an audit: it works until it is let go, or fails the first times."""

    def __init__(self, failures: int = 0) -> None:
        self.begun: list[int] = []
        self.over = 0
        self.go = threading.Event()
        self._failures = failures

    def __call__(self, engine: Engine, message: Message) -> str | None:
        self.begun.append(message.attempts)
        assert self.go.wait(30)
        self.over += 1
        return "not yet" if self.over <= self._failures else None


@pytest.fixture
def job(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowJob]:
    """The audit, as slow as the test likes."""
    made = SlowJob()
    monkeypatch.setitem(HANDLERS, "audit", made)  # type: ignore[arg-type]  # it is a dict that nobody else changes
    yield made
    made.go.set()


def until(holds: Callable[[], bool], seconds: float = 10) -> bool:
    """Does it come to hold in time?"""
    deadline = time.monotonic() + seconds
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.02)
    return holds()


def notify(engine: Engine) -> None:
    """Ask for a notification to managers, as rules do."""
    payload = {"text": {"en": "x"}, "role": "manager"}
    with engine.store.read() as reader:
        release = engine.release(reader)
    assert release is not None
    plan = Plan(SYSTEM, engine.clock.now(), release.digest, (Enqueue(engine.ids.new(), "notify", payload),), {})
    assert isinstance(engine.store.write(plan, release.writer), Outcome)


def told(engine: Engine) -> int:
    with engine.store.read() as reader:
        found = system.user_by_login(reader, "manager")
        assert found is not None
        return len(system.notifications(reader, found.id, 100))


def waiting(engine: Engine) -> int:
    with engine.store.read() as reader:
        return system.outbox_counts(reader)["waiting"]


def test_notifications_go_out_while_a_long_job_is_under_way(database_url: str, job: SlowJob) -> None:
    """Whatever is asked for before and after a job begins is done before it ends."""
    engine = engine_with(database_url)
    drainer = Drainer(engine).start()
    try:
        assert isinstance(perform(engine, AuditRegisters(), SYSTEM), Outcome)
        notify(engine)
        assert until(lambda: job.begun == [1] and told(engine) == 1)
        notify(engine)
        assert until(lambda: told(engine) == 2)
        assert (job.over, waiting(engine)) == (0, 1)
        job.go.set()
        assert until(lambda: waiting(engine) == 0)
        assert (job.over, job.begun) == (1, [1])
    finally:
        job.go.set()
        drainer.stop()


def test_a_job_that_works_longer_than_its_lease_is_done_once(
    database_url: str, job: SlowJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its lease is renewed while it works, so another process does not begin it, too."""
    monkeypatch.setattr(site, "LEASE_SECONDS", 1)
    engine = engine_with(database_url)
    drainers = [Drainer(engine).start(), Drainer(engine).start()]
    try:
        assert isinstance(perform(engine, AuditRegisters(), SYSTEM), Outcome)
        assert until(lambda: job.begun == [1])
        time.sleep(3)
        assert job.begun == [1]
        job.go.set()
        assert until(lambda: waiting(engine) == 0)
        assert job.over == 1
    finally:
        job.go.set()
        for drainer in drainers:
            drainer.stop()


def test_a_job_whose_process_died_is_taken_over(sqlite_url: str, job: SlowJob) -> None:
    """The lease of one that is not worked on runs out, and another begins it again."""
    engine = engine_with(sqlite_url)
    assert isinstance(perform(engine, AuditRegisters(), SYSTEM), Outcome)
    now = engine.clock.now().microseconds
    long_ago = now - (site.LEASE_SECONDS + 1) * 1_000_000
    engine.store.run(lambda c, dialect: c.execute("UPDATE dg_outbox SET available_at = 0"))
    (dead,) = site.claim_messages(engine.store, long_ago, 10)
    job.go.set()
    Drainer(engine).drain()
    assert (dead.kind, job.begun, waiting(engine)) == ("audit", [2], 0)


def test_a_job_that_fails_is_tried_again(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As any other message."""
    job = SlowJob(failures=1)
    job.go.set()
    monkeypatch.setitem(HANDLERS, "audit", job)  # type: ignore[arg-type]
    engine = engine_with(sqlite_url)
    drainer = Drainer(engine).start()
    try:
        assert isinstance(perform(engine, AuditRegisters(), SYSTEM), Outcome)
        assert until(lambda: waiting(engine) == 0)
        assert job.begun == [1, 2]
    finally:
        drainer.stop()
