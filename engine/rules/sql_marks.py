"""Where a node can be worked out: each gets its mark, from one table of rules.

exact     the database gives the same value, null included
positive  it gives true where the value is true, and nothing else may be asked: a null may be false there
no        not in the database
"""

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final, Literal

from engine.clock import moment_at
from engine.rules import tree as t
from engine.rules import types as y
from engine.rules.closures import to_closures
from engine.rules.functions import FUNCTIONS
from engine.rules.runtime import Run
from engine.rules.types import ANY, BOOLEAN, DATE, DATETIME, NUMBER, TEXT, Type
from engine.values import Range, to_scaled

Mark = Literal["exact", "positive", "no"]
SCALE_MAX: Final = 8
"""The finest scale of a column of numbers."""
_ANY_MOMENT: Final = moment_at(datetime(2000, 1, 1, tzinfo=UTC))
_STORED: Final = (NUMBER, TEXT, BOOLEAN, DATE, DATETIME, ANY, y.NULL)
"""What lies in columns; references, too, by their id."""


def is_constant(node: t.Node, known: Container[str] = ()) -> bool:
    """Does it read nothing but names whose values are known when the statement is made?"""
    if isinstance(node, t.Name):
        return node.name in known
    if isinstance(node, t.Loop | t.Filter | t.Function | t.Invoke):
        return False
    return all(is_constant(child, known) for child in t.children(node))


def sql_marks(tree: t.Node, types: Mapping[int, Type]) -> dict[int, Mark]:
    """The mark of every node by its identity."""
    marks = _Marks(types)
    mark = marks.of(tree, positive=types.get(id(tree)) == BOOLEAN)
    marks.found[id(tree)] = mark if marks.is_operand(tree) and marks.fits_a_column(tree) else "no"
    return marks.found


@dataclass(slots=True)
class _Marks:
    types: Mapping[int, Type]
    found: dict[int, Mark] = field(default_factory=dict)
    values: dict[int, Any] = field(default_factory=dict)

    def of(self, node: t.Node, *, positive: bool = False) -> Mark:
        """The mark of a node, and those of all below it. `positive`: only whether it is true is asked."""
        rule = _RULES.get(type(node), _apart)
        mark = self._constant(node) if is_constant(node) else rule(self, node, positive)
        self.found[id(node)] = mark
        return mark

    def kind(self, node: t.Node) -> Type:
        """The type of a node."""
        return self.types.get(id(node), ANY)

    def is_null(self, node: t.Node) -> bool:
        """Is it a constant without a value?"""
        return id(node) in self.values and self.values[id(node)] is None

    def _constant(self, node: t.Node) -> Mark:
        self.below(node, "exact")
        run = Run(_ANY_MOMENT, UTC)
        self.values[id(node)] = run.result(to_closures(node), {})
        return "no" if run.warnings else "exact"

    def below(self, node: t.Node, mark: Mark) -> None:
        """The same mark for all below a node."""
        for child in t.children(node):
            self.found[id(child)] = mark
            self.below(child, mark)

    def outside(self, *nodes: t.Node) -> None:
        """What reads names that a loop, filter or context binds is not in the database, whatever it is."""
        for node in nodes:
            if is_constant(node):
                self.of(node)
            else:
                self.found[id(node)] = "no"
                self.outside(*t.children(node))

    def is_operand(self, node: t.Node) -> bool:
        """Is it a value that a column may hold or a parameter carry?"""
        if id(node) in self.values:
            return isinstance(self.values[id(node)], bool | Decimal | str | date | None)
        return self.kind(node) in _STORED or self.kind(node).is_context

    def fits_a_column(self, node: t.Node) -> bool:
        """Is it no constant number, or one that a column of some scale could hold?"""
        value = self.values.get(id(node))
        return not isinstance(value, Decimal) or any(to_scaled(value, s) is not None for s in range(SCALE_MAX + 1))

    def is_amount(self, node: t.Node) -> bool:
        """Is it a number that goes together with columns of any scale?"""
        value = self.values.get(id(node))
        return value is None or (isinstance(value, Decimal) and to_scaled(value, SCALE_MAX) is not None)


def _all(marks: _Marks, *nodes: t.Node) -> bool:
    """Are these all in the database, as values?"""
    found = [marks.of(node) for node in nodes]
    return "no" not in found and all(map(marks.is_operand, nodes))


def _if_so(fits: bool) -> Mark:
    return "exact" if fits else "no"


def _apart(marks: _Marks, node: t.Node, positive: bool) -> Mark:
    """Not in the database, though its parts may be."""
    for child in t.children(node):
        marks.of(child)
    return "no"


def _binding(marks: _Marks, node: t.Filter | t.Loop | t.Function | t.Context, positive: bool) -> Mark:
    """Binds names: the list it begins with may be in the database, nothing else."""
    first, *others = t.children(node)
    if isinstance(node, t.Filter | t.Loop):
        marks.of(first)
    else:
        marks.outside(first)
    marks.outside(*others)
    return "no"


def _name(marks: _Marks, node: t.Name | t.Path, positive: bool) -> Mark:
    kind = marks.kind(node)
    of_scalars = kind.is_list and not (kind.of or ANY).is_context  # the roles of the actor, known with the statement
    return _if_so(kind in _STORED or kind.is_context or of_scalars)


