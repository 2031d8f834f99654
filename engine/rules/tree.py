"""The tree of an expression: what the parser makes, the checker annotates and the three targets compile.

Nodes are frozen and know where in the text they began. The tree knows no types, no scope and no target.

The browser gets the same tree as JSON: each node is a list whose first element names its kind (see to_browser.py).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from engine.values import MonthsDuration

Position = tuple[int, int]
"""(line, column), both from 1."""

LiteralValue = Decimal | str | bool | date | datetime | timedelta | MonthsDuration | None


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
class Not:
    """`not(operand)`."""

    operand: "Node"
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
    """A range literal."""

    low: "Node"
    high: "Node"
    low_included: bool
    high_included: bool
    at: Position


@dataclass(frozen=True, slots=True)
class Call:
    """`function(arguments)`; the function's name with single spaces."""

    function: str
    arguments: tuple["Node", ...]
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
    | Not
    | If
    | Between
    | In
    | Interval
    | Call
    | ListOf
    | Context
    | Loop
)


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below."""
    match node:
        case Literal() | Name():
            return ()
        case Path(source=a) | Negate(operand=a) | Not(operand=a):
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
            return node.low, node.high
        case Call(arguments=items) | ListOf(items=items):
            return items
        case Context():
            return tuple(v for _, v in node.entries)
        case Loop():
            return *(v for _, v in node.bindings), node.body


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed text, not yet checked."""

    text: str
    tree: Node
