"""Presence: which values of a checked expression may be null, and which divisors may be zero, where the scope knows what always has a
value. Follows conditions (`if x != null then …`), filters and loops; of what is not known it says nothing.
"""

from collections.abc import Hashable, Mapping
from dataclasses import replace
from itertools import count
from typing import Any, Final

from engine.problems import Problem
from engine.rules import problems
from engine.rules import tree as t
from engine.rules import types as y
from engine.rules.comparing import less
from engine.rules.functions import FUNCTIONS
from engine.rules.known import FILLED, NOT, PRESENT, SIGNS
from engine.rules.learning import ORDERED, learn
from engine.rules.presence_calls import Asked, call
from engine.rules.presence_values import NO_FACTS, Around, Facts, Key, Names, Value, either, given
from engine.rules.scope import Scope
from engine.rules.signs import NATURAL, NOT_ZERO, POSITIVE, added, multiplied, negated, raised, sign_of
from engine.rules.types import ANY, NUMBER, Type
from engine.rules.writing import write

SHOWN_MAX: Final = 80
"""Characters of an expression that a problem shows."""
LOOKS_A_NODE: Final = 60
"""Looks at a node, on average, before nothing more is learned from conditions: they are nested beyond what anybody writes."""


def presence_problems(
    tree: t.Node,
    types: Mapping[int, Type],
    scope: Scope,
    *,
    needed: bool,
    given_that: tuple[t.Node, Mapping[int, Type]] | None,
) -> list[Problem]:
    """Every divisor that may be zero, and with `needed` every part because of which the value may be null. `given_that` is a condition
    (and its types) without which the expression is never worked out."""
    if not scope.is_known:
        return []
    start = Around(Names())
    walker = Presence(scope, types, tree)
    if given_that is not None:
        condition, types_there = given_that
        walker.types = {**types_there, **types}
        start = start.knowing(walker.learned(condition, True, True, start))
        walker.problems.clear()  # those of the condition are told where it stands
    value = walker.look(tree, start)
    found = list(walker.problems.values())
    if needed:
        parts: dict[str, t.Position] = {}
        for at, part in sorted((node.at, write(node)[:SHOWN_MAX]) for node in value.empty):
            parts.setdefault(part, at)
        found += [problems.may_be_empty(at, part) for part, at in parts.items()]
    return sorted(found, key=lambda p: (p.params["line"], p.params["column"]))


