"""Text → tree. The home of Lark; knows the grammar and the limits of texts, no types and no scope."""

from collections.abc import Callable, Iterable
from decimal import Decimal, DecimalException
from functools import cache
from importlib.resources import files
from typing import Any, Final

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedInput, UnexpectedToken
from lark.lexer import Lexer

from engine.problems import Problems
from engine.rules import problems
from engine.rules import tree as t
from engine.rules.lexing import UnknownMark, tokens
from engine.rules.limits import DEPTH_MAX, TEXT_MAX, TREE_DEPTH_MAX
from engine.rules.temporal import read_temporal
from engine.values import DECIMAL_DIGITS, EXPONENT_MAX


def parse(text: str, names: Iterable[str] = ()) -> t.Expression | Problems:
    """The tree of an expression, or where and why it is none. `names` are the names that are known; those with spaces or signs in
    them are only read as one name when they are among them (or between backticks)."""
    tree = _parsed(text, names, "expression")
    return tree if isinstance(tree, Problems) else t.Expression(text, tree)


def parse_tests(text: str, names: Iterable[str] = ()) -> t.Tests | Problems:
    """The unary tests of a decision table's cell."""
    tests = _parsed(text, names, "tests")
    return tests if isinstance(tests, Problems) else t.Tests(text, *tests)


def _parsed(text: str, names: Iterable[str], start: str) -> Any:
    if len(text) > TEXT_MAX:
        return problems.too_long(TEXT_MAX)
    if _depth(text) > DEPTH_MAX:
        return problems.too_deep(DEPTH_MAX)
    try:
        made: Any = _parser().parse((Token(*part) for part in tokens(text, names, tests=start == "tests")), start=start)
    except UnexpectedInput as error:
        return _syntax_problem(error, text)
    except UnknownMark as error:
        return problems.syntax((error.line, error.column), text[error.offset])
    except RecursionError:
        return problems.too_deep(TREE_DEPTH_MAX)
    except _Refused as refused:
        return refused.problems
    roots = [made] if start == "expression" else [node for _, node in made[0]]
    return problems.too_deep(TREE_DEPTH_MAX) if _is_too_deep(roots) else made


class _Refused(Exception):
    """Carries a problem out of the tree builder to `parse`, nowhere else."""

    def __init__(self, found: Problems) -> None:
        super().__init__()
        self.problems = found


class ReadyTokens(Lexer):
    """Hands on tokens that are there already."""

    def __init__(self, conf: Any) -> None:
        super().__init__()

    def lex(self, data: Any) -> Any:  # type: ignore[override]
        """The tokens."""
        return data


@cache
def _parser() -> Lark:
    grammar = files("engine.rules").joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer=ReadyTokens, start=["expression", "tests"], transformer=_ToTree())


def _syntax_problem(error: UnexpectedInput, text: str) -> Problems:
    if not isinstance(error, UnexpectedToken) or error.token.type == "$END":
        lines = text.rstrip().split("\n")
        return problems.ends_too_early((len(lines), len(lines[-1]) + 1))
    return problems.syntax((max(error.line, 1), max(error.column, 1)), str(error.token)[:40])


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


def _is_too_deep(roots: list[t.Node]) -> bool:
    depth, level = 0, roots
    while level and depth <= TREE_DEPTH_MAX:
        depth += 1
        level = [child for node in level for child in t.children(node)]
    return depth > TREE_DEPTH_MAX


_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\", "'": "'"}
_CONSTANTS: Final = {"true": True, "false": False, "null": None}


def _at(token: Token) -> t.Position:
    return token.line or 1, token.column or 1


def _interval(low: bool, high: bool) -> Callable[..., t.Node]:
    def make(self: Any, *parts: Any) -> t.Node:
        first, last = (p for p in parts if not isinstance(p, Token))
        return t.Interval(first, last, low, high, first.at)

    return make


