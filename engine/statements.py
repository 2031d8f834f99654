"""Statements: what a Writer makes of effects, and what the store runs. Data, and how it is put together; no SQL is made or run here."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol
from uuid import UUID

from engine.clock import Moment
from engine.effects import Effect
from engine.ledger import Enqueue
from engine.problems import Problem

Dialect = Literal["sqlite", "postgresql"]


@dataclass(frozen=True, slots=True)
class Stamp:
    """What apply adds to every row: who, when, under which release."""

    actor: UUID
    moment: Moment
    release: str


@dataclass(frozen=True, slots=True)
class Execution:
    """One statement in the driver's own notation (SQLite: ? and tuples; psycopg: %(name)s and mappings, or %s and tuples) with its
    parameter rows. With `judge`, the statement returns rows: they are all fetched and judged (a refusing problem rolls the
    transaction back). With `changes`, it must change exactly that many rows, else the plan is in conflict."""

    sql: str
    rows: Sequence[Any]
    judge: "Callable[[Sequence[Sequence[Any]]], Verdict] | None" = None
    changes: int | None = None


Ask = Callable[[Execution], list[Any]]
"""Runs a statement and returns its rows."""
Stream = Callable[[Execution], Iterator[Any]]
"""Runs a statement and hands over its rows one by one; others may be run meanwhile."""


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What must be read and worked out under the locks of a posting before it is clear what is written: `run` asks, and answers with
    the statements that follow."""

    run: "Callable[[Ask], Verdict]"


def together(made: Iterable[Execution | Inquiry]) -> Iterator[Execution | Inquiry]:
    """The statements of effects of one kind, those of the same text as one with all their rows: drivers send these at once. What is judged
    stays where it is."""
    waiting: dict[tuple[str, bool], list[Execution]] = {}
    for execution in made:
        if isinstance(execution, Execution) and execution.judge is None:
            waiting.setdefault((execution.sql, execution.changes is None), []).append(execution)
            continue
        yield from map(_joined, waiting.values())
        waiting.clear()
        yield execution
    yield from map(_joined, waiting.values())


def _joined(alike: Sequence[Execution]) -> Execution:
    if len(alike) == 1:
        return alike[0]
    changes = None if alike[0].changes is None else sum(e.changes or 0 for e in alike)
    return replace(alike[0], rows=[row for e in alike for row in e.rows], changes=changes)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What returned rows mean: problems that refuse the plan, problems that only warn, messages that follow, and statements to run at
    once, whose rows are judged in turn (what a posting must know under its locks)."""

    refusals: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    messages: tuple[Enqueue, ...] = ()
    then: "Sequence[Execution | Inquiry]" = ()
    conflict: str = ""
    """What is no longer as the plan saw it, if anything: it must be made again."""
    told: tuple[Mapping[str, Any], ...] = ()
    """What was found out, for the Outcome."""


class Writer(Protocol):
    """Turns the effects on records and registers into statements. The release has one; it is pure."""

    def executions(self, effect: Effect, stamp: Stamp, dialect: Dialect) -> Sequence[Execution | Inquiry]:
        """The statements of InsertRecord, ChangeRecord, DeleteRecord, PostMovements, OpenReservation, SettleReservation."""
        ...

    def expect(self, form: str, expected: Mapping[UUID, int | None], dialect: Dialect) -> Execution:
        """A statement that locks for sharing and returns (id, revision) of those records of `form` that are there."""
        ...
