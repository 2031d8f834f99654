"""A form as the runtime needs it, and the JSON Schema (2020-12) of its records. Both are output: nothing is checked with them here.

An expression goes to the browser only if the actor may read all it reads; otherwise the server works it out ({"server": true}).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from engine.forms.definition import Field, Form
from engine.forms.kinds import BUILT_IN
from engine.names import words
from engine.rules import Checked, to_browser


class Rights(Protocol):
    """What the asker may do, as far as the description shows it."""

    def may_read(self, name: str) -> bool: ...
    def may_write(self, name: str) -> bool: ...


def describe(form: Form, rights: Rights) -> dict[str, Any]:
    """The form for one actor: only fields they may read, with what they may write."""
    return {
        "name": form.name,
        "label": form.label,
        "title": _tree(form.title, rights, ""),
        "key": form.key,
        "fields": _fields(form.fields, rights, ""),
        "checks": [
            {
                "name": c.name,
                "that": _tree(c.that, rights, f"{c.lines}." if c.lines else ""),
                "at": c.at,
                "lines": c.lines,
                "message": c.message,
            }
            for c in form.checks
        ],
        "states": [{"name": s.name, "label": s.label, "editable": s.editable} for s in form.states],
        "actions": [
            {
                "name": a.name,
                "label": a.label,
                "from": list(a.from_states),
                "to": a.to,
                "when": _tree(a.when, rights, ""),
                "style": a.style,
                "confirm": a.confirm,
            }
            for a in form.actions
        ],
        "layout": list(form.layout),
        "list": {
            "columns": [c for c in form.columns if rights.may_read(c) or c in ("state", "created_at")],
            "sort": list(form.sort),
        },
        "search": [s for s in form.search if rights.may_read(s)],
    }


def _fields(fields: Sequence[Field], rights: Rights, prefix: str) -> list[dict[str, Any]]:
    return [_field(f, rights, prefix) for f in fields if rights.may_read(prefix + f.name)]


def _field(f: Field, rights: Rights, prefix: str) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": f.name,
        "type": f.kind,
        "label": f.label,
        "help": f.help,
        "unique": f.unique,
        "required": _fact(f.required, rights, prefix),
        "readonly": _fact(f.readonly, rights, prefix),
        "visible": _tree(f.visible, rights, prefix),
        "computed": _tree(f.computed, rights, prefix),
        "default": _tree(f.default, rights, prefix),
        "options": dict(f.options),
        "may_write": f.is_written and rights.may_write(prefix + f.name),
    }
    if f.is_lines:
        described["fields"] = _fields(f.fields, rights, f"{f.name}.")
    return described


def _fact(fact: bool | Checked, rights: Rights, prefix: str) -> Any:
    return fact if isinstance(fact, bool) else _tree(fact, rights, prefix)


def _tree(expression: Checked | None, rights: Rights, prefix: str) -> Any:
    if expression is None:
        return None
    for path in expression.reads:
        if path[0] in ("id", "state", "created_at", "created_by", "actor", "item"):
            continue
        name = path[1] if path[0] == "record" and len(path) > 1 else prefix + path[0]
        if not rights.may_read(name):
            return {"server": True}
    return to_browser(expression)


def record_schema(form: Form, language: str = "en") -> dict[str, Any]:
    """JSON Schema of the values one may send for a record."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": words(form.label, language),
        **_object(form.fields, language),
    }


def _object(fields: Sequence[Field], language: str) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for f in fields:
        if f.is_lines:
            row = _object(f.fields, language)
            row["properties"]["id"] = {"type": "string", "format": "uuid"}
            row["properties"]["position"] = {"type": "integer"}
            schema: Mapping[str, Any] = {"type": "array", "items": row, "maxItems": f.options.get("max", 1000)}
        else:
            schema = {"anyOf": [BUILT_IN[f.kind].json_schema(f), {"type": "null"}]}
        properties[f.name] = {**schema, "title": words(f.label, language)}
        if not f.is_lines and not f.is_written:
            properties[f.name]["readOnly"] = True
    required = [f.name for f in fields if f.required is True and f.is_written and f.default is None and not f.is_lines]
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        **({"required": required} if required else {}),
    }
