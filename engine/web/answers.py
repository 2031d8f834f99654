"""Writing answers: JSON by orjson, problem details, ETags."""

from typing import Any

import orjson
from flask import Response, g, request

from engine.problems import Problems
from engine.web.problem_details import problem_details


def answer_json(
    body: Any, status: int = 200, *, etag: str | int | None = None, location: str | None = None
) -> Response:
    """`body` (wire values only) as JSON."""
    response = Response(orjson.dumps(body), status, mimetype="application/json")
    if etag is not None:
        response.headers["ETag"] = f'"{etag}"'
    if location is not None:
        response.headers["Location"] = location
    return response


def answer_cached(body: Any) -> Response:
    """`body` with an ETag of its content; 304 when the asker has it (RFC 9110 §13.1.2)."""
    response = answer_json(body)
    response.add_etag()
    response.make_conditional(request)
    return response


def answer_problems(found: Problems) -> Response:
    """Problems as application/problem+json (RFC 9457)."""
    body = problem_details(found, g.get("language", "en"))
    return Response(orjson.dumps(body), body["status"], mimetype="application/problem+json")
