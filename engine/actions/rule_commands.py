"""What rules want done to other records, planned over the facts plus all effects so far, by the engine: rights were judged when the rule
was published, not when somebody's change sets it off.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from engine.actions import problems, rule_events
from engine.actions.change_record import plan_written
from engine.actions.consequences import follow
from engine.actions.overlay import OverlayFacts
from engine.actions.planning import Planning, RuleChange, RuleCreate, Work, work_on
from engine.actions.submit_record import finish
from engine.actions.transition import transition
from engine.effects import Effect, Expectation, ExpectRecord, Plan
from engine.forms import Draft, Reads, assign, validate
from engine.problems import Problem, Problems


def plan_with_rules(plan: Plan, planning: Planning) -> Plan | Problems:
    """The plan with everything that rules queued while it was made, and what that sets off in turn."""
    queue = planning.queue
    if not queue.waiting:
        return plan
    overlay = OverlayFacts(planning.facts, planning.release, sees_all=True)
    overlay.add(plan.effects)
    effects: list[Effect] = list(plan.effects)
    expectations: dict[Expectation, None] = dict.fromkeys(plan.expectations)
    engine = replace(planning.actor, is_admin=True, via="rule")
    while queue.waiting:
        wanted = queue.waiting.popleft()
        inner = replace(planning, facts=overlay, reads=Reads(), actor=engine, accepted=frozenset(), depth=wanted.depth)
        made = _PLANNERS[type(wanted)](wanted, inner)
        if isinstance(made, Problems):
            return Problems(tuple(_of_rule(p, wanted.rule) for p in made))
        effects += made.effects
        kept = [e for e in made.expectations if not (isinstance(e, ExpectRecord) and overlay.touches(e.form, e.id))]
        expectations |= dict.fromkeys(kept)
        overlay.add(made.effects)
    return replace(plan, effects=tuple(effects), expectations=tuple(expectations))


def _of_rule(problem: Problem, rule: str) -> Problem:
    """A problem of another record, told at the whole: its places mean nothing to who reads it."""
    return replace(problem, place="", params={**problem.params, "rule": problem.params.get("rule", rule)})


def _create(wanted: RuleCreate, planning: Planning) -> Plan | Problems:
    form = planning.release.forms[wanted.form]
    draft = validate(form, wanted.lines, before=None, planning=planning, assigned=wanted.values)
    if isinstance(draft, Problems):
        return draft
    first = form.states[0].name if form.states else None
    work = Work(form, planning.ids.new(), first, draft.values, draft.lines)
    events = rule_events.created(work, imported=False)
    work_after = _taking(work, wanted.action, events, planning)
    if isinstance(work_after, Problems):
        return work_after
    return finish(work_after, events, planning, action=f"rule {wanted.rule}")


def _change(wanted: RuleChange, planning: Planning) -> Plan | Problems:
    form = planning.release.forms[wanted.form]
    record = planning.facts.records(form.name, [wanted.id]).get(wanted.id)
    if record is None:
        return problems.no_such_record(form.label)
    work = work_on(form, record)
    events: list[rule_events.Happened] = []
    if wanted.values:
        draft = assign(form, Draft(work.values, work.lines, {}), wanted.values, before=record, planning=planning)
        if isinstance(draft, Problems):
            return draft
        work = replace(work, values=draft.values, lines=draft.lines, changed=draft.changes)
        events += rule_events.changed(work)
    work_after = _taking(work, wanted.action, events, planning)
    if isinstance(work_after, Problems):
        return work_after
    followed = follow(work_after, events, planning)
    if isinstance(followed, Problems):
        return followed
    return plan_written(followed.work, followed.effects, f"rule {wanted.rule}", planning, by_engine=True)


def _taking(work: Work, action: str | None, events: list[rule_events.Happened], planning: Planning) -> Work | Problems:
    """The record after the state action that is wanted of it, if any; what happens by it is added to `events`."""
    if action is None:
        return work
    moved = transition(work, action, planning, by_engine=True)
    if isinstance(moved, Work):
        events += rule_events.moved(work.state, moved)
    return moved


_PLANNERS: Final[Mapping[type, Callable[[Any, Planning], Plan | Problems]]] = {
    RuleCreate: _create,
    RuleChange: _change,
}
