"""Firing rules over what happens to a record: `before` rules at once, until nothing more happens; `after` rules by message."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from engine.actions import problems
from engine.actions.planning import Planning, Work, work_on
from engine.actions.rule_acting import Acting
from engine.actions.rule_events import Happened, matches
from engine.actions.rule_steps import act
from engine.actions.webhook_body import read_webhook
from engine.effects import Effect
from engine.forms import actor_value
from engine.ledger import Enqueue
from engine.packs import LinkedRule
from engine.problems import Problem, Problems
from engine.rules import Checked
from engine.rules.dsl.tree import LineAdded

FIRINGS_MAX: Final = 100
"""Most rules that one change of a record may fire."""
DEPTH_MAX: Final = 10
"""How far rules that run after a change may set each other off."""


@dataclass(slots=True)
class Rules:
    """The rules of one record under way."""

    planning: Planning
    work: Work
    events: list[Happened]
    given: Mapping[str, Any] = field(default_factory=dict)
    """Names that the event gives: `task`, `webhook`."""
    effects: list[Effect] = field(default_factory=list)
    found: list[Problem] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)
    fired: int = 0
    settled: int = 0
    """So many of the events all rules have seen."""

    def settle(self) -> Problems | None:
        """Fire every rule that waits for something that happened, in order, until none does."""
        if self.settled == len(self.events):
            return Problems(tuple(self.found)) if self.found else None
        rules = [r for r in self.planning.release.rules_of(self.work.form.name) if r.is_before]
        while any(self.seen.get(r.name, 0) < len(self.events) for r in rules):
            for rule in rules:
                new = self.events[self.seen.get(rule.name, 0) :]
                self.seen[rule.name] = len(self.events)
                hit = next((h for h in new if matches(rule, h)), None)
                if hit is not None and self._holds(rule):
                    self.fired += 1
                    if self.fired > FIRINGS_MAX:
                        return problems.chain_too_long(self.work.form.label, FIRINGS_MAX)
                    self.fire(rule, hit)
        self.settled = len(self.events)
        return Problems(tuple(self.found)) if self.found else None

    def fire(self, rule: LinkedRule, happened: Happened) -> None:
        """Take a rule's actions."""
        acting = Acting(rule, self.planning, self.work, self._scope(rule), happened.name)
        act(acting)
        assert acting.work is not None
        self.work = acting.work
        self.effects += acting.effects
        self.events += acting.events
        self.found += acting.found

    def later(self) -> list[Effect] | Problems:
        """A message for each rule that runs after what happened. Its condition is judged now, over what the change made of the record."""
        messages: list[Effect] = []
        for rule in self.planning.release.rules_of(self.work.form.name):
            if rule.is_before:
                continue
            hit = next((h for h in self.events if matches(rule, h)), None)
            judged = hit is not None and self._judged(rule)
            if hit is not None and judged is not False:
                too_long = chain_end(rule, self.planning)
                if too_long is not None:
                    return too_long
                about: dict[str, Any] = {"record": str(self.work.id), "event": hit.name, "given": dict(self.given)}
                about["judged"] = judged is True
                added = added_lines(rule, self.work)
                if added is not None:
                    about["added"] = sorted(added[1])
                messages.append(rule_message(rule, self.planning, about))
        return messages

    def _holds(self, rule: LinkedRule) -> bool:
        if rule.condition is None:
            return True
        scope = {**self.work.scope(self.planning), **self._scope(rule)}
        return holds(rule, rule.condition, scope, self.planning, self.found)

    def _judged(self, rule: LinkedRule) -> bool | None:
        """Is its condition true? None when that cannot be worked out: then the rule tells so when it runs, and this change goes on."""
        if rule.condition is None:
            return True
        scope = {**self.work.scope(self.planning), **self._scope(rule)}
        result = rule.condition.evaluate(scope, self.planning.moment)
        return None if result.warnings else result.value is True

    def _scope(self, rule: LinkedRule) -> dict[str, Any]:
        before = self.work.before
        given: dict[str, Any] = dict(self.given)
        given["old"] = work_on(self.work.form, before).scope(self.planning) if before is not None else None
        added = added_lines(rule, self.work) if "added" not in given else None  # a rule that runs later is told them
        if added is not None:
            name, ids = added
            given["added"] = [row for row in self.work.scope(self.planning)[name] if row["id"] in ids]
        return given


def added_lines(rule: LinkedRule, work: Work) -> tuple[str, frozenset[str]] | None:
    """(sub-table, ids of its new rows) for a rule that waits for lines."""
    if not isinstance(rule.rule.event, LineAdded):
        return None
    name = rule.rule.event.lines
    old = {row.id for row in (work.before.lines.get(name, ()) if work.before is not None else ())}
    return name, frozenset(str(row.id) for row in work.lines.get(name, ()) if row.id not in old)


def holds(
    rule: LinkedRule, condition: Checked, scope: Mapping[str, Any], planning: Planning, found: list[Problem]
) -> bool:
    """Is the condition true? One that cannot be worked out is a problem in `found`."""
    result = condition.evaluate(scope, planning.moment)
    if result.warnings:
        found += problems.rule_failed(rule.name, "if", result.warnings[0], may_design=planning.actor.is_admin)
        return False
    return result.value is True


def event_names(given: Mapping[str, Any]) -> dict[str, Any]:
    """What an event gives, as expressions see it: what a webhook sent lies in messages as the text it was."""
    return {**given, "webhook": read_webhook(given["webhook"])} if "webhook" in given else dict(given)


def chain_end(rule: LinkedRule, planning: Planning) -> Problems | None:
    """A refusal when so many rules that run by themselves led here that this one may not follow."""
    return problems.rule_chain_too_long(rule.name, DEPTH_MAX) if planning.depth >= DEPTH_MAX else None


def rule_message(rule: LinkedRule, planning: Planning, about: Mapping[str, Any]) -> Enqueue:
    """A message that asks the worker to run a rule."""
    actor = actor_value(planning.actor)
    payload = {
        "rule": rule.name,
        "depth": planning.depth + 1,
        "actor": {**actor, "roles": list(actor["roles"])},
        **about,
    }
    return Enqueue(planning.ids.new(), "rule", payload)
