"""Rule text → rules. Each rule is read for itself, so that one run tells what is wrong with all of them."""

import re
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any, Final

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedInput, UnexpectedToken

from engine.problems import Problem, Problems
from engine.rules import problems
from engine.rules.dsl import tree as d
from engine.rules.dsl.lexing import NotARule, rule_tokens
from engine.rules.dsl.words import WORDS
from engine.rules.parse import ReadyTokens, parse, unescape
from engine.rules.tree import Expression, Position
from engine.rules.writing import write

RULE_TEXT_MAX: Final = 200_000
"""Characters of one rule file."""
RULES_MAX: Final = 500
"""Rules of one file."""
ACTIONS_MAX: Final = 50
"""Actions of one rule."""

_BEGINS: Final = re.compile(rf'^[ \t]*(?:{"|".join(WORDS["RULE"])})(?=[ \t]*")', re.MULTILINE)
_COMMENT: Final = re.compile(r'"(?:[^"\\]|\\.)*"|//([^\n]*)|/\*(.*?)\*/', re.DOTALL)


def parse_rules(text: str) -> tuple[d.Rule, ...] | Problems:
    """The rules of a text in their order, or every mistake with its line and column."""
    if len(text) > RULE_TEXT_MAX:
        return problems.rule_text_too_long(RULE_TEXT_MAX)
    begins = [m.start() for m in _BEGINS.finditer(text)]
    if len(begins) > RULES_MAX:
        return problems.too_many_rules(RULES_MAX)
    found: list[Problem] = []
    made: list[d.Rule] = []
    if _COMMENT.sub("", text[: begins[0] if begins else len(text)]).strip():
        found += problems.rule_syntax(_first_word(text), WORDS["RULE"][0])
    spans: list[tuple[int, int]] = []
    for begin, end in zip(begins, [*begins[1:], len(text)] if begins else [], strict=True):
        rule = _Reader(text).rule(begin, end, spans)
        if isinstance(rule, Problems):
            found += rule
        else:
            made.append(rule)
    if found:
        return Problems(tuple(found))
    return tuple(replace(rule, comments=lines) for rule, lines in zip(made, _comments(text, spans), strict=True))


def position(text: str, offset: int) -> Position:
    """(line, column) of an offset, from 1."""
    return text.count("\n", 0, offset) + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1


def _first_word(text: str) -> Position:
    return position(text, len(text) - len(text.lstrip()))


def _comments(text: str, spans: list[tuple[int, int]]) -> list[tuple[str, ...]]:
    """The comments of each rule: those within it and those before it; what follows the last rule belongs to that."""
    kept: list[list[str]] = [[] for _ in spans]
    for match in _COMMENT.finditer(text):
        body = match[1] if match[1] is not None else match[2]
        if body is not None and spans:
            at = next((i for i, (_, end) in enumerate(spans) if match.start() < end), len(spans) - 1)
            kept[at] += [line.strip() for line in body.strip().splitlines()]
    return [tuple(lines) for lines in kept]


class _Reader:
    """Reads one rule of a text."""

    def __init__(self, text: str) -> None:
        self.text = text

    def rule(self, begin: int, end: int, spans: list[tuple[int, int]]) -> d.Rule | Problems:
        """The rule in text[begin:end], or what is wrong with it."""
        last = begin
        tokens: list[Token] = []
        try:
            for kind, value, at in rule_tokens(self.text, begin, end):
                line, column = position(self.text, at)
                tokens.append(Token(kind, value, at, line, column))
                last = at + len(value)
            made: Any = _parser().parse(tokens, start="start")
        except NotARule as unknown:
            return problems.rule_syntax(position(self.text, unknown.offset), self.text[unknown.offset][:40])
        except UnexpectedInput as error:
            return self._syntax(error, last)
        spans.append((begin, last))
        found: list[Problem] = []
        rule: d.Rule = _with_formulas(made, lambda formula: _canonical(formula, found))
        found += [problems.twice(at, name) for action in rule.actions for name, at in _twice(action)]
        if len(rule.actions) > ACTIONS_MAX:
            found += problems.too_many_actions(rule.at, ACTIONS_MAX)
        return Problems(tuple(found)) if found else rule

    def _syntax(self, error: UnexpectedInput, last: int) -> Problems:
        if not isinstance(error, UnexpectedToken) or error.token.type == "$END":
            return problems.ends_too_early(position(self.text, last))
        ways = tuple(WORDS[name][0] for name in sorted(error.expected) if name in WORDS)
        return problems.rule_syntax((error.line, error.column), str(error.token)[:40], ways[:8])


