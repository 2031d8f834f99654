"""The problems of commands and queries: what cannot be found, what may not happen now, what changed meanwhile."""

from engine.forms import Action, Form
from engine.names import Text
from engine.problems import Problem, Problems, one
from engine.rules import Diagnostic


def no_such_form(name: str, known: tuple[str, ...]) -> Problems:
    """No form of this name in the release."""
    return _unknown("actions.no_such_form", name, known)


def no_such_register(name: str, known: tuple[str, ...]) -> Problems:
    """No register of this name, or none the actor may see."""
    return _unknown("actions.no_such_register", name, known)


def no_such_dashboard(name: str, known: tuple[str, ...]) -> Problems:
    """No dashboard of this name, or none the actor may see."""
    return _unknown("actions.no_such_dashboard", name, known)


def no_such_structure(name: str, known: tuple[str, ...]) -> Problems:
    """No structure of this name, or none the actor may see."""
    return _unknown("actions.no_such_structure", name, known)


def _unknown(code: str, name: str, known: tuple[str, ...]) -> Problems:
    from_known = tuple(k for k in known if k[:1] == name[:1])[:3]
    return Problems((Problem(code, "", {"name": name[:40]}, ways=from_known),))


def no_such_record(label: Text) -> Problems:
    """The record is not there, was deleted, or is none of the actor's business: all three look the same."""
    return one("actions.no_such_record", form=label)


def no_such_task() -> Problems:
    """The task is not there, or is not the actor's."""
    return one("actions.no_such_task")


def record_changed_meanwhile(label: Text, revision: int) -> Problems:
    """Somebody saved the record after the actor had opened it."""
    return Problems(
        (Problem("actions.record_changed_meanwhile", "", {"form": label, "revision": revision}, ways=("reload",)),)
    )


def record_has_posted(label: Text, register: Text) -> Problems:
    """A record with movements is reversed, not deleted."""
    return one("actions.record_has_posted", form=label, register=register)


def record_is_referenced(label: Text, referring: Text) -> Problems:
    """Another record refers to this one."""
    return one("actions.record_is_referenced", form=label, referring=referring)


def outside_own_rows(label: Text) -> Problems:
    """The actor may write only records of their own, and this would not be one."""
    return one("actions.outside_own_rows", form=label)


def state_not_editable(form: Form, state: str | None) -> Problems:
    """The record's state does not allow editing."""
    return one("actions.state_not_editable", form=form.label, state=form.state_label(state))


def no_such_action(label: Text, name: str, known: tuple[str, ...]) -> Problems:
    """The form has no such state action."""
    return Problems((Problem("actions.no_such_action", "", {"form": label, "name": name[:40]}, ways=known),))


def action_not_possible(form: Form, action: Action, state: str | None) -> Problems:
    """The action does not lead on from the record's state."""
    return one("actions.action_not_possible", form=form.label, action=action.label, state=form.state_label(state))


def action_condition_not_met(form: Form, action: Action) -> Problems:
    """The action's own condition does not hold."""
    return one("actions.action_condition_not_met", form=form.label, action=action.label)


def chain_too_long(label: Text, most: int) -> Problems:
    """One command set off more events than the limit: the workflows run in a circle."""
    return one("actions.chain_too_long", form=label, most=most)


def too_busy() -> Problems:
    """What the plan relied on changed at every try."""
    return one("actions.too_busy")


def no_release() -> Problems:
    """No pack is installed yet."""
    return one("actions.no_release")


def login_failed() -> Problems:
    """Login and password do not fit. Which of the two is wrong is not told."""
    return one("actions.login_failed")


def too_many_logins(seconds: int) -> Problems:
    """Too many failed logins from here."""
    return one("actions.too_many_logins", seconds=seconds)


def no_such_user(login: str) -> Problems:
    """No user with this login."""
    return one("actions.no_such_user", login=login)


def no_such_role(name: str, known: tuple[str, ...]) -> Problems:
    """The pack has no such role."""
    return Problems((Problem("actions.no_such_role", "/roles", {"name": name}, ways=known),))


def password_too_short(least: int) -> Problems:
    """A password must have some length."""
    return one("actions.password_too_short", "/password", least=least)


def cursor_unreadable() -> Problems:
    """A page cursor that this release cannot continue from."""
    return one("actions.cursor_unreadable", "/after")


def bad_dimension(name: str, known: tuple[str, ...]) -> Problems:
    """A balance was asked by something that is no dimension."""
    return Problems((Problem("actions.bad_dimension", "/" + name[:40], {"name": name[:40]}, ways=known),))


def bad_span() -> Problems:
    """A span ends before it begins, or lies outside all calendars."""
    return one("actions.bad_span", "/since")


def bad_period(name: str, known: tuple[str, ...]) -> Problems:
    """A turnover was asked by something that is no period."""
    return Problems((Problem("actions.bad_period", "/period", {"name": name[:40]}, ways=known),))


