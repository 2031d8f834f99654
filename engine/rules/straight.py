"""The generator behind to_python.py: a method makes the `ast` of each kind of node that has a straight way."""

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from engine.rules import tree as t
from engine.rules import types as y
from engine.rules.closures import to_closures
from engine.rules.comparing import less
from engine.rules.functions import FUNCTIONS, Function, fitting
from engine.rules.runtime import Fault
from engine.rules.types import BOOLEAN, DATE, DATETIME, DURATION, MONTHS, NULL, NUMBER, TEXT, TIME, Type
from engine.rules.writing import write
from engine.values import MonthsDuration

MISSES: Final = (TypeError, KeyError, AttributeError, IndexError, ValueError, ArithmeticError, Fault)
"""What the generated function raises when the straight way does not lead to the value."""

CLASSES: Final[Mapping[Type, type]] = {
    NUMBER: Decimal, TEXT: str, BOOLEAN: bool, DATE: date, DATETIME: datetime, TIME: time, DURATION: timedelta, MONTHS: MonthsDuration,
}  # fmt: skip
_OPERATORS: Final[Mapping[str, ast.operator]] = {"+": ast.Add(), "-": ast.Sub(), "*": ast.Mult(), "/": ast.Div()}
_COMPARISONS: Final[Mapping[str, ast.cmpop]] = {
    "=": ast.Eq(), "!=": ast.NotEq(), "<": ast.Lt(), "<=": ast.LtE(), ">": ast.Gt(), ">=": ast.GtE(),
}  # fmt: skip
_ZONED: Final = frozenset(("date and time", "time"))
"""Functions whose value depends on the evaluation's zone."""
_DIRECT: Final = (NUMBER, TEXT, DATE, DURATION)
"""Types whose Python comparison is FEEL's."""


_CLASS_NAMES: Final = {kind: f"T{i}" for i, kind in enumerate(CLASSES)}


HELD: Final = 3
"""Reads of a name from which on it is kept in a local variable; a null in it then misses, even where it would not have been read."""


class NotStraight(Exception):
    """A node that has no straight way; never leaves to_python.py."""


Names = Mapping[str, Callable[[], ast.expr]]
"""Names of a loop or filter → the expression that reads them, raw."""


def function_of(name: str, parameters: Sequence[str], body: list[ast.stmt]) -> ast.FunctionDef:
    """`def name(parameters): body`."""
    arguments = ast.arguments(
        posonlyargs=[], args=[ast.arg(n) for n in parameters], kwonlyargs=[], kw_defaults=[], defaults=[]
    )
    return ast.FunctionDef(name, arguments, body, [])


def load(name: str) -> ast.expr:
    """A variable."""
    return ast.Name(name, ast.Load())


def item_of(source: ast.expr, key: str) -> ast.expr:
    """`source[key]`."""
    return ast.Subscript(source, ast.Constant(key), ast.Load())


def helper(name: str, *arguments: ast.expr) -> ast.expr:
    """A call of one of the helpers of to_python.py."""
    return ast.Call(load(name), list(arguments), [])


