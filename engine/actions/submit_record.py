"""Create a record: validate it, take the wanted state action, and plan all that follows."""

from engine.actions import problems, rule_events
from engine.actions.commands import SubmitRecord
from engine.actions.consequences import Consequences, follow
from engine.actions.planning import Planning, Work, audit, make_plan
from engine.actions.rule_events import Happened
from engine.actions.showing import shown_outcome
from engine.actions.transition import transition
from engine.effects import Effect, InsertRecord, Plan
from engine.forms import validate
from engine.problems import Problems


def plan(command: SubmitRecord, planning: Planning) -> Plan | Problems:
    """The plan that creates the record, with its postings, workflows, history and messages."""
    planning = planning.accepting(command.accept)
    form = planning.release.forms.get(command.form)
    if form is None:
        return problems.no_such_form(command.form, tuple(planning.release.forms))
    granted = planning.grant(form)
    refused = granted.require("create") or granted.require_fields(command.values)
    if refused is not None:
        return refused
    draft = validate(form, command.values, before=None, planning=planning)
    if isinstance(draft, Problems):
        return draft
    first = form.states[0].name if form.states else None
    work = Work(form, planning.ids.new(), first, draft.values, draft.lines)
    events = rule_events.created(work, imported=planning.actor.via == "import")
    if command.then is not None:
        moved = transition(work, command.then, planning)
        if isinstance(moved, Problems):
            return moved
        events += rule_events.moved(work.state, moved)
        work = moved
    return finish(work, events, planning, action=command.then or "create")


def finish(work: Work, events: list[Happened], planning: Planning, *, action: str) -> Plan | Problems:
    """The plan of a new record once its values stand: row right, consequences, effects."""
    followed = follow(work, events, planning)
    if isinstance(followed, Problems):
        return followed
    work = followed.work
    if not planning.grant(work.form).rows.admits(lambda: work.scope(planning), planning.moment):
        return problems.outside_own_rows(work.form.label)
    return make_plan(planning, (*effects_of_new(followed), audit(work, action)), shown_outcome(work))


def effects_of_new(followed: Consequences) -> tuple[Effect, ...]:
    """The insertion of a new record and what follows from it."""
    work = followed.work
    return InsertRecord(work.form.name, work.id, work.state, work.values, work.lines), *followed.effects
