"""What changed between a record as it stood and as it is to be: {place: [before, after]} in wire form, lines by their id."""

from collections.abc import Mapping, Sequence
from typing import Any

from engine.effects import LineRow
from engine.facts import StoredRecord, Values
from engine.forms.definition import Field, Form
from engine.forms.kinds import BUILT_IN


def changes(
    form: Form, before: StoredRecord | None, values: Values, lines: Mapping[str, Sequence[LineRow]]
) -> dict[str, list[Any]]:
    """Every field whose value differs, empty ones of a new record left out."""
    old = before.values if before is not None else {}
    found = _differences(form.header, old, values, "")
    for f in form.sub_tables:
        stored = {row.id: row.values for row in (before.lines.get(f.name, ()) if before is not None else ())}
        kept = {row.id for row in lines.get(f.name, ())}
        for row in lines.get(f.name, ()):
            found |= _differences(f.fields, stored.get(row.id, {}), row.values, f"{f.name}/{row.id}/")
        for id, gone in stored.items():
            if id not in kept:
                found |= _differences(f.fields, gone, {}, f"{f.name}/{id}/")
    return found


def _differences(fields: Sequence[Field], old: Values, new: Values, prefix: str) -> dict[str, list[Any]]:
    return {
        prefix + f.name: [wire(f, old.get(f.name)), wire(f, new.get(f.name))]
        for f in fields
        if not f.is_lines and old.get(f.name) != new.get(f.name)
    }


def wire(f: Field, value: Any) -> Any:
    """A field's value as JSON carries it; a reference by its id."""
    return None if value is None else BUILT_IN[f.kind].to_wire(f, value)
