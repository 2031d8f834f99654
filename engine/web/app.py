"""The Flask application: wires the APIs together and holds what is true of every request.

Flask's globals (`request`, `g`) stop here; below `web` everything is passed as arguments.
"""

import logging
import secrets
from pathlib import Path
from typing import Any, Final

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from engine.actions import Engine
from engine.clock import Stopwatch
from engine.problems import Problems
from engine.values import is_storable
from engine.web import problems
from engine.web.answers import answer_problems
from engine.web.forms_api import forms_api
from engine.web.pages import pages
from engine.web.reading import Refused, refuse
from engine.web.records_api import records_api
from engine.web.registers_api import registers_api
from engine.web.replenishment_api import replenishment_api
from engine.web.reservations_api import reservations_api
from engine.web.rules_api import rules_api
from engine.web.session_api import identify, session_api
from engine.web.site_api import site_api
from engine.web.structures_api import structures_api
from engine.web.tasks_api import tasks_api

BODY_MAX: Final = 1 << 20
"""Bytes of an ordinary request body."""
BULK_BODY_MAX: Final = 8 << 20
"""Bytes of a bulk request body."""

_log = logging.getLogger("dougong.web")


def create_app(engine: Engine, *, static: Path | None = None, secure: bool = False) -> Flask:
    """The web application of one site. `static` is the folder of the built web app; `secure` marks cookies for https only."""
    app = Flask("dougong", static_folder=None)
    app.config["ENGINE"] = engine
    app.config["SECURE"] = secure
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # the default provider has it
    app.before_request(_begin)
    app.after_request(_finish)
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _defect)
    for api in (
        session_api,
        site_api,
        forms_api,
        records_api,
        registers_api,
        reservations_api,
        structures_api,
        tasks_api,
        rules_api,
        replenishment_api,
    ):
        app.register_blueprint(api, url_prefix="/api/v1")
    app.register_blueprint(pages(static))
    return app


def _begin() -> Any:
    g.stopwatch = Stopwatch()
    g.language = (
        request.accept_languages.best_match(["en", "zh-CN", "zh"], "en").replace("zh-CN", "zh").replace("zh", "zh-CN")
    )
    request.max_content_length = BULK_BODY_MAX if request.path.endswith(":bulk") else BODY_MAX
    for name, value in (("path", request.path), *request.args.items(multi=True)):
        if not is_storable(name + value):
            refuse(problems.bad_parameter(name.replace("\0", ""), "text"))
    if request.path.startswith("/api/"):
        identify()
    return None


def _finish(response: Response) -> Response:
    laps = g.get("stopwatch")
    if laps is not None and laps.laps:
        response.headers["Server-Timing"] = ", ".join(f"{name};dur={ms:.2f}" for name, ms in laps.laps.items())
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("X-Frame-Options", "SAMEORIGIN")
    if request.path.startswith("/api/"):
        response.headers.setdefault("Cache-Control", "private, no-cache")
    return response


def _refused(error: Refused) -> Response:
    return answer_problems(error.problems)


def _http_error(error: HTTPException) -> Response:
    found: Problems
    if isinstance(error, RequestEntityTooLarge):
        found = problems.body_too_large(request.max_content_length or BODY_MAX)
    elif error.code == 405:
        found = problems.method_not_allowed(request.method)
    elif error.code == 404:
        found = problems.no_such_page(request.path[:200])
    else:
        found = problems.bad_parameter("request", error.name)
    return answer_problems(found)


def _defect(error: Exception) -> Response:
    reference = secrets.token_hex(4)
    _log.exception("defect %s at %s %s", reference, request.method, request.path, exc_info=error)
    return answer_problems(problems.internal(reference))
