"""The tree of an expression: what the parser makes, the checker annotates and the three targets compile.

Nodes are frozen and know where in the text they began. The tree knows no types, no scope and no target.

The browser gets the same tree as JSON: each node is a list whose first element names its kind (see to_browser.py).
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from engine.values import MonthsDuration

Position = tuple[int, int]
"""(line, column), both from 1."""

LiteralValue = Decimal | str | bool | date | datetime | time | timedelta | MonthsDuration | None


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant."""

    value: LiteralValue
    at: Position


@dataclass(frozen=True, slots=True)
class Name:
    """A variable of the scope."""

    name: str
    at: Position


@dataclass(frozen=True, slots=True)
class Path:
    """`source.name`: an entry of a context, of each context of a list, or a part of a date."""

    source: "Node"
    name: str
    at: Position


@dataclass(frozen=True, slots=True)
class Filter:
    """`source[condition]`: the elements for which it is true, or the element at a position."""

    source: "Node"
    condition: "Node"
    at: Position


@dataclass(frozen=True, slots=True)
class Negate:
    """`-operand`."""

    operand: "Node"
    at: Position


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """`left operator right`; operator is one of + - * / **."""

    operator: str
    left: "Node"
    right: "Node"
    at: Position


@dataclass(frozen=True, slots=True)
class Compare:
    """`left operator right`; operator is one of = != < <= > >=."""

    operator: str
    left: "Node"
    right: "Node"
    at: Position


@dataclass(frozen=True, slots=True)
class Logic:
    """`left and right`, `left or right`: three-valued (DMN 1.5 table 51)."""

    operator: str
    left: "Node"
    right: "Node"
    at: Position


@dataclass(frozen=True, slots=True)
class If:
    """`if condition then yes else no`."""

    condition: "Node"
    yes: "Node"
    no: "Node"
    at: Position


@dataclass(frozen=True, slots=True)
class Between:
    """`value between low and high`, both ends included."""

    value: "Node"
    low: "Node"
    high: "Node"
    at: Position


@dataclass(frozen=True, slots=True)
class In:
    """`value in (tests)`: true when any test is. A test is (operator, node); operator "in" takes a list, a range or a value."""

    value: "Node"
    tests: tuple[tuple[str, "Node"], ...]
    at: Position


@dataclass(frozen=True, slots=True)
class Interval:
    """A range: `[low..high]`, `(< high)`, `(>= low)`, `(= both)`, or the `low..high` of a loop (`bare`: steps, also
    downwards). A side that is None is open."""

    low: "Node | None"
    high: "Node | None"
    low_included: bool
    high_included: bool
    at: Position
    bare: bool = False
    operator: str = ""
    """Of `(< high)` and the like; `!=` has no range and is only a test."""


@dataclass(frozen=True, slots=True)
class Call:
    """`function(arguments)`; `function` is a name with single spaces, `names` are those of named arguments, or none."""

    function: str
    arguments: tuple["Node", ...]
    at: Position
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Invoke:
    """`callee(arguments)` where the callee is not a plain name."""

    callee: "Node"
    arguments: tuple["Node", ...]
    at: Position
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TypeName:
    """A type as it is written: `number`, `list<text>`, `context<a: number>`, `function<number> -> text`. `names` are the entries
    of a context type."""

    name: str
    arguments: tuple["TypeName", ...] = ()
    names: tuple[str, ...] = ()
    result: "TypeName | None" = None


@dataclass(frozen=True, slots=True)
class Function:
    """`function(a: number, b) body`. External functions (Java, PMML) are read and have no value."""

    parameters: tuple[tuple[str, TypeName | None], ...]
    body: "Node"
    external: bool
    at: Position


@dataclass(frozen=True, slots=True)
class InstanceOf:
    """`operand instance of type`."""

    operand: "Node"
    type: TypeName
    at: Position


@dataclass(frozen=True, slots=True)
class ListOf:
    """`[a, b, c]`."""

    items: tuple["Node", ...]
    at: Position


@dataclass(frozen=True, slots=True)
class Context:
    """`{name: value}`."""

    entries: tuple[tuple[str, "Node"], ...]
    at: Position


@dataclass(frozen=True, slots=True)
class Loop:
    """`for`, `some` or `every`: variables bound to the elements of lists, and a body."""

    kind: str
    bindings: tuple[tuple[str, "Node"], ...]
    body: "Node"
    at: Position


Node = (
    Literal
    | Name
    | Path
    | Filter
    | Negate
    | Arithmetic
    | Compare
    | Logic
    | If
    | Between
    | In
    | Interval
    | Call
    | Invoke
    | Function
    | InstanceOf
    | ListOf
    | Context
    | Loop
)


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below."""
    match node:
        case Literal() | Name():
            return ()
        case Path(source=a) | Negate(operand=a) | InstanceOf(operand=a) | Function(body=a):
            return (a,)
        case Filter(source=a, condition=b):
            return a, b
        case Arithmetic() | Compare() | Logic():
            return node.left, node.right
        case If():
            return node.condition, node.yes, node.no
        case Between():
            return node.value, node.low, node.high
        case In():
            return node.value, *(t for _, t in node.tests)
        case Interval():
            return tuple(end for end in (node.low, node.high) if end is not None)
        case Call(arguments=items) | ListOf(items=items):
            return items
        case Invoke():
            return node.callee, *node.arguments
        case Context():
            return tuple(v for _, v in node.entries)
        case Loop():
            return *(v for _, v in node.bindings), node.body


def mentions_input(node: Node) -> bool:
    """Does it read `?`, the value under test? Then a unary test is a condition and not a value to compare with."""
    return (isinstance(node, Name) and node.name == "?") or any(mentions_input(child) for child in children(node))


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed text, not yet checked."""

    text: str
    tree: Node


@dataclass(frozen=True, slots=True)
class Tests:
    """Unary tests (DMN 1.5 §10.3.2.13, grammar rule 17), as a cell of a decision table has them: `-` (anything), `< 5, [7..9]`,
    `not("a", "b")`. A test is (operator, node); operator "in" takes a value, a list, a range, or a condition over `?`."""

    text: str
    tests: tuple[tuple[str, Node], ...]
    negated: bool = False
