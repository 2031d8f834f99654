"""Users, sessions and API tokens: who may sign in, and how a request's secret becomes an Actor."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from engine.accounts import PASSWORD_MIN, digest, hash_password, new_secret, same, verify_password
from engine.actions import problems
from engine.actions.commands import MakeAccessToken, PutUser
from engine.actions.gather import StoreFacts
from engine.actions.open_engine import Engine
from engine.actions.planning import Planning, make_plan
from engine.actor import SYSTEM, Actor
from engine.effects import DropSession, Plan, PutAccessToken, PutSession
from engine.effects import PutUser as WriteUser
from engine.problems import Problems, one
from engine.statements import Writer
from engine.store import system
from engine.store.system import StoredUser

SESSION_SECONDS: Final = 12 * 3600
"""How long a login lasts: a working day and a bit."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session: its secrets are told once."""

    actor: Actor
    login: str
    secret: str
    csrf: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Session:
    """An open session."""

    actor: Actor
    login: str
    csrf: str

    def csrf_is(self, given: str) -> bool:
        """Is this the session's CSRF token?"""
        return same(self.csrf, given)


def sign_in(engine: Engine, login: str, password: str, address: str) -> SignedIn | Problems:
    """A session for the user, or why not. Failures are limited per login and address."""
    now = engine.clock.now().microseconds
    keys = (f"login {login.casefold()[:80]}|{address}", f"address {address}")
    wait = max(engine.throttle.wait(keys[0], now), 0)
    if wait:
        return problems.too_many_logins(wait)
    with engine.store.read() as reader:
        user = system.user_by_login(reader, login)
    if not verify_password(user.password if user is not None and user.is_active else None, password) or user is None:
        engine.throttle.failed(keys[0], now)
        return problems.login_failed()
    engine.throttle.passed(keys[0])
    secret, csrf = new_secret(), new_secret()
    kept = PutSession(digest(secret), user.id, csrf, now + SESSION_SECONDS * 1_000_000)
    _write(engine, Plan(SYSTEM, engine.clock.now(), "", (kept,), {}))
    return SignedIn(actor_of(user, "web"), user.login, secret, csrf, SESSION_SECONDS)


def sign_out(engine: Engine, secret: str) -> None:
    """End a session."""
    _write(engine, Plan(SYSTEM, engine.clock.now(), "", (DropSession(digest(secret)),), {}))


def open_session(engine: Engine, secret: str) -> Session | None:
    """The session of a cookie, if it is still open."""
    with engine.store.read() as reader:
        found = system.session(reader, digest(secret), engine.clock.now().microseconds)
    return None if found is None else Session(actor_of(found.user, "web"), found.user.login, found.csrf)


def bearer_actor(engine: Engine, secret: str) -> Actor | None:
    """The actor of an API token, if it holds."""
    with engine.store.read() as reader:
        found = system.token_user(reader, digest(secret), engine.clock.now().microseconds)
    return None if found is None else actor_of(found, "api")


def actor_by_login(engine: Engine, login: str, via: str) -> Actor | Problems:
    """A user as an actor, for the command line."""
    with engine.store.read() as reader:
        found = system.user_by_login(reader, login)
    return problems.no_such_user(login) if found is None else actor_of(found, via)


def list_users(engine: Engine) -> list[StoredUser]:
    """All users, by login."""
    with engine.store.read() as reader:
        return system.users(reader)


def actor_of(user: StoredUser, via: str) -> Actor:
    """A user as an actor."""
    return Actor(user.id, user.name, frozenset(user.roles), user.language, via, user.is_admin)


def change_language(engine: Engine, actor: Actor, language: str) -> Problems | None:
    """Another language for the user's messages."""
    with engine.store.read() as reader:
        user = system.user_by_id(reader, actor.id)
    if user is not None:
        changed = WriteUser(user.id, user.login, user.name, None, user.roles, language, user.is_admin, user.is_active)
        _write(engine, Plan(actor, engine.clock.now(), "", (changed,), {}))
    return None


def plan_user(command: PutUser, planning: Planning) -> Plan | Problems:
    """Create a user, or change the one with this login. Only administrators may."""
    refused = require_admin(planning)
    if refused is not None:
        return refused
    assert isinstance(planning.facts, StoreFacts)
    for role in command.roles:
        if role not in planning.release.roles:
            return problems.no_such_role(role, tuple(planning.release.roles))
    old = system.user_by_login(planning.facts.reader, command.login)
    if command.password is not None and len(command.password) < PASSWORD_MIN and planning.actor is not SYSTEM:
        return problems.password_too_short(PASSWORD_MIN)
    id: UUID = old.id if old is not None else planning.ids.new()
    hashed = hash_password(command.password) if command.password is not None else None
    user = WriteUser(
        id,
        command.login,
        command.name or command.login,
        hashed,
        command.roles,
        command.language,
        command.is_admin,
        command.is_active,
    )
    return make_plan(planning, (user,), {"id": str(id), "login": command.login})


def plan_access_token(command: MakeAccessToken, planning: Planning) -> Plan | Problems:
    """An API token for a user. Only administrators may."""
    refused = require_admin(planning)
    if refused is not None:
        return refused
    assert isinstance(planning.facts, StoreFacts)
    user = system.user_by_login(planning.facts.reader, command.login)
    if user is None:
        return problems.no_such_user(command.login)
    secret = new_secret("dg_")
    return make_plan(
        planning, (PutAccessToken(planning.ids.new(), user.id, command.label, digest(secret)),), {"token": secret}
    )


def require_admin(planning: Planning) -> Problems | None:
    return None if planning.actor.is_admin else one("access.administrators_only")


def _write(engine: Engine, plan: Plan) -> None:
    result = engine.store.write(plan, NO_RECORDS)
    assert not isinstance(result, Problems), result


class _NoRecords:
    """A Writer for plans that touch only system tables."""

    def executions(self, effect: object, stamp: object, dialect: object) -> tuple[()]:
        """Nothing: there is nothing of a release in such plans."""
        raise TypeError(f"{type(effect).__name__} needs a release")

    def expect(self, form: str, expected: object, dialect: object) -> object:
        """Nothing to expect."""
        raise TypeError(form)


NO_RECORDS: Final[Writer] = _NoRecords()  # type: ignore[assignment]  # it refuses everything a Writer does
