"""Register, Dimension, Measure, Constraint, Posting rule: what a ledger is. Frozen, compiled from JSON once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import UUID

from engine.names import Text
from engine.rules import Checked
from engine.rules.columns import Storage
from engine.values import NIL

Doing = Literal["move", "reserve", "settle", "void", "reverse"]
STORAGES: Final[Mapping[str, Storage]] = {"reference": "id", "text": "text", "choice": "text", "date": "date"}


@dataclass(frozen=True, slots=True)
class Dimension:
    """What balances are kept by. `optional` ones may be none (NIL)."""

    id: str
    name: str
    label: Text
    kind: str
    form: str | None
    optional: bool

    @property
    def storage(self) -> Storage:
        """How its values lie in columns."""
        return STORAGES[self.kind]

    @property
    def nothing(self) -> UUID | str:
        """Its "none"."""
        return NIL if self.kind == "reference" else ""


@dataclass(frozen=True, slots=True)
class Measure:
    """What is counted, in scaled integers."""

    id: str
    name: str
    label: Text
    scale: int


@dataclass(frozen=True, slots=True)
class Figure:
    """A number shown beside the measures: a sum of them with whole `factors` (in the register's order)."""

    name: str
    label: Text
    factors: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Constraint:
    """What must hold of every balance of a grain (`of`: positions of its dimensions): the sum of measures times `factors`, the
    slack, must not be below zero (nor zero when `strict`). A posting that makes it worse is refused, or only warned of."""

    name: str
    label: Text
    of: tuple[int, ...]
    factors: tuple[int, ...]
    strict: bool
    refuses: bool
    message: Text | None


@dataclass(frozen=True, slots=True)
class PostingRule:
    """How a record of `form` becomes movements when `on` happens ("created", "deleted", "state:<name>", "rule:<name>": a rule
    of the pack asks for it): one for each row of `rows`
    (None: the header). `at` gives each dimension, `add` each measure. See plan.py for what each `do` means."""

    name: str
    form: str
    on: str
    do: Doing
    rows: str | None
    when: Checked | None
    at: Mapping[str, Checked]
    add: Mapping[str, Checked]
    quantity: Checked | None
    demand: Checked | None
    effective: Checked | None


@dataclass(frozen=True, slots=True)
class Register:
    """A ledger. `grains` are the dimension sets that have a balance table: the full key first, then each coarser set that a
    constraint names."""

    id: str
    name: str
    label: Text
    dimensions: tuple[Dimension, ...]
    measures: tuple[Measure, ...]
    figures: tuple[Figure, ...]
    constraints: tuple[Constraint, ...]
    postings: tuple[PostingRule, ...]
    reservation: str | None

    @property
    def grains(self) -> tuple[tuple[int, ...], ...]:
        """Positions of the dimensions of each balance table."""
        full = tuple(range(len(self.dimensions)))
        coarser = dict.fromkeys(c.of for c in self.constraints if c.of != full)
        return full, *coarser

    def measure_index(self, name: str) -> int:
        """Position of a measure."""
        return next(at for at, m in enumerate(self.measures) if m.name == name)

    def dimension_index(self, name: str) -> int | None:
        """Position of a dimension, or None."""
        return next((at for at, d in enumerate(self.dimensions) if d.name == name), None)

    def slack(self, constraint: Constraint, amounts: tuple[int, ...]) -> int:
        """By how much a constraint holds, in scaled units."""
        return sum(f * a for f, a in zip(constraint.factors, amounts, strict=True))

    def key_names(self, grain: tuple[int, ...], key: tuple[Any, ...]) -> dict[str, Any]:
        """{dimension: value} of a key of a grain, without those that are none."""
        return {
            self.dimensions[at].name: value
            for at, value in zip(grain, key, strict=True)
            if value != self.dimensions[at].nothing
        }
