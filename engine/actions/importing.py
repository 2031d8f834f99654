"""Importing rows: many commands with progress. Each chunk is one command that passes whole; a chunk with a bad row is sent again
row by row, so every good row is in and every bad one is reported with its problems. Nothing is dropped silently.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, Final

from engine.actions.commands import SubmitRecord
from engine.actions.open_engine import Engine
from engine.actions.perform import submit_each
from engine.actor import Actor
from engine.effects import Outcome
from engine.problems import Problem, Problems

CHUNK: Final = 500
"""Rows of one transaction."""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A row that was refused (`refused`), or written with a warning. `number` counts from 1."""

    number: int
    values: Mapping[str, Any]
    problem: Problem
    refused: bool


@dataclass(slots=True)
class ImportSummary:
    """What became of the rows."""

    written: int = 0
    refused: int = 0
    warned: int = 0


@dataclass(frozen=True, slots=True)
class Import:
    """What to import: rows of wire values into `form`; `then` is a state action for each. `key` (any text) makes the import
    repeatable: the same key does not write the same chunk twice."""

    form: str
    rows: Iterable[Mapping[str, Any]]
    then: str | None = None
    key: str | None = None
    chunk: int = CHUNK
    progress: Callable[[ImportSummary], None] = field(default=lambda summary: None)
    report: Callable[[RowProblem], None] = field(default=lambda problem: None)


def import_rows(engine: Engine, wanted: Import, actor: Actor) -> ImportSummary:
    """Write all rows that pass; report every one that does not, and every warning."""
    summary = ImportSummary()
    actor = replace(actor, via="import")
    for start, rows in _chunks(wanted.rows, wanted.chunk):
        submits = [SubmitRecord(wanted.form, row, wanted.then) for row in rows]
        key = f"{wanted.key}/{start}" if wanted.key else None
        results = submit_each(engine, submits, actor, request_key=key)
        for at, result in enumerate(results):
            _count(summary, wanted, start + at, rows, at, result)
        wanted.progress(summary)
    return summary


def _count(
    summary: ImportSummary,
    wanted: Import,
    number: int,
    rows: Sequence[Mapping[str, Any]],
    at: int,
    result: Outcome | Problems,
) -> None:
    if isinstance(result, Problems):
        summary.refused += 1
        for problem in result:
            wanted.report(RowProblem(number, rows[at], problem, refused=True))
        return
    summary.written += 1
    for warning in result.warnings:
        summary.warned += 1
        wanted.report(RowProblem(number, rows[at], warning, refused=False))


def _chunks(rows: Iterable[Mapping[str, Any]], size: int) -> Iterator[tuple[int, list[Mapping[str, Any]]]]:
    source = iter(rows)
    number = 1
    while chunk := list(islice(source, size)):
        yield number, chunk
        number += len(chunk)
