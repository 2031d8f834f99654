"""Text → tree. The home of Lark; knows the grammar and the limits of texts, no types and no scope."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, Final

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken, VisitError

from engine.problems import Problems
from engine.rules import problems
from engine.rules import tree as t
from engine.rules.functions import SPACED_NAMES
from engine.rules.limits import DEPTH_MAX, EXPONENT_MAX, TEXT_MAX, TREE_DEPTH_MAX
from engine.rules.temporal import read_temporal
from engine.values import DECIMAL_DIGITS


def parse(text: str) -> t.Expression | Problems:
    """The tree of an expression, or where and why it is none."""
    if len(text) > TEXT_MAX:
        return problems.too_long(TEXT_MAX)
    if _depth(text) > DEPTH_MAX:
        return problems.too_deep(DEPTH_MAX)
    try:
        tree = _TREE_OF.transform(_parser().parse(text))
    except UnexpectedInput as error:
        return _syntax_problem(error, text)
    except RecursionError:
        return problems.too_deep(TREE_DEPTH_MAX)
    except VisitError as error:
        if isinstance(error.orig_exc, _Refused):
            return error.orig_exc.problems
        raise
    if _tree_depth(tree) > TREE_DEPTH_MAX:
        return problems.too_deep(TREE_DEPTH_MAX)
    return t.Expression(text, tree)


class _Refused(Exception):
    """Carries a problem out of the transformer to `parse`, nowhere else."""

    def __init__(self, found: Problems) -> None:
        super().__init__()
        self.problems = found


@cache
def _parser() -> Lark:
    grammar = files("engine.rules").joinpath("grammar.lark").read_text(encoding="utf-8")
    spaced = "|".join(name.replace(" ", r"\s+") for name in sorted(SPACED_NAMES, key=len, reverse=True))
    return Lark(grammar.replace("%SPACED%", spaced), parser="lalr", propagate_positions=True)


def _syntax_problem(error: UnexpectedInput, text: str) -> Problems:
    if isinstance(error, UnexpectedEOF) or (isinstance(error, UnexpectedToken) and error.token.type == "$END"):
        lines = text.rstrip().split("\n")
        return problems.ends_too_early((len(lines), len(lines[-1]) + 1))
    found = str(error.token) if isinstance(error, UnexpectedToken) else ""
    if isinstance(error, UnexpectedCharacters):
        found = text[error.pos_in_stream or 0 :][:1]
    return problems.syntax((max(error.line, 1), max(error.column, 1)), found[:40])


def _depth(text: str) -> int:
    """An upper bound of the nesting, cheap enough to ask before parsing. Strings may raise it; only brackets count here."""
    depth = deepest = 0
    for mark in text:
        if mark in "([{":
            depth += 1
            deepest = max(deepest, depth)
        elif mark in ")]}":
            depth -= 1
    return deepest


def _tree_depth(tree: t.Node) -> int:
    depth = 0
    level: list[t.Node] = [tree]
    while level:
        depth += 1
        level = [child for node in level for child in t.children(node)]
        if depth > TREE_DEPTH_MAX:
            break
    return depth


Meta = Any
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\", "'": "'"}


def _at(meta: Meta) -> t.Position:
    return meta.line, meta.column


def _operation(operator: str) -> Callable[..., t.Node]:
    def make(self: Any, meta: Meta, left: t.Node, right: t.Node) -> t.Node:
        return t.Arithmetic(operator, left, right, _at(meta))

    return make


def _interval(low: bool, high: bool) -> Callable[..., t.Node]:
    def make(self: Any, meta: Meta, left: t.Node, right: t.Node) -> t.Node:
        return t.Interval(left, right, low, high, _at(meta))

    return make


def _loop(kind: str) -> Callable[..., t.Node]:
    def make(self: Any, meta: Meta, bindings: tuple[tuple[str, t.Node], ...], body: t.Node) -> t.Node:
        return t.Loop(kind, bindings, body, _at(meta))

    return make


@v_args(meta=True, inline=True)
class _ToTree(Transformer[Any, t.Node]):
    """Lark's tree → ours, one method a rule of the grammar."""

    add, subtract, multiply, divide, power = map(_operation, ("+", "-", "*", "/", "**"))
    interval_cc, interval_co = _interval(True, True), _interval(True, False)
    interval_oc, interval_oo = _interval(False, True), _interval(False, False)
    for_, some, every = _loop("for"), _loop("some"), _loop("every")

    def number(self, meta: Meta, token: Token) -> t.Node:
        value = Decimal(str(token))
        if len(value.as_tuple().digits) > DECIMAL_DIGITS or abs(value.adjusted()) > EXPONENT_MAX:
            raise _Refused(problems.number_too_large(_at(meta), str(token)))
        return t.Literal(value, _at(meta))

    def string(self, meta: Meta, token: Token) -> t.Node:
        return t.Literal(_unescape(str(token)[1:-1]), _at(meta))

    def at_string(self, meta: Meta, token: Token) -> t.Node:
        value: date | datetime | timedelta | Any = read_temporal(str(token)[2:-1])
        if value is None:
            raise _Refused(Problems((problems.bad_date(_at(meta), str(token)[2:-1]),)))
        return t.Literal(value, _at(meta))

    def true(self, meta: Meta) -> t.Node:
        return t.Literal(True, _at(meta))

    def false(self, meta: Meta) -> t.Node:
        return t.Literal(False, _at(meta))

    def null(self, meta: Meta) -> t.Node:
        return t.Literal(None, _at(meta))

    def name(self, meta: Meta, token: Token) -> str:
        return str(token).strip("`")

    def function(self, meta: Meta, token: Token) -> str:
        return " ".join(str(token).split())

    def variable(self, meta: Meta, name: str) -> t.Node:
        return t.Name(name, _at(meta))

    def path(self, meta: Meta, source: t.Node, name: str) -> t.Node:
        return t.Path(source, name, _at(meta))

    def filter(self, meta: Meta, source: t.Node, condition: t.Node) -> t.Node:
        return t.Filter(source, condition, _at(meta))

    def negate(self, meta: Meta, operand: t.Node) -> t.Node:
        if isinstance(operand, t.Literal) and isinstance(operand.value, Decimal):
            return t.Literal(operand.value.copy_negate(), _at(meta))
        return t.Negate(operand, _at(meta))

    def compare(self, meta: Meta, left: t.Node, operator: Token, right: t.Node) -> t.Node:
        return t.Compare(str(operator), left, right, _at(meta))

    def and_(self, meta: Meta, left: t.Node, right: t.Node) -> t.Node:
        return t.Logic("and", left, right, _at(meta))

    def or_(self, meta: Meta, left: t.Node, right: t.Node) -> t.Node:
        return t.Logic("or", left, right, _at(meta))

    def not_(self, meta: Meta, operand: t.Node) -> t.Node:
        return t.Not(operand, _at(meta))

    def if_(self, meta: Meta, condition: t.Node, yes: t.Node, no: t.Node) -> t.Node:
        return t.If(condition, yes, no, _at(meta))

    def between(self, meta: Meta, value: t.Node, low: t.Node, high: t.Node) -> t.Node:
        return t.Between(value, low, high, _at(meta))

    def value_test(self, meta: Meta, node: t.Node) -> tuple[str, t.Node]:
        return "in", node

    def open_test(self, meta: Meta, operator: Token, node: t.Node) -> tuple[str, t.Node]:
        return str(operator), node

    def one_test(self, meta: Meta, test: tuple[str, t.Node]) -> tuple[tuple[str, t.Node], ...]:
        return (test,)

    def many_tests(self, meta: Meta, *tests: tuple[str, t.Node]) -> tuple[tuple[str, t.Node], ...]:
        return tests

    def in_(self, meta: Meta, value: t.Node, tests: tuple[tuple[str, t.Node], ...]) -> t.Node:
        return t.In(value, tests, _at(meta))

    def arguments(self, meta: Meta, *items: t.Node) -> tuple[t.Node, ...]:
        return items

    def call(self, meta: Meta, function: str, arguments: tuple[t.Node, ...] | None) -> t.Node:
        return t.Call(function, arguments or (), _at(meta))

    def list_(self, meta: Meta, items: tuple[t.Node, ...] | None) -> t.Node:
        return t.ListOf(items or (), _at(meta))

    def entry(self, meta: Meta, key: str | Token, value: t.Node) -> tuple[str, t.Node]:
        return (_unescape(str(key)[1:-1]) if isinstance(key, Token) else key), value

    def context(self, meta: Meta, *entries: tuple[str, t.Node] | None) -> t.Node:
        return t.Context(tuple(e for e in entries if e is not None), _at(meta))

    def binding(self, meta: Meta, name: str, source: t.Node) -> tuple[str, t.Node]:
        return name, source

    def bindings(self, meta: Meta, *items: tuple[str, t.Node]) -> tuple[tuple[str, t.Node], ...]:
        return items


_TREE_OF: Final = _ToTree()


def _unescape(text: str) -> str:
    if "\\" not in text:
        return text
    out: list[str] = []
    marks = iter(range(len(text)))
    for at in marks:
        if text[at] != "\\":
            out.append(text[at])
            continue
        follow = text[at + 1 : at + 2]
        if follow == "u" and _is_hex(text[at + 2 : at + 6]):
            out.append(chr(int(text[at + 2 : at + 6], 16)))
            skip = 5
        else:
            out.append(_ESCAPES.get(follow, "\\" + follow))
            skip = 1
        for _ in range(skip):
            next(marks, None)
    return "".join(out)


def _is_hex(text: str) -> bool:
    return len(text) == 4 and all(c in "0123456789abcdefABCDEF" for c in text)
