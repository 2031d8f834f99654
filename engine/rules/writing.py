"""Tree → text: the one way of writing an expression. What the formatter prints, and how diagnostics and explanations name a part."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from engine.rules import tree as t
from engine.rules.temporal import write_temporal
from engine.values import MonthsDuration, write_decimal

_OR, _AND, _COMPARISON, _SUM, _PRODUCT, _POWER, _UNARY, _POSTFIX, _PRIMARY = range(1, 10)
_ARITHMETIC: Final = {"+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT, "**": _POWER}
_WORD: Final = re.compile(r"(?:[^\W\d]|[?\U00010000-\U000EFFFF])(?:\w|[?\U00010000-\U000EFFFF])*")
_RESERVED: Final = frozenset(
    ("if", "then", "else", "for", "in", "return", "some", "every", "satisfies", "and", "or", "between", "true", "false", "null")
)  # fmt: skip


def write(node: t.Node) -> str:
    """The expression as text, on one line, with no brackets but those it needs."""
    return _write(node, 0)


def write_test(operator: str, node: t.Node) -> str:
    """One unary test."""
    return write(node) if operator == "in" else f"{operator} {_write(node, _SUM)}"


def write_name(name: str) -> str:
    """A name; between backticks when it is no plain word."""
    return name if _WORD.fullmatch(name) and name not in _RESERVED else f"`{name}`"


def write_text(text: str) -> str:
    """A string literal."""
    escaped = (
        text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")
    )
    return f'"{escaped}"'


def write_type(kind: t.TypeName) -> str:
    """A type."""
    if kind.name == "context" and kind.arguments:
        inner = ", ".join(f"{n}: {write_type(a)}" for n, a in zip(kind.names, kind.arguments, strict=True))
        return f"context<{inner}>"
    text = kind.name
    if kind.arguments or kind.result is not None:
        text += "<" + ", ".join(write_type(a) for a in kind.arguments) + ">"
    return text if kind.result is None else f"{text} -> {write_type(kind.result)}"


def _write(node: t.Node, least: int) -> str:
    strength, text = _STRENGTH[type(node)](node)
    return f"({text})" if strength < least else text


def _literal(node: t.Literal) -> tuple[int, str]:
    match node.value:
        case None:
            return _PRIMARY, "null"
        case bool():
            return _PRIMARY, "true" if node.value else "false"
        case Decimal():
            return (_UNARY if node.value.is_signed() else _PRIMARY), _number(node.value)
        case str():
            return _PRIMARY, write_text(node.value)
        case date() | datetime() | time() | timedelta() | MonthsDuration():
            return _PRIMARY, f'@"{write_temporal(node.value)}"'


def _number(value: Decimal) -> str:
    return write_decimal(value) if abs(value.adjusted()) < 40 else str(value)


def _path(node: t.Path) -> tuple[int, str]:
    return _POSTFIX, f"{_write(node.source, _POSTFIX)}.{write_name(node.name) if ' ' not in node.name else node.name}"


def _arithmetic(node: t.Arithmetic) -> tuple[int, str]:
    strength = _ARITHMETIC[node.operator]
    return strength, f"{_write(node.left, strength)} {node.operator} {_write(node.right, strength + 1)}"


def _logic(node: t.Logic) -> tuple[int, str]:
    strength = _OR if node.operator == "or" else _AND
    return strength, f"{_write(node.left, strength)} {node.operator} {_write(node.right, strength + 1)}"


def _compare(node: t.Compare) -> tuple[int, str]:
    return _COMPARISON, f"{_write(node.left, _COMPARISON)} {node.operator} {_write(node.right, _SUM)}"


def _between(node: t.Between) -> tuple[int, str]:
    text = f"{_write(node.value, _COMPARISON)} between {_write(node.low, _SUM)} and {_write(node.high, _SUM)}"
    return _COMPARISON, text


def _in(node: t.In) -> tuple[int, str]:
    value = _write(node.value, _COMPARISON)
    if len(node.tests) == 1:
        operator, test = node.tests[0]
        return _COMPARISON, f"{value} in " + (_write(test, _SUM) if operator == "in" else write_test(operator, test))
    return _COMPARISON, f"{value} in ({', '.join(write_test(o, n) for o, n in node.tests)})"


def _interval(node: t.Interval) -> tuple[int, str]:
    if node.operator in ("=", "!="):
        return _PRIMARY, f"({node.operator} {_end(node.low)})"
    if node.low is None and node.high is not None:
        return _PRIMARY, f"({'<=' if node.high_included else '<'} {_write(node.high, _SUM)})"
    if node.high is None and node.low is not None:
        return _PRIMARY, f"({'>=' if node.low_included else '>'} {_write(node.low, _SUM)})"
    low, high = ("[" if node.low_included else "("), ("]" if node.high_included else ")")
    return _PRIMARY, f"{low}{_end(node.low)}..{_end(node.high)}{high}"


def _end(node: t.Node | None) -> str:
    return "null" if node is None else _write(node, _SUM)


def _arguments(arguments: tuple[t.Node, ...], names: tuple[str, ...]) -> str:
    if names:
        return ", ".join(f"{n}: {write(a)}" for n, a in zip(names, arguments, strict=True))
    return ", ".join(write(a) for a in arguments)


def _context(node: t.Context) -> tuple[int, str]:
    return _PRIMARY, "{" + ", ".join(f"{write_key(name)}: {write(value)}" for name, value in node.entries) + "}"


def write_key(name: str) -> str:
    """The name of a context's entry."""
    return name if _WORD.fullmatch(name) and name not in _RESERVED else write_text(name)