def _twice(action: d.Action) -> list[tuple[str, Position]]:
    """Fields that one action gives two values."""
    values = action.values if isinstance(action, d.Create | d.Change | d.CallWebhook) else ()
    return [(name, f.at) for at, (name, f) in enumerate(values) if name in [other for other, _ in values[:at]]]


def _with_formulas(part: Any, change: Callable[[d.Formula], d.Formula]) -> Any:
    """A rule, or a part of it, with each expression changed."""
    if isinstance(part, d.Formula):
        return change(part)
    if isinstance(part, tuple):
        return tuple(_with_formulas(item, change) for item in part)
    if is_dataclass(part):
        return replace(part, **{f.name: _with_formulas(getattr(part, f.name), change) for f in fields(part)})  # type: ignore[type-var]
    return part


def _canonical(formula: d.Formula, found: list[Problem]) -> d.Formula:
    """The expression in the one way of writing it; what is none is noted in `found`."""
    parsed = parse(formula.source)
    if isinstance(parsed, Expression):
        return replace(formula, text=write(parsed.tree))
    found += [moved(problem, formula.at) for problem in parsed]
    return formula


def moved(problem: Problem, at: Position) -> Problem:
    """A problem of an expression, told at its place in the rule file."""
    line, column = int(str(problem.params.get("line", 1))), int(str(problem.params.get("column", 1)))
    place = {"line": at[0] + line - 1, "column": column + (at[1] - 1 if line == 1 else 0)}
    return replace(problem, params={**problem.params, **place})


