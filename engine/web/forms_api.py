"""Forms: what the runtime needs to draw one, and its JSON Schema."""

from flask import Blueprint, Response, request

from engine.actions import answer
from engine.actions.queries import PAGE, DescribeForm, LookUp, RecordSchema
from engine.web.answers import answer_cached, answer_json
from engine.web.reading import read_count, read_id, unwrap
from engine.web.session_api import the_actor, the_engine

forms_api = Blueprint("forms_api", __name__)


@forms_api.get("/forms/<form>")
def describe(form: str) -> Response:
    """The form as this actor may use it."""
    return answer_cached(unwrap(answer(the_engine(), DescribeForm(form), the_actor())))


@forms_api.get("/forms/<form>/schema")
def schema(form: str) -> Response:
    """JSON Schema (2020-12) of the form's records on the wire."""
    return answer_cached(unwrap(answer(the_engine(), RecordSchema(form), the_actor())))


@forms_api.get("/forms/<form>/lookup")
def look_up(form: str) -> Response:
    """Candidates for a reference to this form."""
    chosen = request.args.get("id")
    query = LookUp(
        form,
        request.args.get("text", "")[:100],
        read_count(request, "limit", 20, PAGE),
        read_id(chosen) if chosen else None,
    )
    return answer_json(unwrap(answer(the_engine(), query, the_actor())))