@v_args(inline=True)
class _ToTree(Transformer[Any, t.Node]):
    """Lark's tree → ours, one method a rule of the grammar."""

    interval_closed, interval_open_end = _interval(True, True), _interval(True, False)
    interval_open_start, interval_open = _interval(False, True), _interval(False, False)

    def number(self, token: Token) -> t.Node:
        try:
            value = Decimal(str(token))
        except DecimalException:  # an exponent with more digits than Decimal reads
            raise _Refused(problems.number_too_large(_at(token), str(token))) from None
        if len(value.as_tuple().digits) > DECIMAL_DIGITS or abs(value.adjusted()) > EXPONENT_MAX:
            raise _Refused(problems.number_too_large(_at(token), str(token)))
        return t.Literal(value, _at(token))

    def string(self, token: Token) -> t.Node:
        return t.Literal(unescape(str(token)[1:-1]), _at(token))

    def at_string(self, token: Token) -> t.Node:
        value = read_temporal(unescape(str(token)[2:-1]))
        if value is None:
            raise _Refused(Problems((problems.bad_date(_at(token), str(token)[2:-1]),)))
        return t.Literal(value, _at(token))

    def constant(self, token: Token) -> t.Node:
        return t.Literal(_CONSTANTS[str(token)], _at(token))

    def variable(self, token: Token) -> t.Node:
        return t.Name(str(token), _at(token))

    def path(self, source: t.Node, name: Token) -> t.Node:
        return t.Path(source, str(name), source.at)

    def filter(self, source: t.Node, condition: t.Node) -> t.Node:
        return t.Filter(source, condition, source.at)

    def negate(self, minus: Token, operand: t.Node) -> t.Node:
        if isinstance(operand, t.Literal) and isinstance(operand.value, Decimal):
            return t.Literal(operand.value.copy_negate() if operand.value else operand.value, _at(minus))
        return t.Negate(operand, _at(minus))

    def arithmetic(self, left: t.Node, operator: Token, right: t.Node) -> t.Node:
        return t.Arithmetic(str(operator), left, right, left.at)

    def compare(self, left: t.Node, operator: Token, right: t.Node) -> t.Node:
        return t.Compare(str(operator), left, right, left.at)

    def logic(self, left: t.Node, operator: Token, right: t.Node) -> t.Node:
        return t.Logic(str(operator), left, right, left.at)

    def if_(self, token: Token, condition: t.Node, yes: t.Node, no: t.Node) -> t.Node:
        return t.If(condition, yes, no, _at(token))

    def between(self, value: t.Node, low: t.Node, _and: Token, high: t.Node) -> t.Node:
        return t.Between(value, low, high, value.at)

    def one_value(self, node: t.Node) -> tuple[tuple[str, t.Node], ...]:
        if isinstance(node, t.Interval) and node.operator:
            end = node.high if node.low is None else node.low
            assert end is not None
            return ((node.operator, end),)
        return (("in", node),)

    def one_test(self, test: tuple[str, t.Node]) -> tuple[tuple[str, t.Node], ...]:
        return (test,)

    def many_tests(self, *tests: tuple[str, t.Node]) -> tuple[tuple[str, t.Node], ...]:
        return tests

    def value_test(self, node: t.Node) -> tuple[str, t.Node]:
        return "in", node

    def test(self, test: tuple[str, t.Node]) -> tuple[str, t.Node]:
        return test

    def open_test(self, operator: Token, node: t.Node) -> tuple[str, t.Node]:
        return str(operator), node

    def in_(self, value: t.Node, tests: tuple[tuple[str, t.Node], ...]) -> t.Node:
        return t.In(value, tests, value.at)

    def interval_one(self, operator: Token, node: t.Node) -> t.Node:
        low, high = (node if operator not in ("<", "<=") else None), (node if operator not in (">", ">=") else None)
        included = operator in ("=", "<=", ">=")
        return t.Interval(
            low, high, included and low is not None, included and high is not None, node.at, operator=str(operator)
        )

    def instance_of(self, operand: t.Node, kind: t.TypeName) -> t.Node:
        return t.InstanceOf(operand, kind, operand.at)

    def type(self, name: Token) -> t.TypeName:
        return t.TypeName(str(name))

    def type_path(self, kind: t.TypeName, name: Token) -> t.TypeName:
        return t.TypeName(f"{kind.name}.{name}")

    def generic(self, name: Token, _lt: Token, arguments: Any, _gt: Token, result: t.TypeName | None) -> t.TypeName:
        given = arguments or ()
        names = tuple(n for n, _ in given if n is not None)
        named = len(given) if str(name) == "context" else 0  # elements and parameters have no names
        if len(names) != named:
            raise _Refused(problems.syntax(_at(name), str(name)))
        return t.TypeName(str(name), tuple(kind for _, kind in given), names, result)

    def type_arguments(self, *arguments: tuple[str | None, t.TypeName]) -> tuple[tuple[str | None, t.TypeName], ...]:
        return arguments

    def type_argument(self, name: Token | None, kind: t.TypeName) -> tuple[str | None, t.TypeName]:
        return None if name is None else str(name), kind

    def items(self, *items: t.Node) -> tuple[t.Node, ...]:
        return items

    def positional(self, node: t.Node) -> tuple[None, t.Node]:
        return None, node

    def named(self, name: Token, node: t.Node) -> tuple[str, t.Node]:
        return str(name), node

    def arguments(self, *arguments: tuple[str | None, t.Node]) -> tuple[tuple[str | None, t.Node], ...]:
        return arguments

    def invoke(self, callee: t.Node, given: tuple[tuple[str | None, t.Node], ...] | None) -> t.Node:
        arguments = tuple(node for _, node in given or ())
        names = tuple(name for name, _ in given or () if name is not None)
        if names and len(names) != len(arguments):
            raise _Refused(problems.syntax(callee.at, names[0]))
        if isinstance(callee, t.Name):
            return t.Call(callee.name, arguments, callee.at, names)
        return t.Invoke(callee, arguments, callee.at, names)

    def list_(self, token: Token, items: tuple[t.Node, ...] | None) -> t.Node:
        return t.ListOf(items or (), _at(token))

    def entry(self, key: Token, value: t.Node) -> tuple[str, t.Node]:
        return (unescape(str(key)[1:-1]) if key.type == "STRING" else str(key)), value

    def context(self, token: Token, *entries: tuple[str, t.Node] | None) -> t.Node:
        return t.Context(tuple(e for e in entries if e is not None), _at(token))

    def over_list(self, name: Token, source: t.Node) -> tuple[str, t.Node]:
        return str(name), source

    def over_steps(self, name: Token, low: t.Node, high: t.Node) -> tuple[str, t.Node]:
        return str(name), t.Interval(low, high, True, True, low.at, bare=True)

    def bindings(self, *items: tuple[str, t.Node]) -> tuple[tuple[str, t.Node], ...]:
        return items

    def loop(self, token: Token, bindings: tuple[tuple[str, t.Node], ...], body: t.Node) -> t.Node:
        return t.Loop(str(token), bindings, body, _at(token))

    def parameter(self, name: Token, kind: t.TypeName | None) -> tuple[str, t.TypeName | None]:
        return str(name), kind

    def parameters(self, *items: tuple[str, t.TypeName | None]) -> tuple[tuple[str, t.TypeName | None], ...]:
        return items

    def function(
        self,
        token: Token,
        parameters: tuple[tuple[str, t.TypeName | None], ...] | None,
        external: Token | None,
        body: t.Node,
    ) -> t.Node:
        return t.Function(parameters or (), body, external is not None, _at(token))

    def tests(self, *tests: tuple[str, t.Node]) -> tuple[tuple[tuple[str, t.Node], ...], bool]:
        return tests, False

    def anything(self, token: Token) -> tuple[tuple[tuple[str, t.Node], ...], bool]:
        return (), False

    def none_of(self, *tests: tuple[str, t.Node]) -> tuple[tuple[tuple[str, t.Node], ...], bool]:
        return tests, True


def unescape(text: str) -> str:
    """The text that a string literal writes (grammar rule 35: \\uXXXX, \\UXXXXXX and the usual escapes)."""
    if "\\" not in text:
        return text
    out: list[str] = []
    at = 0
    while at < len(text):
        if text[at] != "\\":
            out.append(text[at])
            at += 1
            continue
        follow = text[at + 1 : at + 2]
        digits = {"u": 4, "U": 6}.get(follow, 0)
        code = text[at + 2 : at + 2 + digits]
        if (
            digits
            and len(code) == digits
            and all(c in "0123456789abcdefABCDEF" for c in code)
            and int(code, 16) < 0x110000
        ):
            out.append(chr(int(code, 16)))
            at += 2 + digits
        else:
            out.append(_ESCAPES.get(follow, "\\" + follow))
            at += 2
    joined = "".join(out)
    return joined.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # two \\u halves are one character
