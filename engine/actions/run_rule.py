"""Running a rule by itself: after the change that set it off, when a balance passed its threshold, on schedule, or for a webhook."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from engine.actions.change_record import plan_written
from engine.actions.commands import RunRule
from engine.actions.consequences import follow_rules
from engine.actions.planning import Planning, Work, make_plan, work_on
from engine.actions.rule_acting import Acting
from engine.actions.rule_events import Happened
from engine.actions.rule_firing import Rules, event_names, holds
from engine.actions.rule_steps import act
from engine.actions.rule_watching import key_scope
from engine.effects import Plan
from engine.packs import LinkedRule, Watch
from engine.problems import Problem, Problems
from engine.rules.dsl import tree as d


def plan(command: RunRule, planning: Planning) -> Plan | Problems:
    """The plan of what the rule does. A rule that is no longer there, or whose record is not, does nothing."""
    planning = replace(planning, depth=command.depth)
    rule = next((r for r in planning.release.rules if r.name == command.rule), None)
    if rule is None:
        return make_plan(planning, (), {"rule": command.rule, "ran": False})
    if not rule.needs_record:
        return _without_record(rule, command, planning)
    assert rule.form is not None
    form = planning.release.forms[rule.form]
    record = planning.facts.records(form.name, [command.record]).get(command.record) if command.record else None
    if record is None:
        return make_plan(planning, (), {"rule": rule.name, "ran": False})
    return _on_record(rule, command, work_on(form, record), planning)


def _on_record(rule: LinkedRule, command: RunRule, work: Work, planning: Planning) -> Plan | Problems:
    given = event_names(command.given)
    if command.actor:
        given["actor"] = command.actor
    event = rule.rule.event
    if isinstance(event, d.LineAdded):
        given["added"] = [row for row in work.scope(planning)[event.lines] if row["id"] in command.added]
    found: list[Problem] = []
    if rule.condition is not None and not command.judged:
        if not holds(rule, rule.condition, {**work.scope(planning), **given}, planning, found):
            return Problems(tuple(found)) if found else make_plan(planning, (), {"rule": rule.name, "ran": False})
    rules = Rules(planning, work, [], given)
    rules.fire(rule, Happened(command.event))
    if rules.found:
        return Problems(tuple(rules.found))
    followed = follow_rules(rules)
    if isinstance(followed, Problems):
        return followed
    answer = {"rule": rule.name, "ran": True}
    if _is_unchanged(followed.work):
        return make_plan(planning, followed.effects, answer)
    written = plan_written(followed.work, followed.effects, f"rule {rule.name}", planning, by_engine=True)
    return written if isinstance(written, Problems) else replace(written, answer=answer)


def _is_unchanged(work: Work) -> bool:
    before = work.before
    return before is not None and (work.values, work.state) == (before.values, before.state) and not work.changed


def _without_record(rule: LinkedRule, command: RunRule, planning: Planning) -> Plan | Problems:
    given: Mapping[str, Any] = {**event_names(command.given), "actor": command.actor}
    if rule.watch is not None:
        scope = _crossing(rule.watch, command.given, planning)
        if scope is None:
            return make_plan(planning, (), {"rule": rule.name, "ran": False})
        given = {**scope, "actor": command.actor}
    found: list[Problem] = []
    if rule.condition is not None and not holds(rule, rule.condition, given, planning, found):
        return Problems(tuple(found)) if found else make_plan(planning, (), {"rule": rule.name, "ran": False})
    acting = Acting(rule, planning, None, given, command.event)
    act(acting)
    if acting.found:
        return Problems(tuple(acting.found))
    return make_plan(planning, acting.effects, {"rule": rule.name, "ran": True})


def _crossing(watch: Watch, given: Mapping[str, Any], planning: Planning) -> Mapping[str, Any] | None:
    """What a rule of a register sees; None when the register has changed since."""
    register = planning.release.registers.get(watch.register)
    key: Mapping[str, Any] = given.get("key", {})
    if register is None or {register.dimensions[at].name for at in watch.grain} != set(key):
        return None
    values = [
        UUID(key[dim.name]) if dim.storage == "id" else key[dim.name]
        for dim in map(register.dimensions.__getitem__, watch.grain)
    ]
    numbers = {name: Decimal(given[name]) for name in ("balance", "before", "threshold")}
    return {**key_scope(register, watch, values, planning), **numbers}
