"""What the expressions of a rule see, by its event."""

from collections.abc import Mapping
from typing import Final

from engine.forms import ACTOR_TYPE, Form
from engine.registers import Register
from engine.rules import ANY, DATE, NUMBER, TEXT, ContextOf, ListOf, Scope, Type
from engine.rules.dsl import tree as d

TASK_TYPE: Final = ContextOf({"node": TEXT, "outcome": TEXT, "comment": TEXT})
BALANCE_NAMES: Final = ("balance", "before", "threshold")
"""What a crossing tells: the balance now, the one before, and the threshold it passed."""


def condition_scope(rule: d.Rule, form: Form) -> Scope:
    """What the condition sees: the record, and `old`, the record before the change (null of a new one)."""
    scope = action_scope(rule, form)
    return scope if isinstance(rule.event, d.RECORDLESS) else scope.extended({"old": form.record_type})


def action_scope(rule: d.Rule, form: Form) -> Scope:
    """What the actions see."""
    names: dict[str, Type] = {}
    if isinstance(rule.event, d.LineAdded) and rule.event.lines in form.line_types:
        names["added"] = ListOf(form.line_types[rule.event.lines])
    if isinstance(rule.event, d.TaskDone):
        names["task"] = TASK_TYPE
    if isinstance(rule.event, d.WebhookReceived):
        names["webhook"] = ANY
    if isinstance(rule.event, d.RECORDLESS) and not rule.each:
        return Scope({"actor": ACTOR_TYPE, **names})
    if rule.phase == "before" and not isinstance(rule.event, d.RECORDLESS):
        names["old"] = form.record_type
    return form.scope.extended(names)


def crossing_scope(
    register: Register, grain: tuple[int, ...], forms: Mapping[str, Form], *, figures: bool = True
) -> Scope:
    """What a rule of a register sees: the dimensions of the balance, and BALANCE_NAMES."""
    names: dict[str, Type] = dict.fromkeys(BALANCE_NAMES, NUMBER) if figures else {}
    for at in grain:
        dimension = register.dimensions[at]
        form = forms.get(dimension.form or "")
        names[dimension.name] = form.record_type if form else DATE if dimension.kind == "date" else TEXT
    return Scope({"actor": ACTOR_TYPE, **names})
