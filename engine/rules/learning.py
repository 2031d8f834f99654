"""What a condition teaches: where it is true (or false), which values are there, which lists have elements, which numbers are not zero."""

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from engine.rules import tree as t
from engine.rules.functions import FUNCTIONS
from engine.rules.known import FILLED, PRESENT
from engine.rules.presence_calls import AGGREGATES
from engine.rules.presence_values import NO_FACTS, Around, Facts, Value
from engine.rules.signs import Signs, excluded, mark
from engine.rules.types import Type

Outcome = tuple[bool, bool]
"""(true or false, certain): (True, False) is "true or null"."""
ORDERED: Final = ".."
"""The operation of a range in the key of a value."""
_NEGATED: Final = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_FLIPPED: Final = {"=": "=", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}


class Looks(Protocol):
    """Whoever knows the values of nodes."""

    def look(self, node: t.Node, around: Around) -> Value: ...
    def learned(self, condition: t.Node, truth: bool, certain: bool, around: Around) -> Facts: ...
    def type_of(self, node: t.Node) -> Type: ...


def learn(looks: Looks, node: t.Node, outcome: Outcome, around: Around) -> Facts:
    """What holds where `node` has this outcome."""
    found = _LEARNING.get(type(node))
    facts = found(looks, node, outcome, around) if found is not None else NO_FACTS
    is_total = isinstance(node, t.Compare) and node.operator in ("=", "!=")
    return facts | there(looks, node, around) if outcome[1] and not is_total else facts


def there(looks: Looks, node: t.Node, around: Around) -> Facts:
    """What holds where a node is not null: itself and what it is made of are there."""
    facts: set[tuple[tuple[object, ...], str]] = set()
    waiting = [node]
    while waiting:
        at = waiting.pop()
        key = looks.look(at, around).key
        if key is not None:
            facts.add((key, PRESENT))
        waiting += _strict(looks, at)
        list_ = _source_of_one(looks, at)
        source = looks.look(list_, around).key if list_ is not None else None
        if source is not None:
            facts.add((source, FILLED))
    return frozenset(facts)


def _strict(looks: Looks, node: t.Node) -> tuple[t.Node, ...]:
    """The parts that are there when the whole is."""
    match node:
        case t.Path(source=source) | t.Filter(source=source) | t.Negate(operand=source):
            return (source,)
        case t.Arithmetic() | t.Between():
            return t.children(node)
        case t.Compare() if node.operator not in ("=", "!="):
            return node.left, node.right
        case t.Call() if node.function in FUNCTIONS and not node.names:
            ways = FUNCTIONS[node.function].signatures
            fits = all(not p.nullable for way in ways for p in way)
            return node.arguments if fits else ()
    return ()


def _source_of_one(looks: Looks, node: t.Node) -> t.Node | None:
    """The list that has an element when this is not null: of `list[1]`, of `max(list)`."""
    if isinstance(node, t.Filter) and not looks.type_of(node).is_list:
        return node.source
    is_aggregate = isinstance(node, t.Call) and node.function in AGGREGATES and len(node.arguments) == 1
    return node.arguments[0] if isinstance(node, t.Call) and is_aggregate else None


def _logic(looks: Looks, node: t.Logic, outcome: Outcome, around: Around) -> Facts:
    truth, certain = outcome
    left = looks.learned(node.left, truth, certain, around)
    if (node.operator == "and") is truth:
        return left | looks.learned(node.right, truth, certain, around.knowing(left))
    undecided = looks.learned(node.left, not truth, False, around)
    return left & (looks.learned(node.right, truth, certain, around.knowing(undecided)) | undecided)


def _compare(looks: Looks, node: t.Compare, outcome: Outcome, around: Around) -> Facts:
    truth, certain = outcome
    operator = node.operator if truth else _NEGATED[node.operator]
    return _compared(looks, (operator, node.left, node.right), certain, around)


def _compared(looks: Looks, comparison: tuple[str, t.Node, t.Node], certain: bool, around: Around) -> Facts:
    operator, first, second = comparison
    facts = NO_FACTS
    for at, node, other in ((operator, first, second), (_FLIPPED[operator], second, first)):
        value, bound = looks.look(node, around), looks.look(other, around)
        if (
            (operator == "!=" and _is_null(other))
            or (operator == "=" and not bound.empty)
            or (operator not in ("=", "!=") and certain)
        ):
            facts |= there(looks, node, around)
        if not _is_null(other) and (operator == "=" or not bound.empty or (certain and operator != "!=")):
            facts |= _without(looks, node, value, excluded(at, bound.signs), around)
    pair = looks.look(first, around), looks.look(second, around)
    return facts | _differ(operator, *pair) | (_in_order(operator, *pair) if certain else NO_FACTS)


