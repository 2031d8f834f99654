"""Store: the site's database. `write` is the only function that opens a writing transaction for a plan; nothing follows its commit.

On SQLite plans that arrive together are committed together: whoever holds the lock writes all that wait (at most GROUP_MAX), each behind
a savepoint, so that one refusal does not touch the others. On PostgreSQL each plan is a transaction of its own.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Protocol
from uuid import uuid4

from sqlalchemy import Connection, Engine, Select
from sqlalchemy.pool import PoolProxiedConnection
from sqlalchemy.schema import CreateIndex, CreateTable

from engine.effects import Conflict, Outcome, Plan
from engine.problems import Problems
from engine.statements import Dialect, Execution, Writer
from engine.store import tables as t
from engine.store.applying import ALONE, apply
from engine.store.connecting import dialect_of, is_conflict, make_engines
from engine.store.system_effects import SystemWriter

STREAMED: Final = 1_000
"""Rows of a stream that are fetched at once."""
_NAMES: Final[Mapping[Dialect, str]] = {
    "sqlite": "SELECT name FROM sqlite_master",
    "postgresql": "SELECT relname::text FROM pg_class WHERE relnamespace = current_schema()::regnamespace "
    "UNION ALL SELECT 'trigger ' || tgname FROM pg_trigger WHERE tgrelid = to_regclass('dg_audit')",
}
"""What is there: tables, indexes, triggers."""
_GUARDS: Final[Mapping[Dialect, frozenset[str]]] = {
    "sqlite": frozenset({"dg_audit_no_update", "dg_audit_no_delete"}),
    "postgresql": frozenset({"trigger append_only"}),
}
GROUP_MAX: Final = 128
"""Plans in one transaction."""
Result = Outcome | Problems | Conflict


class Operation(Protocol):
    """A schema operation, as far as the store needs to know."""

    def statements(self, dialect: Dialect) -> Sequence[str]: ...


@dataclass(slots=True)
class _Waiting:
    plan: Plan
    writer: Writer
    done: threading.Event = field(default_factory=threading.Event)
    result: Result | Exception | None = None


class Reader:
    """Reads in one snapshot."""

    def __init__(self, engine: Engine, connection: PoolProxiedConnection, dialect: Dialect) -> None:
        self.dialect: Dialect = dialect
        self._connection = connection
        self._cursor = connection.cursor()
        self._engine = engine
        self._composing: Connection | None = None
        """The same connection, for statements that are composed by SQLAlchemy; made when there is one."""

    def rows(self, statement: Select[Any] | Execution) -> list[Any]:
        """All rows of a statement, as tuples."""
        if not isinstance(statement, Execution):
            self._composing = self._composing or Connection(self._engine, self._connection)
            return [tuple(row) for row in self._composing.execute(statement)]
        found: list[Any] = []
        for row in statement.rows:
            self._cursor.execute(statement.sql, row)
            found += self._cursor.fetchall()
        return found

    def stream(self, statement: Execution) -> Iterator[Any]:
        """The rows of a statement, a few at a time; others may be asked meanwhile."""
        connection: Any = self._connection
        for row in statement.rows:
            cursor = connection.cursor() if self.dialect == "sqlite" else connection.cursor(f"stream_{uuid4().hex}")
            try:
                cursor.execute(statement.sql, row)
                while found := cursor.fetchmany(STREAMED):
                    yield from found
            finally:
                cursor.close()


class Store:
    """One site's database."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.dialect: Dialect = dialect_of(url)
        self._writing, self._reading = make_engines(url)
        self._system = SystemWriter(self.dialect)
        self._lock = threading.Lock()
        self._waiting: deque[_Waiting] = deque()
        self.after_write: Callable[[], None] = lambda: None

    def close(self) -> None:
        """Give all connections back."""
        self._writing.dispose()
        self._reading.dispose()

    @contextmanager
    def read(self) -> Iterator[Reader]:
        """A read-only snapshot."""
        connection = self._reading.raw_connection()
        try:
            if self.dialect == "sqlite":
                connection.cursor().execute("BEGIN")
            yield Reader(self._reading, connection, self.dialect)
        finally:
            connection.close()

    def write(self, plan: Plan, writer: Writer, *, alone: bool = False) -> Result:
        """All of the plan, or nothing: an Outcome, the Problems that refuse it, or a Conflict after which it should be made again. What
        met the locks of others is written `alone` then: nobody else writes meanwhile, so that it meets none."""
        if self.dialect == "postgresql":
            return self._write_alone(plan, writer, alone=alone)
        waiting = _Waiting(plan, writer)
        self._waiting.append(waiting)
        with self._lock:
            if not waiting.done.is_set():
                self._write_waiting()
        if isinstance(waiting.result, Exception):
            raise waiting.result
        assert waiting.result is not None
        return waiting.result

    def rehearse(self, plan: Plan, writer: Writer) -> Result:
        """What would come of the plan if it were written now. Nothing is."""

        def apply_and_forget(cursor: Any, dialect: Dialect) -> Any:
            raise _RollBack(apply(plan, writer, cursor, dialect, self._system))

        try:
            self.run(apply_and_forget)
        except _RollBack as rolled:
            return rolled.result
        except Exception as error:
            if is_conflict(error):
                return Conflict(type(error).__name__)
            raise
        raise AssertionError("a rehearsal never ends otherwise")

    def _write_alone(self, plan: Plan, writer: Writer, *, alone: bool = False) -> Result:
        try:
            with self._transaction() as cursor:
                if alone:
                    cursor.execute(ALONE)
                result = apply(plan, writer, cursor, self.dialect, self._system)
                if not _is_new(result):
                    raise _RollBack(result)
        except _RollBack as rolled:
            return rolled.result
        except Exception as error:
            if is_conflict(error):
                return Conflict(type(error).__name__, alone=True)
            raise
        self.after_write()
        return result

    def _write_waiting(self) -> None:
        group = [self._waiting.popleft() for _ in range(min(len(self._waiting), GROUP_MAX))]
        if len(group) == 1:
            _settle(group[0], lambda w: self._write_alone(w.plan, w.writer))
            return
        try:
            with self._transaction() as cursor:
                results = [self._apply_behind_savepoint(w, cursor) for w in group]
        except Exception:  # the group could not be written together: each for itself, so that each gets its own answer
            for w in group:
                _settle(w, lambda w: self._write_alone(w.plan, w.writer))
            return
        for w, result in zip(group, results, strict=True):
            _settle(w, lambda _, result=result: result)  # type: ignore[misc]
        self.after_write()

    def _apply_behind_savepoint(self, waiting: _Waiting, cursor: Any) -> Result:
        cursor.execute("SAVEPOINT one")
        try:
            result = apply(waiting.plan, waiting.writer, cursor, self.dialect, self._system)
        except Exception as error:
            if not is_conflict(error):
                raise
            result = Conflict(type(error).__name__)
        if not _is_new(result):
            cursor.execute("ROLLBACK TO one")
        cursor.execute("RELEASE one")
        return result

    @contextmanager
    def _transaction(self) -> Iterator[Any]:
        """The driver's cursor in a writing transaction."""
        connection = self._writing.raw_connection()
        try:
            cursor = connection.cursor()
            if self.dialect == "sqlite":
                cursor.execute("BEGIN IMMEDIATE")
            try:
                yield cursor
            except BaseException:
                connection.rollback()
                raise
            connection.commit()
        finally:
            connection.close()

    def run(self, work: Callable[[Any, Dialect], Any]) -> Any:
        """A small transaction of the store's own (numbers, outbox leases, releases), under the same lock as plans."""
        with self._lock, self._transaction() as cursor:
            return work(cursor, self.dialect)

    def prepare(self) -> None:
        """Make the system tables where they are not there yet. Where all are, nothing is locked: others may be writing."""
        wanted: dict[str, Any] = {}
        for table in t.METADATA.sorted_tables:
            wanted[table.name] = CreateTable(table)
            wanted |= {str(i.name): CreateIndex(i) for i in sorted(table.indexes, key=lambda i: str(i.name))}
        with self.read() as reader:
            names = {row[0] for row in reader.rows(Execution(_NAMES[self.dialect], [()]))}
        if {*wanted, *_GUARDS[self.dialect]} <= names:
            return

        def make(cursor: Any, dialect: Dialect) -> None:
            if dialect == "postgresql":
                cursor.execute("SELECT pg_advisory_xact_lock(7103)")  # two processes may start at once
            cursor.execute(_NAMES[dialect])
            there = {row[0] for row in cursor.fetchall()}
            for name, statement in wanted.items():
                if name not in there:
                    cursor.execute(str(statement.compile(dialect=self._writing.dialect)))
            if not there.issuperset(_GUARDS[dialect]):
                guard_history(cursor, dialect)

        self.run(make)

    def migrate(self, operations: Sequence[Operation], finish: Callable[[Any, Dialect], None]) -> None:
        """Run schema operations and `finish` (which records the release) in one transaction; then let go of all connections, whose
        prepared statements may be stale."""

        def change(cursor: Any, dialect: Dialect) -> None:
            for operation in operations:
                for statement in operation.statements(dialect):
                    cursor.execute(statement)
            finish(cursor, dialect)

        self.run(change)
        self._writing.dispose()
        self._reading.dispose()


class _RollBack(Exception):
    """Carries a result out of a transaction that must not be committed."""

    def __init__(self, result: Result) -> None:
        super().__init__()
        self.result = result


def _is_new(result: Result) -> bool:
    return isinstance(result, Outcome) and not result.replayed


def _settle(waiting: _Waiting, make: Callable[[_Waiting], Result]) -> None:
    try:
        waiting.result = make(waiting)
    except Exception as error:  # goes to the thread that asked
        waiting.result = error
    waiting.done.set()


def guard_history(cursor: Any, dialect: Dialect) -> None:
    """History is append-only, in the database too."""
    if dialect == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            cursor.execute(
                f"CREATE TRIGGER IF NOT EXISTS dg_audit_no_{verb.lower()} BEFORE {verb} ON dg_audit "
                "BEGIN SELECT RAISE(ABORT, 'history is append-only'); END"
            )
        return
    cursor.execute(
        "CREATE OR REPLACE FUNCTION dg_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    cursor.execute(
        "CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON dg_audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION dg_append_only()"
    )