def too_many_periods(most: int) -> Problems:
    """A span has more periods than are told at once."""
    return one("actions.too_many_periods", "/since", most=most)


def register_not_valued(register: Text) -> Problems:
    """Layers were asked of a register that knows no costs."""
    return one("actions.register_not_valued", register=register)


def bad_age_limits(most: int) -> Problems:
    """Limits in days that are none, too many, or do not rise."""
    return one("actions.bad_age_limits", "/days", most=most)


def bad_quantity(text: str) -> Problems:
    """A quantity parameter is no number."""
    return one("actions.bad_quantity", "/quantity", text=text[:40])


def no_such_reservation() -> Problems:
    """The reservation is not pending any more, or belongs to a record that is none of the actor's business."""
    return one("actions.no_such_reservation")


def reserves_nothing(label: Text, register: Text) -> Problems:
    """The line of the record asks for no reservation in this register."""
    return one("actions.reserves_nothing", form=label, register=register)


def not_what_it_needs(label: Text) -> Problems:
    """What is reserved is at another key than the line wants it."""
    return one("actions.not_what_it_needs", form=label)


def same_demand() -> Problems:
    """A reservation is to be handed over to the line that holds it."""
    return one("actions.same_demand")


def reserved_enough(label: Text, lacking: str, wanted: str) -> Problems:
    """A line would hold more than it needs."""
    return one("actions.reserved_enough", "/quantity", form=label, missing=lacking, wanted=wanted)


def reservation_smaller(open_: str, wanted: str) -> Problems:
    """Less is open of the reservation than is to be given away."""
    return one("actions.reservation_smaller", "/quantity", open=open_, wanted=wanted)


def nothing_to_take(available: str, wanted: str) -> Problems:
    """Those of a lower priority do not hold enough."""
    return one("actions.nothing_to_take", "/quantity", available=available, wanted=wanted)


def no_such_field(name: str) -> Problems:
    """A filter names a field that is not there, or that the actor may not read; both look the same."""
    return one("actions.no_such_field", "/filter", name=name[:40])


def no_such_event(label: Text, name: str) -> Problems:
    """Nothing of this name happens to records of the form."""
    return one("actions.no_such_event", form=label, name=name[:40])


def condition_failed(label: Text, why: Diagnostic, *, may_design: bool) -> Problems:
    """The condition of a state action could not be worked out; who may design is told which part of it, and its values."""
    if not may_design:
        return one("actions.condition_failed", action=label, reason=why.code)
    return one("actions.condition_failed_at", action=label, **why.told())


def no_such_rule(name: str, known: tuple[str, ...]) -> Problems:
    """No rule of this name in the release."""
    return _unknown("actions.no_such_rule", name, known)


def rule_refuses(rule: str, message: Text, place: str) -> Problem:
    """A rule stops the change."""
    return Problem("actions.rule_refuses", place, {"rule": rule}, text=message or None)


def rule_warns(rule: str, message: Text, place: str, *, may_override: bool) -> Problem:
    """A rule stops the change unless the actor overrides it."""
    if may_override:
        return Problem("actions.rule_warns", place, {"rule": rule}, text=message or None, ways=("accept",))
    return Problem("actions.rule_warns_all", place, {"rule": rule}, text=message or None)


def rule_failed(rule: str, what: str, why: Diagnostic, *, may_design: bool) -> Problems:
    """An expression of a rule could not be worked out; who may design is told which part of it, and its values."""
    if not may_design:
        return one("actions.rule_failed", rule=rule, reason=why.code)
    return one("actions.rule_failed_at", rule=rule, what=what, **why.told())


def rule_chain_too_long(rule: str, most: int) -> Problems:
    """Rules that run after changes set each other off too often."""
    return one("actions.rule_chain_too_long", rule=rule, most=most)


def queue_full(rule: str) -> Problems:
    """Rules want to create or change more records than one command may."""
    return one("actions.rule_queue_full", rule=rule)


def too_many_records_for_rule(rule: str, most: int) -> Problems:
    """A schedule or webhook finds more records than a rule may be run for at once."""
    return one("actions.too_many_records_for_rule", rule=rule, most=most)


def no_such_hook(name: str) -> Problems:
    """Nothing waits for a webhook of this name, or its signature is wrong: both look the same."""
    return one("actions.no_such_hook", name=name[:40])


def nothing_planned(register: Text) -> Problems:
    """A forecast of a register that plans nothing."""
    return one("actions.nothing_planned", register=register)


def audit_stopped() -> Problems:
    """Somebody stopped an audit before it was done."""
    return one("actions.audit_stopped")


def no_such_movement(register: Text) -> Problems:
    """No movement has this number."""
    return one("actions.no_such_movement", register=register)


def nothing_valued(register: Text) -> Problems:
    """Descent is kept only for what costs something, in valued registers."""
    return one("actions.nothing_valued", register=register)
