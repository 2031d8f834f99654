"""Reading system tables: users, sessions, tasks, instances, history, notifications. Each function asks one statement of a Reader."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from engine.effects import Outcome, RequestKey
from engine.facts import StoredInstance, StoredTask
from engine.problems import Problems
from engine.statements import Dialect
from engine.store import tables as t
from engine.store.applying import answered
from engine.store.store import Reader


@dataclass(frozen=True, slots=True)
class StoredUser:
    """A user as stored; `password` is the argon2 hash."""

    id: UUID
    login: str
    name: str
    password: str | None
    roles: tuple[str, ...]
    language: str
    is_admin: bool
    is_active: bool


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A login session: who, the digest of its CSRF token, and when it ends (microseconds)."""

    user: StoredUser
    csrf: str
    expires_at: int


def to_id(raw: Any, dialect: Dialect) -> Any:
    """An id as the driver gives it."""
    return raw if raw is None or dialect == "postgresql" else UUID(bytes=raw)


def from_id(id: UUID, dialect: Dialect) -> Any:
    """An id as the driver takes it."""
    return id if dialect == "postgresql" else id.bytes


def user_by_login(reader: Reader, login: str) -> StoredUser | None:
    """A user by login."""
    return _one_user(reader, select(t.USER).where(t.USER.c.login == login))


def user_by_id(reader: Reader, id: UUID) -> StoredUser | None:
    """A user by id."""
    return _one_user(reader, select(t.USER).where(t.USER.c.id == from_id(id, reader.dialect)))


def users(reader: Reader) -> list[StoredUser]:
    """All users, by login."""
    return [_user(row, reader.dialect) for row in reader.rows(select(t.USER).order_by(t.USER.c.login))]


def user_names(reader: Reader, ids: Collection[UUID]) -> dict[UUID, str]:
    """Names of users."""
    wanted = [from_id(id, reader.dialect) for id in ids]
    rows = reader.rows(select(t.USER.c.id, t.USER.c.name).where(t.USER.c.id.in_(wanted))) if wanted else []
    return {to_id(row[0], reader.dialect): row[1] for row in rows}


def session(reader: Reader, digest: str, now: int) -> StoredSession | None:
    """A session that has not ended, of a user who is active."""
    query = (
        select(t.SESSION.c.csrf, t.SESSION.c.expires_at, *t.USER.columns)
        .join(t.USER, t.USER.c.id == t.SESSION.c.user_id)
        .where(t.SESSION.c.digest == digest, t.SESSION.c.expires_at > now)
    )
    rows = reader.rows(query)
    if not rows or not rows[0][-1]:
        return None
    return StoredSession(_user(rows[0][2:], reader.dialect), rows[0][0], rows[0][1])


def token_user(reader: Reader, digest: str, now: int) -> StoredUser | None:
    """The user of an API token that has not ended."""
    token = t.ACCESS_TOKEN
    rows = reader.rows(
        select(token.c.expires_at, *t.USER.columns)
        .join(t.USER, t.USER.c.id == token.c.user_id)
        .where(token.c.digest == digest)
    )
    if not rows or (rows[0][0] is not None and rows[0][0] <= now):
        return None
    found = _user(rows[0][1:], reader.dialect)
    return found if found.is_active else None


def _one_user(reader: Reader, query: Select[Any]) -> StoredUser | None:
    rows = reader.rows(query)
    return _user(rows[0], reader.dialect) if rows else None


def _user(row: Sequence[Any], dialect: Dialect) -> StoredUser:
    return StoredUser(
        to_id(row[0], dialect), row[1], row[2], row[3], tuple(json.loads(row[4])), row[5], bool(row[6]), bool(row[7])
    )


def answered_request(reader: Reader, request: RequestKey) -> Outcome | Problems | None:
    """What a request key was answered, if it was."""
    r = t.REQUEST
    rows = reader.rows(
        select(r.c.body, r.c.answer).where(r.c.actor == from_id(request.actor, reader.dialect), r.c.key == request.key)
    )
    return answered(request, rows[0] if rows else None)


def open_tasks(reader: Reader, roles: Collection[str] | None, limit: int) -> list[tuple[StoredTask, str, int]]:
    """Open tasks for any of `roles` (None: for all), newest first: (task, workflow, opened at)."""
    query = (
        select(*t.TASK.columns, t.INSTANCE.c.workflow)
        .join(t.INSTANCE, t.INSTANCE.c.id == t.TASK.c.instance_id)
        .where(t.TASK.c.state == "open")
    )
    if roles is not None:
        query = query.where(t.TASK.c.role.in_(sorted(roles)))
    rows = reader.rows(query.order_by(t.TASK.c.opened_at.desc()).limit(limit))
    return [(_task(row, reader.dialect), row[-1], row[11]) for row in rows]


def task(reader: Reader, id: UUID) -> StoredTask | None:
    """A task by its id."""
    rows = reader.rows(select(*t.TASK.columns).where(t.TASK.c.id == from_id(id, reader.dialect)))
    return _task(rows[0], reader.dialect) if rows else None


def _task(row: Sequence[Any], dialect: Dialect) -> StoredTask:
    return StoredTask(
        to_id(row[0], dialect),
        to_id(row[1], dialect),
        to_id(row[2], dialect),
        row[3],
        row[4],
        to_id(row[5], dialect),
        row[6],
        row[7],
        row[8],
        to_id(row[9], dialect),
    )


