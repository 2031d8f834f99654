"""The store: request keys, conflicts, concurrency, history that cannot be edited, outbox leases."""

import multiprocessing
import threading
from collections import Counter
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.exc import DatabaseError

from engine.actor import SYSTEM
from engine.clock import RandomIds, SystemClock
from engine.effects import Audit, Conflict, Outcome, Plan, PutUser, RequestKey
from engine.ledger import Enqueue
from engine.problems import Problems
from engine.store import Numbers, Store
from engine.store.site import LEASE_SECONDS, claim_messages, finish_message, retry_message

IDS = RandomIds()
CLOCK = SystemClock()


class NoRecords:
    """A Writer for plans that touch only system tables."""

    def executions(self, effect: Any, stamp: Any, dialect: Any) -> Any:
        raise AssertionError(effect)

    def expect(self, form: str, expected: Any, dialect: Any) -> Any:
        raise AssertionError(form)


@pytest.fixture
def store(database_url: str) -> Store:
    """A prepared store."""
    made = Store(database_url)
    made.prepare()
    return made


def user(login: str, id: UUID | None = None) -> PutUser:
    return PutUser(id or IDS.new(), login, login, None, ())


def plan(*effects: Any, key: RequestKey | None = None, answer: Any = None) -> Plan:
    return Plan(SYSTEM, CLOCK.now(), "", tuple(effects), answer or {}, (), key)


def test_the_same_key_is_written_once(store: Store) -> None:
    """The same key and body get the first answer and write nothing; another body is refused."""
    key = RequestKey("k", SYSTEM.id, "body")
    first = store.write(plan(user("a"), key=key, answer={"n": 1}), NoRecords())
    again = store.write(plan(user("b"), key=key, answer={"n": 2}), NoRecords())
    other = store.write(plan(user("c"), key=RequestKey("k", SYSTEM.id, "other")), NoRecords())

    assert isinstance(first, Outcome) and not first.replayed
    assert isinstance(again, Outcome) and again.replayed and again.answer == {"n": 1}
    assert isinstance(other, Problems) and other.first.code == "store.request_key_reused"
    with store.read() as reader:
        from engine.store import system

        assert [u.login for u in system.users(reader)] == ["a"]


def test_a_taken_value_is_a_conflict_and_leaves_nothing(store: Store) -> None:
    """A unique value that was taken meanwhile makes the plan a conflict, and nothing of it stays, not even its request key."""
    store.write(plan(user("a")), NoRecords())
    key = RequestKey("k2", SYSTEM.id, "body")
    refused = store.write(plan(user("b"), user("a"), key=key), NoRecords())
    later = store.write(plan(user("b"), key=key), NoRecords())

    assert isinstance(refused, Conflict)
    assert isinstance(later, Outcome) and not later.replayed


def test_history_cannot_be_edited(store: Store) -> None:
    """The database itself refuses to change or delete lines of history."""
    store.write(plan(Audit("f", IDS.new(), "create", {"x": [None, 1]})), NoRecords())
    for statement in ("UPDATE dg_audit SET action = 'x'", "DELETE FROM dg_audit"):
        with pytest.raises(Exception, match="append-only"):
            store.run(lambda cursor, dialect, statement=statement: cursor.execute(statement))


def test_many_threads_write_once_each(store: Store) -> None:
    """Eight threads write 50 users each, all at once: all are there, and a racing key is written exactly once."""
    results: Counter[str] = Counter()

    def work(thread: int) -> None:
        for n in range(50):
            key = RequestKey(f"shared {n}", SYSTEM.id, "same")
            outcome = store.write(plan(user(f"u{thread}-{n}")), NoRecords())
            results["own" if isinstance(outcome, Outcome) else "other"] += 1
            shared = store.write(plan(Enqueue(IDS.new(), "x", {}), key=key), NoRecords())
            results["first" if isinstance(shared, Outcome) and not shared.replayed else "again"] += 1

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert results == {"own": 400, "first": 50, "again": 350}


def take_numbers(url: str, count: int, out: Any) -> None:
    numbers = Numbers(Store(url))
    out.put([numbers.next("n") for _ in range(count)])


def test_processes_never_draw_the_same_number(store: Store) -> None:
    """Four processes draw 100 numbers each: none twice."""
    context = multiprocessing.get_context("spawn")
    out: Any = context.Queue()
    workers = [context.Process(target=take_numbers, args=(store.url, 100, out)) for _ in range(4)]
    for worker in workers:
        worker.start()
    drawn = [n for _ in workers for n in out.get(timeout=60)]
    for worker in workers:
        worker.join()

    assert len(drawn) == len(set(drawn)) == 400


def test_an_outbox_message_is_leased_and_comes_back(store: Store) -> None:
    """A claimed message is nobody else's until its lease ends; then it comes again; a finished one never does."""
    store.write(plan(Enqueue(IDS.new(), "x", {"a": 1})), NoRecords())
    now = CLOCK.now().microseconds
    first = claim_messages(store, now, 10)
    meanwhile = claim_messages(store, now, 10)
    after_crash = claim_messages(store, now + (LEASE_SECONDS + 1) * 1_000_000, 10)

    assert [m.payload for m in first] == [{"a": 1}]
    assert meanwhile == []
    assert [(m.id, m.attempts) for m in after_crash] == [(first[0].id, 2)]
    retry_message(store, after_crash[0], now, "down")
    assert claim_messages(store, now, 10) == []
    finish_message(store, first[0].id, now)
    assert claim_messages(store, now + 10**12, 10) == []


def test_a_process_starts_while_others_write(store: Store) -> None:
    """Another process opens the site while a transaction is under way: it neither waits for it nor gets in its way."""
    with store._transaction() as cursor:
        cursor.execute("INSERT INTO dg_setting (name, value) VALUES ('under', '1')")
        cursor.execute("DELETE FROM dg_outbox")
        other = Store(store.url)
        started = threading.Thread(target=other.prepare)
        started.start()
        started.join(4)
        assert not started.is_alive(), "it waits"
        cursor.execute("DELETE FROM dg_setting WHERE name = 'under'")
    other.close()


def test_reads_cannot_write(store: Store) -> None:
    """A reading connection refuses to change anything."""
    from sqlalchemy import insert

    from engine.store.tables import SETTING

    with store.read() as reader, pytest.raises(DatabaseError):
        reader.rows(insert(SETTING).values(name="x", value="1"))  # type: ignore[arg-type]
