"""Reading requests: JSON bodies with exact numbers, ids, parameters. Each refusal is a Problem that says what was expected."""

import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, NoReturn
from uuid import UUID

from flask import Request

from engine.names import nearest
from engine.problems import Problems
from engine.values import is_storable
from engine.web import problems

ACCEPT_MAX: Final = 50
"""Warnings that one command may override."""
DEPTH_MAX: Final = 32
"""Deepest nesting of a body that is read."""


class Refused(Exception):
    """Carries Problems out of a view to the one place that writes them. Only `web` raises it, only for the request at hand."""

    def __init__(self, found: Problems) -> None:
        super().__init__(found.first.code)
        self.problems = found


def refuse(found: Problems) -> NoReturn:
    """End the request with these problems."""
    raise Refused(found)


def unwrap(result: Any) -> Any:
    """The result of an action, or the end of the request with its problems."""
    if isinstance(result, Problems):
        raise Refused(result)
    return result


def read_body(
    request: Request, members: Mapping[str, type | tuple[type, ...]], required: tuple[str, ...] = ()
) -> dict[str, Any]:
    """The JSON object in the body, with no other members than `members` and each of its type. Numbers with a point come as
    Decimal, exactly as written. An absent body is an empty object."""
    raw = request.get_data(cache=False)
    if raw and request.mimetype not in ("application/json", "application/merge-patch+json"):
        refuse(problems.not_json(request.mimetype or "-"))
    body = _parse(raw) if raw else {}
    if not isinstance(body, dict):
        refuse(problems.not_an_object("", "object"))
    for name, value in body.items():
        kind = members.get(name)
        if kind is None:
            refuse(problems.unknown_member("/" + name[:40], name[:40], nearest(name, members)))
        if (value is not None and not isinstance(value, kind)) or (isinstance(value, str) and not is_storable(value)):
            refuse(problems.not_an_object("/" + name, _expected(kind)))
    for name in required:
        if body.get(name) is None:
            refuse(problems.not_an_object("/" + name, _expected(members[name])))
    return body


def read_accepted(body: Mapping[str, Any]) -> tuple[str, ...]:
    """The rules whose warnings the person has read and overrides."""
    given = body.get("accept") or []
    if len(given) > ACCEPT_MAX or not all(isinstance(name, str) for name in given):
        refuse(problems.not_an_object("/accept", f"≤ {ACCEPT_MAX} names"))
    return tuple(given)


def read_json(raw: bytes) -> Any:
    """Any JSON value, exactly as written."""
    return _parse(raw) if raw else None


def _expected(kind: type | tuple[type, ...]) -> str:
    first = kind[0] if isinstance(kind, tuple) else kind
    return {dict: "object", list: "list", str: "text", bool: "true or false", int: "whole number"}.get(first, "value")


def _parse(raw: bytes) -> Any:
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        refuse(problems.malformed_json(1, 1))
    if _depth(text) > DEPTH_MAX:
        refuse(problems.too_deep())
    try:
        return json.loads(text, parse_float=_exact, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        refuse(problems.malformed_json(error.lineno, error.colno))
    except ValueError:
        refuse(problems.malformed_json(1, 1))


def _exact(text: str) -> Decimal | str:
    # A number longer than any column stays text, so that the field it is for says so.
    return Decimal(text) if len(text) <= 40 else text


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


_STRINGS: Final = re.compile(r'"(?:[^"\\]|\\.)*"?', re.DOTALL)


def _depth(text: str) -> int:
    if text.count("[") + text.count("{") <= DEPTH_MAX:
        return 0
    depth = deepest = 0
    for mark in re.findall(r"[\[\]{}]", _STRINGS.sub("", text)):
        depth += 1 if mark in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def read_id(text: str, name: str = "id") -> UUID:
    """An id of the path or a parameter."""
    try:
        return UUID(text)
    except ValueError:
        refuse(problems.bad_parameter(name, "id"))


def read_count(request: Request, name: str, otherwise: int, most: int) -> int:
    """A whole number parameter from 1 to `most`."""
    text = request.args.get(name, str(otherwise))
    if not text.isascii() or not text.isdigit() or len(text) > 6 or not 1 <= int(text) <= most:
        refuse(problems.bad_parameter(name, f"1 … {most}"))
    return int(text)


def read_names(request: Request, name: str) -> tuple[str, ...]:
    """A comma-separated parameter."""
    return tuple(part.strip() for part in request.args.get(name, "").split(",") if part.strip())


def read_numbers(request: Request, name: str) -> tuple[int, ...]:
    """Whole numbers (at most 6 digits), comma-separated."""
    texts = read_names(request, name)
    if not all(text.isascii() and text.isdigit() and len(text) <= 6 for text in texts):
        refuse(problems.bad_parameter(name, "30,60,90"))
    return tuple(int(text) for text in texts)


def read_instant(request: Request, name: str) -> datetime | None:
    """An instant with a zone (RFC 3339), or None when absent."""
    text = request.args.get(name)
    if not text:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        refuse(problems.bad_parameter(name, "2026-01-31T08:00:00Z"))
    if instant.tzinfo is None:
        refuse(problems.bad_parameter(name, "2026-01-31T08:00:00Z"))
    return instant


def read_moment(request: Request, name: str) -> date | None:
    """An instant with a zone (RFC 3339) or a day, or None when absent."""
    return read_day(request, name) if len(request.args.get(name, "")) == 10 else read_instant(request, name)


def read_day(request: Request, name: str) -> date | None:
    """A day (RFC 3339 full-date), or None when absent."""
    text = request.args.get(name)
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        refuse(problems.bad_parameter(name, "2026-01-31"))


def read_date(text: str | None, place: str) -> date | None:
    """A day (RFC 3339 full-date) of a body, or None when absent."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        refuse(problems.bad_parameter(place, "2026-01-31"))


def read_revision(request: Request) -> int:
    """The revision named by If-Match, which every change must carry (RFC 6585 §3)."""
    tag = request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"')
    if not tag:
        refuse(problems.revision_missing())
    if not tag.isascii() or not tag.isdigit() or len(tag) > 9:
        refuse(problems.bad_parameter("If-Match", '"revision"'))
    return int(tag)
