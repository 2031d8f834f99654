"""Applying one plan on an open transaction: request key, expectations, effects in lock order. Never opens or ends a transaction."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final, Protocol
from uuid import UUID

from engine.effects import (
    LOCK_ORDER,
    ChangeStructure,
    Conflict,
    Effect,
    ExpectRecord,
    ExpectRelease,
    ExpectSetting,
    Outcome,
    Plan,
    RequestKey,
)
from engine.ledger import Enqueue
from engine.problems import Problem, Problems, one
from engine.statements import Dialect, Execution, Inquiry, Stamp, Verdict, Writer, together
from engine.store.system_effects import SystemWriter


class Cursor(Protocol):
    """What both drivers' cursors can do."""

    rowcount: int

    def execute(self, sql: str, parameters: Any = ...) -> Any: ...
    def executemany(self, sql: str, parameters: Any) -> Any: ...
    def fetchall(self) -> list[Any]: ...
    def fetchone(self) -> Any: ...


_CLAIM: Final[Mapping[Dialect, str]] = {
    "sqlite": "INSERT INTO dg_request (actor, key, body, answer, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
    "postgresql": "INSERT INTO dg_request (actor, key, body, answer, at) VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
}
_CLAIMED: Final[Mapping[Dialect, str]] = {
    "sqlite": "SELECT body, answer FROM dg_request WHERE actor = ? AND key = ?",
    "postgresql": "SELECT body, answer FROM dg_request WHERE actor = %s AND key = %s",
}
ALONE: Final = "SET LOCAL lock_timeout = '30s'; SELECT pg_advisory_xact_lock(7104)"
"""PostgreSQL: waits until no plan is being written, and keeps others from it."""
_CURRENT: Final[Mapping[Dialect, str]] = {
    "sqlite": "SELECT digest FROM dg_current",
    "postgresql": "SELECT digest, pg_advisory_xact_lock_shared(7104) FROM dg_current FOR SHARE",
}
_SETTING: Final[Mapping[Dialect, str]] = {
    "sqlite": "SELECT value FROM dg_setting WHERE name = ?",
    "postgresql": "SELECT value FROM dg_setting WHERE name = %s FOR SHARE",
}
_LOCK_STRUCTURE: Final = "SELECT pg_advisory_xact_lock(7105, hashtext(%s))"
"""PostgreSQL: one plan at a time changes a structure, so that the changes that are seen are all up to the last."""
_CHANGED_NODES: Final[Mapping[Dialect, str]] = {
    "sqlite": "SELECT DISTINCT node FROM dg_structure_change WHERE structure = ? AND id > ?",
    "postgresql": "SELECT DISTINCT node FROM dg_structure_change WHERE structure = %s AND id > %s",
}
_RANK: Final = {kind: at for at, kind in enumerate(LOCK_ORDER)}


def apply(
    plan: Plan, writer: Writer, cursor: Cursor, dialect: Dialect, system: SystemWriter
) -> Outcome | Problems | Conflict:
    """What came of the plan. Only an Outcome that is not replayed may be committed; for anything else the caller rolls back."""
    stamp = Stamp(plan.actor.id, plan.moment, plan.release)
    if plan.request is not None:
        claimed = _claim(plan, plan.request, cursor, dialect)
        if claimed is not None:
            return claimed
    broken = _broken_expectation(plan, writer, cursor, dialect) or _changed_structure(plan, cursor, dialect)
    if broken is not None:
        return broken
    found = _Found()
    for _, alike in groupby(sorted(plan.effects, key=_lock_key), key=_kind_and_place):
        made = (
            execution
            for effect in alike
            for execution in (
                system.executions(effect, stamp, plan.actor.via)
                if system.handles(effect)
                else writer.executions(effect, stamp, dialect)
            )
        )
        for execution in together(made):
            missed = _run(execution, cursor, found)
            if missed is not None:
                return missed
    if found.refusals:
        return Problems(tuple(found.refusals))
    for message in found.messages:
        for execution in system.executions(message, stamp, plan.actor.via):
            _run(execution, cursor, found)
    return Outcome(plan.answer, tuple(found.warnings), told=tuple(found.told))


def answered(request: RequestKey, row: Sequence[Any] | None) -> Outcome | Problems | None:
    """What a request key's row says: the old answer, or that the key was used for something else."""
    if row is None:
        return None
    if row[0] != request.body:
        return one("store.request_key_reused", key=request.key)
    return Outcome(json.loads(row[1]), replayed=True)


