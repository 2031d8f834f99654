"""What the presence check knows of a value, and of the names around a node."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace

from engine.rules import tree as t
from engine.rules.known import FILLED, NOT, PRESENT, Marks, signs_left
from engine.rules.signs import NOT_ZERO, Signs
from engine.rules.types import Type

Key = tuple[Hashable, ...]
"""Names one value: a name of the scope, a number for an element of a list, or an expression; then the steps of a path."""
Fact = tuple[Key, str]
"""A mark that holds of a value."""
Facts = frozenset[Fact]
NO_FACTS: Facts = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """What is known of a value before there is one. `empty` are the parts because of which it may be null; none: it never is, or nothing
    is known. `element` is what is known of the elements of a list, `entries` of a context that the expression made."""

    empty: tuple[t.Node, ...] = ()
    signs: Signs = NOT_ZERO
    key: Key | None = None
    element: "Value | None" = None
    entries: "Mapping[str, Value] | None" = None
    filled: bool = False

    def because(self, *nodes: t.Node) -> "Value":
        """The same value, if it may be null because of these nodes, too."""
        return replace(self, empty=self.empty + nodes) if nodes else self

    def marked(self, marks: Marks) -> "Value":
        """The same value, of which these marks hold."""
        return replace(
            self,
            empty=() if PRESENT in marks else self.empty,
            signs=frozenset(s for s in self.signs if NOT[s] not in marks),
            filled=self.filled or FILLED in marks,
        )


def given(marks: Marks | None, key: Key | None, node: t.Node) -> Value:
    """A name or entry of which these marks hold (None: of which nothing is known)."""
    if marks is None:
        return Value(key=key)
    return Value(() if PRESENT in marks else (node,), signs_left(marks), key, filled=FILLED in marks)


def either(left: Value, right: Value) -> Value:
    """A value that may be one or the other."""
    element = left.element if right.element is None else right.element
    if left.element is not None and right.element is not None:
        element = either(left.element, right.element)
    elif element is not None:
        element = replace(element, key=None, entries=None)
    return Value(left.empty + right.empty, left.signs | right.signs, None, element, None, left.filled and right.filled)


@dataclass(frozen=True, slots=True, eq=False)
class Names:
    """Names in front of those of the scope: variables, or (`item`) an element whose entries are names."""

    values: Mapping[str, Value] = field(default_factory=dict)
    item: tuple[Value, Type] | None = None
    outer: "Names | None" = None


@dataclass(frozen=True, slots=True, eq=False)
class Around:
    """Where a node stands: the names there, and what holds there."""

    names: Names
    facts: Facts = NO_FACTS

    def knowing(self, facts: Facts) -> "Around":
        """The same place, where these hold as well."""
        return self if facts <= self.facts else Around(self.names, self.facts | facts)
