"""Registers: balances now or at a moment, turnover, averages, layers, what is planned, movements."""

from typing import Final

from flask import Blueprint, Response, request

from engine.actions import answer, perform
from engine.actions.commands import ClosePeriod, ReopenPeriod
from engine.actions.queries import (
    PAGE,
    PAGE_MAX,
    Ageing,
    Average,
    Balances,
    DescribeRegister,
    ExplainBalance,
    ExplainMovement,
    Forecast,
    Genealogy,
    Layers,
    Movements,
    Periods,
    Turnover,
)
from engine.web import problems
from engine.web.answers import answer_cached, answer_json
from engine.web.reading import (
    read_body,
    read_count,
    read_date,
    read_day,
    read_moment,
    read_names,
    read_numbers,
    refuse,
    unwrap,
)
from engine.web.session_api import the_actor, the_engine

registers_api = Blueprint("registers_api", __name__)
REASON_MAX: Final = 500
"""Longest reason that is kept."""
_OWN = frozenset({"by", "at", "since", "until", "period", "days", "after", "limit", "search", "order"})


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
        at=read_moment(request, "at"),
        after=request.args.get("after", ""),
        limit=read_count(request, "limit", PAGE, PAGE_MAX),
    )
    return answer_json(unwrap(answer(the_engine(), query, the_actor())))


@registers_api.get("/registers/<register>/turnover")
def turnover(register: str) -> Response:
    """What came in and went out by period and dimensions; any dimension may be a filter parameter."""
    return _turnover(register, opening=False)


@registers_api.get("/registers/<register>/balance-and-turnover")
def balance_and_turnover(register: str) -> Response:
    """Turnover with what was there before and after each period."""
    return _turnover(register, opening=True)


def _turnover(register: str, *, opening: bool) -> Response:
    query = Turnover(
        register,
        by=_by(),
        where=_where(),
        since=read_day(request, "since"),
        until=read_day(request, "until"),
        period=request.args.get("period", "span"),
        opening=opening,
        after=request.args.get("after", ""),
        limit=read_count(request, "limit", PAGE, PAGE_MAX),
    )
    return answer_json(unwrap(answer(the_engine(), query, the_actor())))


@registers_api.get("/registers/<register>/average")
def average(register: str) -> Response:
    """The mean of the balances at the ends of days; any dimension may be a filter parameter."""
    query = Average(
        register,
        by=_by(),
        where=_where(),
        since=read_day(request, "since"),
        until=read_day(request, "until"),
        after=request.args.get("after", ""),
        limit=read_count(request, "limit", PAGE, PAGE_MAX),
    )
    return answer_json(unwrap(answer(the_engine(), query, the_actor())))


@registers_api.get("/registers/<register>/layers")
def layers(register: str) -> Response:
    """The layers that remain, with their age and what brought them; any dimension of the pools may be a filter parameter."""
    query = Layers(
        register,
        where=_where(),
        after=request.args.get("after", ""),
        limit=read_count(request, "limit", PAGE, PAGE_MAX),
    )
    return answer_json(unwrap(answer(the_engine(), query, the_actor())))


@registers_api.get("/registers/<register>/ageing")
def ageing(register: str) -> Response:
    """What remains by age; any dimension of the pools may be a filter parameter."""
    query = Ageing(
        register,
        read_numbers(request, "days"),
        by=_by(),
        where=_where(),
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
    """Movements, latest first; `order=day` puts them in the order of the business instead of that of writing, until `at`."""
    order = request.args.get("order", "written")
    if order not in ("written", "day"):
        refuse(problems.bad_parameter("order", "written, day"))
    query = Movements(
        register,
        where=_where(),
        after=request.args.get("after", ""),
        limit=read_count(request, "limit", PAGE, PAGE_MAX),
        by_day=order == "day",
        at=read_moment(request, "at"),
    )
    return answer_json(unwrap(answer(the_engine(), query, the_actor())))


@registers_api.get("/registers/<register>/explain")
def explain(register: str) -> Response:
    """What a balance is made of; any dimension may be a filter parameter."""
    return answer_json(unwrap(answer(the_engine(), ExplainBalance(register, _where()), the_actor())))


@registers_api.get("/registers/<register>/movements/<int:movement>")
def explain_movement(register: str, movement: int) -> Response:
    """A movement, and where its cost comes from."""
    return answer_json(unwrap(answer(the_engine(), ExplainMovement(register, movement), the_actor())))


@registers_api.get("/registers/<register>/genealogy")
def genealogy(register: str) -> Response:
    """What came of a key, or with `up=1` what it came from; the dimensions given are those that goods are followed by."""
    where = {name: value for name, value in _where().items() if name != "up"}
    query = Genealogy(register, where, down=request.args.get("up") != "1")
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


def _by() -> tuple[str, ...] | None:
    """The dimensions named; none named is one total, no parameter at all is all of them."""
    return read_names(request, "by") if "by" in request.args else None


def _where() -> dict[str, str]:
    return {name: value for name, value in request.args.items() if name not in _OWN}
