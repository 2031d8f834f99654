"""The site's own small writes: releases and physical names, counters, outbox leases, settings. Each is one short transaction."""

import json
import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from engine.statements import Dialect, Execution
from engine.store import tables as t
from engine.store.store import Operation, Reader, Store
from engine.store.system import from_id, to_id

BLOCK_MAX: Final = 32
"""Numbers a process takes at once when it needs many; a restart leaves a gap of at most so many."""
LEASE_SECONDS: Final = 30
"""How long a worker has for a message before another may take it."""
ATTEMPTS_MAX: Final = 12
"""After so many failures a message is given up, and kept with its error."""
_SECOND: Final = 1_000_000


def current_digest(reader: Reader) -> str | None:
    """The digest of the release in force."""
    rows = reader.rows(Execution("SELECT digest FROM dg_current", [()]))
    return str(rows[0][0]) if rows else None


def release_body(reader: Reader, digest: str) -> str | None:
    """The definitions of a release."""
    rows = reader.rows(select(t.RELEASE.c.body).where(t.RELEASE.c.digest == digest))
    return str(rows[0][0]) if rows else None


def physical_names(reader: Reader) -> dict[str, str]:
    """{path of a definition: its immutable id}."""
    return {row[0]: row[1] for row in reader.rows(select(t.NAME.c.path, t.NAME.c.physical))}


def setting(reader: Reader, name: str) -> Any:
    """A setting (JSON), or None."""
    rows = reader.rows(Execution(_sql("SELECT value FROM dg_setting WHERE name = ?", reader.dialect), [(name,)]))
    return json.loads(rows[0][0]) if rows else None


def put_setting(store: Store, name: str, value: Any) -> None:
    """Change a setting."""
    store.run(
        lambda cursor, dialect: cursor.execute(
            _sql(
                "INSERT INTO dg_setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                dialect,
            ),
            (name, json.dumps(value)),
        )
    )


@dataclass(frozen=True, slots=True)
class NewRelease:
    """A release to put in force: its digest and definitions, and the physical names made for it."""

    digest: str
    body: str
    names: Mapping[str, str]
    at: int


def put_release(store: Store, release: NewRelease, operations: Sequence[Operation]) -> None:
    """Change the tables and put the release in force, in one transaction."""

    def finish(cursor: Any, dialect: Dialect) -> None:
        if release.names:
            cursor.executemany(
                _sql("INSERT INTO dg_name (path, physical) VALUES (?, ?) ON CONFLICT DO NOTHING", dialect),
                sorted(release.names.items()),
            )
        cursor.execute(
            _sql(
                "INSERT INTO dg_release (digest, body, installed_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", dialect
            ),
            (release.digest, release.body, release.at),
        )
        cursor.execute(
            _sql(
                "INSERT INTO dg_current (one, digest, epoch) VALUES (1, ?, 1) ON CONFLICT (one) DO UPDATE "
                "SET digest = excluded.digest, epoch = dg_current.epoch + 1",
                dialect,
            ),
            (release.digest,),
        )

    store.migrate(operations, finish)


class Numbers:
    """Fast numbers: taken in blocks that grow with demand, by short transactions of their own. Never the same twice; gaps happen."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._blocks: dict[str, tuple[int, int, int]] = {}

    def next(self, counter: str) -> int:
        """The next number of a counter, from 1."""
        with self._lock:
            at, end, size = self._blocks.get(counter, (1, 0, 0))
            if at > end:
                size = min(max(1, size * 2), BLOCK_MAX)
                end = self._take(counter, size)
                at = end - size + 1
            self._blocks[counter] = (at + 1, end, size)
            return at

    def _take(self, counter: str, size: int) -> int:
        def take(cursor: Any, dialect: Dialect) -> int:
            cursor.execute(
                _sql(
                    "INSERT INTO dg_counter (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE "
                    "SET value = dg_counter.value + excluded.value RETURNING value",
                    dialect,
                ),
                (counter, size),
            )
            return int(cursor.fetchone()[0])

        taken: int = self._store.run(take)
        return taken


@dataclass(frozen=True, slots=True)
class Message:
    """An outbox row under lease."""

    id: UUID
    kind: str
    payload: Mapping[str, Any]
    attempts: int


def claim_messages(
    store: Store, now: int, most: int, *, only: Collection[str] = (), but: Collection[str] = ()
) -> list[Message]:
    """Take messages that are due, `only` of these kinds or of all `but` these; whoever takes them has LEASE_SECONDS."""
    kinds = sorted(only or but)
    among = f"AND kind {'' if only else 'NOT '}IN ({', '.join('?' for _ in kinds)}) " if kinds else ""

    def claim(cursor: Any, dialect: Dialect) -> list[Message]:
        skip = " FOR UPDATE SKIP LOCKED" if dialect == "postgresql" else ""
        cursor.execute(
            _sql(
                "UPDATE dg_outbox SET available_at = ?, attempts = attempts + 1 WHERE id IN (SELECT id FROM dg_outbox WHERE done_at IS NULL "
                f"AND available_at <= ? {among}ORDER BY available_at, id LIMIT ?{skip}) RETURNING id, kind, payload, attempts",
                dialect,
            ),
            (now + LEASE_SECONDS * _SECOND, now, *kinds, most),
        )
        return [Message(to_id(r[0], dialect), r[1], json.loads(r[2]), r[3]) for r in cursor.fetchall()]

    claimed: list[Message] = store.run(claim)
    return claimed


def renew_lease(store: Store, message: Message, now: int) -> None:
    """Whoever has the message has it for LEASE_SECONDS more, unless it was given to another meanwhile."""
    store.run(
        lambda cursor, dialect: cursor.execute(
            _sql("UPDATE dg_outbox SET available_at = ? WHERE id = ? AND attempts = ? AND done_at IS NULL", dialect),
            (now + LEASE_SECONDS * _SECOND, from_id(message.id, dialect), message.attempts),
        )
    )


def finish_message(store: Store, id: UUID, now: int, error: str | None = None) -> None:
    """The message is done with; with an error, given up."""
    store.run(
        lambda cursor, dialect: cursor.execute(
            _sql("UPDATE dg_outbox SET done_at = ?, error = ? WHERE id = ?", dialect),
            (now, error, from_id(id, dialect)),
        )
    )


def retry_message(store: Store, message: Message, now: int, error: str) -> None:
    """Try again later, after twice the time of the try before; given up after ATTEMPTS_MAX."""
    if message.attempts >= ATTEMPTS_MAX:
        finish_message(store, message.id, now, error)
        return
    later = now + 2**message.attempts * _SECOND
    store.run(
        lambda cursor, dialect: cursor.execute(
            _sql("UPDATE dg_outbox SET available_at = ?, error = ? WHERE id = ?", dialect),
            (later, error, from_id(message.id, dialect)),
        )
    )


def read_notifications(store: Store, user: UUID, now: int) -> None:
    """All of a user's notifications have been read."""
    store.run(
        lambda cursor, dialect: cursor.execute(
            _sql("UPDATE dg_notification SET read_at = ? WHERE user_id = ? AND read_at IS NULL", dialect),
            (now, from_id(user, dialect)),
        )
    )


def forget_requests(store: Store, before: int) -> None:
    """Request keys older than they are kept for."""
    store.run(lambda cursor, dialect: cursor.execute(_sql("DELETE FROM dg_request WHERE at < ?", dialect), (before,)))


def _sql(text: str, dialect: Dialect) -> str:
    return text if dialect == "sqlite" else text.replace("?", "%s")
