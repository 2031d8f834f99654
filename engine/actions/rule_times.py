"""Rules that no change of a record sets off: schedules that are due, and webhooks that came in. Each asks for runs of its rules, one for
every record that the condition holds for.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from engine.actions import problems
from engine.actions.commands import ReceiveWebhook, RunSchedule
from engine.actions.gather import facts_of
from engine.actions.planning import Planning, make_plan, work_on
from engine.actions.rule_firing import event_names, rule_message
from engine.clock import from_microseconds
from engine.effects import Effect, Plan, PutSetting
from engine.forms import actor_value, every_id, resolver
from engine.packs import LinkedRule, Release
from engine.problems import Problems
from engine.rules import to_sql
from engine.rules.columns import decode
from engine.rules.dsl import tree as d
from engine.rules.dsl.times import latest_due

RECORDS_MAX: Final = 20_000
"""Most records that one schedule or webhook may ask a rule to run for."""
SCHEDULE_SETTING: Final = "schedule "
"""Setting that holds when a rule was last due, by its name."""


def due_schedules(release: Release, last: Mapping[str, int], now: datetime, installed: int) -> list[RunSchedule]:
    """The schedules that are due now; `last` are the times they ran for, and before the release was installed nothing was due."""
    wanted: list[RunSchedule] = []
    for rule in release.rules:
        event = rule.rule.event
        if isinstance(event, d.Scheduled):
            since = from_microseconds(max(last.get(rule.name, 0), installed))
            days = release.calendar if event.workdays else None
            due = latest_due(event.cron, release.info.zone, now, since, days)
            if due is not None:
                wanted.append(RunSchedule(rule.name, int(due.timestamp()) * 1_000_000))
    return wanted


def plan_schedule(command: RunSchedule, planning: Planning) -> Plan | Problems:
    """The messages of a rule that is due, and the note that it was."""
    rule = next((r for r in planning.release.rules if r.name == command.rule), None)
    if rule is None:
        return make_plan(planning, (), {"asked": 0})
    asked = _asked(rule, planning, {})
    if isinstance(asked, Problems):
        return asked
    note = PutSetting(SCHEDULE_SETTING + rule.name, command.due)
    return make_plan(planning, (*asked, note), {"asked": len(asked)})


def plan_webhook(command: ReceiveWebhook, planning: Planning) -> Plan | Problems:
    """The messages of the rules that wait for this webhook."""
    asked: list[Effect] = []
    for rule in planning.release.rules:
        event = rule.rule.event
        if isinstance(event, d.WebhookReceived) and event.name == command.name:
            found = _asked(rule, planning, {"webhook": command.body})
            if isinstance(found, Problems):
                return found
            asked += found
    return make_plan(planning, asked, {"asked": len(asked)})


def _asked(rule: LinkedRule, planning: Planning, given: Mapping[str, Any]) -> Sequence[Effect] | Problems:
    kind = d.kind_of(rule.rule.event)
    if not rule.needs_record:
        return [rule_message(rule, planning, {"event": kind, "given": given})]
    ids = _matching(rule, planning, given)
    if isinstance(ids, Problems):
        return ids
    return [rule_message(rule, planning, {"event": kind, "given": given, "record": str(id)}) for id in ids]


def _matching(rule: LinkedRule, planning: Planning, given: Mapping[str, Any]) -> Sequence[UUID] | Problems:
    """The records that the condition holds for: found by the database where it can, else looked at one by one."""
    assert rule.form is not None
    facts, tables = facts_of(planning), planning.release.form_tables
    dialect = facts.reader.dialect
    known = {**event_names(given), "actor": actor_value(planning.actor)}
    seen = resolver(tables[rule.form], tables)
    narrowed = (
        to_sql(rule.condition, seen, dialect=dialect, moment=planning.moment, parameters=known)
        if rule.condition is not None
        else None
    )
    in_database = not isinstance(narrowed, Problems)
    query = every_id(tables[rule.form], None if isinstance(narrowed, Problems) else narrowed, RECORDS_MAX + 1)
    ids = [decode("id", row[0], dialect) for row in facts.reader.rows(query)]
    if len(ids) > RECORDS_MAX:
        return problems.too_many_records_for_rule(rule.name, RECORDS_MAX)
    if in_database or rule.condition is None:
        return ids
    form = planning.release.forms[rule.form]
    found: list[UUID] = []
    for id, record in facts.records(form.name, ids).items():
        scope = {**work_on(form, record).scope(planning), **known}
        result = rule.condition.evaluate(scope, planning.moment)
        if result.value is True or result.warnings:  # what cannot be worked out is told when the rule runs
            found.append(id)
    return found
