"""The straight way through lists: sums and counts, projections, one filter, one loop. No loop runs within another, so the work is
bounded by the lists that are given.
"""

import ast
from collections.abc import Callable, Mapping
from typing import Any

from engine.rules import tree as t
from engine.rules import types as y
from engine.rules.straight import CLASSES, Names, NotStraight, ScalarGenerator, helper, item_of, load
from engine.rules.types import BOOLEAN, NUMBER, Type


class Generator(ScalarGenerator):
    """As ScalarGenerator, with lists."""

    def _call_count(self, node: t.Call, names: Names) -> ast.expr:
        return helper("D", helper("len", self._only_list(node, names)))

    def _call_sum(self, node: t.Call, names: Names) -> ast.expr:
        return helper("total", self._only_list(node, names, NUMBER))

    def _call_min(self, node: t.Call, names: Names) -> ast.expr:
        return helper("min", self._only_list(node, names, NUMBER))

    def _call_max(self, node: t.Call, names: Names) -> ast.expr:
        return helper("max", self._only_list(node, names, NUMBER))

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
        return ast.ListComp(load(element), [_over(element, source, kept)])

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
            self._guarded(item_of(load(element), node.name), kind.of or y.ANY), [_over(element, source, kept)]
        )

    def _comprehension(self, node: t.Loop, names: Names) -> ast.expr:
        if len(node.bindings) != 1 or self._type(node.body) not in CLASSES:
            raise NotStraight
        variable, over = node.bindings[0]
        element, source, kept = self._elements(over, names)
        element = element or self._fresh()
        body = self.value(node.body, {variable: lambda: load(element), "partial": _never})
        return ast.ListComp(body, [_over(element, source, kept)])

    def _loop(self, node: t.Loop, names: Names) -> ast.expr:
        if node.kind == "for" or self._type(node.body) != BOOLEAN:
            raise NotStraight
        # A list, not a generator: the closures look at every element, and so does this.
        return helper("any" if node.kind == "some" else "all", self._comprehension(node, names))


def _never() -> ast.expr:
    raise NotStraight


def _over(element: str, source: ast.expr, kept: list[ast.expr]) -> ast.comprehension:
    return ast.comprehension(ast.Name(element, ast.Store()), source, kept, 0)


def _names_within(element: str, kind: Type) -> Names:
    """What a filter's condition sees of an element."""

    def read(name: str) -> Callable[[], ast.expr]:
        return lambda: item_of(load(element), name)

    inner: dict[str, Callable[[], ast.expr]] = {"item": lambda: load(element)}
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
