"""Records: list, get, create, change, state actions, delete, bulk create, history."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, request

from engine.actions import answer, perform, submit_each
from engine.actions.commands import (
    BULK_RECORDS_MAX,
    ChangeRecord,
    Command,
    DeleteRecord,
    PerformAction,
    SubmitMany,
    SubmitRecord,
)
from engine.actions.queries import PAGE, PAGE_MAX, GetRecord, ListRecords, RecordHistory
from engine.effects import Outcome
from engine.problems import Problems
from engine.web import problems
from engine.web.answers import answer_json
from engine.web.previewing import previewed
from engine.web.problem_details import problem_details
from engine.web.reading import (
    ACCEPT_MAX,
    read_accepted,
    read_body,
    read_count,
    read_id,
    read_names,
    read_revision,
    refuse,
    unwrap,
)
from engine.web.session_api import the_actor, the_engine

records_api = Blueprint("records_api", __name__)


@records_api.get("/forms/<form>/records")
def list_records(form: str) -> Response:
    """A page of records."""
    query = ListRecords(
        form,
        filter=request.args.get("filter", ""),
        search=request.args.get("search", "")[:100],
        sort=read_names(request, "sort"),
        columns=read_names(request, "columns"),
        after=request.args.get("after", ""),
        limit=read_count(request, "limit", PAGE, PAGE_MAX),
        count=request.args.get("count") == "1",
    )
    return answer_json(unwrap(answer(the_engine(), query, the_actor())))


@records_api.get("/forms/<form>/records/<record_id>")
def get_record(form: str, record_id: str) -> Response:
    """One record, with what may be done to it."""
    found = unwrap(answer(the_engine(), GetRecord(form, read_id(record_id)), the_actor()))
    return answer_json(found, etag=found["revision"])


@records_api.get("/forms/<form>/records/<record_id>/history")
def history(form: str, record_id: str) -> Response:
    """Who changed what."""
    return answer_json(unwrap(answer(the_engine(), RecordHistory(form, read_id(record_id)), the_actor())))


@records_api.post("/forms/<form>/records")
def create_record(form: str) -> Response:
    """Create a record and, with `then`, take a state action at once."""
    body = read_body(request, {"values": dict, "then": str, "accept": list}, required=("values",))
    command = SubmitRecord(form, body["values"], body.get("then"), read_accepted(body))
    if told := previewed(command):
        return told
    outcome = _perform(command)
    return answer_json(outcome, 201, etag=outcome["revision"], location=_address(form, outcome["id"]))


@records_api.patch("/forms/<form>/records/<record_id>")
def change_record(form: str, record_id: str) -> Response:
    """Change the fields named in `values`."""
    body = read_body(request, {"values": dict, "accept": list}, required=("values",))
    id, revision = read_id(record_id), read_revision(request)
    change = ChangeRecord(form, id, body["values"], revision, read_accepted(body))
    if told := previewed(change):
        return told
    outcome = _perform(change)
    return answer_json(outcome, etag=outcome["revision"])


@records_api.delete("/forms/<form>/records/<record_id>")
def delete_record(form: str, record_id: str) -> Response:
    """Put a record into the trash."""
    accept = tuple(request.args.getlist("accept")[:ACCEPT_MAX])
    _perform(DeleteRecord(form, read_id(record_id), read_revision(request), accept))
    return Response(status=204)


@records_api.post("/forms/<form>/records/<record_id>/actions/<action>")
def perform_action(form: str, record_id: str, action: str) -> Response:
    """Take a state action, changing `values` with it."""
    body = read_body(request, {"values": dict, "accept": list})
    id, revision = read_id(record_id), read_revision(request)
    command = PerformAction(form, id, action, body.get("values") or {}, revision, read_accepted(body))
    if told := previewed(command):
        return told
    outcome = _perform(command)
    return answer_json(outcome, etag=outcome["revision"])


@records_api.post("/forms/<form>/records:bulk")
def create_many(form: str) -> Response:
    """Create up to BULK_RECORDS_MAX records: all or nothing, or each for itself."""
    body = read_body(request, {"records": list, "all_or_nothing": bool}, required=("records",))
    given = body["records"]
    if not 1 <= len(given) <= BULK_RECORDS_MAX:
        refuse(problems.not_an_object("/records", f"1 … {BULK_RECORDS_MAX}"))
    submits = [_read_submit(form, at, item) for at, item in enumerate(given)]
    if body.get("all_or_nothing", True):
        return answer_json(_perform(SubmitMany(form, submits)))
    results = submit_each(the_engine(), submits, the_actor(), request_key=_request_key())
    return answer_json({"results": [_result(r) for r in results]})


def _read_submit(form: str, at: int, item: Any) -> SubmitRecord:
    if (
        not isinstance(item, dict)
        or not isinstance(item.get("values"), dict)
        or not isinstance(item.get("then"), str | None)
    ):
        refuse(problems.not_an_object(f"/records/{at}", '{"values": {…}}'))
    return SubmitRecord(form, item["values"], item.get("then"))


def _result(result: Outcome | Problems) -> dict[str, Any]:
    if isinstance(result, Problems):
        return {"problems": problem_details(result, g.language)["problems"]}
    return dict(result.answer)


def _perform(command: Command) -> dict[str, Any]:
    outcome: Outcome = unwrap(
        perform(the_engine(), command, the_actor(), request_key=_request_key(), stopwatch=g.stopwatch)
    )
    body = dict(outcome.answer)
    if outcome.warnings:
        body["warnings"] = problem_details(Problems(outcome.warnings), g.language)["problems"]
    return body


def _request_key() -> str | None:
    key = request.headers.get("Idempotency-Key", "").strip()
    if len(key) > 200:
        refuse(problems.bad_parameter("Idempotency-Key", "≤ 200"))
    return key or None


def _address(form: str, record_id: UUID | str) -> str:
    return f"/api/v1/forms/{form}/records/{record_id}"
