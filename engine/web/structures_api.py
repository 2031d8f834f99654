"""Structures: explosions, where-used, roll-ups, comparisons. All of them only ask."""

from datetime import date
from typing import Final
from uuid import UUID

from flask import Blueprint, Response, request

from engine.actions import answer
from engine.actions.queries import CompareVersions, Demand, DescribeStructure, Explode, Query, RollUp, WhereUsed
from engine.web import problems
from engine.web.answers import answer_cached, answer_json
from engine.web.reading import read_id, refuse, unwrap
from engine.web.session_api import the_actor, the_engine

structures_api = Blueprint("structures_api", __name__)
_PARAMETER: Final = "parameter."
_FROZEN: Final = ("leaves", "direct", "all")


@structures_api.get("/structures/<structure>")
def describe(structure: str) -> Response:
    """A structure's parameters and measures."""
    return answer_cached(unwrap(answer(the_engine(), DescribeStructure(structure), the_actor())))


@structures_api.get("/structures/<structure>/explosion")
def explosion(structure: str) -> Response:
    """All levels multiplied out; `parent` or `version` says of what."""
    frozen = request.args.get("frozen", "")
    if frozen and frozen not in _FROZEN:
        refuse(problems.bad_parameter("frozen", ", ".join(_FROZEN)))
    query = Explode(
        _demand(structure, "parent"),
        summarised=_flag("summarised"),
        collapsed=_one_of("phantoms", ("shown", "collapsed")) == "collapsed",
        frozen=frozen,
    )
    return _answered(query)


@structures_api.get("/structures/<structure>/where-used")
def where_used(structure: str) -> Response:
    """What a component goes into."""
    return _answered(WhereUsed(_demand(structure, "component"), top=_flag("top"), summarised=_flag("summarised")))


@structures_api.get("/structures/<structure>/roll-up")
def roll_up(structure: str) -> Response:
    """A measure over all levels."""
    return _answered(RollUp(_demand(structure, "parent"), request.args.get("measure", "")))


@structures_api.get("/structures/<structure>/comparison")
def comparison(structure: str) -> Response:
    """What differs between two versions."""
    other = read_id(request.args.get("with", ""), "with")
    read_id(request.args.get("version", ""), "version")
    return _answered(CompareVersions(_demand(structure, "parent"), other))


def _answered(query: Query) -> Response:
    return answer_json(unwrap(answer(the_engine(), query, the_actor())))


def _demand(structure: str, of: str) -> Demand:
    version, record = _id("version"), _id(of)
    if version is None and record is None:
        refuse(problems.bad_parameter(of, "id"))
    given = {n.removeprefix(_PARAMETER): v for n, v in request.args.items() if n.startswith(_PARAMETER)}
    return Demand(structure, record, request.args.get("quantity", "1"), _day(), version, given)


def _id(name: str) -> UUID | None:
    text = request.args.get(name)
    return read_id(text, name) if text is not None else None


def _day() -> date | None:
    text = request.args.get("on")
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        refuse(problems.bad_parameter("on", "2026-01-31"))


def _flag(name: str) -> bool:
    return _one_of(name, ("false", "true")) == "true"


def _one_of(name: str, known: tuple[str, ...]) -> str:
    text = request.args.get(name, known[0])
    if text not in known:
        refuse(problems.bad_parameter(name, ", ".join(known)))
    return text
