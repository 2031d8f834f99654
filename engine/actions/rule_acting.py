"""One firing of a rule under way: the record it is on, what its expressions see, and what has come of it so far."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import UUID

from engine.actions import problems, rule_events
from engine.actions.planning import Planning, RuleChange, RuleCreate, Work
from engine.actions.rule_events import Happened
from engine.actions.transition import transition
from engine.effects import Effect, RecordFiring
from engine.forms import Form, Gates
from engine.names import Text
from engine.packs import LinkedRule, Step
from engine.problems import Problem, Problems, pointer
from engine.rules import Checked
from engine.rules.runtime import plain
from engine.rules.showing import show_inside

VALUES_SHOWN: Final = 30
"""Values that the history of a firing keeps, each cut to SHOWN_MAX characters."""
SHOWN_MAX: Final = 120


@dataclass(slots=True)
class Acting:
    """One firing of a rule: on `work` (None when it concerns no record), with the names that the event gives (`given`)."""

    rule: LinkedRule
    planning: Planning
    work: Work | None
    given: Mapping[str, Any]
    event: str
    effects: list[Effect] = field(default_factory=list)
    events: list[Happened] = field(default_factory=list)
    found: list[Problem] = field(default_factory=list)
    did: list[str] = field(default_factory=list)

    def scope(self) -> Mapping[str, Any]:
        """What expressions see now."""
        return {**(self.work.scope(self.planning) if self.work is not None else {}), **self.given}

    def firing(self, values: Mapping[str, str]) -> RecordFiring:
        """The line of history, with the values that the rule found."""
        rule, work = self.rule, self.work
        return RecordFiring(
            self.planning.ids.new(),
            rule.name,
            rule.rule.subject,
            work.id if work is not None else None,
            self.event,
            "before" if rule.is_before else "after",
            values,
            tuple(self.did),
        )

    def value(self, expression: Checked, what: str) -> Any:
        """The value of an expression; what cannot be worked out is a problem."""
        result = expression.evaluate(self.scope(), self.planning.moment)
        if result.warnings:
            may_design = self.planning.actor.is_admin
            self.found += problems.rule_failed(self.rule.name, what, result.warnings[0], may_design=may_design)
        return result.value

    def assigned(self, form: Form, expressions: Mapping[str, Checked]) -> dict[str, Any]:
        """Values of header fields, as the fields can hold them."""
        gates, scope = Gates(self.planning, self.found), self.scope()
        return {
            name: gates.value(f, expression, scope, pointer(name))
            for name, expression in expressions.items()
            if (f := form.field(name)) is not None
        }

    def message(self, step: Step) -> Text:
        """Words for people; text stands for every language. Empty when the message, or a part of it, is null."""
        value = self.value(step.expressions["message"], "message")
        words = value if isinstance(value, Mapping) else {"en": value}
        return {str(language): str(plain(text)) for language, text in words.items() if text is not None}

    def move(self, action: str) -> None:
        """A state action on the rule's own record."""
        assert self.work is not None
        moved = transition(self.work, action, self.planning, by_engine=True)
        if isinstance(moved, Problems):
            self.found += moved
            return
        self.events += rule_events.moved(self.work.state, moved, self.rule.name)
        self.work = moved
        self.did.append(action)

    def record(self, step: Step) -> UUID | None:
        """The record that an action is about; none when the reference is empty."""
        value = self.value(step.expressions["record"], "record")
        return UUID(str(value["id"])) if isinstance(value, Mapping) else None

    def want(self, command: RuleCreate | RuleChange) -> None:
        """A command on another record: planned after this one, written with it."""
        if not self.found and not self.planning.queue.put(
            replace(command, rule=self.rule.name, depth=self.planning.depth)
        ):
            self.found += problems.queue_full(self.rule.name)


def values_read(rule: LinkedRule, scope: Mapping[str, Any]) -> dict[str, str]:
    """What a rule's expressions read, as text, for its history."""
    expressions = [rule.condition] if rule.condition is not None else []
    expressions += [e for step in rule.steps for e in step.expressions.values()]
    paths = sorted({path for e in expressions for path in e.reads})
    return {".".join(path): show_inside(_at_path(scope, path))[:SHOWN_MAX] for path in paths[:VALUES_SHOWN]}


def _at_path(value: Any, path: tuple[str, ...]) -> Any:
    for at, name in enumerate(path):
        if isinstance(value, list | tuple):
            return [_at_path(item, path[at:]) for item in value]
        value = value[name] if isinstance(value, Mapping) and name in value else None
    if isinstance(value, Mapping) and "id" in value:
        return value["id"]
    return plain(value)
