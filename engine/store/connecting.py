"""Connections: one pool for writing and one for reading, on SQLite or PostgreSQL. The only place that knows a database URL."""

import sqlite3
from time import monotonic
from typing import Any, Final

import psycopg
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError

from engine.statements import Dialect

BUSY_SECONDS: Final = 10
"""How long SQLite waits for another process's write."""
POOL_SIZE: Final = 16
IDLE_SECONDS: Final = 2
"""How long a connection to PostgreSQL is trusted without being asked."""
CONFLICT_STATES: Final = frozenset({"40001", "40P01", "55P03", "23505", "0A000"})
"""SQLSTATEs after which a plan is made again: serialisation, deadlock, lock timeout, unique violation, stale cached plan."""


def dialect_of(url: str) -> Dialect:
    """Which of the two databases a URL names. Others are refused."""
    name = make_url(url).get_backend_name()
    if name not in ("sqlite", "postgresql"):
        raise ValueError(f"database {name!r} is not supported: use sqlite:///file or postgresql://…")
    return "sqlite" if name == "sqlite" else "postgresql"


def make_engines(url: str) -> tuple[Engine, Engine]:
    """(for writing, for reading)."""
    if dialect_of(url) == "sqlite":
        return _sqlite(url), _sqlite(url, reading=True)
    address = make_url(url).set(drivername="postgresql+psycopg")
    options: dict[str, Any] = {"pool_size": POOL_SIZE, "max_overflow": POOL_SIZE}
    writing = create_engine(
        address, isolation_level="READ COMMITTED", connect_args={"options": "-c lock_timeout=5000"}, **options
    )
    reading = create_engine(address, isolation_level="REPEATABLE READ", **options)
    event.listen(reading, "connect", _read_only)
    for made in (writing, reading):
        event.listen(made, "checkin", _used)
        event.listen(made, "checkout", _still_there)
    return writing, reading


def _read_only(connection: Any, record: Any) -> None:
    connection.read_only = True


def _used(connection: Any, record: Any) -> None:
    record.info["used"] = monotonic()


def _still_there(connection: Any, record: Any, handed_out: Any) -> None:
    """Asks a connection that was idle for a while whether its server still answers; the pool replaces one that does not."""
    if monotonic() - record.info.get("used", 0) < IDLE_SECONDS:
        return
    try:
        connection.execute(";")
        connection.rollback()
    except psycopg.Error as error:
        raise DisconnectionError from error


def _sqlite(url: str, *, reading: bool = False) -> Engine:
    made = create_engine(
        url,
        pool_size=POOL_SIZE,
        max_overflow=POOL_SIZE,
        connect_args={"isolation_level": None, "check_same_thread": False, "timeout": BUSY_SECONDS},
    )

    @event.listens_for(made, "connect")
    def prepare(connection: sqlite3.Connection, record: Any) -> None:
        connection.execute("PRAGMA journal_mode = WAL")
        # NORMAL in WAL: what is committed survives kill -9 of the process; after loss of power the newest commits may be missing, never half.
        connection.execute("PRAGMA synchronous = NORMAL")
        if reading:
            connection.execute("PRAGMA query_only = ON")

    return made


def is_conflict(error: Exception) -> bool:
    """Does this driver error mean that the plan must be made again?"""
    original = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(original, sqlite3.IntegrityError):
        return "UNIQUE" in str(original)
    if isinstance(original, sqlite3.OperationalError):
        return "locked" in str(original) or "busy" in str(original)
    state: str | None = original.__dict__.get("sqlstate") or vars(type(original)).get("sqlstate")
    return state in CONFLICT_STATES
