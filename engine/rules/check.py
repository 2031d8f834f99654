"""Tree + Scope → checked expression. The only place that knows types; strict: everything a pack's author could have meant otherwise
is a problem with line, column and the nearest name. Finds all problems of an expression in one run.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from engine.names import nearest
from engine.problems import Problem, Problems
from engine.rules import problems
from engine.rules import tree as t
from engine.rules import types as y
from engine.rules.calling import kind_named
from engine.rules.checked import Checked
from engine.rules.functions import FUNCTIONS, Function, counts, fitting, takes
from engine.rules.parse import parse
from engine.rules.presence import presence_problems
from engine.rules.scope import Scope
from engine.rules.surroundings import Bound, Found, Names, ReadPath
from engine.rules.types import ANY, BOOLEAN, DATE, DATETIME, DURATION, MONTHS, NULL, NUMBER, TEXT, TIME, Type
from engine.values import MonthsDuration


def check(
    text: str, scope: Scope, *, expects: Type = ANY, needed: bool = False, given: Checked | None = None
) -> Checked | Problems:
    """The checked expression, or every problem of the text in this scope. `needed`: its value must be there, so it is a problem when it
    may be null, as far as the scope knows. `given`: a condition of the same scope without which it is never worked out."""
    parsed = parse(text, (name for name in scope.known() if not name.isidentifier()))
    if isinstance(parsed, Problems):
        return parsed
    checker = _Checker()
    found = checker.type_of(parsed.tree, Names(scope))
    if not y.fits(found.type, expects):
        checker.problems.append(problems.wrong_type(parsed.tree.at, expects.name, found.type.name))
    if not checker.problems:
        before = None if given is None else (given.tree, given.types)
        checker.problems = presence_problems(parsed.tree, checker.types, scope, needed=needed, given_that=before)
    if checker.problems:
        return Problems(tuple(checker.problems))
    return Checked(
        text,
        parsed.tree,
        found.type if found.type != NULL else expects,
        frozenset(checker.reads),
        checker.types,
    )


class _Checker:
    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.reads: set[ReadPath] = set()
        self.types: dict[int, Type] = {}

    def type_of(self, node: t.Node, names: Names) -> Found:
        """The type of a node, with its reads and problems noted."""
        found = self.look(node, names)
        if found.path is not None:
            self.reads.add(found.path)
        return found

    def look(self, node: t.Node, names: Names) -> Found:
        """As type_of, for a node whose value is only a step to what is read."""
        found: Found = getattr(self, f"_{type(node).__name__.lower()}")(node, names)
        self.types[id(node)] = found.type
        return found

    def _literal(self, node: t.Literal, names: Names) -> Found:
        for python, kind in _LITERALS:
            if isinstance(node.value, python):
                return Found(kind)
        return Found(NULL)

    def _name(self, node: t.Name, names: Names) -> Found:
        found = names.find(node.name)
        if found is None:
            self.problems.append(problems.unknown_name(node.at, node.name, nearest(node.name, names.known())))
            return Found(ANY)
        return found

    def _path(self, node: t.Path, names: Names) -> Found:
        source = self.look(node.source, names)
        kind = source.type
        step = None if source.path is None else (*source.path, node.name)
        if kind.is_list and kind.of is not None and kind.of.is_context:
            inner = self._entry(kind.of, node)
            return Found(y.list_of(inner), step)
        if kind.is_context:
            return Found(self._entry(kind, node), step)
        part = _properties(kind).get(node.name)
        if part is None and kind not in (ANY, NULL):
            self.problems.append(
                problems.unknown_entry(node.at, node.name, nearest(node.name, list(_properties(kind))))
            )
        return self._part(source, part or ANY)

    def _part(self, source: Found, kind: Type) -> Found:
        if source.path is not None:
            self.reads.add(source.path)
        return Found(kind)

    def _entry(self, kind: Type, node: t.Path) -> Type:
        if kind.fields is None:
            return ANY
        fields = kind.fields
        found = fields.get(node.name)
        if found is None:
            self.problems.append(problems.unknown_entry(node.at, node.name, nearest(node.name, list(fields))))
            return ANY
        return found

    def _filter(self, node: t.Filter, names: Names) -> Found:
        source = self.look(node.source, names)
        kind = source.type
        if not kind.is_list and kind != ANY:
            self.problems.append(problems.wrong_type(node.source.at, "list", kind.name))
            return Found(ANY)
        element = kind.of or ANY
        inner = {**(element.fields or {}), "item": element} if element.is_context else {"item": element}
        condition = self.type_of(node.condition, Names(None, inner, source.path, names)).type
        if condition == NUMBER:
            return Found(element, source.path)
        self._needs(condition, BOOLEAN, node.condition)
        return Found(kind, source.path)

    def _negate(self, node: t.Negate, names: Names) -> Found:
        kind = self.type_of(node.operand, names).type
        if kind not in (NUMBER, DURATION, MONTHS, ANY):
            self._needs(kind, NUMBER, node.operand)
        return Found(kind)

    def _arithmetic(self, node: t.Arithmetic, names: Names) -> Found:
        left, right = self.type_of(node.left, names).type, self.type_of(node.right, names).type
        if ANY in (left, right) or NULL in (left, right):
            return Found(
                left if right in (ANY, NULL) and left not in (ANY, NULL) else right if left in (ANY, NULL) else ANY
            )
        found = _OPERATIONS.get((node.operator, left.name, right.name))
        if found is None:
            self.problems.append(problems.no_operation(node.at, node.operator, left.name, right.name))
            return Found(ANY)
        return Found(found)

    def _compare(self, node: t.Compare, names: Names) -> Found:
        left, right = self.type_of(node.left, names).type, self.type_of(node.right, names).type
        self._comparable(node.operator, left, right, node.at)
        return Found(BOOLEAN)

    def _comparable(self, operator: str, left: Type, right: Type, at: t.Position) -> None:
        if ANY in (left, right) or NULL in (left, right):
            return
        shared = y.common(left, right)
        if left.is_context and right.is_context:
            shared = left if operator in ("=", "!=") else None
        if shared is None or (operator not in ("=", "!=") and left not in y.ORDERED):
            self.problems.append(problems.not_comparable(at, left.name, right.name))

    def _logic(self, node: t.Logic, names: Names) -> Found:
        self._needs(self.type_of(node.left, names).type, BOOLEAN, node.left)
        self._needs(self.type_of(node.right, names).type, BOOLEAN, node.right)
        return Found(BOOLEAN)

    def _if(self, node: t.If, names: Names) -> Found:
        self._needs(self.type_of(node.condition, names).type, BOOLEAN, node.condition)
        yes, no = self.type_of(node.yes, names), self.type_of(node.no, names)
        return Found(y.common(yes.type, no.type) or ANY)

    def _between(self, node: t.Between, names: Names) -> Found:
        value = self.type_of(node.value, names).type
        for end in (node.low, node.high):
            self._comparable("<=", value, self.type_of(end, names).type, end.at)
        return Found(BOOLEAN)

    def _in(self, node: t.In, names: Names) -> Found:
        value = self.type_of(node.value, names).type
        inner = Bound(None, {"?": value}, None, names)
        for operator, test in node.tests:
            kind = self.type_of(test, inner).type
            if operator == "in" and t.mentions_input(test):
                self._needs(kind, BOOLEAN, test)
                continue
            if kind.is_list and kind.of is not None and kind.of.is_range:
                kind = kind.of
            if operator == "in" and (kind.is_list or kind.name == "range"):
                self._comparable("=" if kind.is_list else "<=", value, kind.of or ANY, test.at)
            else:
                self._comparable("=" if operator == "in" else operator, value, kind, test.at)
        return Found(BOOLEAN)

    def _interval(self, node: t.Interval, names: Names) -> Found:
        low, high = (NULL if end is None else self.type_of(end, names).type for end in (node.low, node.high))
        self._comparable("<=", low, high, node.at)
        return Found(y.range_of(low if low != NULL else high))

    def _call(self, node: t.Call, names: Names) -> Found:
        kinds = tuple(self.type_of(argument, names).type for argument in node.arguments)
        own = names.find(node.function)
        if own is not None and own.type.name == "function":
            self._parameters(node, kinds, own.type)
            return Found(own.type.of or ANY)
        function = FUNCTIONS.get(node.function)
        if function is None:
            self.problems.append(
                problems.unknown_function(node.at, node.function, nearest(node.function, list(FUNCTIONS)))
            )
            return Found(ANY)
        self._arguments(function, kinds, node)
        return Found(function.result(kinds) if callable(function.result) else function.result)

    def _arguments(self, function: Function, kinds: tuple[Type, ...], node: t.Call) -> None:
        ways = fitting(function, len(kinds), node.names)
        if not ways:
            known = [p.name for way in function.signatures for p in way]
            odd = next((n for n in node.names if n not in known), None)
            if odd is not None:
                self.problems.append(problems.unknown_name(node.at, odd, nearest(odd, known)))
            else:
                self.problems.append(
                    problems.wrong_argument_count(node.at, node.function, counts(function), len(kinds))
                )
            return
        spread = function.spreads and not node.names and len(kinds) > 1
        best: list[tuple[t.Node, Type, Type]] | None = None
        for way in ways:
            by_name = {p.name: p for p in way}
            wrong = []
            for at, (kind, argument) in enumerate(zip(kinds, node.arguments, strict=True)):
                parameter = by_name[node.names[at]] if node.names else way[min(at, len(way) - 1)]
                wanted = tuple((w.of or ANY) if spread and w.is_list else w for w in parameter.types)
                if not any(takes(kind, w) for w in wanted):
                    wrong.append((argument, wanted[0], kind))
            if not wrong:
                return
            best = wrong if best is None or len(wrong) < len(best) else best
        self.problems += [
            problems.wrong_type(argument.at, str(wanted), str(kind)) for argument, wanted, kind in best or ()
        ]

    def _parameters(self, node: t.Call | t.Invoke, kinds: tuple[Type, ...], function: Type) -> None:
        wanted = function.parameters
        if len(wanted) != len(kinds):
            name = node.function if isinstance(node, t.Call) else "function"
            self.problems.append(problems.wrong_argument_count(node.at, name, str(len(wanted)), len(kinds)))
            return
        for kind, parameter, argument in zip(kinds, wanted, node.arguments, strict=True):
            self._needs(kind, parameter, argument)

    def _invoke(self, node: t.Invoke, names: Names) -> Found:
        callee = self.type_of(node.callee, names).type
        kinds = tuple(self.type_of(argument, names).type for argument in node.arguments)
        if callee.name != "function" and callee != ANY:
            self.problems.append(problems.wrong_type(node.callee.at, "function", str(callee)))
        elif callee.name == "function":
            self._parameters(node, kinds, callee)
        return Found(callee.of or ANY)

    def _function(self, node: t.Function, names: Names) -> Found:
        kinds = {name: ANY if kind is None else kind_named(kind) or ANY for name, kind in node.parameters}
        body = self.type_of(node.body, Bound(None, kinds, None, names)).type
        return Found(y.function_of(tuple(kinds.values()), body))

    def _instanceof(self, node: t.InstanceOf, names: Names) -> Found:
        self.type_of(node.operand, names)
        if kind_named(node.type) is None:
            ways = nearest(node.type.name, [*y.WRITTEN, "list", "context", "range", "function"])
            self.problems.append(problems.unknown_name(node.at, node.type.name, ways))
        return Found(BOOLEAN)

    def _listof(self, node: t.ListOf, names: Names) -> Found:
        inner: Type = NULL
        for item in node.items:
            inner = y.common(inner, self.type_of(item, names).type) or ANY
        return Found(y.list_of(inner if inner != NULL else ANY))

    def _context(self, node: t.Context, names: Names) -> Found:
        made: dict[str, Type] = {}
        for name, value in node.entries:
            if name in made:
                self.problems.append(problems.twice(value.at, name))
            made[name] = self.type_of(value, Bound(None, dict(made), None, names)).type
        return Found(y.context_of(made))

    def _loop(self, node: t.Loop, names: Names) -> Found:
        for name, source in node.bindings:
            found = self.look(source, names)
            if not (found.type.is_list or found.type.is_range) and found.type not in (ANY, NULL):
                self.problems.append(problems.wrong_type(source.at, "list", str(found.type)))
            if found.path is not None:
                self.reads.add(found.path)
            names = Bound(None, {name: found.type.of or ANY}, found.path, names)
        if node.kind == "for":
            names = Bound(None, {"partial": y.LIST}, None, names)
        body = self.type_of(node.body, names).type
        if node.kind == "for":
            return Found(y.list_of(body))
        self._needs(body, BOOLEAN, node.body)
        return Found(BOOLEAN)

    def _needs(self, found: Type, wanted: Type, node: t.Node) -> None:
        if not y.fits(found, wanted):
            self.problems.append(problems.wrong_type(node.at, str(wanted), str(found)))


def _properties(kind: Type) -> Mapping[str, Type]:
    if kind.is_range:
        of = kind.of or ANY
        return {"start": of, "end": of, "start included": BOOLEAN, "end included": BOOLEAN}
    return y.PROPERTIES.get(kind, {})


_LITERALS: Final[tuple[tuple[Any, Type], ...]] = (
    (bool, BOOLEAN),
    (Decimal, NUMBER),
    (str, TEXT),
    (datetime, DATETIME),
    (date, DATE),
    (time, TIME),
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
    table[("+", "time", DURATION.name)] = table[("-", "time", DURATION.name)] = table[("+", DURATION.name, "time")] = (
        TIME
    )
    table[("-", "time", "time")] = DURATION
    for left in (DATE, DATETIME):
        for right in (DATE, DATETIME):
            table[("-", left.name, right.name)] = DURATION
    return table


_OPERATIONS: Final = _operations()
