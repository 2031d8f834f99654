"""Answers about rules: what there is, in the order it fires; what fired, and what could not run."""

from typing import Any, Final

from engine.actions import problems
from engine.actions.gather import facts_of
from engine.actions.planning import Planning
from engine.actions.queries import ListRules, RuleFirings
from engine.clock import from_microseconds
from engine.packs import LinkedRule
from engine.problems import Problems, one
from engine.rules.dsl import tree as d
from engine.rules.dsl import write_rule
from engine.rules.dsl.times import next_due
from engine.store import system
from engine.values import to_wire

FIRINGS_SHOWN: Final = 100


def list_rules(query: ListRules, planning: Planning) -> dict[str, Any] | Problems:
    """All rules in the order they fire, as text in the actor's language; for administrators."""
    if not planning.actor.is_admin:
        return one("access.administrators_only")
    release, reader = planning.release, facts_of(planning).reader
    counts = system.firing_counts(reader)
    return {
        "rules": [
            {
                "name": r.name,
                "order": r.order,
                "file": r.file,
                "form": r.rule.subject,
                "label": release.forms[r.form].label if r.form else release.registers[r.rule.subject].label,
                "event": d.kind_of(r.rule.event),
                "phase": "before" if r.is_before else "after",
                "about": r.rule.about,
                "text": write_rule(r.rule, "zh-CN" if planning.actor.language == "zh-CN" else "en"),
                "fired": counts.get(r.name, (0, 0))[0],
                "last": to_wire(from_microseconds(counts[r.name][1])) if r.name in counts else None,
                "next": _next(r, planning),
            }
            for r in release.rules
        ],
        "stuck": [
            {"rule": m.payload.get("rule"), "error": m.error, "attempts": m.attempts, "given_up": m.given_up}
            for m in system.failed_messages(reader, "rule", FIRINGS_SHOWN)
        ],
    }


def _next(rule: LinkedRule, planning: Planning) -> Any:
    event = rule.rule.event
    if not isinstance(event, d.Scheduled):
        return None
    days = planning.release.calendar if event.workdays else None
    return to_wire(next_due(event.cron, planning.release.info.zone, planning.moment.instant, days))


def rule_firings(query: RuleFirings, planning: Planning) -> dict[str, Any] | Problems:
    """What fired, newest first: of a rule, or on a record; for administrators, since the values are those that the rule read."""
    if not planning.actor.is_admin:
        return one("access.administrators_only")
    if query.rule and query.rule not in [r.name for r in planning.release.rules]:
        return problems.no_such_rule(query.rule, tuple(r.name for r in planning.release.rules))
    reader = facts_of(planning).reader
    found = system.firings(reader, rule=query.rule or None, record=query.record, limit=FIRINGS_SHOWN)
    names = system.user_names(reader, {f["actor"] for f in found})
    return {
        "firings": [
            {
                **{key: f[key] for key in ("rule", "form", "event", "phase", "values", "did")},
                "record": str(f["record"]) if f["record"] is not None else None,
                "at": to_wire(from_microseconds(f["at"])),
                "by": names.get(f["actor"], "system"),
            }
            for f in found
        ]
    }
