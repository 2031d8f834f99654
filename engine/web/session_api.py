"""Who asks: login sessions with CSRF protection for browsers, bearer tokens for programs."""

from typing import Any, Final

from flask import Blueprint, Response, current_app, g, request

from engine.actions import Engine, Session, bearer_actor, change_language, open_session, sign_in, sign_out
from engine.actor import Actor
from engine.names import LANGUAGES
from engine.web import problems
from engine.web.answers import answer_json
from engine.web.reading import read_body, refuse, unwrap

COOKIE: Final = "dougong_session"
_OPEN: Final = frozenset({"/api/v1/health", "/api/v1/session"})
_SIGNED: Final = "/api/v1/hooks/"
"""Calls of other systems: their signature says who they are."""
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})

session_api = Blueprint("session_api", __name__)


def the_engine() -> Engine:
    """The engine of this application."""
    engine: Engine = current_app.config["ENGINE"]
    return engine


def the_actor() -> Actor:
    """Who asks; everything but health and login has one."""
    actor: Actor | None = g.get("actor")
    if actor is None:
        refuse(problems.not_signed_in())
    return actor


def identify() -> None:
    """Find out who asks, from the bearer token or the session cookie, and hold changes by cookie to their CSRF token."""
    authorization = request.headers.get("Authorization", "")
    secret = request.cookies.get(COOKIE, "")
    if authorization.startswith("Bearer "):
        g.actor = bearer_actor(the_engine(), authorization.removeprefix("Bearer ").strip())
    elif secret:
        session = open_session(the_engine(), secret)
        if session is not None and request.method not in _SAFE and request.path != "/api/v1/session":
            _hold_to_csrf(session)
        g.session, g.actor = session, session.actor if session else None
    if g.get("actor") is not None:
        if "Accept-Language" not in request.headers:
            g.language = g.actor.language
    elif request.path not in _OPEN and not (request.method == "POST" and request.path.startswith(_SIGNED)):
        refuse(problems.not_signed_in())


def _hold_to_csrf(session: Session) -> None:
    if not session.csrf_is(request.headers.get("X-CSRF-Token", "")):
        refuse(problems.csrf_token_wrong())


@session_api.post("/session")
def create() -> Response:
    """Sign in with login and password."""
    body = read_body(request, {"login": str, "password": str}, required=("login", "password"))
    signed_in = unwrap(sign_in(the_engine(), body["login"], body["password"], request.remote_addr or ""))
    response = answer_json(_session_body(signed_in.actor, signed_in.login, signed_in.csrf))
    response.set_cookie(
        COOKIE,
        signed_in.secret,
        max_age=signed_in.seconds,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SECURE"],
        path="/",
    )
    return response


@session_api.get("/session")
def show() -> Response:
    """Who is signed in."""
    actor = the_actor()
    session: Session | None = g.get("session")
    return answer_json(
        _session_body(actor, session.login if session else actor.name, session.csrf if session else None)
    )


@session_api.patch("/session")
def change() -> Response:
    """Change the language of the person signed in."""
    actor = the_actor()
    session: Session | None = g.get("session")
    if session is not None:
        _hold_to_csrf(session)
    body = read_body(request, {"language": str}, required=("language",))
    if body["language"] not in LANGUAGES:
        refuse(problems.bad_parameter("language", ", ".join(LANGUAGES)))
    unwrap(change_language(the_engine(), actor, body["language"]))
    return answer_json({"language": body["language"]})


@session_api.delete("/session")
def end() -> Response:
    """Sign out."""
    session: Session | None = g.get("session")
    if session is not None:
        _hold_to_csrf(session)
        sign_out(the_engine(), request.cookies[COOKIE])
    response = Response(status=204)
    response.delete_cookie(COOKIE, path="/")
    return response


def _session_body(actor: Actor, login: str, csrf: str | None) -> dict[str, Any]:
    return {
        "user": {
            "id": str(actor.id),
            "name": actor.name,
            "login": login,
            "roles": sorted(actor.roles),
            "language": actor.language,
            "is_admin": actor.is_admin,
        },
        "csrf": csrf,
    }
