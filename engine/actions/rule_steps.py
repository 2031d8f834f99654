"""The actions of a rule → effects, changes of the record at hand, events, and commands on other records. Pure, as all planning."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from engine.actions import problems
from engine.actions.planning import RuleChange, RuleCreate
from engine.actions.rule_acting import SHOWN_MAX, Acting, values_read
from engine.actions.rule_events import Happened
from engine.effects import Audit
from engine.forms import Draft, assign
from engine.ledger import Enqueue
from engine.packs import Step
from engine.problems import Problems, pointer
from engine.rules.dsl import tree as d
from engine.rules.runtime import plain
from engine.rules.showing import show_inside
from engine.values import to_wire
from engine.workflow import start


def act(acting: Acting) -> None:
    """Take all actions of the rule, then note the firing. After one that cannot be taken, the rest are left."""
    values = values_read(acting.rule, acting.scope())
    for step in acting.rule.steps:
        _DO[type(step.action)](acting, step, step.action)
        if acting.found and not isinstance(step.action, d.Refuse | d.Warn):
            return
    acting.effects.append(acting.firing(values))


def _set(acting: Acting, step: Step, action: d.Set) -> None:
    work = acting.work
    assert work is not None
    values = acting.assigned(work.form, {action.field: step.expressions["to"]})
    if acting.found:
        return
    draft = assign(
        work.form,
        Draft(work.values, work.lines, work.changed),
        values,
        before=work.before,
        planning=acting.planning,
    )
    if isinstance(draft, Problems):
        acting.found += draft
        return
    acting.did.append(f"{action.field} = {show_inside(plain(draft.values.get(action.field)))[:SHOWN_MAX]}")
    acting.work = replace(work, values=draft.values, lines=draft.lines, changed=draft.changes)
    acting.events += [
        Happened(f"changed:{f.name}", acting.rule.name)
        for f in work.form.header
        if work.values.get(f.name) != draft.values.get(f.name)
    ]


def _refuse(acting: Acting, step: Step, action: d.Refuse) -> None:
    told = acting.message(step)
    acting.found.append(problems.rule_refuses(acting.rule.name, told, pointer(action.at) if action.at else ""))


def _warn(acting: Acting, step: Step, action: d.Warn) -> None:
    told, at = acting.message(step), pointer(action.at) if action.at else ""
    work, planning = acting.work, acting.planning
    assert work is not None
    may = "override" in planning.grant(work.form).do
    if may and acting.rule.name in planning.accepted:
        acting.did.append(f"warning overridden: {told.get('en', '')}"[:SHOWN_MAX])
    else:
        acting.found.append(problems.rule_warns(acting.rule.name, told, at, may_override=may))


def _create(acting: Acting, step: Step, action: d.Create) -> None:
    form = acting.planning.release.forms[action.form]
    expressions = {name.removeprefix("values/"): e for name, e in step.expressions.items()}
    header = {n: e for n, e in expressions.items() if (f := form.field(n)) is not None and not f.is_lines}
    lines = {n: _on_wire(acting.value(e, n)) for n, e in expressions.items() if n not in header}
    acting.want(RuleCreate(form.name, acting.assigned(form, header), lines, action.action))
    acting.did.append(f"create {action.form}")


def _change(acting: Acting, step: Step, action: d.Change) -> None:
    assert step.form is not None
    record = acting.record(step)
    expressions = {n.removeprefix("values/"): e for n, e in step.expressions.items() if n != "record"}
    if record is not None:
        form = acting.planning.release.forms[step.form]
        acting.want(RuleChange(step.form, record, acting.assigned(form, expressions)))
        acting.did.append(f"change {step.form} {record}")


def _do(acting: Acting, step: Step, action: d.Do) -> None:
    if step.form is not None:
        record = acting.record(step)
        if record is not None:
            acting.want(RuleChange(step.form, record, {}, action.action))
            acting.did.append(f"{action.action} {step.form} {record}")
        return
    acting.move(action.action)


def _posting(acting: Acting, step: Step, action: d.Reserve | d.Release) -> None:
    assert step.posting is not None
    acting.events.append(Happened(step.posting, acting.rule.name))
    acting.did.append(f"{d.kind_of(action)} {action.register}")


def _start(acting: Acting, step: Step, action: d.Start) -> None:
    work, workflow = acting.work, acting.planning.release.workflows[action.workflow]
    assert work is not None
    begun = start(
        {workflow.name: workflow},
        form=workflow.form,
        state=workflow.state,
        record=work.id,
        scope=work.scope(acting.planning),
        planning=acting.planning,
    )
    if isinstance(begun, Problems):
        acting.found += begun
        return
    acting.effects += begun.effects
    acting.did.append(f"start {action.workflow}")
    for name in begun.actions:
        acting.move(name)


def _notify(acting: Acting, step: Step, action: d.Notify) -> None:
    work = acting.work
    link = f"/forms/{work.form.name}/{work.id}" if work is not None else ""
    text = dict(acting.message(step)) or {"en": acting.rule.name}
    who = action.role if action.role is not None else acting.value(step.expressions["user"], "user")
    if who is None:
        acting.did.append("notify nobody: the user is empty")
        return
    kind = "role" if action.role is not None else "user"
    acting.effects.append(Enqueue(acting.planning.ids.new(), "notify", {"text": text, "link": link, kind: str(who)}))
    acting.did.append(f"notify {who}")


def _call(acting: Acting, step: Step, action: d.CallWebhook) -> None:
    subject, on = acting.rule.rule.subject, f"rule:{action.name}"
    values = {n.removeprefix("values/"): _on_wire(acting.value(e, n)) for n, e in step.expressions.items()}
    if not acting.planning.facts.listens(subject, on):
        acting.did.append(f"call {action.name}: the site has set no address for it")
        return
    record = str(acting.work.id) if acting.work is not None else None
    at = to_wire(acting.planning.moment.instant)
    payload = {"form": subject, "on": on, "record": record, "at": at, "values": values}
    acting.effects.append(Enqueue(acting.planning.ids.new(), "event", payload))
    acting.did.append(f"call {action.name}")


def _comment(acting: Acting, step: Step, action: d.Comment) -> None:
    assert acting.work is not None
    text = dict(acting.message(step))
    acting.effects.append(Audit(acting.work.form.name, acting.work.id, "comment", {"": [None, text]}))
    acting.did.append("comment")


_DO: Final[Mapping[type, Callable[[Acting, Step, Any], None]]] = {
    d.Set: _set,
    d.Refuse: _refuse,
    d.Warn: _warn,
    d.Create: _create,
    d.Change: _change,
    d.Do: _do,
    d.Reserve: _posting,
    d.Release: _posting,
    d.Start: _start,
    d.Notify: _notify,
    d.CallWebhook: _call,
    d.Comment: _comment,
}


def _on_wire(value: Any) -> Any:
    """A value of an expression as JSON has it; a record that is referred to is its id."""
    if isinstance(value, list | tuple):
        return [_on_wire(item) for item in value]
    if isinstance(value, Mapping):
        return value["id"] if "id" in value else {k: _on_wire(v) for k, v in value.items()}
    return to_wire(plain(value))
