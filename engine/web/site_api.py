"""The site: health, the release as the actor may see it, dashboards, OpenAPI."""

from typing import Final

from flask import Blueprint, Response, request

from engine.actions import Webhook, answer, health, perform, replace_site_webhooks, stop_audit
from engine.actions.commands import AuditRegisters
from engine.actions.queries import DescribeRelease, ShowDashboard
from engine.web import problems
from engine.web.answers import answer_cached, answer_json
from engine.web.openapi import openapi
from engine.web.reading import read_body, refuse, unwrap
from engine.web.session_api import the_actor, the_engine

WEBHOOKS_MAX: Final = 100
"""Webhooks of one site."""
_MEMBERS: Final = {"form", "on", "url", "secret", "inside"}

site_api = Blueprint("site_api", __name__)


@site_api.get("/health")
def show_health() -> Response:
    """Is the site up, and with which release?"""
    found = health(the_engine())
    return answer_json(found, 200 if found["status"] == "ok" else 503)


@site_api.post("/audit")
def start_audit() -> Response:
    """Have the worker compare all that registers keep with their movements; /health tells how far it is and what came of it."""
    outcome = unwrap(perform(the_engine(), AuditRegisters(), the_actor()))
    return answer_json(dict(outcome.answer), 202)


@site_api.delete("/audit")
def end_audit() -> Response:
    """Stop the audit that runs."""
    unwrap(stop_audit(the_engine(), the_actor()))
    return Response(status=204)


@site_api.get("/release")
def show_release() -> Response:
    """What there is: menu, home, forms, registers, dashboards, structures."""
    return answer_cached(unwrap(answer(the_engine(), DescribeRelease(), the_actor())))


@site_api.get("/forms")
def list_forms() -> Response:
    """The forms the actor may see."""
    found = unwrap(answer(the_engine(), DescribeRelease(), the_actor()))
    return answer_cached({"forms": found["forms"]})


@site_api.get("/dashboards/<dashboard>")
def show_dashboard(dashboard: str) -> Response:
    """A dashboard with the data of its tiles."""
    return answer_json(unwrap(answer(the_engine(), ShowDashboard(dashboard), the_actor())))


@site_api.get("/openapi.json")
def show_openapi() -> Response:
    """The OpenAPI 3.1 description of this API, made from the release."""
    the_actor()
    return answer_cached(openapi(the_engine()))


@site_api.put("/webhooks")
def replace_webhooks() -> Response:
    """Replace the site's webhooks. Administrators only; secrets are never read back."""
    body = read_body(request, {"webhooks": list}, required=("webhooks",))
    wanted = []
    for at, item in enumerate(body["webhooks"][:WEBHOOKS_MAX]):
        if not isinstance(item, dict) or not _MEMBERS >= set(item) >= _MEMBERS - {"inside"}:
            refuse(problems.not_an_object(f"/webhooks/{at}", '{"form", "on", "url", "secret"}'))
        if not all(isinstance(item[name], str) for name in ("form", "on", "url", "secret")):
            refuse(problems.not_an_object(f"/webhooks/{at}", '{"form", "on", "url", "secret"}'))
        inside = item.get("inside") is True
        wanted.append(Webhook(item["form"], item["on"], item["url"], item["secret"], inside))
    unwrap(replace_site_webhooks(the_engine(), wanted, the_actor()))
    return Response(status=204)