def _differ(operator: str, first: Value, second: Value) -> Facts:
    """Two values that are not the same have a difference that is not zero."""
    if operator not in ("!=", "<", ">") or first.key is None or second.key is None:
        return NO_FACTS
    return frozenset(((("-", *pair),), mark("0")) for pair in ((first.key, second.key), (second.key, first.key)))


def _in_order(operator: str, first: Value, second: Value) -> Facts:
    """A range between two values that are in order is there."""
    low, high = (first, second) if operator in ("<", "<=") else (second, first)
    if operator in ("=", "!=") or low.key is None or high.key is None:
        return NO_FACTS
    return frozenset((((((ORDERED, low.key, high.key),), PRESENT)),))


def _without(looks: Looks, node: t.Node, value: Value, signs: Signs, around: Around) -> Facts:
    """A number that is none of these, if it is there; a list whose count is not zero has elements."""
    key = value.key
    facts: Facts = NO_FACTS if key is None else frozenset((key, mark(sign)) for sign in signs)
    if "0" in signs and isinstance(node, t.Call) and node.function == "count" and len(node.arguments) == 1:
        counted = looks.look(node.arguments[0], around).key
        facts |= NO_FACTS if counted is None else frozenset(((counted, FILLED),))
    return facts


def _is_null(node: t.Node) -> bool:
    return isinstance(node, t.Literal) and node.value is None


def _call(looks: Looks, node: t.Call, outcome: Outcome, around: Around) -> Facts:
    if node.function == "not" and len(node.arguments) == 1:
        return looks.learned(node.arguments[0], not outcome[0], outcome[1], around)
    return NO_FACTS


def _between(looks: Looks, node: t.Between, outcome: Outcome, around: Around) -> Facts:
    if not outcome[0]:
        return NO_FACTS
    above = _compared(looks, (">=", node.value, node.low), outcome[1], around)
    return above | _compared(looks, ("<=", node.value, node.high), outcome[1], around)


def _in(looks: Looks, node: t.In, outcome: Outcome, around: Around) -> Facts:
    if len(node.tests) == 1 and not outcome[0] and node.tests[0][0] != "in":
        operator, test = node.tests[0]
        return _compared(looks, (_NEGATED[operator], node.value, test), outcome[1], around)
    if not outcome[0]:
        return NO_FACTS
    ways = [_tested(looks, (node.value, operator, test), outcome[1], around) for operator, test in node.tests]
    return ways[0].intersection(*ways[1:]) if ways else NO_FACTS


def _tested(looks: Looks, tested: tuple[t.Node, str, t.Node], certain: bool, around: Around) -> Facts:
    value, operator, test = tested
    if t.mentions_input(test):
        return NO_FACTS
    if operator != "in":
        return _compared(looks, (operator, value, test), certain, around)
    if isinstance(test, t.Interval):
        low, high = (">=" if test.low_included else ">"), ("<=" if test.high_included else "<")
        ends = ((low, test.low), (high, test.high))
        made = (_compared(looks, (op, value, end), certain, around) for op, end in ends if end is not None)
        return NO_FACTS.union(*made)
    if isinstance(test, t.ListOf):
        ways = [_compared(looks, ("=", value, item), certain, around) for item in test.items]
        return ways[0].intersection(*ways[1:]) if ways else NO_FACTS
    kind = looks.type_of(test)
    is_scalar = not (kind.is_list or kind.is_range) and kind.name != "any"
    return _compared(looks, ("=", value, test), certain, around) if is_scalar else NO_FACTS


def _loop(looks: Looks, node: t.Loop, outcome: Outcome, around: Around) -> Facts:
    if node.kind != "some" or outcome != (True, True):
        return NO_FACTS
    key = looks.look(node.bindings[0][1], around).key
    return NO_FACTS if key is None else frozenset(((key, FILLED), (key, PRESENT)))


_LEARNING: Final[Mapping[type, Callable[[Looks, Any, Outcome, Around], Facts]]] = {
    t.Logic: _logic, t.Compare: _compare, t.Call: _call, t.Between: _between, t.In: _in, t.Loop: _loop,
}  # fmt: skip
