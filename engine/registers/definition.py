"""Register, Dimension, Measure, Constraint, Posting rule: what a ledger is. Frozen, compiled from JSON once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from uuid import UUID

from engine.names import Text
from engine.rules import Checked
from engine.rules.columns import Storage
from engine.values import NIL

Doing = Literal["move", "set", "reserve", "settle", "void", "plan", "fulfil", "unplan", "reverse"]
STORAGES: Final[Mapping[str, Storage]] = {"reference": "id", "text": "text", "choice": "text", "date": "date"}


@dataclass(frozen=True, slots=True)
class Dimension:
    """What balances are kept by. `optional` ones may be none (NIL). One with `source` is not given but found from the others (the zone
    of a place); it stays as it was when the movement was made."""

    id: str
    name: str
    label: Text
    kind: str
    form: str | None
    optional: bool
    source: Checked | None = None

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
    """What is counted, in scaled integers, rounded on entry to `decimals` digits (half even)."""

    id: str
    name: str
    label: Text
    scale: int
    decimals: int

    @property
    def unit(self) -> int:
        """The smallest step of its amounts, scaled: 100 for two decimals at scale 4."""
        return int(10 ** (self.scale - self.decimals))


@dataclass(frozen=True, slots=True)
class Figure:
    """A number shown beside the measures: a sum of them with whole `factors` (in the register's order)."""

    name: str
    label: Text
    factors: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Constraint:
    """What must hold of every balance of a grain (`of`: positions of its dimensions), at every moment: the sum of measures times
    `factors` plus `offset`, the slack, must not be below zero (nor zero when `strict`). A posting that makes it worse is refused, or
    only warned of. With `when`, only for keys where that is true."""

    name: str
    label: Text
    of: tuple[int, ...]
    factors: tuple[int, ...]
    offset: int
    strict: bool
    refuses: bool
    message: Text | None
    when: Checked | None


@dataclass(frozen=True, slots=True)
class Guard:
    """A constraint that is no sum of measures: `that` must be true of every balance of a grain (`of`) after a posting that changes one
    of `measures` there. It may read what the dimensions refer to, and is judged as things stand now. Only one that reads measures
    (`weighs`) needs a balance to be kept for it."""

    name: str
    label: Text
    of: tuple[int, ...]
    that: Checked
    measures: tuple[int, ...]
    refuses: bool
    message: Text | None
    weighs: bool


@dataclass(frozen=True, slots=True)
class Valuation:
    """How a register is valued: `value` (position of a measure) is the cost of `quantity`, in pools kept by the dimensions `of`. `method`
    comes to average (also when there is none), fifo, lot, standard or zero; under lot the pool is narrower by the dimension `lot`.
    `standard` is the unit cost of the method standard."""

    quantity: int
    value: int
    of: tuple[int, ...]
    lot: int | None
    method: Checked | None
    standard: Checked | None

    @property
    def pool(self) -> tuple[int, ...]:
        """Positions of the dimensions of a pool's key; that of the lot is none unless the method is lot."""
        return self.of if self.lot is None or self.lot in self.of else (*self.of, self.lot)


@dataclass(frozen=True, slots=True)
class CostRule:
    """Where a posting takes its cost from: from what other postings of the same event took (`postings`), each row its own (`along`) or all
    rows together, shared by `weight`, with `own` added; from what the record `returned` to had taken; or it is a value alone `onto` what a
    record brought in."""

    postings: tuple[str, ...] = ()
    along: bool = True
    weight: Checked | None = None
    own: Checked | None = None
    returned: Checked | None = None
    onto: Checked | None = None


Order = Literal["named", "fifo", "lifo", "fefo", "nearest"]


@dataclass(frozen=True, slots=True)
class PickRule:
    """How a reservation finds the dimensions that its row leaves open: in which `order` keys are taken (`by` a value of the key, lowest
    first), `only` those where that is true, and what a shortage means (`partial`: all | some | lines). See picking.py."""

    order: Order
    by: Checked | None = None
    only: Checked | None = None
    partial: Literal["all", "some", "lines"] = "all"


@dataclass(frozen=True, slots=True)
class PostingRule:
    """How a record of `form` becomes movements when `on` happens ("created", "deleted", "state:<name>", "rule:<name>": a rule
    of the pack asks for it): one for each row of `rows` (None: the header). `at` gives each dimension, `add` each measure, `to` the
    one measure that was counted. See plan.py for what each `do` means."""

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
    to: Mapping[str, Checked] = field(default_factory=dict)
    due: Checked | None = None
    keeps_time: bool = False
    cost: CostRule = CostRule()
    pick: PickRule | None = None
    priority: Checked | None = None
    expires: Checked | None = None


@dataclass(frozen=True, slots=True)
class Register:
    """A ledger. `grains` are the dimension sets that have a balance table: the full key first, then each coarser set by which a
    constraint looks at measures."""

    id: str
    name: str
    label: Text
    dimensions: tuple[Dimension, ...]
    measures: tuple[Measure, ...]
    figures: tuple[Figure, ...]
    constraints: tuple[Constraint, ...]
    guards: tuple[Guard, ...]
    postings: tuple[PostingRule, ...]
    reservation: str | None
    """The measure that reservations are counted in."""
    planned: str | None
    """The measure that planned movements are expected in."""
    valuation: Valuation | None = None
    counts: bool = field(init=False)
    """Does any posting set a balance to what was counted?"""
    grains: tuple[tuple[int, ...], ...] = field(init=False)
    """Positions of the dimensions of each balance table, the full key first."""

    def __post_init__(self) -> None:
        full = tuple(range(len(self.dimensions)))
        named = [*(c.of for c in self.constraints), *(g.of for g in self.guards if g.weighs)]
        object.__setattr__(self, "grains", (full, *dict.fromkeys(of for of in named if of != full)))
        object.__setattr__(self, "counts", any(p.do == "set" for p in self.postings))

    def postings_of(self, form: str, event: str) -> tuple[PostingRule, ...]:
        """The rules that post when this happens to a record of the form."""
        return tuple(p for p in self.postings if p.form == form and p.on == event)

    @property
    def limits(self) -> tuple[Constraint, ...]:
        """The constraints that say how much can be reserved: each gets worse by what is reserved."""
        if self.reservation is None:
            return ()
        reserved = self.measure_index(self.reservation)
        return tuple(c for c in self.constraints if c.refuses and c.factors[reserved] < 0)

    def measure_index(self, name: str) -> int:
        """Position of a measure."""
        return next(at for at, m in enumerate(self.measures) if m.name == name)

    def dimension_index(self, name: str) -> int | None:
        """Position of a dimension, or None."""
        return next((at for at, d in enumerate(self.dimensions) if d.name == name), None)

    def slack(self, constraint: Constraint, amounts: tuple[int, ...]) -> int:
        """By how much a constraint holds, in scaled units."""
        return constraint.offset + weighed(constraint.factors, amounts)

    def scale_of(self, factors: Sequence[int]) -> int:
        """The scale of a sum of measures."""
        return next(m.scale for m, f in zip(self.measures, factors, strict=True) if f)

    def key_names(self, grain: tuple[int, ...], key: tuple[Any, ...]) -> dict[str, Any]:
        """{dimension: value} of a key of a grain, without those that are none."""
        return {
            self.dimensions[at].name: value
            for at, value in zip(grain, key, strict=True)
            if value != self.dimensions[at].nothing
        }


def weighed(factors: Sequence[int], amounts: Sequence[int]) -> int:
    """The sum of amounts times factors."""
    return sum(f * a for f, a in zip(factors, amounts, strict=True))
