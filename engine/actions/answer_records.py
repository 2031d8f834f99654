"""Answers about records: one, a page of them, candidates for a reference, a form's description, history."""

from typing import Any
from uuid import UUID

from engine.access import Grant
from engine.actions import problems
from engine.actions.gather import facts_of
from engine.actions.planning import Planning, work_on
from engine.actions.queries import (
    LOOKUP_MAX,
    DescribeForm,
    GetRecord,
    ListRecords,
    LookUp,
    RecordHistory,
    RecordSchema,
)
from engine.actions.revaluing import revaluing
from engine.actions.showing import Shower
from engine.clock import from_microseconds
from engine.facts import StoredRecord
from engine.forms import COUNT_MAX, Form, ListRequest, describe, list_query, record_schema
from engine.problems import Problems
from engine.rules import BOOLEAN, Checked, Evaluation, check, is_true
from engine.rules.columns import decode
from engine.rules.runtime import plain
from engine.rules.to_browser import literal
from engine.store import system
from engine.values import to_wire

HISTORY_MAX = 200
"""Lines of history in one answer."""


def readable_form(name: str, planning: Planning) -> tuple[Form, Grant] | Problems:
    """A form whose records the actor may read."""
    form = planning.release.forms.get(name)
    if form is None:
        return problems.no_such_form(name, tuple(planning.release.forms))
    granted = planning.grant(form)
    return granted.require("read") or (form, granted)


def get_record(query: GetRecord, planning: Planning) -> dict[str, Any] | Problems:
    """One record, what may be done to it, and its open tasks."""
    found = readable_form(query.form, planning)
    if isinstance(found, Problems):
        return found
    form, granted = found
    record = planning.facts.records(form.name, [query.id]).get(query.id)
    if record is None or query.id not in planning.facts.visible(form.name, [query.id]):
        return problems.no_such_record(form.label)
    shower = Shower(planning)
    shower.prepare(form, [record])
    tasks = [
        t
        for i in planning.facts.instances(form.name, record.id)
        for t in i.tasks
        if t.state == "open" and (planning.actor.is_admin or t.role in planning.actor.roles)
    ]
    return {
        **shower.record(form, record, granted),
        "may": _may(form, record, granted, planning),
        "tasks": [{"id": str(t.id), "node": t.node} for t in tasks],
    }


def _may(form: Form, record: StoredRecord, granted: Grant, planning: Planning) -> dict[str, Any]:
    editable = form.editable_in(record.state)
    scope = work_on(form, record).scope(planning)
    actions = [
        a.name
        for a in form.actions
        if record.state in a.from_states
        and a.name in granted.actions
        and (a.when is None or _may_hold(a.when.evaluate(scope, planning.moment)))
    ]
    return {
        "change": editable and "change" in granted.do,
        "delete": editable and "delete" in granted.do,
        "actions": actions,
    }


def _may_hold(result: Evaluation) -> bool:
    """Is an action offered? One whose condition cannot be worked out is: who takes it is told why it cannot be."""
    return bool(result.warnings) or is_true(result)


def list_records(query: ListRecords, planning: Planning) -> dict[str, Any] | Problems:
    """A page of records."""
    found = readable_form(query.form, planning)
    if isinstance(found, Problems):
        return found
    form, granted = found
    condition = _filter(form, query.filter, granted) if query.filter else None
    if isinstance(condition, Problems):
        return condition
    request = ListRequest(condition, query.search, query.sort, query.after, query.limit, granted.rows, granted)
    reader = facts_of(planning).reader
    tables = planning.release.form_tables
    listed = list_query(tables[form.name], request, tables, dialect=reader.dialect, moment=planning.moment)
    if isinstance(listed, Problems):
        return listed
    rows = reader.rows(listed.page)
    page = rows[: query.limit]
    ids = [decode("id", row[0], reader.dialect) for row in page]
    records = planning.facts.records(form.name, ids)
    shower = Shower(planning)
    shower.prepare(form, records.values(), lines=False)
    columns = set(query.columns or form.columns)
    answer: dict[str, Any] = {
        "records": [
            shower.record(form, records[id], granted, columns=columns, lines=False) for id in ids if id in records
        ],
        "next": listed.cursor(_cursor_cells(page[-1], reader.dialect)) if len(rows) > query.limit else None,
        "count": None,
    }
    if query.count:
        number = reader.rows(listed.count)[0][0]
        answer["count"] = {"number": min(number, COUNT_MAX), "capped": number > COUNT_MAX}
    return answer


