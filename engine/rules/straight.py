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
from engine.rules.types import BOOLEAN, DATE, DATETIME, DURATION, MONTHS, NUMBER, TEXT, TIME, Type
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


class NotStraight(Exception):
    """A node that has no straight way; never leaves to_python.py."""


Names = Mapping[str, Callable[[], ast.expr]]
"""Names of a loop or filter → the expression that reads them, raw."""


def function_of(names: Sequence[str], body: ast.expr) -> ast.Lambda:
    """`lambda names: body`."""
    arguments = ast.arguments(
        posonlyargs=[], args=[ast.arg(n) for n in names], kwonlyargs=[], kw_defaults=[], defaults=[]
    )
    return ast.Lambda(arguments, body)


def _load(name: str) -> ast.expr:
    return ast.Name(name, ast.Load())


def _item(source: ast.expr, key: str) -> ast.expr:
    return ast.Subscript(source, ast.Constant(key), ast.Load())


def _helper(name: str, *arguments: ast.expr) -> ast.expr:
    return ast.Call(_load(name), list(arguments), [])


@dataclass
class Generator:
    """Makes the ast of each node. A value of it is never null and always of the static type of its node."""

    types: Mapping[int, Type]
    constants: dict[str, Any] = field(default_factory=dict)
    locals: int = 0

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
            called = ast.Call(self._constant(to_closures(node)), [_load("s"), _load("w")], [])
            return self._guarded(called, self._type(node))

    def _type(self, node: t.Node) -> Type:
        return self.types.get(id(node), y.ANY)

    def _constant(self, value: Any) -> ast.expr:
        if isinstance(value, bool | str):
            return ast.Constant(value)
        name = f"k{len(self.constants)}"
        self.constants[name] = value
        return _load(name)

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
            _helper("type", ast.NamedExpr(ast.Name(local, ast.Store()), read)), [ast.Is()], [_load(_CLASS_NAMES[kind])]
        )
        return ast.IfExp(test, _load(local), _helper("as_", _load(local), _load(_CLASS_NAMES[kind])))

    def _raw(self, node: t.Node, names: Names) -> ast.expr:
        """A name or path as it lies in the scope: it may be null, and any object."""
        if isinstance(node, t.Name):
            return names[node.name]() if node.name in names else _item(_load("s"), node.name)
        if isinstance(node, t.Path) and self._type(node.source).is_context:
            return _item(self._raw(node.source, names), node.name)
        raise NotStraight

    def _name(self, node: t.Name, names: Names) -> ast.expr:
        if self._type(node) not in CLASSES:
            raise NotStraight
        return self._guarded(self._raw(node, names), self._type(node))

    def _path(self, node: t.Path, names: Names) -> ast.expr:
        kind, source = self._type(node), self._type(node.source)
        if kind.is_list:
            return self._projected(node, names)
        if source in (DATE, DATETIME) and node.name in ("year", "month", "day"):
            return _helper("D", ast.Attribute(self.value(node.source, names), node.name, ast.Load()))
        if not source.is_context or kind not in CLASSES:
            raise NotStraight
        return self._guarded(self._raw(node, names), kind)

    def _negate(self, node: t.Negate, names: Names) -> ast.expr:
        if self._type(node) not in (NUMBER, DURATION):
            raise NotStraight
        return ast.UnaryOp(ast.USub(), self.value(node.operand, names))

    def _arithmetic(self, node: t.Arithmetic, names: Names) -> ast.expr:
        left, right = self._type(node.left), self._type(node.right)
        if left == right == NUMBER:
            sides = self.value(node.left, names), self.value(node.right, names)
            return (
                _helper("power", *sides)
                if node.operator == "**"
                else ast.BinOp(sides[0], _OPERATORS[node.operator], sides[1])
            )
        if (left == right == TEXT and node.operator == "+") or (
            left == right and left in (DATE, DURATION) and node.operator == "-"
        ):
            return ast.BinOp(self.value(node.left, names), _OPERATORS[node.operator], self.value(node.right, names))
        if left == DATE and right in (DURATION, MONTHS) and node.operator == "+":
            return _helper("moved", self.value(node.left, names), self.value(node.right, names))
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
            ast.And(), [first, ast.Compare(_load(local), [_COMPARISONS[operators[1]]], [self.value(high, names)])]
        )

    def _in(self, node: t.In, names: Names) -> ast.expr:
        if not isinstance(node.value, t.Name | t.Path):
            raise NotStraight
        return ast.BoolOp(
            ast.Or(), [ast.Constant(False), *(self._test(node.value, o, test, names) for o, test in node.tests)]
        )

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
            return ast.BoolOp(
                ast.Or(), [ast.Constant(False), *(self._test(value, "in", item, names) for item in test.items)]
            )
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
        return _helper(
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
        return ast.Attribute(ast.Attribute(_load("w"), "moment", ast.Load()), "today", ast.Load())

    def _call_contains(self, node: t.Call, names: Names) -> ast.expr:
        if [self._type(a) for a in node.arguments] != [TEXT, TEXT]:
            raise NotStraight
        text, match = (self.value(a, names) for a in node.arguments)
        return ast.Compare(match, [ast.In()], [text])

    def _call_string_length(self, node: t.Call, names: Names) -> ast.expr:
        if [self._type(a) for a in node.arguments] != [TEXT]:
            raise NotStraight
        return _helper("D", _helper("len", self.value(node.arguments[0], names)))

    def _call_count(self, node: t.Call, names: Names) -> ast.expr:
        return _helper("D", _helper("len", self._only_list(node, names)))

    def _call_sum(self, node: t.Call, names: Names) -> ast.expr:
        return _helper("total", self._only_list(node, names, NUMBER))

    def _call_min(self, node: t.Call, names: Names) -> ast.expr:
        return _helper("min", self._only_list(node, names, NUMBER))

    def _call_max(self, node: t.Call, names: Names) -> ast.expr:
        return _helper("max", self._only_list(node, names, NUMBER))

    def _only_list(self, node: t.Call, names: Names, of: Type | None = None) -> ast.expr:
        kind = self._type(node.arguments[0]) if len(node.arguments) == 1 else y.ANY
        if not kind.is_list or (of is not None and kind.of != of):
            raise NotStraight
        return self._list(node.arguments[0], names)

    def _list(self, node: t.Node, names: Names) -> ast.expr:
        """A list: of scalars all present, or of contexts as they lie there."""
        if isinstance(node, t.Path):
            return self._projected(node, names)
        if isinstance(node, t.Loop) and node.kind == "for":
            return self._comprehension(node, names)
        element, source, kept = self._elements(node, names)
        if element is None:
            return source
        return ast.ListComp(_load(element), [_over(element, source, kept)])

    def _elements(self, node: t.Node, names: Names) -> tuple[str | None, ast.expr, list[ast.expr]]:
        """(variable, list, conditions): a list of contexts, filtered at most once. No loop runs within another."""
        if names:
            raise NotStraight
        if isinstance(node, t.Filter):
            condition, kind = self._type(node.condition), self._type(node.source)
            _, source, _ = self._elements_of(node.source)
            if condition != BOOLEAN or kind.of is None:
                raise NotStraight
            element = self._fresh()
            return element, source, [self.value(node.condition, _names_within(element, kind.of))]
        return self._elements_of(node)

    def _elements_of(self, node: t.Node) -> tuple[str | None, ast.expr, list[ast.expr]]:
        kind = self._type(node)
        if not isinstance(node, t.Name | t.Path) or not kind.is_list or kind.of is None or not kind.of.is_context:
            raise NotStraight
        return None, self._raw(node, {}), []

    def _projected(self, node: t.Path, names: Names) -> ast.expr:
        kind = self._type(node)
        if not kind.is_list or kind.of not in CLASSES or not self._type(node.source).is_list:
            raise NotStraight
        element, source, kept = self._elements(node.source, names)
        element = element or self._fresh()
        return ast.ListComp(
            self._guarded(_item(_load(element), node.name), kind.of or y.ANY), [_over(element, source, kept)]
        )

    def _comprehension(self, node: t.Loop, names: Names) -> ast.expr:
        if len(node.bindings) != 1 or self._type(node.body) not in CLASSES:
            raise NotStraight
        variable, over = node.bindings[0]
        element, source, kept = self._elements(over, names)
        element = element or self._fresh()
        body = self.value(node.body, {variable: lambda: _load(element), "partial": _never})
        return ast.ListComp(body, [_over(element, source, kept)])

    def _loop(self, node: t.Loop, names: Names) -> ast.expr:
        if node.kind == "for" or self._type(node.body) != BOOLEAN:
            raise NotStraight
        # A list, not a generator: the closures look at every element, and so does this.
        return _helper("any" if node.kind == "some" else "all", self._comprehension(node, names))


def _never() -> ast.expr:
    raise NotStraight


def _over(element: str, source: ast.expr, kept: list[ast.expr]) -> ast.comprehension:
    return ast.comprehension(ast.Name(element, ast.Store()), source, kept, 0)


def _names_within(element: str, kind: Type) -> Names:
    """What a filter's condition sees of an element."""

    def read(name: str) -> Callable[[], ast.expr]:
        return lambda: _item(_load(element), name)

    inner: dict[str, Callable[[], ast.expr]] = {"item": lambda: _load(element)}
    return _Lazy(inner, kind.fields or {}, read)


class _Lazy(Mapping[str, Callable[[], ast.expr]]):
    """Names of an element, without walking the fields of its type."""

    def __init__(self, own: Names, fields: Mapping[str, Type], read: Callable[[str], Callable[[], ast.expr]]) -> None:
        self.own, self.fields, self.read = own, fields, read

    def __getitem__(self, name: str) -> Callable[[], ast.expr]:
        return self.read(name) if name in self.fields else self.own[name]

    def __contains__(self, name: object) -> bool:
        return name in self.fields or name in self.own

    def __iter__(self) -> Any:
        return iter(self.own)

    def __len__(self) -> int:
        return len(self.own)