def instances(reader: Reader, *, record: UUID | None = None, id: UUID | None = None) -> tuple[StoredInstance, ...]:
    """Workflow instances of a record, or the one with this id, oldest first."""
    wanted = t.INSTANCE.c.id == from_id(id, reader.dialect) if id is not None else None
    if wanted is None:
        assert record is not None
        wanted = t.INSTANCE.c.record_id == from_id(record, reader.dialect)
    rows = reader.rows(select(*t.INSTANCE.columns).where(wanted).order_by(t.INSTANCE.c.started_at, t.INSTANCE.c.id))
    return tuple(_instance(reader, row) for row in rows)


def _instance(reader: Reader, row: Sequence[Any]) -> StoredInstance:
    dialect = reader.dialect
    tokens = reader.rows(
        select(t.TOKEN.c.id, t.TOKEN.c.node).where(t.TOKEN.c.instance_id == row[0], t.TOKEN.c.state == "open")
    )
    tasks = reader.rows(select(*t.TASK.columns).where(t.TASK.c.instance_id == row[0]).order_by(t.TASK.c.opened_at))
    return StoredInstance(
        to_id(row[0], dialect),
        row[1],
        row[2],
        row[3],
        to_id(row[4], dialect),
        row[5],
        row[6],
        {to_id(i, dialect): node for i, node in tokens},
        tuple(_task(r, dialect) for r in tasks),
    )


def history(reader: Reader, record: UUID, limit: int) -> list[Mapping[str, Any]]:
    """What was done to a record, newest first."""
    a = t.AUDIT
    rows = reader.rows(
        select(a.c.action, a.c.changes, a.c.actor, a.c.via, a.c.at)
        .where(a.c.record_id == from_id(record, reader.dialect))
        .order_by(a.c.id.desc())
        .limit(limit)
    )
    return [
        {"action": r[0], "changes": json.loads(r[1]), "actor": to_id(r[2], reader.dialect), "via": r[3], "at": r[4]}
        for r in rows
    ]


def firings(reader: Reader, *, rule: str | None, record: UUID | None, limit: int) -> list[Mapping[str, Any]]:
    """Which rules fired, newest first."""
    f = t.FIRING
    query = select(f.c.rule, f.c.form, f.c.record_id, f.c.event, f.c.phase, f.c.read_values, f.c.did, f.c.actor, f.c.at)
    query = query.where(f.c.rule == rule) if rule is not None else query
    query = query.where(f.c.record_id == from_id(record, reader.dialect)) if record is not None else query
    return [
        {
            "rule": r[0],
            "form": r[1],
            "record": to_id(r[2], reader.dialect),
            "event": r[3],
            "phase": r[4],
            "values": json.loads(r[5]),
            "did": json.loads(r[6]),
            "actor": to_id(r[7], reader.dialect),
            "at": r[8],
        }
        for r in reader.rows(query.order_by(f.c.at.desc(), f.c.id.desc()).limit(limit))
    ]


def firing_counts(reader: Reader) -> Mapping[str, tuple[int, int]]:
    """{rule: (how often it fired, when last)}."""
    f = t.FIRING
    rows = reader.rows(select(f.c.rule, func.count(), func.max(f.c.at)).group_by(f.c.rule))
    return {r[0]: (r[1], r[2]) for r in rows}


@dataclass(frozen=True, slots=True)
class FailedMessage:
    """A message of the outbox that could not be handled: it is tried again, or was given up."""

    payload: Mapping[str, Any]
    error: str
    attempts: int
    given_up: bool


def failed_messages(reader: Reader, kind: str, limit: int) -> list[FailedMessage]:
    """Messages of a kind that failed, newest first."""
    o = t.OUTBOX
    rows = reader.rows(
        select(o.c.payload, o.c.error, o.c.attempts, o.c.done_at)
        .where(o.c.kind == kind, o.c.error.is_not(None))
        .order_by(o.c.available_at.desc())
        .limit(limit)
    )
    return [FailedMessage(json.loads(r[0]), r[1], r[2], r[3] is not None) for r in rows]


def last_structure_change(reader: Reader, structure: str) -> int:
    """The number of the last change to a structure."""
    s = t.STRUCTURE_CHANGE
    return int(reader.rows(select(func.coalesce(func.max(s.c.id), 0)).where(s.c.structure == structure))[0][0])


def settings(reader: Reader, prefix: str) -> Mapping[str, Any]:
    """The settings whose names begin so, by the rest of their name."""
    s = t.SETTING
    rows = reader.rows(select(s.c.name, s.c.value).where(s.c.name.startswith(prefix, autoescape=True)))
    return {r[0].removeprefix(prefix): json.loads(r[1]) for r in rows}


def installed_at(reader: Reader, digest: str) -> int:
    """When a release was put in force here, in microseconds."""
    rows = reader.rows(select(t.RELEASE.c.installed_at).where(t.RELEASE.c.digest == digest))
    return int(rows[0][0]) if rows else 0


def notifications(reader: Reader, user: UUID, limit: int) -> list[Mapping[str, Any]]:
    """What a user was told, newest first."""
    n = t.NOTIFICATION
    rows = reader.rows(
        select(n.c.id, n.c.text, n.c.link, n.c.at, n.c.read_at)
        .where(n.c.user_id == from_id(user, reader.dialect))
        .order_by(n.c.at.desc(), n.c.id.desc())
        .limit(limit)
    )
    return [
        {"id": to_id(r[0], reader.dialect), "text": json.loads(r[1]), "link": r[2], "at": r[3], "read_at": r[4]}
        for r in rows
    ]


def outbox_counts(reader: Reader) -> Mapping[str, int]:
    """How many messages wait, and how many were given up."""
    o = t.OUTBOX
    waiting = reader.rows(select(func.count()).where(o.c.done_at.is_(None)))[0][0]
    given_up = reader.rows(select(func.count()).where(o.c.error.is_not(None), o.c.done_at.is_not(None)))[0][0]
    return {"waiting": waiting, "given_up": given_up}
