"""The parts of the OpenAPI description that do not depend on the release."""

from typing import Any, Final


def parameter(name: str, place: str, about: str, *, required: bool = False) -> dict[str, Any]:
    """A parameter object (OAS 3.1 §4.8.12) of type string."""
    return {"name": name, "in": place, "description": about, "required": required, "schema": {"type": "string"}}


def reference(component: str) -> dict[str, Any]:
    """A reference to a schema component."""
    return {"$ref": f"#/components/schemas/{component}"}


PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "description": "RFC 9457 problem details, with every single problem in `problems`",
    "required": ["type", "title", "status", "code", "problems"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "problems": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code", "pointer", "title", "hint"],
                "properties": {
                    "code": {"type": "string"},
                    "pointer": {"type": "string"},
                    "title": {"type": "string"},
                    "hint": {"type": "string"},
                    "params": {"type": "object"},
                    "ways": {"type": "array", "items": {"type": "string"}},
                },
            },
        },
    },
}

RECORD_SHAPE: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["id", "revision", "values"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "revision": {"type": "integer"},
        "state": {"type": ["string", "null"]},
        "title": {"type": "string"},
        "values": {"type": "object"},
        "may": {"type": "object"},
    },
}


def _get(name: str, about: str, *parameters: dict[str, Any]) -> dict[str, Any]:
    return {"get": _operation(name, about, *parameters)}


def _operation(
    name: str, about: str, *parameters: dict[str, Any], body: dict[str, Any] | None = None
) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": name,
        "summary": about,
        "parameters": list(parameters),
        "responses": {
            "default": {"description": about, "content": {"application/json": {"schema": {"type": "object"}}}}
        },
    }
    if body is not None:
        operation["requestBody"] = {"content": {"application/json": {"schema": body}}}
    return operation


def _object(required: tuple[str, ...], *optional: str) -> dict[str, Any]:
    return {
        "type": "object",
        "required": list(required),
        "additionalProperties": False,
        "properties": {name: {"type": "string"} for name in (*required, *optional)},
    }


