"""Tree + Scope → checked expression. The only place that knows types; strict: everything a pack's author could have meant otherwise
is a problem with line, column and the nearest name. Finds all problems of an expression in one run.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final

from engine.names import nearest
from engine.problems import Problem, Problems
from engine.rules import problems
from engine.rules import tree as t
from engine.rules import types as y
from engine.rules.checked import Checked
from engine.rules.functions import FUNCTIONS, Function
from engine.rules.parse import parse
from engine.rules.scope import Scope
from engine.rules.types import ANY, BOOLEAN, DATE, DATETIME, DURATION, MONTHS, NULL, NUMBER, TEXT, Type
from engine.values import MonthsDuration

ReadPath = tuple[str, ...]
CLOCK: Final[Mapping[str, Type]] = {"today": DATE, "now": DATETIME}
"""Functions of the moment: bound once for all that is evaluated together."""


def check(text: str, scope: Scope, *, expects: Type = ANY) -> Checked | Problems:
    """The checked expression, or every problem of the text in this scope."""
    parsed = parse(text)
    if isinstance(parsed, Problems):
        return parsed
    checker = _Checker()
    found = checker.type_of(parsed.tree, _Names(scope))
    if not y.fits(found.type, expects):
        checker.problems.append(problems.wrong_type(parsed.tree.at, expects.name, found.type.name))
    if checker.problems:
        return Problems(tuple(checker.problems))
    digest = sha256(text.encode()).hexdigest()[:32]
    return Checked(
        text,
        parsed.tree,
        found.type if found.type != NULL else expects,
        frozenset(checker.reads),
        checker.in_sql,
        digest,
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """What a node is: its type, and the path it reads when it is one."""

    type: Type
    path: ReadPath | None = None


@dataclass(frozen=True, slots=True)
class _Names:
    """Names around a node; `path` is where the innermost context comes from, None when it was made up on the way."""

    scope: Scope | None
    inner: Mapping[str, Type] = field(default_factory=dict)
    path: ReadPath | None = None
    outer: "_Names | None" = None

    def find(self, name: str) -> _Found | None:
        """What a name means."""
        if self.scope is not None:
            found = self.scope.type_of(name)
            return None if found is None else _Found(found, (name,))
        kind = self.inner.get(name)
        if kind is not None:
            return _Found(kind, None if self.path is None else (*self.path, name) if name != "item" else self.path)
        return self.outer.find(name) if self.outer is not None else None

    def known(self) -> list[str]:
        """All names."""
        own = list(self.scope.known()) if self.scope is not None else list(self.inner)
        return own + (self.outer.known() if self.outer is not None else [])


class _Checker:
    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.reads: set[ReadPath] = set()
        self.in_sql = "exact"

    def type_of(self, node: t.Node, names: _Names) -> _Found:
        """The type of a node, with its reads and problems noted."""
        found = self.look(node, names)
        if found.path is not None:
            self.reads.add(found.path)
        return found

    def look(self, node: t.Node, names: _Names) -> _Found:
        """As type_of, for a node whose value is only a step to what is read."""
        found: _Found = getattr(self, f"_{type(node).__name__.lower()}")(node, names)
        return found

    def _literal(self, node: t.Literal, names: _Names) -> _Found:
        for python, kind in _LITERALS:
            if isinstance(node.value, python):
                return _Found(kind)
        return _Found(NULL)

    def _name(self, node: t.Name, names: _Names) -> _Found:
        found = names.find(node.name)
        if found is None:
            self.problems.append(problems.unknown_name(node.at, node.name, nearest(node.name, names.known())))
            return _Found(ANY)
        return found

    def _path(self, node: t.Path, names: _Names) -> _Found:
        source = self.look(node.source, names)
        kind = source.type
        step = None if source.path is None else (*source.path, node.name)
        if kind.is_list and kind.of is not None and kind.of.is_context:
            self.in_sql = "no"
            inner = self._entry(kind.of, node)
            return _Found(y.list_of(inner), step)
        if kind.is_context:
            return _Found(self._entry(kind, node), step)
        if kind in (DATE, DATETIME) and node.name in (*y.DATE_PARTS, *(y.TIME_PARTS if kind == DATETIME else ())):
            self.in_sql = "no"
            return self._part(source, NUMBER)
        if kind != ANY:
            self.problems.append(problems.unknown_entry(node.at, node.name, ()))
        return self._part(source, ANY)

    def _part(self, source: _Found, kind: Type) -> _Found:
        if source.path is not None:
            self.reads.add(source.path)
        return _Found(kind)

    def _entry(self, kind: Type, node: t.Path) -> Type:
        fields = kind.fields or {}
        found = fields.get(node.name)
        if found is None:
            self.problems.append(problems.unknown_entry(node.at, node.name, nearest(node.name, list(fields))))
            return ANY
        return found

    def _filter(self, node: t.Filter, names: _Names) -> _Found:
        self.in_sql = "no"
        source = self.look(node.source, names)
        kind = source.type
        if not kind.is_list and kind != ANY:
            self.problems.append(problems.wrong_type(node.source.at, "list", kind.name))
            return _Found(ANY)
        element = kind.of or ANY
        inner = {**(element.fields or {}), "item": element} if element.is_context else {"item": element}
        condition = self.type_of(node.condition, _Names(None, inner, source.path, names)).type
        if condition == NUMBER:
            return _Found(element, source.path)
        self._needs(condition, BOOLEAN, node.condition)
        return _Found(kind, source.path)

    def _negate(self, node: t.Negate, names: _Names) -> _Found:
        kind = self.type_of(node.operand, names).type
        if kind not in (NUMBER, DURATION, MONTHS, ANY):
            self._needs(kind, NUMBER, node.operand)
        return _Found(kind)

    def _arithmetic(self, node: t.Arithmetic, names: _Names) -> _Found:
        left, right = self.type_of(node.left, names).type, self.type_of(node.right, names).type
        if node.operator in ("*", "/", "**"):
            self.in_sql = "no"
        if ANY in (left, right) or NULL in (left, right):
            return _Found(
                left if right in (ANY, NULL) and left not in (ANY, NULL) else right if left in (ANY, NULL) else ANY
            )
        found = _OPERATIONS.get((node.operator, left.name, right.name))
        if found is None:
            self.problems.append(problems.no_operation(node.at, node.operator, left.name, right.name))
            return _Found(ANY)
        if found != NUMBER:
            self.in_sql = "no"
        return _Found(found)

    def _compare(self, node: t.Compare, names: _Names) -> _Found:
        left, right = self.type_of(node.left, names).type, self.type_of(node.right, names).type
        self._comparable(node.operator, left, right, node.at)
        return _Found(BOOLEAN)

    def _comparable(self, operator: str, left: Type, right: Type, at: t.Position) -> None:
        if ANY in (left, right) or NULL in (left, right):
            return
        shared = y.common(left, right)
        if left.is_context and right.is_context:
            shared = left if operator in ("=", "!=") else None
        if shared is None or (operator not in ("=", "!=") and left not in y.ORDERED):
            self.problems.append(problems.not_comparable(at, left.name, right.name))

    def _logic(self, node: t.Logic, names: _Names) -> _Found:
        self._needs(self.type_of(node.left, names).type, BOOLEAN, node.left)
        self._needs(self.type_of(node.right, names).type, BOOLEAN, node.right)
        return _Found(BOOLEAN)

    def _not(self, node: t.Not, names: _Names) -> _Found:
        self._needs(self.type_of(node.operand, names).type, BOOLEAN, node.operand)
        return _Found(BOOLEAN)

    def _if(self, node: t.If, names: _Names) -> _Found:
        self._needs(self.type_of(node.condition, names).type, BOOLEAN, node.condition)
        yes, no = self.type_of(node.yes, names), self.type_of(node.no, names)
        return _Found(y.common(yes.type, no.type) or ANY)

    def _between(self, node: t.Between, names: _Names) -> _Found:
        value = self.type_of(node.value, names).type
        for end in (node.low, node.high):
            self._comparable("<=", value, self.type_of(end, names).type, end.at)
        return _Found(BOOLEAN)

    def _in(self, node: t.In, names: _Names) -> _Found:
        value = self.type_of(node.value, names).type
        for operator, test in node.tests:
            kind = self.type_of(test, names).type
            if operator == "in" and (kind.is_list or kind.name == "range"):
                self._comparable("=" if kind.is_list else "<=", value, kind.of or ANY, test.at)
            else:
                self._comparable("=" if operator == "in" else operator, value, kind, test.at)
        return _Found(BOOLEAN)

    def _interval(self, node: t.Interval, names: _Names) -> _Found:
        low, high = self.type_of(node.low, names).type, self.type_of(node.high, names).type
        self._comparable("<=", low, high, node.at)
        return _Found(y.range_of(low if low != NULL else high))

    def _call(self, node: t.Call, names: _Names) -> _Found:
        if node.function in CLOCK and not node.arguments:
            return _Found(CLOCK[node.function])
        kinds = tuple(self.type_of(argument, names).type for argument in node.arguments)
        function = FUNCTIONS.get(node.function)
        if function is None:
            self.problems.append(
                problems.unknown_function(node.at, node.function, nearest(node.function, [*FUNCTIONS, *CLOCK]))
            )
            return _Found(ANY)
        if not function.sql:
            self.in_sql = "no"
        if len(kinds) < function.least or (function.most is not None and len(kinds) > function.most):
            expected = (
                f"{function.least}" if function.most == function.least else f"{function.least}–{function.most or '…'}"
            )
            self.problems.append(problems.wrong_argument_count(node.at, node.function, expected, len(kinds)))
        self._arguments(function, kinds, node)
        return _Found(function.result(kinds) if callable(function.result) else function.result)

    def _arguments(self, function: Function, kinds: tuple[Type, ...], node: t.Call) -> None:
        parameters = function.parameters
        for at, kind in enumerate(kinds):
            wanted = parameters[min(at, len(parameters) - 1)]
            if wanted.is_list and not kind.is_list and len(kinds) > 1 and len(parameters) == 1:
                wanted = wanted.of or ANY  # min(1, 2, 3): the list's elements given one by one
            if wanted == DATE and kind == DATETIME:
                continue
            self._needs(kind, wanted, node.arguments[at])

    def _listof(self, node: t.ListOf, names: _Names) -> _Found:
        inner: Type = NULL
        for item in node.items:
            inner = y.common(inner, self.type_of(item, names).type) or ANY
        return _Found(y.list_of(inner if inner != NULL else ANY))

    def _context(self, node: t.Context, names: _Names) -> _Found:
        self.in_sql = "no"
        return _Found(y.context_of({name: self.type_of(value, names).type for name, value in node.entries}))

    def _loop(self, node: t.Loop, names: _Names) -> _Found:
        self.in_sql = "no"
        for name, source in node.bindings:
            found = self.look(source, names)
            if not found.type.is_list and found.type not in (ANY, NULL):
                self.problems.append(problems.wrong_type(source.at, "list", found.type.name))
            if found.path is not None:
                self.reads.add(found.path)
            names = _Bound(None, {name: found.type.of or ANY}, found.path, names)
        body = self.type_of(node.body, names).type
        if node.kind == "for":
            return _Found(y.list_of(body))
        self._needs(body, BOOLEAN, node.body)
        return _Found(BOOLEAN)

    def _needs(self, found: Type, wanted: Type, node: t.Node) -> None:
        if not y.fits(found, wanted):
            self.problems.append(problems.wrong_type(node.at, wanted.name, found.name))


class _Bound(_Names):
    """A loop variable: its name stands for an element of the list itself."""

    __slots__ = ()

    def find(self, name: str) -> _Found | None:
        """What a name means."""
        kind = self.inner.get(name)
        if kind is not None:
            return _Found(kind, self.path)
        return self.outer.find(name) if self.outer is not None else None


_LITERALS: Final[tuple[tuple[Any, Type], ...]] = (
    (bool, BOOLEAN),
    (Decimal, NUMBER),
    (str, TEXT),
    (datetime, DATETIME),
    (date, DATE),
    (timedelta, DURATION),
    (MonthsDuration, MONTHS),
)


def _operations() -> dict[tuple[str, str, str], Type]:
    table: dict[tuple[str, str, str], Type] = {(op, "number", "number"): NUMBER for op in ("+", "-", "*", "/", "**")}
    table[("+", "text", "text")] = TEXT
    for span in (DURATION, MONTHS):
        for moment in (DATE, DATETIME):
            table[("+", moment.name, span.name)] = table[("-", moment.name, span.name)] = moment
            table[("+", span.name, moment.name)] = moment
        table[("+", span.name, span.name)] = table[("-", span.name, span.name)] = span
        table[("*", span.name, "number")] = table[("*", "number", span.name)] = table[("/", span.name, "number")] = span
        table[("/", span.name, span.name)] = NUMBER
    for left in (DATE, DATETIME):
        for right in (DATE, DATETIME):
            table[("-", left.name, right.name)] = DURATION
    return table


_OPERATIONS: Final = _operations()
