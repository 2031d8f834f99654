"""Problems on the wire: RFC 9457 problem details, with the status each code deserves.

One body shape for every error, made here and nowhere else; the words come from `engine.texts` in the asker's language.
"""

from collections.abc import Mapping
from typing import Any, Final

from engine.problems import Problem, Problems
from engine.texts import wording
from engine.values import to_wire

STATUS: Final[Mapping[str, int]] = {
    "web.malformed_json": 400,
    "web.too_deep": 400,
    "web.bad_parameter": 400,
    "web.wrong_shape": 400,
    "web.unknown_member": 400,
    "web.not_signed_in": 401,
    "actions.login_failed": 401,
    "web.csrf_token_wrong": 403,
    "web.no_such_page": 404,
    "actions.no_such_form": 404,
    "actions.no_such_record": 404,
    "actions.no_such_register": 404,
    "actions.no_such_task": 404,
    "actions.no_such_movement": 404,
    "actions.no_such_dashboard": 404,
    "actions.no_such_structure": 404,
    "actions.no_such_rule": 404,
    "actions.no_such_hook": 404,
    "actions.no_such_reservation": 404,
    "replenishment.unknown_planner": 404,
    "web.method_not_allowed": 405,
    "actions.record_changed_meanwhile": 412,
    "web.body_too_large": 413,
    "web.not_json": 415,
    "web.revision_missing": 428,
    "actions.too_many_logins": 429,
    "registers.constraint_broken": 409,
    "actions.action_not_possible": 409,
    "actions.reservation_smaller": 409,
    "actions.nothing_to_take": 409,
    "replenishment.already_running": 409,
    "replenishment.not_running": 409,
    "store.request_key_reused": 409,
    "actions.too_busy": 503,
    "web.internal": 500,
}
"""Codes with a status of their own. Others: 403 for access.*, 409 for registers.* and workflow.*, 422 for the rest."""
_BY_PACKAGE: Final = {"access": 403, "registers": 409, "workflow": 409}


def status_of(code: str) -> int:
    """The HTTP status of a problem code."""
    return STATUS.get(code) or _BY_PACKAGE.get(code.partition(".")[0], 422)


def problem_details(problems: Problems, language: str) -> dict[str, Any]:
    """The body of an error answer (RFC 9457 §3.1), with every problem in `problems` (an extension member)."""
    items = [_item(p, language) for p in problems]
    first = problems.first
    return {
        "type": f"/problems/{first.code}",
        "title": items[0]["title"],
        "status": status_of(first.code),
        "detail": items[0]["hint"],
        "code": first.code,
        "problems": items,
    }


def _item(problem: Problem, language: str) -> dict[str, Any]:
    title, hint = wording(problem, language)
    return {
        "code": problem.code,
        "pointer": problem.place,
        "title": title,
        "hint": hint,
        "params": to_wire(dict(problem.params)),
        "ways": list(problem.ways),
    }