@dataclass
class ScalarGenerator:
    """Makes the ast of each node. A value of it is never null and always of the static type of its node."""

    types: Mapping[int, Type]
    constants: dict[str, Any] = field(default_factory=dict)
    locals: int = 0
    again: dict[str, int] = field(default_factory=dict)
    embeds: bool = False
    """Does it call closures, which spend the budget of a run?"""
    held: dict[str, str] = field(default_factory=dict)
    """Names that are read often, each in a local variable of the function."""

    def body(self, tree: t.Node) -> list[ast.stmt]:
        """The statements of the function: names read often first, then a chain of `if` as such, row after row."""
        statements = [self._hold(name, kind) for name, kind in self._often(tree)]
        tested: dict[str, str] = {}
        self.again = _asked_again(tree)
        while isinstance(tree, t.If) and self._is_straight_if(tree):
            condition = self._tested(tree.condition, tested)
            statements.append(ast.If(condition, [ast.Return(self._result(tree.yes))], []))
            tree = tree.no
        return [*statements, ast.Return(self._result(tree))]

    def _result(self, node: t.Node) -> ast.expr:
        """A node as the value of the whole, where null may stand as it is written."""
        if isinstance(node, t.Literal) and node.value is None:
            return ast.Constant(None)
        return self.value(node, {})

    def _often(self, tree: t.Node) -> list[tuple[str, Type]]:
        """The names of plain values that are read at least HELD times outside of loops."""
        counts: dict[str, int] = {}
        kinds: dict[str, Type] = {}
        waiting = [tree]
        while waiting:
            node = waiting.pop()
            if isinstance(node, t.Name) and self._type(node) in CLASSES:
                counts[node.name] = counts.get(node.name, 0) + 1
                kinds[node.name] = self._type(node)
            elif not isinstance(node, t.Loop | t.Filter | t.Function | t.Context) and not _asks_for_null(node):
                waiting += t.children(node)
        return [(name, kinds[name]) for name, count in counts.items() if count >= HELD]

    def _hold(self, name: str, kind: Type) -> ast.stmt:
        local = self._fresh()
        read = self._guarded(item_of(load("s"), name), kind)
        self.held[name] = local
        return ast.Assign([ast.Name(local, ast.Store())], read)

    def _is_straight_if(self, node: t.If) -> bool:
        results = {self._type(node.yes), self._type(node.no)} - {NULL}
        return self._type(node.condition) == BOOLEAN and len(results) <= 1

    def _tested(self, condition: t.Node, tested: dict[str, str]) -> ast.expr:
        """A condition of a chain. Its first part is always worked out, so that a later row with the same part need not."""
        if isinstance(condition, t.Logic) and condition.operator == "and":
            left = self._tested(condition.left, tested)
            return ast.BoolOp(ast.And(), [left, self.value(condition.right, {})])
        key = write(condition)
        if key in tested:
            return load(tested[key])
        made = self.value(condition, {})
        if isinstance(made, ast.Constant):
            return made
        if self.again.get(key, 0) < 2:
            return made
        tested[key] = self._fresh()
        return ast.NamedExpr(ast.Name(tested[key], ast.Store()), made)

    def value(self, node: t.Node, names: Names) -> ast.expr:
        """The ast of a node; where it has no straight way, a guarded call of its closure."""
        folded = self._folded(node)
        if folded is not None:
            return folded
        make = getattr(self, f"_{type(node).__name__.lower()}", None)
        try:
            if make is None:
                raise NotStraight
            found: ast.expr = make(node, names)
            return found
        except NotStraight:
            if names or self._type(node) not in CLASSES:
                raise
            self.embeds = True
            called = ast.Call(self._constant(to_closures(node)), [load("s"), load("w")], [])
            return self._guarded(called, self._type(node))

    def _type(self, node: t.Node) -> Type:
        return self.types.get(id(node), y.ANY)

    def _constant(self, value: Any) -> ast.expr:
        if isinstance(value, bool | str):
            return ast.Constant(value)
        name = f"k{len(self.constants)}"
        self.constants[name] = value
        return load(name)

    def _fresh(self) -> str:
        self.locals += 1
        return f"v{self.locals}"

    def _folded(self, node: t.Node) -> ast.expr | None:
        """Constants, and constructors of dates and durations over constants, worked out now."""
        value: Any = None
        if isinstance(node, t.Literal):
            value = node.value
            if isinstance(value, datetime | time) and value.tzinfo is None:
                return None
        elif (
            isinstance(node, t.Call)
            and node.function in ("date", "duration")
            and all(isinstance(a, t.Literal) for a in node.arguments)
        ):
            try:
                value = FUNCTIONS[node.function].python(*(a.value for a in node.arguments if isinstance(a, t.Literal)))
            except MISSES:
                return None
        return None if value is None or type(value) is not CLASSES.get(self._type(node)) else self._constant(value)

    def _guarded(self, read: ast.expr, kind: Type) -> ast.expr:
        """`read` when it is of the kind's class, else what it stands for, else a miss."""
        local = self._fresh()
        test = ast.Compare(
            helper("type", ast.NamedExpr(ast.Name(local, ast.Store()), read)), [ast.Is()], [load(_CLASS_NAMES[kind])]
        )
        return ast.IfExp(test, load(local), helper("as_", load(local), load(_CLASS_NAMES[kind])))

    def _raw(self, node: t.Node, names: Names) -> ast.expr:
        """A name or path as it lies in the scope: it may be null, and any object."""
        if isinstance(node, t.Name):
            return names[node.name]() if node.name in names else item_of(load("s"), node.name)
        if isinstance(node, t.Path) and self._type(node.source).is_context:
            return item_of(self._raw(node.source, names), node.name)
        raise NotStraight

    def _name(self, node: t.Name, names: Names) -> ast.expr:
        if self._type(node) not in CLASSES:
            raise NotStraight
        if node.name in self.held and node.name not in names:
            return load(self.held[node.name])
        return self._guarded(self._raw(node, names), self._type(node))

    def _path(self, node: t.Path, names: Names) -> ast.expr:
        kind, source = self._type(node), self._type(node.source)
        if kind.is_list:
            return self._projected(node, names)
        if source in (DATE, DATETIME) and node.name in ("year", "month", "day"):
            return helper("D", ast.Attribute(self.value(node.source, names), node.name, ast.Load()))
        if not source.is_context or kind not in CLASSES:
            raise NotStraight
        return self._guarded(self._raw(node, names), kind)

    def _projected(self, node: t.Path, names: Names) -> ast.expr:
        raise NotStraight

    def _negate(self, node: t.Negate, names: Names) -> ast.expr:
        if self._type(node) not in (NUMBER, DURATION):
            raise NotStraight
        return ast.UnaryOp(ast.USub(), self.value(node.operand, names))

    def _arithmetic(self, node: t.Arithmetic, names: Names) -> ast.expr:
        left, right = self._type(node.left), self._type(node.right)
        if left == right == NUMBER:
            sides = self.value(node.left, names), self.value(node.right, names)
            return (
                helper("power", *sides)
                if node.operator == "**"
                else ast.BinOp(sides[0], _OPERATORS[node.operator], sides[1])
            )
        if (left == right == TEXT and node.operator == "+") or (
            left == right and left in (DATE, DURATION) and node.operator == "-"
        ):
            return ast.BinOp(self.value(node.left, names), _OPERATORS[node.operator], self.value(node.right, names))
        if left == DATE and right in (DURATION, MONTHS) and node.operator == "+":
            return helper("moved", self.value(node.left, names), self.value(node.right, names))
        raise NotStraight

    def _compare(self, node: t.Compare, names: Names) -> ast.expr:
        for side, other in ((node.left, node.right), (node.right, node.left)):
            if isinstance(other, t.Literal) and other.value is None and node.operator in ("=", "!="):
                test: ast.cmpop = ast.Is() if node.operator == "=" else ast.IsNot()
                return ast.Compare(self._raw(side, names), [test], [ast.Constant(None)])
        return self._compared(node.operator, node.left, node.right, names)

    def _compared(self, operator: str, left: t.Node, right: t.Node, names: Names) -> ast.expr:
        kind = self._type(left)
        if (
            kind != self._type(right)
            or kind not in (*_DIRECT, BOOLEAN)
            or (kind == BOOLEAN and operator not in ("=", "!="))
        ):
            raise NotStraight
        return ast.Compare(self.value(left, names), [_COMPARISONS[operator]], [self.value(right, names)])

    def _logic(self, node: t.Logic, names: Names) -> ast.expr:
        if {self._type(node.left), self._type(node.right)} != {BOOLEAN}:
            raise NotStraight
        operator: ast.boolop = ast.And() if node.operator == "and" else ast.Or()
        return ast.BoolOp(operator, [self.value(node.left, names), self.value(node.right, names)])

    def _if(self, node: t.If, names: Names) -> ast.expr:
        if self._type(node.condition) != BOOLEAN or self._type(node.yes) != self._type(node.no):
            raise NotStraight
        return ast.IfExp(self.value(node.condition, names), self.value(node.yes, names), self.value(node.no, names))

    def _between(self, node: t.Between, names: Names) -> ast.expr:
        return self._within(node.value, node.low, node.high, (">=", "<="), names)

    def _within(self, value: t.Node, low: t.Node, high: t.Node, operators: tuple[str, str], names: Names) -> ast.expr:
        kinds = {self._type(value), self._type(low), self._type(high)}
        if len(kinds) != 1 or self._type(value) not in _DIRECT:
            raise NotStraight
        local = self._fresh()
        kept = ast.NamedExpr(ast.Name(local, ast.Store()), self.value(value, names))
        first = ast.Compare(kept, [_COMPARISONS[operators[0]]], [self.value(low, names)])
        return ast.BoolOp(
            ast.And(), [first, ast.Compare(load(local), [_COMPARISONS[operators[1]]], [self.value(high, names)])]
        )

    def _in(self, node: t.In, names: Names) -> ast.expr:
        if not isinstance(node.value, t.Name | t.Path):
            raise NotStraight
        return _any_of([self._test(node.value, o, test, names) for o, test in node.tests])

    def _test(self, value: t.Node, operator: str, test: t.Node, names: Names) -> ast.expr:
        if operator != "in":
            return self._compared(operator, value, test, names)
        if isinstance(test, t.Interval) and not test.operator and test.low is not None and test.high is not None:
            ends = [end.value if isinstance(end, t.Literal) else None for end in (test.low, test.high)]
            if less(ends[1], ends[0]) is not False:
                raise NotStraight  # a range that runs backwards is an error
            return self._within(
                value,
                test.low,
                test.high,
                (">=" if test.low_included else ">", "<=" if test.high_included else "<"),
                names,
            )
        if isinstance(test, t.ListOf) and test.items:
            return _any_of([self._test(value, "in", item, names) for item in test.items])
        if not isinstance(test, t.Literal):
            raise NotStraight
        return self._compared("=", value, test, names)

    def _call(self, node: t.Call, names: Names) -> ast.expr:
        if node.names or node.function in names:
            raise NotStraight
        special = getattr(self, f"_call_{node.function.replace(' ', '_')}", None)
        if special is not None:
            made: ast.expr = special(node, names)
            return made
        function = FUNCTIONS.get(node.function)
        if function is None or not self._takes(function, node):
            raise NotStraight
        return helper(
            "present", ast.Call(self._constant(function.python), [self.value(a, names) for a in node.arguments], [])
        )

    def _takes(self, function: Function, node: t.Call) -> bool:
        """Do the static types of the arguments fit without conversion?"""
        kinds = [self._type(a) for a in node.arguments]
        if function.name in _ZONED or function.spreads or any(k not in CLASSES for k in kinds):
            return False
        ways = fitting(function, len(kinds))
        return any(
            all(k in p.types for k, p in zip(kinds, way, strict=False)) and len(kinds) <= len(way) for way in ways
        )

    def _call_not(self, node: t.Call, names: Names) -> ast.expr:
        if len(node.arguments) != 1 or self._type(node.arguments[0]) != BOOLEAN:
            raise NotStraight
        return ast.UnaryOp(ast.Not(), self.value(node.arguments[0], names))

    def _call_today(self, node: t.Call, names: Names) -> ast.expr:
        if node.arguments:
            raise NotStraight
        return ast.Attribute(ast.Attribute(load("w"), "moment", ast.Load()), "today", ast.Load())

    def _call_contains(self, node: t.Call, names: Names) -> ast.expr:
        if [self._type(a) for a in node.arguments] != [TEXT, TEXT]:
            raise NotStraight
        text, match = (self.value(a, names) for a in node.arguments)
        return ast.Compare(match, [ast.In()], [text])

    def _call_string_length(self, node: t.Call, names: Names) -> ast.expr:
        if [self._type(a) for a in node.arguments] != [TEXT]:
            raise NotStraight
        return helper("D", helper("len", self.value(node.arguments[0], names)))


def _asked_again(tree: t.Node) -> dict[str, int]:
    """How often each first part of a condition stands in a chain of `if`."""
    counts: dict[str, int] = {}
    while isinstance(tree, t.If):
        first = tree.condition
        while isinstance(first, t.Logic) and first.operator == "and":
            first = first.left
        counts[write(first)] = counts.get(write(first), 0) + 1
        tree = tree.no
    return counts


def _any_of(tests: list[ast.expr]) -> ast.expr:
    return tests[0] if len(tests) == 1 else ast.BoolOp(ast.Or(), tests)


def _asks_for_null(node: t.Node) -> bool:
    """`x = null`: a read that must not miss."""
    return isinstance(node, t.Compare) and any(
        isinstance(s, t.Literal) and s.value is None for s in (node.left, node.right)
    )
