"""Reservations: who holds what; giving back, handing over, and taking from who is less urgent."""

from typing import Any, Final

from flask import Blueprint, Response, request

from engine.actions import answer, perform
from engine.actions.commands import Command, MoveReservation, ReleaseReservation, TakeReservation
from engine.actions.queries import PAGE, PAGE_MAX, ReservationsAt
from engine.web import problems
from engine.web.answers import answer_json
from engine.web.reading import read_body, read_count, read_id, refuse, unwrap
from engine.web.session_api import the_actor, the_engine

reservations_api = Blueprint("reservations_api", __name__)
KEY_MAX: Final = 200
"""Characters of a request key."""
_OWN = frozenset({"record", "after", "limit"})


@reservations_api.get("/registers/<register>/reservations")
def held(register: str) -> Response:
    """Pending reservations, oldest first; any dimension may be a filter parameter."""
    record = request.args.get("record")
    query = ReservationsAt(
        register,
        where={name: value for name, value in request.args.items() if name not in _OWN},
        record=read_id(record, "record") if record else None,
        after=request.args.get("after", ""),
        limit=read_count(request, "limit", PAGE, PAGE_MAX),
    )
    return answer_json(unwrap(answer(the_engine(), query, the_actor())))


@reservations_api.post("/registers/<register>/reservations/<id>/release")
def release(register: str, id: str) -> Response:
    """Give back all or a `quantity` of what is open."""
    body = read_body(request, {"quantity": (str, int)})
    return _performed(ReleaseReservation(register, read_id(id), _quantity(body)))


@reservations_api.post("/registers/<register>/reservations/<id>/move")
def move(register: str, id: str) -> Response:
    """Hand all or a `quantity` over to a line (or the whole) of another record."""
    body = read_body(request, {"form": str, "record": str, "line": str, "quantity": (str, int)}, ("form", "record"))
    record, line = read_id(body["record"], "record"), _line(body)
    return _performed(MoveReservation(register, read_id(id), body["form"], record, line, _quantity(body)))


@reservations_api.post("/registers/<register>/reservations:take")
def take(register: str) -> Response:
    """Take what a line (or the whole) of a record lacks, or a `quantity`, from those of a lower priority."""
    body = read_body(request, {"form": str, "record": str, "line": str, "quantity": (str, int)}, ("form", "record"))
    record = read_id(body["record"], "record")
    return _performed(TakeReservation(register, body["form"], record, _line(body), _quantity(body)))


def _line(body: dict[str, Any]) -> Any:
    return read_id(body["line"], "line") if body.get("line") else None


def _quantity(body: dict[str, Any]) -> str | None:
    return None if body.get("quantity") is None else str(body["quantity"])


def _performed(command: Command) -> Response:
    key = request.headers.get("Idempotency-Key", "").strip() or None
    if key is not None and len(key) > KEY_MAX:
        refuse(problems.bad_parameter("Idempotency-Key", f"≤ {KEY_MAX}"))
    return answer_json(unwrap(perform(the_engine(), command, the_actor(), request_key=key)).answer)