def _cursor_cells(row: Any, dialect: Any) -> list[Any]:
    return [
        str(decode("id", row[0], dialect)),
        *(
            str(c) if hasattr(c, "isoformat") else decode("id", c, dialect).hex if isinstance(c, bytes) else c
            for c in row[1:]
        ),
    ]


def _filter(form: Form, text: str, granted: Grant) -> Checked | Problems:
    checked = check(text, form.scope, expects=BOOLEAN)
    if isinstance(checked, Problems):
        return checked.under("/filter")
    for path in checked.reads:
        if path[0] != "actor" and not granted.may_read(path[0]):
            return problems.no_such_field(path[0])
    return checked


def look_up(query: LookUp, planning: Planning) -> dict[str, Any] | Problems:
    """Candidates for a reference: who may read a form's records may refer to them."""
    found = readable_form(query.form, planning)
    if isinstance(found, Problems):
        return found
    form, granted = found
    facts = facts_of(planning)
    if query.id is not None:
        ids = [query.id] if query.id in facts.visible(form.name, [query.id]) else []
    else:
        sort = (form.key,) if form.key and granted.may_read(form.key) else ("created_at",)
        request = ListRequest(None, query.text, sort, "", min(query.limit, LOOKUP_MAX), granted.rows, granted)
        tables = planning.release.form_tables
        listed = list_query(tables[form.name], request, tables, dialect=facts.reader.dialect, moment=planning.moment)
        if isinstance(listed, Problems):
            return listed
        ids = [decode("id", row[0], facts.reader.dialect) for row in facts.reader.rows(listed.page)][: query.limit]
    records = facts.records(form.name, ids)
    shower = Shower(planning)
    shower.prepare(form, records.values(), lines=False)
    return {"found": [_candidate(form, records[id], granted, shower) for id in ids if id in records]}


def _candidate(form: Form, record: StoredRecord, granted: Grant, shower: Shower) -> dict[str, Any]:
    shown = shower.record(form, record, granted, lines=False)
    key = shown["values"].get(form.key) if form.key else None
    seen = {f.name: literal(_plain(record.values.get(f.name))) for f in form.header if granted.may_read(f.name)}
    return {"id": shown["id"], "title": shown["title"], "key": key, "scope": {**seen, "state": literal(record.state)}}


def _plain(value: Any) -> Any:
    # A reference within a reference is known by its id alone; what lies behind it the browser does not see.
    return {"id": str(value)} if isinstance(value, UUID) else plain(value)


def describe_form(query: DescribeForm, planning: Planning) -> dict[str, Any] | Problems:
    """The form as the runtime draws it for this actor."""
    form = planning.release.forms.get(query.form)
    if form is None:
        return problems.no_such_form(query.form, tuple(planning.release.forms))
    granted = planning.grant(form)
    if not granted.do:
        return granted.require("read") or problems.no_such_form(query.form, ())
    return {
        **describe(form, granted),
        "release": planning.release.digest,
        "currency": planning.release.info.currency,
        "may": {
            "create": "create" in granted.do,
            "change": "change" in granted.do,
            "delete": "delete" in granted.do,
            "actions": sorted(granted.actions),
        },
        "revalues": revaluing(form, granted, planning),
    }


def schema(query: RecordSchema, planning: Planning) -> dict[str, Any] | Problems:
    """JSON Schema of the form's records."""
    found = readable_form(query.form, planning)
    return found if isinstance(found, Problems) else record_schema(found[0], planning.actor.language)


def history(query: RecordHistory, planning: Planning) -> dict[str, Any] | Problems:
    """Who changed what, newest first; fields the actor may not read are left out of it. What is about the whole record is not."""
    found = readable_form(query.form, planning)
    if isinstance(found, Problems):
        return found
    form, granted = found
    if query.id not in planning.facts.visible(form.name, [query.id]):
        return problems.no_such_record(form.label)
    reader = facts_of(planning).reader
    entries = system.history(reader, query.id, HISTORY_MAX)
    names = system.user_names(reader, {e["actor"] for e in entries})
    return {
        "history": [
            {
                "action": e["action"],
                "via": e["via"],
                "at": to_wire(from_microseconds(e["at"])),
                "by": names.get(e["actor"], "system"),
                "changes": {
                    place: change
                    for place, change in e["changes"].items()
                    if granted.may_read(_field_of(place)) or (place == "" and _is_of_all(e["action"]))
                },
            }
            for e in entries
        ]
    }


def _is_of_all(action: str) -> bool:
    """Is what is told of the record as a whole, not of a field: a comment, or what is reserved for it?"""
    return action == "comment" or action.startswith("reservation ")


def _field_of(place: str) -> str:
    parts = place.split("/")
    return parts[0] if len(parts) == 1 else f"{parts[0]}.{parts[-1]}"
