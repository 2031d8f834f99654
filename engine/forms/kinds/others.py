"""boolean, date, datetime, choice, reference: the other field types with one column."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from engine.clock import from_microseconds, to_microseconds
from engine.forms.definition import Field
from engine.forms.kinds.kind import refused
from engine.forms.kinds.plain import PlainKind
from engine.names import nearest, words
from engine.problems import Problem
from engine.rules import BOOLEAN, DATE, DATETIME


class BooleanKind(PlainKind):
    """Yes or no; also read from the words spreadsheets use."""

    name = "boolean"
    storage = "boolean"
    feel = BOOLEAN

    def parse(self, field: Field, wire: Any) -> Any:
        """See FieldKind."""
        found = {
            "true": True,
            "yes": True,
            "1": True,
            "是": True,
            "false": False,
            "no": False,
            "0": False,
            "否": False,
        }.get(str(wire).strip().lower())
        return refused("not_a_boolean") if found is None else found

    def json_schema(self, field: Field) -> Mapping[str, Any]:
        """See FieldKind."""
        return {"type": "boolean"}


class DateKind(PlainKind):
    """A business date."""

    name = "date"
    storage = "date"
    feel = DATE

    def parse(self, field: Field, wire: Any) -> Any:
        """See FieldKind."""
        try:
            found = date.fromisoformat(wire) if isinstance(wire, str) and len(wire) == 10 else None
        except ValueError:
            found = None
        return found or refused("not_a_date")

    def json_schema(self, field: Field) -> Mapping[str, Any]:
        """See FieldKind."""
        return {"type": "string", "format": "date"}


class DatetimeKind(PlainKind):
    """An instant (UTC). On the wire it must say its zone."""

    name = "datetime"
    storage = "integer"
    feel = DATETIME

    def parse(self, field: Field, wire: Any) -> Any:
        """See FieldKind."""
        try:
            found = datetime.fromisoformat(wire) if isinstance(wire, str) and len(wire) <= 40 else None
            return (
                found.astimezone(UTC) if found is not None and found.tzinfo is not None else refused("not_a_datetime")
            )
        except (ValueError, OverflowError):
            return refused("not_a_datetime")

    def to_row(self, field: Field, value: Any) -> tuple[Any, ...]:
        """See FieldKind."""
        return (None if value is None else to_microseconds(value),)

    def from_row(self, field: Field, row: Any) -> Any:
        """See FieldKind."""
        return from_microseconds(row[0])

    def json_schema(self, field: Field) -> Mapping[str, Any]:
        """See FieldKind."""
        return {"type": "string", "format": "date-time"}


class ChoiceKind(PlainKind):
    """One of a few declared values; a person may also type a value's words."""

    name = "choice"

    def parse(self, field: Field, wire: Any) -> Any:
        """See FieldKind."""
        choices = field.options["choices"]
        for choice in choices:
            if wire == choice["value"] or wire in choice["label"].values():
                return choice["value"]
        values = [c["value"] for c in choices]
        return Problem(
            "forms.not_a_choice",
            "",
            {"found": str(wire)[:40], "choices": ", ".join(words(c["label"], "en") for c in choices)},
            ways=nearest(str(wire)[:40], values) or tuple(values[:5]),
        )

    def json_schema(self, field: Field) -> Mapping[str, Any]:
        """See FieldKind."""
        return {"enum": [c["value"] for c in field.options["choices"]]}


class ReferenceKind(PlainKind):
    """Another record: its id; on the way in also the text of its form's key field, which `validate` looks up."""

    name = "reference"
    storage = "id"

    def parse(self, field: Field, wire: Any) -> Any:
        """See FieldKind. A UUID, or text still to be looked up."""
        if isinstance(wire, dict):
            wire = wire.get("id")
        if isinstance(wire, UUID):
            return wire
        if isinstance(wire, int) and not isinstance(wire, bool):
            wire = str(wire)
        if not isinstance(wire, str) or len(wire) > 200:
            return refused("not_a_reference")
        text = wire.strip()
        if len(text) == 36 and text.count("-") == 4:
            try:
                return UUID(text)
            except ValueError:
                return text
        return text or None

    def json_schema(self, field: Field) -> Mapping[str, Any]:
        """See FieldKind."""
        shown = {
            "type": "object",
            "required": ["id"],
            "properties": {"id": {"type": "string"}, "title": {"type": "string"}},
        }
        return {"anyOf": [{"type": "string", "description": f"id or key of a record of {field.target}"}, shown]}
