"""Registers: balances now or at a moment, turnover, averages, layers, what is planned, movements."""

from flask import Blueprint, Response, request

from engine.actions import answer
from engine.actions.queries import (
    PAGE,
    PAGE_MAX,
    Ageing,
    Average,
    Balances,
    DescribeRegister,
    Forecast,
    Layers,
    Movements,
    Turnover,
)
from engine.web.answers import answer_cached, answer_json
from engine.web.reading import read_count, read_day, read_moment, read_names, read_numbers, unwrap
from engine.web.session_api import the_actor, the_engine

registers_api = Blueprint("registers_api", __name__)
_OWN = frozenset({"by", "at", "since", "until", "period", "days", "after", "limit", "search"})


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
    """Movements, newest first."""
    query = Movements(
        register,
        where=_where(),
        after=request.args.get("after", ""),
        limit=read_count(request, "limit", PAGE, PAGE_MAX),
    )
    return answer_json(unwrap(answer(the_engine(), query, the_actor())))


def _by() -> tuple[str, ...] | None:
    """The dimensions named; none named is one total, no parameter at all is all of them."""
    return read_names(request, "by") if "by" in request.args else None


def _where() -> dict[str, str]:
    return {name: value for name, value in request.args.items() if name not in _OWN}