class Presence:
    """One walk over one tree. Every look is remembered: conditions are looked at again to learn from them."""

    def __init__(self, scope: Scope, types: Mapping[int, Type], tree: t.Node) -> None:
        self.scope = scope
        self.types = types
        self.problems: dict[int, Problem] = {}
        self._always: set[tuple[Key, str]] = set()
        self._same: dict[Hashable, Key] = {}
        self._picked: set[Hashable] = set()
        self._looked: dict[tuple[int, Names, Facts], Value] = {}
        self._learned: dict[tuple[int, bool, bool, Names, Facts], Facts] = {}
        self._numbers = count()
        self._left = LOOKS_A_NODE * _size(tree)

    def look(self, node: t.Node, around: Around) -> Value:
        """What is known of a node's value at its place."""
        place = (id(node), around.names, around.facts)
        found = self._looked.get(place)
        if found is None:
            self._left -= 1
            made: Value = getattr(self, f"_{type(node).__name__.lower()}")(node, around)
            found = self._looked[place] = self._refined(made, around.facts)
        return found

    def learned(self, condition: t.Node, truth: bool, certain: bool, around: Around) -> Facts:
        """What holds where a condition is true (or false); not `certain`: where it is that or null."""
        place = (id(condition), truth, certain, around.names, around.facts)
        found = self._learned.get(place)
        if found is None:
            self._left -= 1
            found = NO_FACTS if self._left < 0 else learn(self, condition, (truth, certain), around)
            self._learned[place] = found
        return found

    def type_of(self, node: t.Node) -> Type:
        """The type that the checker found."""
        return self.types.get(id(node), ANY)

    def _refined(self, value: Value, facts: Facts, *, as_step: bool = False) -> Value:
        """The value with what holds of it here. `as_step`: as an entry of a value that is there."""
        if value.key is None or not (facts or self._always):
            return value
        marks = (PRESENT, FILLED, *NOT.values())
        holding = frozenset(m for m in marks if self._holds(value.key, m, facts, as_step and len(value.key) > 1))
        return value.marked(holding) if holding else value

    def _holds(self, key: Key, mark: str, facts: Facts, as_step: bool) -> bool:
        while (key, mark) not in facts and (key, mark) not in self._always:
            # What holds of every element does not say that there is one at a position.
            if key[0] not in self._same or (mark == PRESENT and key[0] in self._picked and not as_step):
                return False
            key = self._same[key[0]] + key[1:]
        return True

    def _alike(self, value: Value, root: Hashable = None) -> Value:
        """A value of its own, of which everything holds that holds of this one."""
        root = next(self._numbers) if root is None else root
        if value.key is not None:
            self._same[root] = value.key
        return replace(value, key=(root,))

    def element(self, value: Value) -> Value:
        """What is known of the elements of a list."""
        return self._alike(Value() if value.element is None else value.element)

    def _literal(self, node: t.Literal, around: Around) -> Value:
        if node.value is None:
            return Value((node,), frozenset())
        return Value((), sign_of(node.value), (("literal", type(node.value).__name__, node.value),))

    def _name(self, node: t.Name, around: Around) -> Value:
        names: Names | None = around.names
        while names is not None:
            found = names.values.get(node.name)
            if found is None and names.item is not None:
                found = self._entry(names.item, node)
            if found is not None:
                found = self._refined(found, around.facts)
                return replace(found, empty=(node,) if found.empty else ())
            names = names.outer
        return given(self.scope.marks_of(node.name), (node.name,), node)

    def _entry(self, item: tuple[Value, Type], node: t.Name) -> Value | None:
        value, kind = item
        if node.name == "item":
            return value
        is_there = node.name in (kind.fields or {}) or node.name in (value.entries or {})
        return self._step(value, kind, node) if is_there else None

    def _path(self, node: t.Path, around: Around) -> Value:
        source, kind = self.look(node.source, around), self.type_of(node.source)
        if not kind.is_list:
            found = self._refined(self._step(source, kind, node), around.facts, as_step=True)
            return replace(found, empty=source.empty or found.empty)
        element = self.element(source)
        found = self._refined(self._step(element, kind.of or ANY, node), around.facts)
        if element.empty:
            found = replace(found, empty=(node,))
        key = None if source.key is None else (*source.key, node.name)
        return Value(source.empty, NOT_ZERO, key, found, filled=source.filled)

    def _step(self, source: Value, kind: Type, node: t.Name | t.Path) -> Value:
        key = None if source.key is None else (*source.key, node.name)
        if source.entries is not None:
            return source.entries.get(node.name) or Value(key=key)
        if kind.is_context:
            return given(None if kind.known is None else kind.known.get(node.name, frozenset()), key, node)
        if kind in y.PROPERTIES:
            return Value((node,) if node.name in _OF_ZONES else (), _PARTS.get(node.name, SIGNS), key)
        return Value(key=key)

    def _filter(self, node: t.Filter, around: Around) -> Value:
        source, kind = self.look(node.source, around), self.type_of(node.source)
        key = _text_key(node, around)
        base = self._refined(self.element(source), around.facts)
        under = self._alike(base)
        inside = Around(Names({}, (under, kind.of or ANY), around.names), around.facts)
        condition = self.look(node.condition, inside)
        if self.type_of(node.condition) == NUMBER:
            sure = source.filled and isinstance(node.condition, t.Literal) and abs(node.condition.value) == 1  # type: ignore[arg-type]
            self._picked.add(key[0])
            found = replace(self._alike(base, key[0]), empty=source.empty)
            return found if sure and not base.empty and not condition.empty else found.because(node)
        learned = self.learned(node.condition, True, True, inside)
        self._always |= {fact for fact in learned if fact[0][0] == (under.key or (None,))[0]}
        return Value(source.empty, NOT_ZERO, key, self._refined(under, around.facts))

    def _negate(self, node: t.Negate, around: Around) -> Value:
        operand = self.look(node.operand, around)
        return Value(operand.empty, negated(operand.signs), _key("-", operand))

    def _arithmetic(self, node: t.Arithmetic, around: Around) -> Value:
        left, right = self.look(node.left, around), self.look(node.right, around)
        found = Value(left.empty + right.empty, SIGNS, _key(node.operator, left, right))
        is_number = self.type_of(node) == NUMBER
        match node.operator:
            case "+" if is_number:
                return replace(found, signs=added(left.signs, right.signs))
            case "-" if is_number:
                return replace(found, signs=added(left.signs, negated(right.signs)))
            case "*" if is_number:
                return replace(found, signs=multiplied(left.signs, right.signs))
            case "/":
                self.divides(node.right, right)
                return replace(found, signs=multiplied(left.signs, right.signs - {"0"}) if is_number else SIGNS)
            case "**":
                return self._power(node, found, left, right)
        return found

    def _power(self, node: t.Arithmetic, found: Value, base: Value, exponent: Value) -> Value:
        if "-" in exponent.signs:
            self.divides(node.left, base)
        constant = node.right.value if isinstance(node.right, t.Literal) else None
        whole = constant is not None and constant == constant.to_integral_value()  # type: ignore[union-attr]
        found = replace(found, signs=raised(base.signs, constant))
        return found if whole or "-" not in base.signs else found.because(node)

    def divides(self, node: t.Node, value: Value) -> None:
        """Notes a divisor that may be zero."""
        if "0" in value.signs:
            self.problems.setdefault(id(node), problems.may_divide_by_zero(node.at, write(node)[:SHOWN_MAX]))

    def _compare(self, node: t.Compare, around: Around) -> Value:
        left, right = self.look(node.left, around), self.look(node.right, around)
        total = node.operator in ("=", "!=")
        return Value(() if total else left.empty + right.empty, key=_key(node.operator, left, right))

    def _logic(self, node: t.Logic, around: Around) -> Value:
        """Null when a part is and no other decides: so each part is looked at where no other has decided. The parts on the left are
        worked out first, and only they guard a division."""
        parts, goes_on, here = _parts(node), node.operator == "and", around
        looks: list[tuple[t.Node, Value, Facts]] = []
        for part in parts:
            value = self.look(part, here)
            learned = self.learned(part, goes_on, False, here)
            looks.append((part, value, learned))
            here = here.knowing(learned)
        empty: tuple[t.Node, ...] = ()
        for at, (part, value, _) in enumerate(looks):
            if value.empty and not _has_logic(part):
                others = NO_FACTS.union(*(facts for i, (_, _, facts) in enumerate(looks) if i != at))
                empty += self.look(part, around.knowing(others)).empty
            else:
                empty += value.empty
        return Value(empty)

    def _if(self, node: t.If, around: Around) -> Value:
        self.look(node.condition, around)
        yes = self.look(node.yes, around.knowing(self.learned(node.condition, True, True, around)))
        no = self.look(node.no, around.knowing(self.learned(node.condition, False, False, around)))
        return replace(either(yes, no), key=_text_key(node, around))

    def _between(self, node: t.Between, around: Around) -> Value:
        parts = [self.look(n, around) for n in (node.value, node.low, node.high)]
        return Value(tuple(n for part in parts for n in part.empty))

    def _in(self, node: t.In, around: Around) -> Value:
        value = self.look(node.value, around)
        inside = Around(Names({"?": value}, None, around.names), around.facts)
        empty: tuple[t.Node, ...] = ()
        for operator, test in node.tests:
            found, kind = self.look(test, inside), self.type_of(test)
            if operator == "in" and t.mentions_input(test):
                empty += found.empty
            elif operator not in ("in", "=", "!=") or isinstance(test, t.Interval):
                empty += value.empty + found.empty
            elif operator == "in" and kind.is_range:
                empty += value.empty
        return Value(empty)

    def _interval(self, node: t.Interval, around: Around) -> Value:
        ends = [self.look(end, around) for end in t.children(node)]
        signs = frozenset().union(*(end.signs for end in ends))
        step = POSITIVE if signs <= POSITIVE else NATURAL if signs <= NATURAL else SIGNS
        empty = tuple(n for end in ends for n in end.empty)
        if node.bare or len(ends) < 2:
            return Value(empty, element=Value((), step), filled=node.bare)
        # One that runs backwards is null.
        own = () if _in_order(node.low, node.high) else (node,)
        return Value(empty + own, element=Value((), step), key=_key(ORDERED, *ends))

    def _call(self, node: t.Call, around: Around) -> Value:
        values = [self.look(argument, around) for argument in node.arguments]
        own = self.scope.type_of(node.function)
        function = FUNCTIONS.get(node.function)
        if function is None or self._is_bound(node.function, around) or (own is not None and own.name == "function"):
            return Value(signs=SIGNS)
        asked = Asked(node, function, values, [self.type_of(a) for a in node.arguments], self)
        return replace(call(asked), key=_key((node.function, *node.names), *values))

    def _is_bound(self, name: str, around: Around) -> bool:
        names: Names | None = around.names
        while names is not None:
            if name in names.values:
                return True
            names = names.outer
        return False

    def _invoke(self, node: t.Invoke, around: Around) -> Value:
        for part in t.children(node):
            self.look(part, around)
        return Value(signs=SIGNS)

    def _function(self, node: t.Function, around: Around) -> Value:
        parameters = {name: Value() for name, _ in node.parameters}
        self.look(node.body, Around(Names(parameters, None, around.names), around.facts))
        return Value()

    def _instanceof(self, node: t.InstanceOf, around: Around) -> Value:
        self.look(node.operand, around)
        return Value()

    def _listof(self, node: t.ListOf, around: Around) -> Value:
        items = [self.look(item, around) for item in node.items]
        if not items:
            return Value()
        element = items[0]
        for item in items[1:]:
            element = either(element, item)
        return Value(element=element, filled=True)

    def _context(self, node: t.Context, around: Around) -> Value:
        made: dict[str, Value] = {}
        for name, value in node.entries:
            made[name] = self.look(value, Around(Names(dict(made), None, around.names), around.facts))
        return Value(entries=made)

    def _loop(self, node: t.Loop, around: Around) -> Value:
        names, filled = around.names, True
        empty: tuple[t.Node, ...] = ()
        for name, source in node.bindings:
            value, kind = self.look(source, Around(names, around.facts)), self.type_of(source)
            alone = not (kind.is_list or kind.is_range or kind == ANY)
            element = self._alike(value) if alone else self.element(value)
            names = Names({name: element, "partial": Value()} if node.kind == "for" else {name: element}, None, names)
            empty, filled = empty + value.empty, filled and (alone or value.filled)
        body = self.look(node.body, Around(names, around.facts))
        if node.kind == "for":
            return Value(empty, element=body, filled=filled, key=_text_key(node, around))
        return Value(empty + body.empty)


