"""Planner: what is planned, by which rules, into which suggestions. Frozen, compiled from JSON once. Parameters: what its rules came to
for one key."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from engine.names import Text
from engine.rules import Checked

Policy = Literal["min_max", "reorder_point", "order_up_to", "lot_for_lot", "fixed_lot", "period"]
POLICIES: Final[tuple[str, ...]] = ("min_max", "reorder_point", "order_up_to", "lot_for_lot", "fixed_lot", "period")
"""When something is ordered and how much; engine/docs/replenishment.md says what each means."""
BY_LEVEL: Final = frozenset(("min_max", "reorder_point", "order_up_to"))
"""Policies that look at the level only: an order is placed when it is reached, not so early that it arrives then."""
AMOUNTS: Final = ("minimum", "maximum", "safety", "lot", "multiple", "least")
"""Parameters that are quantities of the measure."""
COUNTS: Final = ("lead_days", "period")
"""Parameters that are whole numbers: of working days, and of buckets."""
LEAD_MAX: Final = 1_000
"""Longest lead time, in working days."""
PERIOD_MAX: Final = 1_000
"""Most buckets that one order may cover."""

Key = tuple[Any, ...]
"""What is planned: a value for each dimension of the planner, the item first."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """How one key is planned. Amounts are scaled integers of the measure, 0 when not given (`maximum`: None). `policy` None: it is not
    planned, only shown. `lead` is in working days, `period` in buckets."""

    policy: Policy | None = None
    minimum: int = 0
    maximum: int | None = None
    safety: int = 0
    lot: int = 0
    multiple: int = 0
    least: int = 0
    lead: int = 0
    period: int = 1
    make: bool = False
    source: Any = None


NOT_PLANNED: Final = Parameters()


@dataclass(frozen=True, slots=True)
class Suggesting:
    """The form suggestions are records of. `key` says which of its fields holds each dimension; `fields` what the others are given;
    a record in one of the `open` states (no states: any record) is the planner's to change and, by the state action `withdraw` (None:
    by deleting it), to take back. `by_date`: one for each due date instead of one for each key; then `due` is the field that holds it."""

    form: str
    key: Mapping[str, str]
    fields: Mapping[str, Checked]
    open: tuple[str, ...]
    is_open: Checked | None
    """Whether a record is in an open state, for asking for those; None: all are."""
    withdraw: str | None
    by_date: bool
    due: str | None


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a planner runs by itself: a cron expression in the site's zone, on days of work only or on all."""

    cron: str
    workdays: bool


@dataclass(frozen=True, slots=True)
class Planner:
    """What a planner is. `register` and `amount` (a measure or figure) say what is there, `of` which dimensions make a key, `structure`
    what made keys consist of; `rules` are the expressions of the parameters over records of `form` (the item)."""

    name: str
    label: Text
    register: str
    amount: str
    factors: tuple[int, ...]
    scale: int
    of: tuple[int, ...]
    dimensions: tuple[str, ...]
    form: str
    structure: str | None
    rules: Mapping[str, Checked]
    places: Mapping[str, Checked]
    """Where an item is planned in any case: for each other dimension, its values (empty: only where something is or is expected)."""
    horizon_days: int
    bucket: Literal["day", "week"]
    suggestion: Suggesting
    schedule: Schedule | None
