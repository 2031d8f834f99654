"""System tables, prefix dg_: what a site needs beside its records and registers. Times are microseconds since 1970 UTC."""

from typing import Any, Final

from sqlalchemy import BigInteger, Boolean, Column, Identity, Index, Integer, LargeBinary, MetaData, Table, Text, Uuid
from sqlalchemy.types import TypeEngine

SCHEMA_VERSION: Final = 1
METADATA: Final = MetaData()


def _whole(name: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, BigInteger().with_variant(Integer(), "sqlite"), nullable=nullable)


def _text(name: str, *, nullable: bool = False, primary_key: bool = False) -> Column[str]:
    return Column(name, Text(collation="C").with_variant(Text(), "sqlite"), nullable=nullable, primary_key=primary_key)


_ID: Final[TypeEngine[Any]] = Uuid().with_variant(LargeBinary(), "sqlite")


def _id(name: str = "id", *, nullable: bool = False, primary_key: bool = False) -> Column[object]:
    return Column(name, _ID, nullable=nullable, primary_key=primary_key)


def _fact(name: str) -> Column[bool]:
    return Column(name, Boolean().with_variant(Integer(), "sqlite"), nullable=False)


def _count() -> Column[int]:
    return Column("id", BigInteger().with_variant(Integer(), "sqlite"), Identity(), primary_key=True)


def _table(name: str, *columns: Column[Any]) -> Table:
    return Table(f"dg_{name}", METADATA, *columns, sqlite_strict=True)


SETTING: Final = _table("setting", _text("name", primary_key=True), _text("value"))
RELEASE: Final = _table("release", _text("digest", primary_key=True), _text("body"), _whole("installed_at"))
CURRENT: Final = _table("current", Column("one", Integer(), primary_key=True), _text("digest"), _whole("epoch"))
NAME: Final = _table("name", _text("path", primary_key=True), _text("physical"))
COUNTER: Final = _table("counter", _text("name", primary_key=True), _whole("value"))
REQUEST: Final = _table(
    "request",
    _id("actor", primary_key=True),
    _text("key", primary_key=True),
    _text("body"),
    _text("answer"),
    _whole("at"),
)
USER: Final = _table(
    "user",
    _id(primary_key=True),
    _text("login"),
    _text("name"),
    _text("password", nullable=True),
    _text("roles"),
    _text("language"),
    _fact("is_admin"),
    _fact("is_active"),
)
ACCESS_TOKEN: Final = _table(
    "access_token",
    _id(primary_key=True),
    _id("user_id"),
    _text("label"),
    _text("digest"),
    _whole("created_at"),
    _whole("expires_at", nullable=True),
)
SESSION: Final = _table(
    "session", _text("digest", primary_key=True), _id("user_id"), _text("csrf"), _whole("expires_at")
)
INSTANCE: Final = _table(
    "instance",
    _id(primary_key=True),
    _text("workflow"),
    _text("definition"),
    _text("form"),
    _id("record_id"),
    _text("state"),
    _whole("revision"),
    _whole("started_at"),
    _whole("changed_at"),
)
TOKEN: Final = _table("token", _id(primary_key=True), _id("instance_id"), _text("node"), _text("state"))
TASK: Final = _table(
    "task",
    _id(primary_key=True),
    _id("instance_id"),
    _id("token_id"),
    _text("node"),
    _text("form"),
    _id("record_id"),
    _text("role"),
    _text("state"),
    _text("decision", nullable=True),
    _id("decided_by", nullable=True),
    _text("comment"),
    _whole("opened_at"),
    _whole("closed_at", nullable=True),
)
AUDIT: Final = _table(
    "audit",
    _count(),
    _text("form"),
    _id("record_id"),
    _text("action"),
    _text("changes"),
    _id("actor"),
    _text("via"),
    _whole("at"),
    _text("release"),
)
STRUCTURE_CHANGE: Final = _table("structure_change", _count(), _text("structure"), _id("node"))
FIRING: Final = _table(
    "firing",
    _id(primary_key=True),
    _text("rule"),
    _text("form"),
    _id("record_id", nullable=True),
    _text("event"),
    _text("phase"),
    _text("read_values"),
    _text("did"),
    _id("actor"),
    _whole("at"),
    _text("release"),
)
NOTIFICATION: Final = _table(
    "notification",
    _id(primary_key=True),
    _id("user_id"),
    _text("text"),
    _text("link"),
    _whole("at"),
    _whole("read_at", nullable=True),
)
OUTBOX: Final = _table(
    "outbox",
    _id(primary_key=True),
    _text("kind"),
    _text("payload"),
    _whole("available_at"),
    _whole("attempts"),
    _whole("done_at", nullable=True),
    _text("error", nullable=True),
)

Index("dg_user_login", USER.c.login, unique=True)
Index("dg_access_token_digest", ACCESS_TOKEN.c.digest, unique=True)
Index("dg_instance_record", INSTANCE.c.record_id)
Index("dg_token_instance", TOKEN.c.instance_id)
Index("dg_task_instance", TASK.c.instance_id)
Index(
    "dg_task_open",
    TASK.c.role,
    TASK.c.opened_at,
    sqlite_where=TASK.c.state == "open",
    postgresql_where=TASK.c.state == "open",
)
Index("dg_audit_record", AUDIT.c.record_id, AUDIT.c.id)
Index("dg_structure_change_last", STRUCTURE_CHANGE.c.structure, STRUCTURE_CHANGE.c.id)
Index("dg_firing_record", FIRING.c.record_id, FIRING.c.at)
Index("dg_firing_rule", FIRING.c.rule, FIRING.c.at)
Index("dg_notification_user", NOTIFICATION.c.user_id, NOTIFICATION.c.at)
Index(
    "dg_outbox_ready",
    OUTBOX.c.available_at,
    OUTBOX.c.id,
    sqlite_where=OUTBOX.c.done_at.is_(None),
    postgresql_where=OUTBOX.c.done_at.is_(None),
)
Index("dg_request_at", REQUEST.c.at)
