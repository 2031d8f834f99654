"""Effects on the system tables → statements, prepared once a database."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Table, bindparam, delete, func, insert, literal_column, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.compiler import SQLCompiler

from engine import effects as e
from engine.ledger import Enqueue
from engine.statements import Dialect, Execution, Stamp
from engine.store import tables as t


def _values(table: Table, *skip: str) -> Any:
    return insert(table).values({c.name: bindparam(c.name) for c in table.columns if c.name not in skip})


def _upsert_user(dialect: Dialect) -> Any:
    make = sqlite.insert if dialect == "sqlite" else postgresql.insert
    made = make(t.USER).values({c.name: bindparam(c.name) for c in t.USER.columns})
    kept = {c.name: made.excluded[c.name] for c in t.USER.columns if c.name not in ("id", "password")}
    return made.on_conflict_do_update(
        index_elements=["id"], set_={**kept, "password": func.coalesce(made.excluded.password, t.USER.c.password)}
    )


def _upsert_setting(dialect: Dialect) -> Any:
    make = sqlite.insert if dialect == "sqlite" else postgresql.insert
    made = make(t.SETTING).values(name=bindparam("name"), value=bindparam("value"))
    return made.on_conflict_do_update(index_elements=["name"], set_={"value": made.excluded.value})


_UPSERTS: Final[Mapping[str, Callable[[Dialect], Any]]] = {"user": _upsert_user, "setting": _upsert_setting}


def _dialect(name: Dialect) -> Any:
    make: Callable[[], Any] = sqlite.dialect if name == "sqlite" else postgresql.psycopg.dialect
    return make()


class SystemWriter:
    """Statements for effects on users, sessions, workflow rows, history, notifications and the outbox."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._texts: dict[str, tuple[str, tuple[str, ...]]] = {}

    def executions(self, effect: e.Effect, stamp: Stamp, via: str) -> Sequence[Execution]:
        """The statement of one effect."""
        what, row, changes = _ROWS[type(effect)](effect, stamp, via)
        text, order = self._text(what)
        encoded = {k: self._encode(v) for k, v in row.items()}
        return [
            Execution(
                text,
                [encoded if self._dialect == "postgresql" else tuple(encoded[name] for name in order)],
                changes=changes,
            )
        ]

    def handles(self, effect: e.Effect) -> bool:
        """Is it an effect on the system tables?"""
        return type(effect) in _ROWS

    def _encode(self, value: Any) -> Any:
        if self._dialect == "postgresql":
            return value
        if isinstance(value, bool):
            return int(value)
        return value.bytes if hasattr(value, "bytes") and not isinstance(value, str) else value

    def _text(self, what: str) -> tuple[str, tuple[str, ...]]:
        found = self._texts.get(what)
        if found is None:
            upsert = _UPSERTS.get(what)
            statement = upsert(self._dialect) if upsert is not None else _STATEMENTS[what]
            compiled = statement.compile(dialect=_dialect(self._dialect))
            assert isinstance(compiled, SQLCompiler)
            found = self._texts[what] = (str(compiled), tuple(compiled.positiontup or ()))
        return found


_OPEN: Final[Any] = literal_column("'open'")
_I, _K, _T = t.INSTANCE, t.TOKEN, t.TASK
_STATEMENTS: Final[Mapping[str, Any]] = {
    "access_token": _values(t.ACCESS_TOKEN),
    "session": _values(t.SESSION),
    "instance": _values(t.INSTANCE),
    "task": _values(t.TASK),
    "audit": _values(t.AUDIT, "id"),
    "notification": _values(t.NOTIFICATION),
    "structure_change": _values(t.STRUCTURE_CHANGE, "id"),
    "outbox": _values(t.OUTBOX),
    "firing": _values(t.FIRING),
    "token": _values(t.TOKEN),
    "drop_session": delete(t.SESSION).where(t.SESSION.c.digest == bindparam("k_digest")),
    "change_instance": update(_I)
    .where(_I.c.id == bindparam("k_id"), _I.c.revision == bindparam("k_revision"))
    .values(state=bindparam("v_state"), revision=bindparam("v_revision"), changed_at=bindparam("v_at")),
    "move_token": update(_K)
    .where(_K.c.id == bindparam("k_id"), _K.c.state == _OPEN)
    .values(state=bindparam("v_state")),
    "close_task": update(_T)
    .where(_T.c.id == bindparam("k_id"), _T.c.state == _OPEN)
    .values(
        state=bindparam("v_state"),
        decision=bindparam("v_decision"),
        decided_by=bindparam("v_by"),
        comment=bindparam("v_comment"),
        closed_at=bindparam("v_at"),
    ),
}


_json: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


Made = tuple[str, dict[str, Any], int | None]


def _user(x: e.PutUser, s: Stamp, via: str) -> Made:
    return (
        "user",
        {
            "id": x.id,
            "login": x.login,
            "name": x.name,
            "password": x.password,
            "roles": _json(sorted(x.roles)),
            "language": x.language,
            "is_admin": x.is_admin,
            "is_active": x.is_active,
        },
        None,
    )


