"""The site: health, the release as the actor may see it, dashboards, OpenAPI."""

from flask import Blueprint, Response

from engine.actions import answer, health
from engine.actions.queries import DescribeRelease, ShowDashboard
from engine.web.answers import answer_cached, answer_json
from engine.web.openapi import openapi
from engine.web.reading import unwrap
from engine.web.session_api import the_actor, the_engine

site_api = Blueprint("site_api", __name__)


@site_api.get("/health")
def show_health() -> Response:
    """Is the site up, and with which release?"""
    found = health(the_engine())
    return answer_json(found, 200 if found["status"] == "ok" else 503)


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
