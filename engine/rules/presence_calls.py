"""When a built-in function's value may be null although its arguments have one, and the sign of the number it gives."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final, Protocol

from engine.rules import tree as t
from engine.rules.functions import Function, bind, fitting
from engine.rules.known import SIGNS
from engine.rules.presence_values import Value, either
from engine.rules.signs import NATURAL, POSITIVE, Signs, multiplied, sign_of, total
from engine.rules.types import TEXT, Type

AGGREGATES: Final = frozenset(("sum", "product", "mean", "median", "min", "max"))
"""Of an empty list, and of a list with a null in it, they are null."""


class Lists(Protocol):
    """Whoever knows the elements of lists, and keeps what divides."""

    def element(self, value: Value) -> Value: ...
    def divides(self, node: t.Node, value: Value) -> None: ...


@dataclass(frozen=True, slots=True)
class Asked:
    """A call: the function, and what is known of its arguments."""

    node: t.Call
    function: Function
    values: Sequence[Value]
    kinds: Sequence[Type]
    lists: Lists

    @property
    def first(self) -> Value:
        """The first argument."""
        return self.values[0] if self.values else Value()

    @property
    def elements(self) -> Value:
        """The elements of its one list, given as such or one by one."""
        if len(self.values) == 1 and self.kinds[0].is_list:
            return self.lists.element(self.first)
        found = self.first
        for value in self.values[1:]:
            found = either(found, value)
        return found

    @property
    def is_filled(self) -> bool:
        """Has that list an element?"""
        return len(self.values) > 1 or not (self.kinds and self.kinds[0].is_list) or self.first.filled

    @property
    def is_constant(self) -> bool:
        """Are all its arguments literals?"""
        return bool(self.values) and all(isinstance(a, t.Literal) for a in self.node.arguments)


def call(asked: Asked) -> Value:
    """What is known of the value of a call."""
    name, node = asked.function.name, asked.node
    strict = tuple(n for value in _needed(asked) for n in value.empty)
    if asked.is_constant and name not in _BY_NAME:
        constant = _constant(asked)
        return Value(strict if constant is not None else (strict or (node,)), sign_of(constant))
    found = _BY_NAME[name](asked) if name in _BY_NAME else Value(signs=_SIGNS.get(name, SIGNS))
    own = (node,) if name in _PARTIAL or (name in _OF_TEXT and _reads_text(asked)) else ()
    return replace(found, empty=tuple(dict.fromkeys(strict + found.empty + own)))


def _needed(asked: Asked) -> list[Value]:
    """The arguments that may not be null."""
    ways = fitting(asked.function, len(asked.values), asked.node.names)
    if not ways or len(ways[0]) == 0:
        return list(asked.values)
    way, names = ways[0], asked.node.names
    by_name = {p.name: p for p in way}
    parameters = (
        [by_name[n] for n in names] if names else [way[min(at, len(way) - 1)] for at in range(len(asked.values))]
    )
    return [value for value, p in zip(asked.values, parameters, strict=True) if not p.nullable]


def _constant(asked: Asked) -> Any:
    try:
        given = bind(
            asked.function, [a.value for a in asked.node.arguments if isinstance(a, t.Literal)], asked.node.names
        )
        return None if given is None else asked.function.python(*given)
    except Exception:  # a constant that makes no sense has no value; the evaluator says why
        return None


def _reads_text(asked: Asked) -> bool:
    return len(asked.values) > 2 or TEXT in asked.kinds or any(k.name == "any" for k in asked.kinds)


def _aggregate(of: Callable[[Signs], Signs]) -> Callable[[Asked], Value]:
    def work(asked: Asked) -> Value:
        element = asked.elements
        return Value(element.empty if asked.is_filled else (*element.empty, asked.node), of(element.signs))

    return work


def _of_elements(asked: Asked) -> Value:
    """A list function that is null when an element is."""
    return Value(asked.elements.empty, element=Value(signs=asked.elements.signs))


def _same_list(asked: Asked) -> Value:
    return Value(element=asked.lists.element(asked.first), filled=asked.first.filled)


def _sort(asked: Asked) -> Value:
    """What is null has no place in an order."""
    found = _same_list(asked)
    return found.because(asked.node) if found.element is not None and found.element.empty else found


def _part_of_list(asked: Asked) -> Value:
    return Value(element=asked.lists.element(asked.first))


def _with_item(asked: Asked) -> Value:
    """A list with another element in it, or with elements in the place of others."""
    found = asked.lists.element(asked.first)
    for value in asked.values[1:]:
        found = either(found, value)
    return Value(element=found, filled=True)


def _lists_together(asked: Asked) -> Value:
    found = asked.lists.element(asked.first)
    for value in asked.values[1:]:
        found = either(found, asked.lists.element(value))
    return Value(element=found, filled=any(value.filled for value in asked.values))


def _flatten(asked: Asked) -> Value:
    inner = asked.lists.element(asked.first)
    return Value(element=inner if inner.element is None else either(replace(inner, element=None), inner.element))


def _modulo(asked: Asked) -> Value:
    names = asked.node.names
    at = names.index("divisor") if "divisor" in names else 1
    asked.lists.divides(asked.node.arguments[at], asked.values[at])
    return Value(signs=SIGNS)


def _root(asked: Asked) -> Value:
    return Value((asked.node,) if "-" in asked.first.signs else (), asked.first.signs - {"-"})


def _log(asked: Asked) -> Value:
    return Value((asked.node,) if asked.first.signs - {"+"} else (), SIGNS)


def _parity(asked: Asked) -> Value:
    argument = asked.node.arguments[0]
    is_whole = isinstance(argument, t.Call) and argument.function in _WHOLE and len(argument.arguments) == 1
    is_whole = is_whole or (isinstance(argument, t.Literal) and argument.value == int(argument.value or 0))  # type: ignore[arg-type]
    return Value(() if is_whole else (asked.node,))


def _substring(asked: Asked) -> Value:
    """Null when it begins before the text, or is to be shorter than one character."""
    start, length = (_literal(asked, at) for at in (1, 2))
    fits = isinstance(start, Decimal) and start >= 1 and (len(asked.values) < 3 or (length is not None and length >= 1))
    return Value(() if fits and not asked.node.names else (asked.node,))


def _literal(asked: Asked, at: int) -> Any:
    argument = asked.node.arguments[at] if at < len(asked.values) else None
    return argument.value if isinstance(argument, t.Literal) else None


def _count(asked: Asked) -> Value:
    return Value(signs=POSITIVE if asked.first.filled else NATURAL)


def _rounds(of: Callable[[Signs], Signs]) -> Callable[[Asked], Value]:
    return lambda asked: Value(signs=of(asked.first.signs))


def _to_zero(signs: Signs) -> Signs:
    return signs | {"0"}


_WHOLE: Final = ("count", "string length", "floor", "ceiling", "day of year", "week of year")
_PARTIAL: Final = frozenset((
    "stddev", "sublist", "insert before", "remove", "list replace", "get value", "context", "context put", "context merge", "range",
))  # fmt: skip
"""Null for arguments that are good by their types, for a reason that is not looked into."""
_OF_TEXT: Final = frozenset(("number", "date", "time", "date and time", "duration"))
"""Null when the text they read is none of theirs, or the parts make no date."""
_SIGNS: Final[Mapping[str, Signs]] = {
    "string length": NATURAL, "exp": POSITIVE, "day of year": POSITIVE, "week of year": POSITIVE,
}  # fmt: skip
_BY_NAME: Final[Mapping[str, Callable[[Asked], Value]]] = {
    "count": _count,
    "sum": _aggregate(total), "mean": _aggregate(total), "median": _aggregate(total),
    "product": _aggregate(lambda signs: multiplied(signs, signs) | signs),
    "min": _aggregate(lambda signs: signs), "max": _aggregate(lambda signs: signs),
    "mode": _of_elements, "all": _of_elements, "any": _of_elements,
    "distinct values": _same_list, "reverse": _same_list, "sort": _sort,
    "sublist": _part_of_list, "remove": _part_of_list,
    "append": _with_item, "insert before": _with_item, "list replace": _with_item,
    "concatenate": _lists_together, "union": _lists_together, "flatten": _flatten,
    "index of": lambda asked: Value(element=Value(signs=POSITIVE)),
    "abs": _rounds(lambda signs: signs - {"-"} | ({"+"} if "-" in signs else frozenset())),
    "floor": _rounds(lambda signs: signs | {"0"} if "+" in signs else signs),
    "ceiling": _rounds(lambda signs: signs | {"0"} if "-" in signs else signs),
    "round up": _rounds(lambda signs: signs),
    **dict.fromkeys(("decimal", "round half even", "round half up", "round half down", "round down"), _rounds(_to_zero)),
    "modulo": _modulo, "sqrt": _root, "log": _log, "even": _parity, "odd": _parity, "substring": _substring,
}  # fmt: skip
