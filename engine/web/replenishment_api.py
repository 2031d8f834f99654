"""Planners: what would be suggested now, with and without a what-if, and runs that are asked for, watched and stopped."""

from typing import Final
from uuid import UUID

from flask import Blueprint, Response, request

from engine.actions import answer, perform
from engine.actions.commands import Command, RunPlanner, StopPlanner
from engine.actions.queries import PAGE_MAX, ShowPlanner, ShowRequirements
from engine.web import problems
from engine.web.answers import answer_json
from engine.web.reading import read_body, read_count, read_id, read_names, refuse, unwrap
from engine.web.session_api import the_actor, the_engine

ITEMS_MAX: Final = 1_000
"""Items that one request may name."""
KEY_MAX: Final = 200
"""Characters of a request key."""

replenishment_api = Blueprint("replenishment_api", __name__)


@replenishment_api.get("/planners/<planner>")
def show(planner: str) -> Response:
    """What a planner is over, and how its last run goes or went."""
    return answer_json(unwrap(answer(the_engine(), ShowPlanner(planner), the_actor())))


@replenishment_api.get("/planners/<planner>/requirements")
def requirements(planner: str) -> Response:
    """What the planner would suggest now; of `items` also every bucket and peg."""
    items = tuple(read_id(text, "items") for text in read_names(request, "items"))
    return _requirements(ShowRequirements(planner, items, limit=read_count(request, "limit", PAGE_MAX, PAGE_MAX)))


@replenishment_api.post("/planners/<planner>/requirements")
def what_if(planner: str) -> Response:
    """The same as if some things were otherwise; nothing is written."""
    body = read_body(request, {"items": list, "what_if": dict})
    return _requirements(ShowRequirements(planner, _items(body.get("items")), body.get("what_if") or {}))


@replenishment_api.post("/planners/<planner>/runs")
def ask_for_run(planner: str) -> Response:
    """Ask for a run: of everything, of some `items` and what they consist of, or (`only_changed`) of what has changed since the last
    finished run."""
    body = read_body(request, {"items": list, "only_changed": bool})
    items, only_changed = _items(body.get("items")), bool(body.get("only_changed"))
    if items and only_changed:
        refuse(problems.not_an_object("/only_changed", "false | no items"))
    return _performed(RunPlanner(planner, items, only_changed=only_changed), 202)


@replenishment_api.delete("/planners/<planner>/runs")
def stop_run(planner: str) -> Response:
    """Stop the run that is under way."""
    return _performed(StopPlanner(planner), 202)


def _requirements(query: ShowRequirements) -> Response:
    return answer_json(unwrap(answer(the_engine(), query, the_actor())))


def _performed(command: Command, status: int) -> Response:
    key = request.headers.get("Idempotency-Key", "").strip() or None
    if key is not None and len(key) > KEY_MAX:
        refuse(problems.bad_parameter("Idempotency-Key", f"≤ {KEY_MAX}"))
    return answer_json(unwrap(perform(the_engine(), command, the_actor(), request_key=key)).answer, status)


def _items(given: object) -> tuple[UUID, ...]:
    if given is None:
        return ()
    if not isinstance(given, list) or len(given) > ITEMS_MAX or not all(isinstance(item, str) for item in given):
        refuse(problems.not_an_object("/items", f"≤ {ITEMS_MAX} ids"))
    return tuple(read_id(item, "items") for item in given)
