"""Tasks and notifications: the inbox of the person signed in."""

from flask import Blueprint, Response, g, request

from engine.actions import answer, mark_notifications_read, perform
from engine.actions.commands import DecideTask
from engine.actions.queries import Inbox, Notifications
from engine.web import problems
from engine.web.answers import answer_json
from engine.web.previewing import previewed
from engine.web.reading import read_accepted, read_body, read_id, refuse, unwrap
from engine.web.session_api import the_actor, the_engine

tasks_api = Blueprint("tasks_api", __name__)


@tasks_api.get("/tasks")
def inbox() -> Response:
    """Open tasks I may decide."""
    return answer_json(unwrap(answer(the_engine(), Inbox(), the_actor())))


@tasks_api.post("/tasks/<task_id>/decision")
def decide(task_id: str) -> Response:
    """Approve or reject; or, with `preview=1`, only say what that would change of the costs of others."""
    body = read_body(request, {"decision": str, "comment": str, "accept": list}, required=("decision",))
    if body["decision"] not in ("approved", "rejected"):
        refuse(problems.not_an_object("/decision", "approved | rejected"))
    key = request.headers.get("Idempotency-Key") or None
    comment = (body.get("comment") or "")[:2000]
    command = DecideTask(read_id(task_id), body["decision"], comment, read_accepted(body))
    if told := previewed(command):
        return told
    outcome = unwrap(perform(the_engine(), command, the_actor(), request_key=key, stopwatch=g.stopwatch))
    return answer_json(outcome.answer)


@tasks_api.get("/notifications")
def notifications() -> Response:
    """What I was told, newest first."""
    return answer_json(unwrap(answer(the_engine(), Notifications(), the_actor())))


@tasks_api.post("/notifications/read")
def read() -> Response:
    """Mark all my notifications as read."""
    mark_notifications_read(the_engine(), the_actor())
    return Response(status=204)
