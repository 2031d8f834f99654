"""OpenAPI 3.1 (OAS 3.1.1) of the API, generated from the release: each form's paths with the schema of its records."""

from collections.abc import Mapping
from typing import Any, Final

from engine.actions import Engine, release_schemas
from engine.web.openapi_parts import PROBLEM, RECORD_SHAPE, SITE_PATHS, parameter, reference
from engine.web.reading import unwrap


def openapi(engine: Engine) -> dict[str, Any]:
    """The description of every address of this site."""
    described = unwrap(release_schemas(engine))
    paths: dict[str, Any] = dict(SITE_PATHS)
    schemas: dict[str, Any] = {"Problem": PROBLEM, "Stored": RECORD_SHAPE}
    for form, schema in described.forms.items():
        schemas[_component(form)] = schema
        paths |= _form_paths(form, described.actions[form])
    return {
        "openapi": "3.1.0",
        "info": {
            "title": described.label,
            "version": described.version,
            "description": "Records, registers, tasks and dashboards of one Dougong site. Errors are RFC 9457 problem details.",
        },
        "servers": [{"url": "/api/v1"}],
        "security": [{"token": []}, {"session": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "dougong_session"},
            },
        },
    }


def _component(form: str) -> str:
    # Component names must match [a-zA-Z0-9._-]+ (OAS 3.1 §4.8.7); form names may be of any script.
    return "Record_" + "".join(c if c.isascii() and (c.isalnum() or c == "_") else f"-{ord(c):x}" for c in form)


_ERRORS: Final = {
    "default": {"description": "A problem", "content": {"application/problem+json": {"schema": reference("Problem")}}}
}
_KEY: Final = parameter("Idempotency-Key", "header", "The same key gives the same answer once more")
_MATCH: Final = parameter("If-Match", "header", "The revision this change was drawn from", required=True)
_ID: Final = parameter("id", "path", "Record id", required=True)


def _form_paths(form: str, actions: tuple[str, ...]) -> dict[str, Any]:
    base, record = f"/forms/{form}/records", _component(form)
    paths = {
        f"/forms/{form}": {"get": _operation(f"describe {form}", "The form as the runtime draws it")},
        f"/forms/{form}/schema": {"get": _operation(f"schema {form}", "JSON Schema of its records")},
        f"/forms/{form}/lookup": {
            "get": _operation(
                f"look up {form}",
                "Candidates for a reference",
                [
                    parameter("text", "query", "What was typed"),
                    parameter("limit", "query", "At most so many"),
                    parameter("id", "query", "That one record"),
                ],
            )
        },
        base: {
            "get": _operation(
                f"list {form}",
                "A page of records",
                [parameter(name, "query", about) for name, about in _LIST_PARAMETERS.items()],
            ),
            "post": _operation(
                f"create {form}", "Create a record", [_KEY], body=_values_body(record, then=actions), status="201"
            ),
        },
        f"{base}:bulk": {
            "post": _operation(f"create many {form}", "Create up to 1,000 records", [_KEY], body=_bulk_body(record))
        },
        f"{base}/{{id}}": {
            "get": _operation(f"get {form}", "One record", [_ID], result=reference("Stored")),
            "patch": _operation(
                f"change {form}", "Change the named fields", [_ID, _MATCH, _KEY], body=_values_body(record)
            ),
            "delete": _operation(f"delete {form}", "Put into the trash", [_ID, _MATCH, _KEY], status="204"),
        },
        f"{base}/{{id}}/history": {"get": _operation(f"history of {form}", "Who changed what", [_ID])},
    }
    for action in actions:
        paths[f"{base}/{{id}}/actions/{action}"] = {
            "post": _operation(
                f"{action} {form}", "Take a state action", [_ID, _MATCH, _KEY], body=_values_body(record, values=False)
            )
        }
    return paths


_LIST_PARAMETERS: Final[Mapping[str, str]] = {
    "filter": "FEEL condition over the record",
    "search": "Words to find",
    "sort": "Fields, comma-separated, - for descending",
    "limit": "1 … 200",
    "after": "Cursor of the page before",
    "columns": "Fields to give back",
    "count": "1 to count (capped)",
}


def _operation(
    name: str,
    summary: str,
    parameters: list[dict[str, Any]] | None = None,
    *,
    body: dict[str, Any] | None = None,
    result: dict[str, Any] | None = None,
    status: str = "200",
) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": summary}
    if status != "204":
        answer["content"] = {"application/json": {"schema": result or {"type": "object"}}}
    operation: dict[str, Any] = {
        "operationId": name.replace(" ", "_"),
        "summary": summary,
        "responses": {status: answer, **_ERRORS},
    }
    if parameters:
        operation["parameters"] = parameters
    if body:
        operation["requestBody"] = {"content": {"application/json": {"schema": body}}}
    return operation


def _values_body(record: str, *, then: tuple[str, ...] = (), values: bool = True) -> dict[str, Any]:
    body: dict[str, Any] = {
        "type": "object",
        "properties": {"values": reference(record), "accept": _ACCEPT},
        "additionalProperties": False,
    }
    if values:
        body["required"] = ["values"]
    if then:
        body["properties"]["then"] = {"enum": list(then)}
    return body


_ACCEPT: Final = {
    "type": "array",
    "items": {"type": "string"},
    "description": "Names of rules whose warnings the actor has read and overrides",
}


def _bulk_body(record: str) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["records"],
        "additionalProperties": False,
        "properties": {
            "records": {"type": "array", "minItems": 1, "maxItems": 1000, "items": _values_body(record)},
            "all_or_nothing": {"type": "boolean", "default": True},
        },
    }
