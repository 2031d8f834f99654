"""Rules → text, in English or Chinese: one clause a line, so that a rule can be read aloud."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from engine.rules.dsl import tree as d
from engine.rules.dsl.words import CLOSING, LANGUAGES, WORDS, word
from engine.rules.writing import write_name, write_text

_SPELLINGS: Final = frozenset(s.split(" ")[0] for spellings in WORDS.values() for s in spellings) | set(
    CLOSING.values()
)


def write_rules(rules: Iterable[d.Rule], language: str = "en") -> str:
    """Rules as the text of a rule file."""
    return "\n".join(write_rule(rule, language) for rule in rules)


def write_rule(rule: d.Rule, language: str = "en") -> str:
    """A rule as text; the language is "en" or "zh-CN"."""
    assert language in LANGUAGES
    return _Writer(language).rule(rule)


class _Writer:
    def __init__(self, language: str) -> None:
        self.language = language

    def rule(self, rule: d.Rule) -> str:
        """All lines of a rule."""
        closing = f" {CLOSING[rule.phase]}" if self.language == "zh-CN" else ""
        lines = [f"// {line}".rstrip() for line in rule.comments]
        lines.append(f"{self.say('RULE')} {write_text(rule.name)}")
        if rule.about:
            lines.append(f"{self.say('ABOUT')} {write_text(rule.about)}")
        each = f"{self.say('EACH')} " if rule.each else ""
        lines.append(f"{self.say('FOR')} {each}{name(rule.subject)}")
        when = self.say("WHEN" if rule.phase == "before" else "AFTER")
        lines.append(f"{when} {_EVENTS[type(rule.event)](rule.event, self.say)}{closing}")
        if rule.condition is not None:
            lines.append(f"{self.say('IF')} {rule.condition.text}")
        lines.append(self.say("THEN"))
        lines += [f"  {_ACTIONS[type(action)](action, self.say)}" for action in rule.actions]
        return "\n".join(lines) + "\n"

    def say(self, token: str) -> str:
        """A word in the writer's language."""
        return word(token, self.language)


Say = Callable[[str], str]


def name(text: str) -> str:
    """A name, between backticks where it could be read as a word of the language."""
    return f"`{text}`" if text in _SPELLINGS else write_name(text)


def names(parts: Iterable[str]) -> str:
    """Names with commas."""
    return ", ".join(map(name, parts))


def _with(values: d.Assignments, say: Say) -> str:
    return f" {say('WITH')} " + ", ".join(f"{name(n)} = {f.text}" for n, f in values) if values else ""


def _balance(e: d.BalanceCrossed, say: Say) -> str:
    per = f" {say('PER')} {names(e.per)}" if e.per else ""
    return f"{say('BALANCE')} {e.balance.text} {say(e.direction.upper())} {e.threshold.text}{per}"


def _task(e: d.TaskDone, say: Say) -> str:
    node = f" {name(e.node)}" if e.node else ""
    return f"{say('TASK')}{node} {say('DONE')}" + (f" {say('OUTCOME')} {name(e.outcome)}" if e.outcome else "")


_EVENTS: Final[Mapping[type, Callable[[Any, Say], str]]] = {
    d.Created: lambda e, say: say("CREATED"),
    d.Changed: lambda e, say: say("CHANGED") + (f" {names(e.fields)}" if e.fields else ""),
    d.Deleted: lambda e, say: say("DELETED"),
    d.Imported: lambda e, say: say("IMPORTED"),
    d.Entered: lambda e, say: f"{say('ENTERS')} {name(e.state)}",
    d.Left: lambda e, say: f"{say('LEAVES')} {name(e.state)}",
    d.LineAdded: lambda e, say: f"{say('ADDED')} {name(e.lines)}",
    d.TaskDone: _task,
    d.BalanceCrossed: _balance,
    d.ConstraintCrossed: lambda e, say: (
        f"{say('CONSTRAINT')} {name(e.constraint)} {say('BREAKS' if e.direction == 'broken' else 'RESTORED')}"
    ),
    d.Scheduled: lambda e, say: (
        f"{say('SCHEDULE')} {write_text(e.cron)}" + (f" {say('WORKDAYS')}" if e.workdays else "")
    ),
    d.WebhookReceived: lambda e, say: f"{say('WEBHOOK')} {write_text(e.name)} {say('RECEIVED')}",
}


def _told(token: str) -> Callable[[Any, Say], str]:
    return lambda a, say: f"{say(token)} {a.message.text}" + (f" {say('AT')} {name(a.at)}" if a.at else "")


def _notify(a: d.Notify, say: Say) -> str:
    who = f"{say('ROLE')} {name(a.role)}" if a.role else f"{say('USER')} {a.user.text if a.user else 'null'}"
    return f"{say('NOTIFY')} {who} {say('THAT')} {a.message.text}"


def _create(a: d.Create, say: Say) -> str:
    taking = f" {say('AS')} {name(a.action)}" if a.action else ""
    return f"{say('CREATE')} {name(a.form)}{taking}{_with(a.values, say)}"


_ACTIONS: Final[Mapping[type, Callable[[Any, Say], str]]] = {
    d.Set: lambda a, say: f"{say('SET')} {name(a.field)} {say('TO')} {a.to.text}",
    d.Refuse: _told("REFUSE"),
    d.Warn: _told("WARN"),
    d.Create: _create,
    d.Change: lambda a, say: f"{say('CHANGE')} {a.record.text}{_with(a.values, say)}",
    d.Do: lambda a, say: f"{say('DO')} {name(a.action)}" + (f" {say('ON')} {a.record.text}" if a.record else ""),
    d.Reserve: lambda a, say: (
        f"{say('RESERVE')} {name(a.register)}" + (f" {say('BY')} {name(a.posting)}" if a.posting else "")
    ),
    d.Release: lambda a, say: f"{say('RELEASE')} {name(a.register)}",
    d.Start: lambda a, say: f"{say('START')} {name(a.workflow)}",
    d.Notify: _notify,
    d.CallWebhook: lambda a, say: f"{say('CALL')} {say('WEBHOOK')} {write_text(a.name)}{_with(a.values, say)}",
    d.Comment: lambda a, say: f"{say('COMMENT')} {a.message.text}",
}
