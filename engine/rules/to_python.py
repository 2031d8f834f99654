"""Target Python: tree → a function made from `ast` nodes, never from text. The one place of `compile` and `exec` in the engine.

The generated code calls the operators of runtime.py and nothing else; it has no builtins and reaches nothing but its scope.
"""

import ast
from collections.abc import Callable
from typing import Any, Final

from engine.rules import runtime
from engine.rules import tree as t

Compiled = Callable[[Any, runtime.Run], Any]
"""(scope, run) → value."""

_OPERATORS: Final[dict[str, Any]] = {
    name: getattr(runtime, name)
    for name in (
        "variable",
        "path",
        "arithmetic",
        "negate",
        "compare",
        "logic",
        "negated",
        "member",
        "between",
        "select",
        "loop",
        "call",
        "clock",
        "interval",
    )
}


def to_python(tree: t.Node) -> Compiled:
    """The function that works out `tree`."""
    generator = _Generator()
    body = generator.node(tree)
    function = ast.Lambda(_parameters("s", "w"), body)
    module = ast.fix_missing_locations(ast.Expression(function))
    names = {"__builtins__": {}, **_OPERATORS, "K": tuple(generator.constants)}
    made: Compiled = eval(compile(module, "<rule>", "eval"), names)
    return made


def _parameters(*names: str) -> ast.arguments:
    return ast.arguments(
        posonlyargs=[], args=[ast.arg(name) for name in names], kwonlyargs=[], kw_defaults=[], defaults=[]
    )


def _load(name: str) -> ast.expr:
    return ast.Name(name, ast.Load())


class _Generator:
    """Makes the ast of each node; values that Python has no literal for are constants of the function."""

    def __init__(self) -> None:
        self.constants: list[Any] = []

    def node(self, node: t.Node) -> ast.expr:
        """The ast of a node, over a scope called s."""
        made: ast.expr = getattr(self, f"_{type(node).__name__.lower()}")(node)
        return made

    def _constant(self, value: Any) -> ast.expr:
        if value is None or isinstance(value, bool | str):
            return ast.Constant(value)
        self.constants.append(value)
        return ast.Subscript(_load("K"), ast.Constant(len(self.constants) - 1), ast.Load())

    def _operator(self, name: str, *arguments: ast.expr, at: t.Position | None = None) -> ast.expr:
        tail: list[ast.expr] = (
            [_load("w"), ast.Tuple([ast.Constant(n) for n in at], ast.Load())] if at is not None else []
        )
        return ast.Call(_load(name), [*arguments, *tail], [])

    def _over_scope(self, node: t.Node) -> ast.expr:
        return ast.Lambda(_parameters("s"), self.node(node))

    def _literal(self, node: t.Literal) -> ast.expr:
        return self._constant(node.value)

    def _name(self, node: t.Name) -> ast.expr:
        return self._operator("variable", _load("s"), ast.Constant(node.name), at=node.at)

    def _path(self, node: t.Path) -> ast.expr:
        return self._operator("path", self.node(node.source), ast.Constant(node.name), at=node.at)

    def _filter(self, node: t.Filter) -> ast.expr:
        return self._operator(
            "select", self.node(node.source), self._over_scope(node.condition), _load("s"), at=node.at
        )

    def _negate(self, node: t.Negate) -> ast.expr:
        return self._operator("negate", self.node(node.operand), at=node.at)

    def _arithmetic(self, node: t.Arithmetic) -> ast.expr:
        return self._operator(
            "arithmetic", ast.Constant(node.operator), self.node(node.left), self.node(node.right), at=node.at
        )

    def _compare(self, node: t.Compare) -> ast.expr:
        return self._operator(
            "compare", ast.Constant(node.operator), self.node(node.left), self.node(node.right), at=node.at
        )

    def _logic(self, node: t.Logic) -> ast.expr:
        later = ast.Lambda(_parameters(), self.node(node.right))
        return self._operator("logic", ast.Constant(node.operator), self.node(node.left), later)

    def _not(self, node: t.Not) -> ast.expr:
        return self._operator("negated", self.node(node.operand))

    def _if(self, node: t.If) -> ast.expr:
        test = ast.Compare(self.node(node.condition), [ast.Is()], [ast.Constant(True)])
        return ast.IfExp(test, self.node(node.yes), self.node(node.no))

    def _between(self, node: t.Between) -> ast.expr:
        return self._operator("between", self.node(node.value), self.node(node.low), self.node(node.high), at=node.at)

    def _in(self, node: t.In) -> ast.expr:
        tests = [ast.Tuple([ast.Constant(operator), self.node(test)], ast.Load()) for operator, test in node.tests]
        return self._operator("member", self.node(node.value), ast.List(list(tests), ast.Load()), at=node.at)

    def _interval(self, node: t.Interval) -> ast.expr:
        return self._operator(
            "interval",
            self.node(node.low),
            self.node(node.high),
            ast.Constant(node.low_included),
            ast.Constant(node.high_included),
        )

    def _call(self, node: t.Call) -> ast.expr:
        if node.function in ("today", "now") and not node.arguments:
            return ast.Call(_load("clock"), [ast.Constant(node.function), _load("w")], [])
        items = ast.List([self.node(a) for a in node.arguments], ast.Load())
        return self._operator("call", ast.Constant(node.function), items, at=node.at)

    def _listof(self, node: t.ListOf) -> ast.expr:
        return ast.List([self.node(i) for i in node.items], ast.Load())

    def _context(self, node: t.Context) -> ast.expr:
        return ast.Dict(
            [ast.Constant(name) for name, _ in node.entries], [self.node(value) for _, value in node.entries]
        )

    def _loop(self, node: t.Loop) -> ast.expr:
        sources = [
            ast.Tuple([ast.Constant(name), self._over_scope(source)], ast.Load()) for name, source in node.bindings
        ]
        return ast.Call(
            _load("loop"),
            [
                ast.Constant(node.kind),
                ast.List(list(sources), ast.Load()),
                self._over_scope(node.body),
                _load("s"),
                _load("w"),
            ],
            [],
        )