_REGISTER: Final = parameter("register", "path", "Its name", required=True)
_PAGE: Final = (parameter("after", "query", "Cursor"), parameter("limit", "query", "1 … 200"))
_SPAN: Final = (
    _REGISTER,
    parameter("by", "query", "Dimensions, comma-separated; all when left out, one total when empty"),
    parameter("since", "query", "First day; the first of this month when left out"),
    parameter("until", "query", "Last day; today when left out"),
    *_PAGE,
)
_TURNOVER: Final = (*_SPAN, parameter("period", "query", "day, week, month, year or span"))
_STRUCTURE: Final = parameter("structure", "path", "Its name", required=True)
_RESERVATION: Final = parameter("id", "path", "Reservation", required=True)
_QUANTITY: Final[dict[str, Any]] = {"type": ["string", "integer"]}
_DEMANDED: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["form", "record"],
    "properties": {
        "form": {"type": "string"},
        "record": {"type": "string"},
        "line": {"type": "string"},
        "quantity": _QUANTITY,
    },
}
_PLANNER: Final = parameter("planner", "path", "Its name", required=True)
_ITEMS: Final[dict[str, Any]] = {"type": "array", "items": {"type": "string", "format": "uuid"}}
_DEMAND: Final = (
    parameter("quantity", "query", "How many"),
    parameter("on", "query", "A day, 2026-01-31; today when left out"),
    parameter("version", "query", "Record id of the version to take for the parent"),
    parameter("parameter.{name}", "query", "A value for each parameter of the structure"),
)
SITE_PATHS: Final[dict[str, Any]] = {
    "/health": {"get": {**_operation("health", "Is the site up?"), "security": []}},
    "/audit": {
        "post": _operation("start_audit", "Have the worker compare all that registers keep with their movements"),
        "delete": _operation("end_audit", "Stop the audit that runs"),
    },
    "/session": {
        "get": _operation("show_session", "Who is signed in"),
        "post": {**_operation("sign_in", "Sign in", body=_object(("login", "password"))), "security": []},
        "patch": _operation("change_language", "Change the language", body=_object(("language",))),
        "delete": _operation("sign_out", "Sign out"),
    },
    "/release": _get("release", "Menu, home, forms, registers, dashboards, structures, planners"),
    "/webhooks": {"put": _operation("replace_webhooks", "Replace the webhooks of the site (administrators)")},
    "/rules": _get("list_rules", "All rules in the order they fire, and what is stuck (administrators)"),
    "/rules/firings": _get(
        "rule_firings",
        "What fired, newest first (administrators)",
        parameter("rule", "query", "Name of a rule"),
        parameter("record", "query", "Record id"),
    ),
    "/hooks": {"put": _operation("replace_hooks", "Replace the hooks that other systems may call (administrators)")},
    "/hooks/{name}": {
        "post": {
            **_operation(
                "call_hook",
                "Another system calls: any JSON, signed as our webhooks are",
                parameter("name", "path", "Its name", required=True),
                parameter("X-Dougong-Signature", "header", "t=<seconds>,v1=<hmac-sha256>", required=True),
                parameter("X-Dougong-Delivery", "header", "The same key is taken once", required=True),
            ),
            "security": [],
        }
    },
    "/forms": _get("forms", "The forms the actor may see"),
    "/openapi.json": _get("openapi", "This description"),
    "/registers/{register}": _get(
        "describe_register", "Dimensions, measures, figures", parameter("register", "path", "Its name", required=True)
    ),
    "/registers/{register}/balances": _get(
        "balances",
        "Balances now or at a moment; any dimension may be a filter parameter. A value is null by dimensions that divide cost pools",
        _REGISTER,
        parameter("by", "query", "Dimensions, comma-separated"),
        parameter("at", "query", "An instant, or a day: its end"),
        *_PAGE,
    ),
    "/registers/{register}/turnover": _get(
        "turnover",
        "What came in and went out in each period; any dimension may be a filter parameter. Values are null as in balances",
        *_TURNOVER,
    ),
    "/registers/{register}/balance-and-turnover": _get(
        "balance_and_turnover",
        "The same with what was there before and after; a period in which nothing moved is left out, but for the first",
        *_TURNOVER,
    ),
    "/registers/{register}/average": _get(
        "average",
        "The mean of the balances at the ends of all days of a span; any dimension may be a filter parameter. Values are null as in balances",
        *_SPAN,
    ),
    "/registers/{register}/layers": _get(
        "layers",
        "Cost layers that remain now, with their age and what brought them; dimensions of the cost pools may be filter parameters",
        _REGISTER,
        *_PAGE,
    ),
    "/registers/{register}/ageing": _get(
        "ageing",
        "What remains now, by age; dimensions of the cost pools may be filter parameters",
        _REGISTER,
        parameter("days", "query", "Limits in days that rise, comma-separated: 30,60,90", required=True),
        parameter("by", "query", "Dimensions of the cost pools, comma-separated"),
        *_PAGE,
    ),
    "/registers/{register}/forecast": _get(
        "forecast",
        "What balances will be by what is planned, and what can be promised; any dimension may be a filter parameter",
        parameter("register", "path", "Its name", required=True),
        parameter("by", "query", "Dimensions, comma-separated"),
        parameter("until", "query", "A day"),
        parameter("after", "query", "Cursor"),
        parameter("limit", "query", "1 … 200"),
    ),
    "/registers/{register}/explain": _get(
        "explain",
        "The postings (their rules in words), constraints and layers behind a balance; any dimension may be a filter parameter",
        parameter("register", "path", "Its name", required=True),
    ),
    "/registers/{register}/movements/{movement}": _get(
        "explain_movement",
        "A movement, its posting rule in words, where its cost comes from, and what was learnt of it later",
        parameter("register", "path", "Its name", required=True),
        parameter("movement", "path", "Its number", required=True),
    ),
    "/registers/{register}/genealogy": _get(
        "genealogy",
        "What came of a key over all levels; the dimensions given as parameters are those that goods are followed by",
        parameter("register", "path", "Its name", required=True),
        parameter("up", "query", "1: what it came from"),
    ),
    "/registers/{register}/periods": {
        **_get(
            "periods",
            "Until when the register is closed, and who closed and reopened it",
            parameter("register", "path", "Its name", required=True),
        ),
        "post": _operation(
            "move_period",
            "Close the register until a day (do: close), or open it again after a day or altogether (do: reopen)",
            parameter("register", "path", "Its name", required=True),
            body=_object(("do",), "until", "reason"),
        ),
    },
    "/registers/{register}/movements": _get(
        "movements",
        "Movements, latest first; any dimension may be a filter parameter",
        parameter("register", "path", "Its name", required=True),
        parameter("order", "query", "written (as they were posted) or day (as they count)"),
        parameter("at", "query", "An instant or a day: only what counts until then, in the order day"),
        parameter("after", "query", "Cursor"),
        parameter("limit", "query", "1 … 200"),
    ),
    "/registers/{register}/reservations": _get(
        "reservations",
        "Who holds what, since when, until when, how urgently; any dimension may be a filter parameter",
        _REGISTER,
        parameter("record", "query", "Only those of this record"),
        parameter("after", "query", "Cursor"),
        parameter("limit", "query", "1 … 200"),
    ),
    "/registers/{register}/reservations/{id}/release": {
        "post": _operation(
            "release_reservation",
            "Give back all or a quantity of what is open",
            _REGISTER,
            _RESERVATION,
            body={"type": "object", "properties": {"quantity": _QUANTITY}},
        )
    },
    "/registers/{register}/reservations/{id}/move": {
        "post": _operation(
            "move_reservation",
            "Hand all or a quantity over to a line of another record",
            _REGISTER,
            _RESERVATION,
            body=_DEMANDED,
        )
    },
    "/registers/{register}/reservations:take": {
        "post": _operation(
            "take_reservation",
            "Take what a line lacks, or a quantity, from those of a lower priority",
            _REGISTER,
            body=_DEMANDED,
        )
    },
    "/structures/{structure}": _get("describe_structure", "Parameters and measures", _STRUCTURE),
    "/structures/{structure}/explosion": _get(
        "explosion",
        "All levels multiplied out, depth first or by component",
        _STRUCTURE,
        parameter("parent", "query", "Record id (or `version`)"),
        *_DEMAND,
        parameter("summarised", "query", "true: the total of every component"),
        parameter("phantoms", "query", "shown or collapsed"),
        parameter("frozen", "query", "leaves, direct or all: rows that another record can keep"),
    ),
    "/structures/{structure}/where-used": _get(
        "where_used",
        "What a component goes into",
        _STRUCTURE,
        parameter("component", "query", "Record id", required=True),
        *_DEMAND,
        parameter("top", "query", "true: every way up to the top"),
        parameter("summarised", "query", "true: the total in everything that contains it"),
    ),
    "/structures/{structure}/roll-up": _get(
        "roll_up",
        "A measure over all levels",
        _STRUCTURE,
        parameter("parent", "query", "Record id (or `version`)"),
        parameter("measure", "query", "Name of a measure", required=True),
        *_DEMAND,
    ),
    "/structures/{structure}/comparison": _get(
        "compare_versions",
        "What differs between two versions of a parent",
        _STRUCTURE,
        parameter("with", "query", "Record id of the newer version", required=True),
        *_DEMAND,
    ),
    "/planners/{planner}": _get("show_planner", "A planner and its last run", _PLANNER),
    "/planners/{planner}/requirements": {
        **_get(
            "requirements",
            "What a planner would suggest now; of `items` also every bucket and peg",
            _PLANNER,
            parameter("items", "query", "Record ids, comma-separated"),
            parameter("limit", "query", "1 … 200"),
        ),
        "post": _operation(
            "what_if",
            "The same as if some things were otherwise; nothing is written",
            _PLANNER,
            body={"type": "object", "properties": {"items": _ITEMS, "what_if": {"type": "object"}}},
        ),
    },
    "/planners/{planner}/runs": {
        "post": _operation(
            "run_planner",
            "Ask for a run: of everything, of some items, or only of what has changed since the last",
            _PLANNER,
            body={"type": "object", "properties": {"items": _ITEMS, "only_changed": {"type": "boolean"}}},
        ),
        "delete": _operation("stop_planner", "Stop the run that is under way", _PLANNER),
    },
    "/tasks": _get("inbox", "Open tasks I may decide"),
    "/tasks/{id}/decision": {
        "post": _operation(
            "decide",
            "Approve or reject",
            parameter("id", "path", "Task", required=True),
            parameter("preview", "query", "1: nothing is written; the answer says which costs would change"),
            body={
                **_object(("decision",)),
                "properties": {
                    "decision": {"enum": ["approved", "rejected"]},
                    "comment": {"type": "string"},
                    "accept": {"type": "array", "items": {"type": "string"}},
                },
            },
        )
    },
    "/dashboards/{dashboard}": _get(
        "dashboard", "Tiles with their data", parameter("dashboard", "path", "Its name", required=True)
    ),
    "/notifications": _get("notifications", "What I was told"),
    "/notifications/read": {"post": _operation("read_notifications", "Mark all as read")},
}