def _access_token(x: e.PutAccessToken, s: Stamp, via: str) -> Made:
    return (
        "access_token",
        {
            "id": x.id,
            "user_id": x.user,
            "label": x.label,
            "digest": x.digest,
            "created_at": s.moment.microseconds,
            "expires_at": x.expires_at,
        },
        None,
    )


def _session(x: e.PutSession, s: Stamp, via: str) -> Made:
    return "session", {"digest": x.digest, "user_id": x.user, "csrf": x.csrf, "expires_at": x.expires_at}, None


def _drop_session(x: e.DropSession, s: Stamp, via: str) -> Made:
    return "drop_session", {"k_digest": x.digest}, None


def _start_instance(x: e.StartInstance, s: Stamp, via: str) -> Made:
    now = s.moment.microseconds
    return (
        "instance",
        {
            "id": x.id,
            "workflow": x.workflow,
            "definition": x.definition,
            "form": x.form,
            "record_id": x.record,
            "state": x.state,
            "revision": 1,
            "started_at": now,
            "changed_at": now,
        },
        None,
    )


def _change_instance(x: e.ChangeInstance, s: Stamp, via: str) -> Made:
    return (
        "change_instance",
        {
            "k_id": x.id,
            "k_revision": x.revision,
            "v_state": x.state,
            "v_revision": x.revision + 1,
            "v_at": s.moment.microseconds,
        },
        1,
    )


def _put_token(x: e.PutToken, s: Stamp, via: str) -> Made:
    if x.state == "open":
        return "token", {"id": x.id, "instance_id": x.instance, "node": x.node, "state": x.state}, None
    return "move_token", {"k_id": x.id, "v_state": x.state}, 1


def _open_task(x: e.OpenTask, s: Stamp, via: str) -> Made:
    return (
        "task",
        {
            "id": x.id,
            "instance_id": x.instance,
            "token_id": x.token,
            "node": x.node,
            "form": x.form,
            "record_id": x.record,
            "role": x.role,
            "state": "open",
            "decision": None,
            "decided_by": None,
            "comment": "",
            "opened_at": s.moment.microseconds,
            "closed_at": None,
        },
        None,
    )


def _close_task(x: e.CloseTask, s: Stamp, via: str) -> Made:
    return (
        "close_task",
        {
            "k_id": x.id,
            "v_state": x.state,
            "v_decision": x.decision,
            "v_by": s.actor,
            "v_comment": x.comment,
            "v_at": s.moment.microseconds,
        },
        1,
    )


def _audit(x: e.Audit, s: Stamp, via: str) -> Made:
    return (
        "audit",
        {
            "form": x.form,
            "record_id": x.record,
            "action": x.action,
            "changes": _json(x.changes),
            "actor": s.actor,
            "via": via,
            "at": s.moment.microseconds,
            "release": s.release,
        },
        None,
    )


def _structure_change(x: e.ChangeStructure, s: Stamp, via: str) -> Made:
    return "structure_change", {"structure": x.structure, "node": x.node}, None


def _notification(x: e.PutNotification, s: Stamp, via: str) -> Made:
    return (
        "notification",
        {
            "id": x.id,
            "user_id": x.user,
            "text": _json(dict(x.text)),
            "link": x.link,
            "at": s.moment.microseconds,
            "read_at": None,
        },
        None,
    )


def _firing(x: e.RecordFiring, s: Stamp, via: str) -> Made:
    return (
        "firing",
        {
            "id": x.id,
            "rule": x.rule,
            "form": x.form,
            "record_id": x.record,
            "event": x.event,
            "phase": x.phase,
            "read_values": _json(dict(x.values)),
            "did": _json(x.did),
            "actor": s.actor,
            "at": s.moment.microseconds,
            "release": s.release,
        },
        None,
    )


def _setting(x: e.PutSetting, s: Stamp, via: str) -> Made:
    return "setting", {"name": x.name, "value": _json(x.value)}, None


def _enqueue(x: Enqueue, s: Stamp, via: str) -> Made:
    return (
        "outbox",
        {
            "id": x.id,
            "kind": x.kind,
            "payload": _json(dict(x.payload)),
            "attempts": 0,
            "done_at": None,
            "error": None,
            "available_at": x.available_at or s.moment.microseconds,
        },
        None,
    )


_ROWS: Final[Mapping[type, Callable[[Any, Stamp, str], Made]]] = {
    e.PutUser: _user,
    e.PutAccessToken: _access_token,
    e.PutSession: _session,
    e.DropSession: _drop_session,
    e.StartInstance: _start_instance,
    e.ChangeInstance: _change_instance,
    e.PutToken: _put_token,
    e.OpenTask: _open_task,
    e.CloseTask: _close_task,
    e.Audit: _audit,
    e.ChangeStructure: _structure_change,
    e.PutNotification: _notification,
    Enqueue: _enqueue,
    e.RecordFiring: _firing,
    e.PutSetting: _setting,
}
