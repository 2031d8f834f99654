"""Registers: balances now or at a moment, movements."""

from typing import Final

from flask import Blueprint, Response, request

from engine.actions import answer, perform
from engine.actions.commands import ClosePeriod, ReopenPeriod
from engine.actions.queries import PAGE, PAGE_MAX, Balances, DescribeRegister, Forecast, Movements, Periods
from engine.web import problems
from engine.web.answers import answer_cached, answer_json
from engine.web.reading import read_body, read_count, read_date, read_day, read_instant, read_names, refuse, unwrap
from engine.web.session_api import the_actor, the_engine

registers_api = Blueprint("registers_api", __name__)
REASON_MAX: Final = 500
"""Longest reason that is kept."""
_OWN = frozenset({"by", "at", "until", "after", "limit", "search"})


@registers_api.get("/registers/<register>")
def describe(register: str) -> Response:
    """A register's dimensions, measures and figures."""
    return answer_cached(unwrap(answer(the_engine(), DescribeRegister(register), the_actor())))


@registers_api.get("/registers/<register>/balances")
def balances(register: str) -> Response:
    """Balances by dimensions; any dimension may be a filter parameter."""
    query = Balances(
        register,
        by=read_names(request, "by"),
        where=_where(),
        at=read_instant(request, "at"),
        after=request.args.get("after", ""),
        limit=read_count(request, "limit", PAGE, PAGE_MAX),
    )
    return answer_json(unwrap(answer(the_engine(), query, the_actor())))


@registers_api.get("/registers/<register>/forecast")
def forecast(register: str) -> Response:
    """What balances will be by what is planned, day by day; any dimension may be a filter parameter."""
    query = Forecast(
        register,
        by=read_names(request, "by"),
        where=_where(),
        until=read_day(request, "until"),
        after=request.args.get("after", ""),
        limit=read_count(request, "limit", PAGE, PAGE_MAX),
    )
    return answer_json(unwrap(answer(the_engine(), query, the_actor())))


@registers_api.get("/registers/<register>/movements")
def movements(register: str) -> Response:
    """Movements, newest first."""
    query = Movements(
        register,
        where=_where(),
        after=request.args.get("after", ""),
        limit=read_count(request, "limit", PAGE, PAGE_MAX),
    )
    return answer_json(unwrap(answer(the_engine(), query, the_actor())))


@registers_api.get("/registers/<register>/periods")
def periods(register: str) -> Response:
    """Until when the register is closed, and who closed and reopened it."""
    return answer_json(unwrap(answer(the_engine(), Periods(register), the_actor())))


@registers_api.post("/registers/<register>/periods")
def move_period(register: str) -> Response:
    """Close the register until a day (`do` is close), or open it again after a day, or altogether (`do` is reopen)."""
    body = read_body(request, {"do": str, "until": str, "reason": str}, required=("do",))
    until, reason = read_date(body.get("until"), "/until"), (body.get("reason") or "")[:REASON_MAX]
    command: ClosePeriod | ReopenPeriod = ReopenPeriod(register, until, reason)
    if body["do"] == "close":
        command = ClosePeriod(register, until or refuse(problems.bad_parameter("until", "2026-01-31")), reason)
    elif body["do"] != "reopen":
        refuse(problems.bad_parameter("do", "close, reopen"))
    outcome = unwrap(perform(the_engine(), command, the_actor()))
    return answer_json(dict(outcome.answer))


def _where() -> dict[str, str]:
    return {name: value for name, value in request.args.items() if name not in _OWN}