def _key(operation: Hashable, *parts: Value) -> Key | None:
    """The key of an operation on values that have one."""
    keys = tuple(part.key for part in parts)
    return None if None in keys else ((operation, *keys),)


def _text_key(node: t.Node, around: Around) -> Key:
    """The key of whatever is written the same way at a place with the same names."""
    return (("text", around.names, write(node)),)


def _parts(node: t.Logic) -> list[t.Node]:
    """`a and b and c`, in their order."""
    parts: list[t.Node] = []
    at: t.Node = node
    while isinstance(at, t.Logic) and at.operator == node.operator:
        parts.insert(0, at.right)
        at = at.left
    return [at, *parts]


def _in_order(low: t.Node | None, high: t.Node | None) -> bool:
    """Are these constants, the first not above the second?"""
    constant = isinstance(low, t.Literal) and isinstance(high, t.Literal)
    return constant and less(high.value, low.value) is False  # type: ignore[union-attr]


def _has_logic(node: t.Node) -> bool:
    return isinstance(node, t.Logic) or any(map(_has_logic, t.children(node)))


def _size(node: t.Node) -> int:
    return 1 + sum(map(_size, t.children(node)))


_OF_ZONES: Final = ("time offset", "timezone")
_PARTS: Final[Mapping[str, Any]] = {
    **dict.fromkeys(("year", "month", "day", "weekday"), POSITIVE),
    **dict.fromkeys(("hour", "minute", "second"), NATURAL),
}
"""Signs of the parts of dates and times."""