def _loop(node: t.Loop) -> tuple[int, str]:
    bindings = ", ".join(f"{write_name(name)} in {_source(source)}" for name, source in node.bindings)
    return 0, f"{node.kind} {bindings} {'return' if node.kind == 'for' else 'satisfies'} {write(node.body)}"


def _source(node: t.Node) -> str:
    if isinstance(node, t.Interval) and node.bare:
        return f"{_end(node.low)}..{_end(node.high)}"
    return write(node)


def _function(node: t.Function) -> tuple[int, str]:
    parameters = ", ".join(n if kind is None else f"{n}: {write_type(kind)}" for n, kind in node.parameters)
    return 0, f"function({parameters}) {'external ' if node.external else ''}{write(node.body)}"


_STRENGTH: Final[Mapping[type, Callable[[Any], tuple[int, str]]]] = {
    t.Literal: _literal,
    t.Name: lambda n: (_PRIMARY, write_name(n.name)),
    t.Path: _path,
    t.Filter: lambda n: (_POSTFIX, f"{_write(n.source, _POSTFIX)}[{write(n.condition)}]"),
    t.Negate: lambda n: (_UNARY, f"-{_write(n.operand, _UNARY)}"),
    t.Arithmetic: _arithmetic,
    t.Compare: _compare,
    t.Logic: _logic,
    t.If: lambda n: (0, f"if {write(n.condition)} then {write(n.yes)} else {write(n.no)}"),
    t.Between: _between,
    t.In: _in,
    t.Interval: _interval,
    t.Call: lambda n: (_POSTFIX, f"{n.function}({_arguments(n.arguments, n.names)})"),
    t.Invoke: lambda n: (_POSTFIX, f"{_write(n.callee, _POSTFIX)}({_arguments(n.arguments, n.names)})"),
    t.Function: _function,
    t.InstanceOf: lambda n: (_COMPARISON, f"{_write(n.operand, _COMPARISON)} instance of {write_type(n.type)}"),
    t.ListOf: lambda n: (_PRIMARY, "[" + ", ".join(write(i) for i in n.items) + "]"),
    t.Context: _context,
    t.Loop: _loop,
}
