"""A copy of a record that refers to it: what a correction goes on with. Numbers and computed values are made anew, unique ones left out."""

from collections.abc import Mapping, Sequence
from typing import Any

from engine.actions import rule_events
from engine.actions.consequences import follow
from engine.actions.planning import Planning, Work, audit
from engine.effects import Effect, InsertRecord
from engine.facts import StoredRecord
from engine.forms import BUILT_IN, Field, Form, validate
from engine.problems import Problems


def copy_of(form: Form, old: StoredRecord, link: str, planning: Planning) -> tuple[Work, Sequence[Effect]] | Problems:
    """The copy in the form's first state, and the effects of making it; `link` is the field that refers to the old record."""
    refused = planning.grant(form).require("create")
    if refused is not None:
        return refused
    given = _wire(form, old)
    draft = validate(form, given, before=None, planning=planning, assigned={link: old.id})
    if isinstance(draft, Problems):
        return draft
    first = form.states[0].name if form.states else None
    work = Work(form, planning.ids.new(), first, draft.values, draft.lines)
    followed = follow(work, rule_events.created(work, imported=False), planning)
    if isinstance(followed, Problems):
        return followed
    made = followed.work
    insert = InsertRecord(form.name, made.id, made.state, made.values, made.lines)
    return made, (insert, *followed.effects, audit(made, "create"))


def _wire(form: Form, old: StoredRecord) -> dict[str, Any]:
    """What a person would type in to make the same record again."""
    given = _written(form.header, old.values)
    for lines in form.sub_tables:
        if lines.is_written:
            given[lines.name] = [_written(lines.fields, row.values) for row in old.lines.get(lines.name, ())]
    return given


def _written(fields: Sequence[Field], values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        f.name: BUILT_IN[f.kind].to_wire(f, values[f.name])
        for f in fields
        if f.is_written and not f.unique and values.get(f.name) is not None
    }
