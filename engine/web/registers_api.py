"""Registers: balances now or at a moment, movements."""

from flask import Blueprint, Response, request

from engine.actions import answer
from engine.actions.queries import PAGE, PAGE_MAX, Balances, DescribeRegister, Forecast, Movements
from engine.web import problems
from engine.web.answers import answer_cached, answer_json
from engine.web.reading import read_count, read_day, read_instant, read_names, refuse, unwrap
from engine.web.session_api import the_actor, the_engine

registers_api = Blueprint("registers_api", __name__)
_OWN = frozenset({"by", "at", "until", "after", "limit", "search", "order"})


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
    """Movements, latest first; `order=day` puts them in the order of the business instead of that of writing, until `at`."""
    query = Movements(
        register,
        where=_where(),
        after=request.args.get("after", ""),
        limit=read_count(request, "limit", PAGE, PAGE_MAX),
        by_day=_by_day(),
        at=read_instant(request, "at"),
    )
    return answer_json(unwrap(answer(the_engine(), query, the_actor())))


def _by_day() -> bool:
    order = request.args.get("order", "written")
    if order not in ("written", "day"):
        refuse(problems.bad_parameter("order", "written, day"))
    return order == "day"


def _where() -> dict[str, str]:
    return {name: value for name, value in request.args.items() if name not in _OWN}