@cache
def _parser() -> Lark:
    grammar = files("engine.rules.dsl").joinpath("rule_text.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer=ReadyTokens, start="start", transformer=_ToRule())


def _text(token: Token) -> str:
    return unescape(str(token)[1:-1])


def _name(token: Token | None) -> str | None:
    return None if token is None else str(token)


def _formula(token: Token) -> d.Formula:
    return d.Formula("", (token.line or 1, token.column or 1), str(token))


@v_args(inline=True)
class _ToRule(Transformer[Any, Any]):
    """Lark's tree → ours, one method a rule of the grammar."""

    def start(self, rule: d.Rule) -> d.Rule:
        return rule

    def rule(self, first: Token, name: Token, *parts: Any) -> d.Rule:
        about, (each, subject), (phase, event), condition, _then, *actions = parts
        at = (first.line or 1, first.column or 1)
        return d.Rule(_text(name), subject, event, phase, tuple(actions), condition, each, about or "", at=at)

    def about(self, _about: Token, text: Token) -> str:
        return _text(text)

    def subject(self, _for: Token, each: Token | None, name: Token) -> tuple[bool, str]:
        return each is not None, str(name)

    def when(self, phase: Token, event: d.Event, _closing: Token | None) -> tuple[str, d.Event]:
        return ("after" if phase.type == "AFTER" else "before"), event

    def condition(self, _if: Token, expression: Token) -> d.Formula:
        return _formula(expression)

    def created(self, _word: Token) -> d.Event:
        return d.Created()

    def changed(self, _word: Token, names: tuple[str, ...] | None) -> d.Event:
        return d.Changed(names or ())

    def deleted(self, _word: Token) -> d.Event:
        return d.Deleted()

    def imported(self, _word: Token) -> d.Event:
        return d.Imported()

    def entered(self, _word: Token, state: Token) -> d.Event:
        return d.Entered(str(state))

    def left(self, _word: Token, state: Token) -> d.Event:
        return d.Left(str(state))

    def line_added(self, _word: Token, lines: Token) -> d.Event:
        return d.LineAdded(str(lines))

    def task_done(self, _task: Token, node: Token | None, _done: Token, outcome: str | None) -> d.Event:
        return d.TaskDone(_name(node), outcome)

    def outcome(self, _word: Token, name: Token) -> str:
        return str(name)

    def balance(
        self, _word: Token, balance: Token, way: Token, threshold: Token, per: tuple[str, ...] | None
    ) -> d.Event:
        return d.BalanceCrossed(_formula(balance), way.type.lower(), _formula(threshold), per or ())

    def per(self, _word: Token, names: tuple[str, ...]) -> tuple[str, ...]:
        return names

    def names(self, *parts: Token) -> tuple[str, ...]:
        return tuple(str(p) for p in parts if p.type == "NAME")

    def constraint(self, _word: Token, name: Token, way: Token) -> d.Event:
        return d.ConstraintCrossed(str(name), "broken" if way.type == "BREAKS" else "restored")

    def schedule(self, _word: Token, cron: Token, workdays: Token | None) -> d.Event:
        return d.Scheduled(_text(cron), workdays is not None)

    def webhook(self, _word: Token, name: Token, _received: Token) -> d.Event:
        return d.WebhookReceived(_text(name))

    def set(self, _set: Token, name: Token, _to: Token, value: Token) -> d.Action:
        return d.Set(str(name), _formula(value))

    def refuse(self, _word: Token, message: Token, place: str | None) -> d.Action:
        return d.Refuse(_formula(message), place)

    def warn(self, _word: Token, message: Token, place: str | None) -> d.Action:
        return d.Warn(_formula(message), place)

    def place(self, _at: Token, name: Token) -> str:
        return str(name)

    def create(self, _word: Token, form: Token, action: str | None, values: d.Assignments | None) -> d.Action:
        return d.Create(str(form), action, values or ())

    def taking(self, _word: Token, action: Token) -> str:
        return str(action)

    def with_(self, _word: Token, *parts: Any) -> d.Assignments:
        return tuple(p for p in parts if not isinstance(p, Token))

    def assignment(self, name: Token, _equals: Token, value: Token) -> tuple[str, d.Formula]:
        return str(name), _formula(value)

    def change(self, _word: Token, record: Token, values: d.Assignments) -> d.Action:
        return d.Change(_formula(record), values)

    def do(self, _word: Token, action: Token, record: d.Formula | None) -> d.Action:
        return d.Do(str(action), record)

    def on(self, _word: Token, record: Token) -> d.Formula:
        return _formula(record)

    def reserve(self, _word: Token, register: Token, posting: str | None) -> d.Action:
        return d.Reserve(str(register), posting)

    def by(self, _word: Token, posting: Token) -> str:
        return str(posting)

    def release(self, _word: Token, register: Token) -> d.Action:
        return d.Release(str(register))

    def start_workflow(self, _word: Token, workflow: Token) -> d.Action:
        return d.Start(str(workflow))

    def notify_role(self, _word: Token, _role: Token, role: Token, _that: Token, message: Token) -> d.Action:
        return d.Notify(_formula(message), str(role))

    def notify_user(self, _word: Token, _user: Token, user: Token, _that: Token, message: Token) -> d.Action:
        return d.Notify(_formula(message), None, _formula(user))

    def call(self, _call: Token, _webhook: Token, name: Token, values: d.Assignments | None) -> d.Action:
        return d.CallWebhook(_text(name), values or ())

    def comment(self, _word: Token, message: Token) -> d.Action:
        return d.Comment(_formula(message))