def _path(marks: _Marks, node: t.Path, positive: bool) -> Mark:
    is_entry = marks.of(node.source) == "exact" and marks.kind(node.source).is_context
    is_plain = isinstance(node.source, t.Name | t.Path)
    return _name(marks, node, positive) if is_entry and is_plain else "no"


def _logic(marks: _Marks, node: t.Logic, positive: bool) -> Mark:
    parts = {marks.of(part, positive=positive) for part in (node.left, node.right)}
    return "no" if "no" in parts else "positive" if "positive" in parts else "exact"


def _compare(marks: _Marks, node: t.Compare, positive: bool) -> Mark:
    fits = _all(marks, node.left, node.right)
    return _compared(marks, node.operator, (node.left, node.right), positive) if fits else "no"


def _compared(marks: _Marks, operator: str, sides: tuple[t.Node, t.Node], positive: bool) -> Mark:
    if operator not in ("=", "!=") or any(map(marks.is_null, sides)):
        return "exact"
    if DATETIME in map(marks.kind, sides):
        return "no"  # instants are equal to the millisecond, columns hold microseconds
    return "positive" if positive and operator == "=" else "exact"


def _between(marks: _Marks, node: t.Between, positive: bool) -> Mark:
    return _if_so(_all(marks, node.value, node.low, node.high))


def _in(marks: _Marks, node: t.In, positive: bool) -> Mark:
    fits = _all(marks, node.value)
    found = {_tested(marks, (node.value, operator, test), positive) for operator, test in node.tests}
    return "no" if not fits or "no" in found else "positive" if "positive" in found else "exact"


def _tested(marks: _Marks, tested: tuple[t.Node, str, t.Node], positive: bool) -> Mark:
    value, operator, test = tested
    if operator == "in" and t.mentions_input(test):
        marks.outside(test)
        return "no"
    if operator == "in" and isinstance(test, t.Interval) and not is_constant(test):
        # One that runs backwards, or lacks an end, is an error; the database would leave such rows out without a word.
        _all(marks, *t.children(test))
        marks.found[id(test)] = "no"
        return "no"
    mark = marks.of(test)
    items = marks.values.get(id(test))
    if operator == "in" and isinstance(items, list | Range):
        return "no" if mark == "no" else _members(marks.kind(value), items, positive)
    if operator == "in" and marks.kind(test).is_list:
        return mark
    fits = mark != "no" and marks.is_operand(test)
    return _compared(marks, "=" if operator == "in" else operator, (value, test), positive) if fits else "no"


def _members(kind: Type, items: Any, positive: bool) -> Mark:
    """Membership in a list that is known: each of it is a range, or compared with `=`."""
    values = items if isinstance(items, list) else [items]
    singles = [v for v in values if not isinstance(v, Range)]
    ends = [end for v in values if isinstance(v, Range) for end in (v.low, v.high)]
    if not all(isinstance(v, bool | Decimal | str | date | None) for v in (*singles, *ends)):
        return "no"
    if kind == DATETIME and any(v is not None for v in singles):
        return "no"
    return "positive" if positive and singles else "exact"


def _arithmetic(marks: _Marks, node: t.Arithmetic, positive: bool) -> Mark:
    sides = (node.left, node.right)
    fits = _all(marks, *sides) and all(map(marks.is_amount, sides))
    return _if_so(fits and node.operator in ("+", "-") and marks.kind(node) == NUMBER)


def _negate(marks: _Marks, node: t.Negate, positive: bool) -> Mark:
    return _if_so(_all(marks, node.operand) and marks.kind(node) == NUMBER)


def _if(marks: _Marks, node: t.If, positive: bool) -> Mark:
    branches = (node.yes, node.no)
    fits = _all(marks, node.condition, *branches) and marks.kind(node) != ANY
    return _if_so(fits and (marks.kind(node) != NUMBER or all(marks.is_amount(b) for b in branches)))


def _call(marks: _Marks, node: t.Call, positive: bool) -> Mark:
    function = FUNCTIONS.get(node.function)
    if function is None or not function.sql or node.names:
        return _apart(marks, node, positive)
    if node.function == "list contains":
        found = (marks.of(node.arguments[1]), _tested(marks, (node.arguments[1], "in", node.arguments[0]), False))
        is_list = marks.kind(node.arguments[0]).is_list and not marks.is_null(node.arguments[0])
        return _if_so("no" not in found and is_list and marks.is_operand(node.arguments[1]))
    return _if_so(_all(marks, *node.arguments) and (node.function != "abs" or marks.kind(node) == NUMBER))


_RULES: Final[Mapping[type, Callable[[_Marks, Any, bool], Mark]]] = {
    t.Name: _name,
    t.Path: _path,
    t.Logic: _logic,
    t.Compare: _compare,
    t.Between: _between,
    t.In: _in,
    t.Arithmetic: _arithmetic,
    t.Negate: _negate,
    t.If: _if,
    t.Call: _call,
    t.Filter: _binding,
    t.Loop: _binding,
    t.Function: _binding,
    t.Context: _binding,
}
"""The rule of a kind of node; of what is not here, only the parts may be in the database."""
