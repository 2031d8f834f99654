"""Structure: which form holds the graph, and what its lines say. Frozen, compiled from JSON once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final, Literal

from engine.names import Text
from engine.rules import BOOLEAN, DATE, NUMBER, TEXT, Checked, Scope, Type
from engine.rules.known import PRESENT

PARAMETER_TYPES: Final[Mapping[str, Type]] = {"number": NUMBER, "text": TEXT, "boolean": BOOLEAN, "date": DATE}
"""What a parameter of a demand may be."""
ROUNDINGS: Final = ("up", "half_even", "half_up", "down")
"""Ways of rounding what is needed of a component that nothing is below."""

Value = Decimal | str | bool | date


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a demand says besides its quantity: a width, a colour. `sample` is what lines are tried with when they are saved; without
    `default` every demand must give a value."""

    name: str
    kind: str
    label: Text
    sample: Value
    default: Value | None = None

    @property
    def type(self) -> Type:
        """Its type in expressions."""
        return PARAMETER_TYPES[self.kind]


@dataclass(frozen=True, slots=True)
class DateFields:
    """The date fields that say from which day something holds and on which day it holds for the last time; empty ones have no end."""

    starts: str | None = None
    ends: str | None = None


@dataclass(frozen=True, slots=True)
class Versions:
    """Which of several records holds for a parent: one that is `active` on the day; of several the one that starts last, then the one
    with the highest `number` (digits count as numbers)."""

    dates: DateFields
    number: str | None = None
    active: Checked | None = None


@dataclass(frozen=True, slots=True)
class CoProduct:
    """Lines that come out instead of going in: `when` says which, `share` which percentage of the value they take along."""

    when: Checked
    share: Checked | None = None


@dataclass(frozen=True, slots=True)
class Substitutes:
    """Lines of one record with the same `group` stand for each other: the first by `rank`, then by position, is taken."""

    group: str
    rank: str | None = None


@dataclass(frozen=True, slots=True)
class Rounding:
    """How what is needed is rounded where nothing is below: to `decimals`, a number or an expression about the component."""

    decimals: int | Checked
    way: str = "up"


@dataclass(frozen=True, slots=True)
class Measure:
    """Something of every component that is rolled up: `sum` adds quantity × value of all that is below, `longest` the greatest sum on
    any way down (a time). `counts` says whose own value is taken: of `all`, or only of `leaves`."""

    name: str
    label: Text
    of: Checked
    combine: Literal["sum", "longest"] = "sum"
    counts: Literal["all", "leaves"] = "all"
    decimals: int | None = None


@dataclass(frozen=True, slots=True)
class LineRules:
    """What a line says, as expressions about it; `quantity_field` is the field when the quantity is just one. `formula` and `condition`
    are text fields whose expressions, over the parameters only, are written into the line itself."""

    quantity: Checked
    quantity_field: str | None = None
    formula: str | None = None
    condition: str | None = None
    share: Checked | None = None
    scrap: Checked | None = None
    good: Checked | None = None
    numerator: Checked | None = None
    denominator: Checked | None = None
    when: Checked | None = None
    phantom: Checked | None = None
    co_product: CoProduct | None = None

    @property
    def expressions(self) -> tuple[Checked, ...]:
        """All of them."""
        made = self.co_product
        found = (self.quantity, self.share, self.scrap, self.good, self.numerator, self.denominator, self.when)
        rest = (self.phantom, made.when if made else None, made.share if made else None)
        return tuple(c for c in (*found, *rest) if c is not None)


@dataclass(frozen=True, slots=True)
class Structure:
    """Each record of `form` says that `parent` (a reference of its header) is made of the `component`s of its `lines`, so much of each
    per `per` (of the header; None: per one) of the parent."""

    name: str
    label: Text
    form: str
    parent: str
    lines: str
    component: str
    target: str
    """The form of parents and components."""
    rules: LineRules
    per: Checked | None = None
    per_field: str | None = None
    output: Checked | None = None
    """Which percentage of what goes in comes out: the yield of the parent."""
    versions: Versions | None = None
    line_dates: DateFields = DateFields()
    substitutes: Substitutes | None = None
    parameters: tuple[Parameter, ...] = ()
    rounding: Rounding | None = None
    measures: tuple[Measure, ...] = ()
    memory: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)
    """What was worked out before, by everything it depends on (see `remembered`); never an answer that could have changed."""

    @property
    def expressions(self) -> tuple[Checked, ...]:
        """All that says what a version is: of its lines and of its header."""
        active = self.versions.active if self.versions else None
        return (*self.rules.expressions, *(c for c in (self.per, self.output, active) if c is not None))

    @property
    def parameter_scope(self) -> Scope:
        """What formulas and conditions of lines may use."""
        return Scope(
            {p.name: p.type for p in self.parameters}, present={p.name: frozenset((PRESENT,)) for p in self.parameters}
        )

    @property
    def samples(self) -> Mapping[str, Value]:
        """The values that lines are tried with."""
        return {p.name: p.sample for p in self.parameters}

    def measure(self, name: str) -> Measure | None:
        """A measure by its name."""
        return next((m for m in self.measures if m.name == name), None)


MEMORY_MAX: Final = 6
"""Most graphs that a structure keeps in memory."""


def remembered(memory: dict[Any, Any], key: Any) -> Any:
    """What is kept under a key, or None."""
    return memory.get(key)


def remember(memory: dict[Any, Any], key: Any, value: Any, most: int = MEMORY_MAX) -> None:
    """Keep a value; the oldest ones make room. Threads may do this at once: each step is one of the dictionary's own."""
    while len(memory) >= most:
        try:
            memory.pop(next(iter(memory)), None)
        except (StopIteration, RuntimeError):  # another thread was faster
            break
    memory[key] = value
