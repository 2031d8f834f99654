"""Change a record, or take a state action on it (with or without changing fields): both are one plan over one record."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from engine.actions import problems, rule_events
from engine.actions.commands import ChangeRecord, PerformAction
from engine.actions.consequences import follow
from engine.actions.copy_record import copy_of
from engine.actions.planning import Planning, Work, audit, make_plan, work_on
from engine.actions.rule_events import Happened
from engine.actions.showing import shown_outcome
from engine.actions.transition import transition
from engine.effects import ChangeRecord as WriteChange
from engine.effects import Effect, Plan
from engine.facts import StoredRecord
from engine.forms import validate
from engine.problems import Problems


def plan_change(command: ChangeRecord, planning: Planning) -> Plan | Problems:
    """The plan that changes the named fields. The record's state must allow editing."""
    planning = planning.accepting(command.accept)
    found = find_work(command.form, command.id, command.revision, planning)
    if isinstance(found, Problems):
        return found
    granted = planning.grant(found.form)
    refused = granted.require("change") or granted.require_fields(command.values)
    if refused is not None:
        return refused
    if not found.form.editable_in(found.state):
        return problems.state_not_editable(found.form, found.state)
    changed = _with_values(found, command.values, planning)
    if isinstance(changed, Problems):
        return changed
    return _finish(changed, rule_events.changed(changed), "change", planning)


def plan_action(command: PerformAction, planning: Planning) -> Plan | Problems:
    """The plan that takes a state action, after changing `values` where the state allows editing."""
    planning = planning.accepting(command.accept)
    found = find_work(command.form, command.id, command.revision, planning)
    if isinstance(found, Problems):
        return found
    work, events = found, list[Happened]()
    if command.values:
        refused = planning.grant(found.form).require_fields(command.values)
        if refused is not None:
            return refused
        if not found.form.editable_in(found.state):
            return problems.state_not_editable(found.form, found.state)
        changed = _with_values(found, command.values, planning)
        if isinstance(changed, Problems):
            return changed
        work, events = changed, rule_events.changed(changed)
    moved = transition(work, command.action, planning)
    if isinstance(moved, Problems):
        return moved
    plan = _finish(moved, [*events, *rule_events.moved(work.state, moved)], command.action, planning)
    action = moved.form.action(command.action)
    if isinstance(plan, Problems) or action is None or action.copy is None or found.before is None:
        return plan
    return _with_copy(plan, found.before, action.copy, planning)


def _with_copy(plan: Plan, old: StoredRecord, link: str, planning: Planning) -> Plan | Problems:
    """The plan, and a copy of the record as it was, in one."""
    copied = copy_of(planning.release.forms[old.form], old, link, planning)
    if isinstance(copied, Problems):
        return copied
    copy, effects = copied
    both = make_plan(planning, (*plan.effects, *effects), plan.answer)
    return replace(both, answer={**plan.answer, "copy": {"form": old.form, "id": str(copy.id)}})


def find_work(form_name: str, record_id: UUID, revision: int | None, planning: Planning) -> Work | Problems:
    """The record as it stands, if the actor may know of it and it is still at `revision`."""
    form = planning.release.forms.get(form_name)
    if form is None:
        return problems.no_such_form(form_name, tuple(planning.release.forms))
    refused = planning.grant(form).require("read")
    if refused is not None:
        return refused
    record = planning.facts.records(form_name, [record_id]).get(record_id)
    if record is None or record_id not in planning.facts.visible(form_name, [record_id]):
        return problems.no_such_record(form.label)
    if revision is not None and record.revision != revision:
        return problems.record_changed_meanwhile(form.label, record.revision)
    return work_on(form, record)


def _with_values(work: Work, values: Mapping[str, Any], planning: Planning) -> Work | Problems:
    draft = validate(work.form, values, before=work.before, planning=planning)
    if isinstance(draft, Problems):
        return draft
    return Work(work.form, work.id, work.state, draft.values, draft.lines, work.before, draft.changes)


def _finish(work: Work, events: list[Happened], action: str, planning: Planning) -> Plan | Problems:
    followed = follow(work, events, planning)
    if isinstance(followed, Problems):
        return followed
    return plan_written(followed.work, followed.effects, action, planning)


def plan_written(
    work: Work, effects: Sequence[Effect], action: str, planning: Planning, *, by_engine: bool = False
) -> Plan | Problems:
    """The plan that writes a changed record with the effects that go along. `by_engine`: the actor decided a task, and the
    record need not be among the actor's own rows."""
    assert work.before is not None
    if not by_engine and not planning.grant(work.form).rows.admits(lambda: work.scope(planning), planning.moment):
        return problems.outside_own_rows(work.form.label)
    change = WriteChange(work.form.name, work.id, work.before.revision, work.state, work.values, work.changed)
    return make_plan(planning, (change, *effects, audit(work, action)), shown_outcome(work))
