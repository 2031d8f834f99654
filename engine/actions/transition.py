"""A state action on a record under way."""

from engine.actions import problems
from engine.actions.planning import Planning, Work
from engine.forms import Action
from engine.problems import Problems
from engine.rules import is_true


def transition(work: Work, action: str, planning: Planning, *, by_engine: bool = False) -> Work | Problems:
    """The record after a state action. `by_engine`: a workflow or a rule takes it, so the actor's rights do not matter."""
    form = work.form
    found: Action | None = form.action(action)
    if found is None:
        return problems.no_such_action(form.label, action, tuple(a.name for a in form.actions))
    if not by_engine:
        refused = planning.grant(form).require_action(action)
        if refused is not None:
            return refused
    if work.state not in found.from_states:
        return problems.action_not_possible(form, found, work.state)
    if found.when is not None:
        result = found.when.evaluate(work.scope(planning), planning.moment)
        if result.warnings:
            why = result.warnings[0]
            return problems.condition_failed(found.label, why, may_design=planning.actor.is_admin)
        if not is_true(result):
            return problems.action_condition_not_met(form, found)
    return work.entering(found.to)
