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


_STRUCTURE: Final = parameter("structure", "path", "Its name", required=True)
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
        "Balances now or at a moment; any dimension may be a filter parameter",
        parameter("register", "path", "Its name", required=True),
        parameter("by", "query", "Dimensions, comma-separated"),
        parameter("at", "query", "An instant"),
        parameter("after", "query", "Cursor"),
        parameter("limit", "query", "1 … 200"),
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
    "/registers/{register}/movements": _get(
        "movements",
        "Movements, latest first; any dimension may be a filter parameter",
        parameter("register", "path", "Its name", required=True),
        parameter("order", "query", "written (as they were posted) or day (as they count)"),
        parameter("at", "query", "An instant: only what counts until then, in the order day"),
        parameter("after", "query", "Cursor"),
        parameter("limit", "query", "1 … 200"),
    ),
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
            "run_planner", "Ask for a run", _PLANNER, body={"type": "object", "properties": {"items": _ITEMS}}
        ),
        "delete": _operation("stop_planner", "Stop the run that is under way", _PLANNER),
    },
    "/tasks": _get("inbox", "Open tasks I may decide"),
    "/tasks/{id}/decision": {
        "post": _operation(
            "decide",
            "Approve or reject",
            parameter("id", "path", "Task", required=True),
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