def _claim(plan: Plan, request: RequestKey, cursor: Cursor, dialect: Dialect) -> Outcome | Problems | None:
    actor: Any = request.actor.bytes if dialect == "sqlite" else request.actor
    answer = json.dumps(plan.answer, ensure_ascii=False, separators=(",", ":"))
    cursor.execute(_CLAIM[dialect], (actor, request.key, request.body, answer, plan.moment.microseconds))
    if cursor.rowcount == 1:
        return None
    cursor.execute(_CLAIMED[dialect], (actor, request.key))
    return answered(request, cursor.fetchone())


def _broken_expectation(plan: Plan, writer: Writer, cursor: Cursor, dialect: Dialect) -> Conflict | None:
    by_form: dict[str, dict[UUID, int | None]] = {}
    for expectation in plan.expectations:
        if isinstance(expectation, ExpectRelease):
            cursor.execute(_CURRENT[dialect])
            row = cursor.fetchone()
            if (row[0] if row else "") != expectation.digest:
                return Conflict("release")
        elif isinstance(expectation, ExpectSetting):
            cursor.execute(_SETTING[dialect], (expectation.name,))
            row = cursor.fetchone()
            if (json.loads(row[0]) if row else None) != expectation.value:
                return Conflict(f"setting {expectation.name}")
        elif isinstance(expectation, ExpectRecord):
            by_form.setdefault(expectation.form, {})[expectation.id] = expectation.revision
    for form in sorted(by_form):
        execution = writer.expect(form, by_form[form], dialect)
        cursor.execute(execution.sql, execution.rows[0])
        found = {(UUID(bytes=r[0]) if dialect == "sqlite" else r[0]): r[1] for r in cursor.fetchall()}
        for id, revision in by_form[form].items():
            if id not in found or (revision is not None and found[id] != revision):
                return Conflict(f"record {form} {id}")
    return None


def _changed_structure(plan: Plan, cursor: Cursor, dialect: Dialect) -> Conflict | None:
    """A conflict when somebody else has changed what a plan relied on to close no circle. Asked of all changes of the plan before its first
    is written, so that it does not meet its own."""
    by_structure: dict[str, list[ChangeStructure]] = {}
    for effect in plan.effects:
        if isinstance(effect, ChangeStructure):
            by_structure.setdefault(effect.structure, []).append(effect)
    for name, changes in sorted(by_structure.items()):
        if dialect == "postgresql":
            cursor.execute(_LOCK_STRUCTURE, (name,))
        cursor.execute(_CHANGED_NODES[dialect], (name, min(c.seen for c in changes)))
        changed = {UUID(bytes=r[0]) if dialect == "sqlite" else r[0] for r in cursor.fetchall()}
        if any(not changed.isdisjoint(c.relied) for c in changes):
            return Conflict(f"structure {name}")
    return None


@dataclass(slots=True)
class _Found:
    """What the verdicts of a plan say so far."""

    refusals: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    messages: list[Enqueue] = field(default_factory=list)
    told: list[Mapping[str, Any]] = field(default_factory=list)


def _run(execution: Execution | Inquiry, cursor: Cursor, found: "_Found") -> Conflict | None:
    if isinstance(execution, Inquiry):
        return _follow(execution.run(lambda asked: _returned(asked, cursor)), cursor, found)
    if execution.judge is not None:
        return _follow(execution.judge(_returned(execution, cursor)), cursor, found)
    if len(execution.rows) == 1:
        cursor.execute(execution.sql, execution.rows[0])
    else:
        cursor.executemany(execution.sql, execution.rows)
    if execution.changes is not None and cursor.rowcount != execution.changes:
        return Conflict("a row changed meanwhile")
    return None


def _returned(execution: Execution, cursor: Cursor) -> list[Any]:
    returned: list[Any] = []
    for row in execution.rows:
        cursor.execute(execution.sql, row)
        returned += cursor.fetchall()
    return returned


def _follow(verdict: Verdict, cursor: Cursor, found: "_Found") -> Conflict | None:
    """Note what a verdict says, and run what it asks for."""
    if verdict.conflict:
        return Conflict(verdict.conflict)
    found.refusals += [p for p in verdict.refusals if p not in found.refusals]
    found.warnings += [p for p in verdict.warnings if p not in found.warnings]
    found.messages += verdict.messages
    found.told += verdict.told
    for following in verdict.then:
        missed = _run(following, cursor, found)
        if missed is not None:
            return missed
    return None


def _lock_key(effect: Effect) -> tuple[int, str, str]:
    return *_kind_and_place(effect), str(getattr(effect, "id", ""))


def _kind_and_place(effect: Effect) -> tuple[int, str]:
    return _RANK[type(effect)], getattr(effect, "register", None) or getattr(effect, "form", None) or ""
