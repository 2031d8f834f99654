"""Queries: everything that can be asked without changing anything."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

PAGE_MAX: Final = 200
"""Most rows in one page of a list."""
PAGE: Final = 50
LOOKUP_MAX: Final = 50
PERIODS_MAX: Final = 400
"""Most periods that a turnover is cut into."""
AVERAGE_DAYS_MAX: Final = 3_660
"""Most days of an average."""
AGE_LIMITS_MAX: Final = 12
"""Most limits in days that what remains is sorted by."""


@dataclass(frozen=True, slots=True)
class GetRecord:
    """One record with what the actor may do to it."""

    form: str
    id: UUID


@dataclass(frozen=True, slots=True)
class ListRecords:
    """A page of records: FEEL `filter`, `search` words, `sort` like ("-ordered_on", "number"), `after` an opaque cursor."""

    form: str
    filter: str = ""
    search: str = ""
    sort: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    after: str = ""
    limit: int = PAGE
    count: bool = False


@dataclass(frozen=True, slots=True)
class LookUp:
    """Candidates for a reference to `form`, best first; `id` asks for that one."""

    form: str
    text: str = ""
    limit: int = 20
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class DescribeForm:
    """A form as the runtime draws it for this actor."""

    form: str


@dataclass(frozen=True, slots=True)
class RecordSchema:
    """The JSON Schema of a form's records on the wire."""

    form: str


@dataclass(frozen=True, slots=True)
class RecordHistory:
    """Who changed what in a record, newest first."""

    form: str
    id: UUID


@dataclass(frozen=True, slots=True)
class ListRules:
    """All rules, in the order they fire."""


@dataclass(frozen=True, slots=True)
class RuleFirings:
    """What fired, newest first: all, of one rule, or on one record."""

    rule: str = ""
    record: UUID | None = None


@dataclass(frozen=True, slots=True)
class DescribeRelease:
    """What there is, as far as the actor may see it: menu, home, forms, registers, dashboards, structures."""


@dataclass(frozen=True, slots=True)
class DescribeRegister:
    """A register's dimensions, measures and figures."""

    register: str


@dataclass(frozen=True, slots=True)
class Balances:
    """Balances of a register by some of its dimensions, now, `at` an instant, or at the end of a day."""

    register: str
    by: tuple[str, ...] = ()
    where: Mapping[str, str] = field(default_factory=dict)
    at: date | None = None
    after: str = ""
    limit: int = PAGE


@dataclass(frozen=True, slots=True)
class Turnover:
    """What came in and went out `by` some dimensions (None: all), in each `period` (day, week, month, year, or the whole span) of the
    days `since` to `until`; with `opening`, also what was there before and after. The usual span is this month until today."""

    register: str
    by: tuple[str, ...] | None = None
    where: Mapping[str, str] = field(default_factory=dict)
    since: date | None = None
    until: date | None = None
    period: str = "span"
    opening: bool = False
    after: str = ""
    limit: int = PAGE


@dataclass(frozen=True, slots=True)
class Average:
    """The mean of the balances at the ends of the days `since` to `until`, `by` some dimensions (None: all)."""

    register: str
    by: tuple[str, ...] | None = None
    where: Mapping[str, str] = field(default_factory=dict)
    since: date | None = None
    until: date | None = None
    after: str = ""
    limit: int = PAGE


@dataclass(frozen=True, slots=True)
class Layers:
    """The layers that remain in the pools of a valued register, oldest first, each with its age."""

    register: str
    where: Mapping[str, str] = field(default_factory=dict)
    after: str = ""
    limit: int = PAGE


@dataclass(frozen=True, slots=True)
class Ageing:
    """What remains in the pools of a valued register by age: up to and with each of `limits` (days), and what is older; `by` dimensions
    of its pools (None: all)."""

    register: str
    limits: tuple[int, ...]
    by: tuple[str, ...] | None = None
    where: Mapping[str, str] = field(default_factory=dict)
    after: str = ""
    limit: int = PAGE


@dataclass(frozen=True, slots=True)
class ReservationsAt:
    """Who holds what: the pending reservations of a register at keys that agree with `where`, of a `record` if one is named."""

    register: str
    where: Mapping[str, str] = field(default_factory=dict)
    record: UUID | None = None
    after: str = ""
    limit: int = PAGE


@dataclass(frozen=True, slots=True)
class Forecast:
    """What balances will be by what is planned, day by day from today `until` a day."""

    register: str
    by: tuple[str, ...] = ()
    where: Mapping[str, str] = field(default_factory=dict)
    until: date | None = None
    after: str = ""
    limit: int = PAGE


@dataclass(frozen=True, slots=True)
class ExplainBalance:
    """What a balance is made of: its postings, the constraints on it, what it costs and why."""

    register: str
    where: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExplainMovement:
    """Where the cost of a movement comes from, and what was learnt of it later."""

    register: str
    movement: int


@dataclass(frozen=True, slots=True)
class Genealogy:
    """What came of a key over all levels (`down`), or what it came from. The dimensions of `where` are those that goods are followed by
    (an item and its lot, wherever they lie)."""

    register: str
    where: Mapping[str, str]
    down: bool = True


@dataclass(frozen=True, slots=True)
class Periods:
    """Until when a register is closed."""

    register: str


@dataclass(frozen=True, slots=True)
class Movements:
    """Movements of a register, last written first; or `by_day` those that count until `at` in the order of the business, last first: what
    a balance at that moment was made of."""

    register: str
    where: Mapping[str, str] = field(default_factory=dict)
    after: str = ""
    limit: int = PAGE
    by_day: bool = False
    at: date | None = None


@dataclass(frozen=True, slots=True)
class Inbox:
    """Open tasks the actor may decide."""


@dataclass(frozen=True, slots=True)
class ShowDashboard:
    """A dashboard with the data of its tiles."""

    dashboard: str


@dataclass(frozen=True, slots=True)
class Demand:
    """What a structure is asked about: `quantity` of `record`, as it holds `on` a day (None: today) or with the `version` (a record of the
    structure's form) of it, for `parameters` on the wire."""

    structure: str
    record: UUID | None
    quantity: str = "1"
    on: date | None = None
    version: UUID | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Explode:
    """All levels of a structure multiplied out: depth first, or `summarised` by component. `collapsed`: phantoms are left out. `frozen`
    (leaves, direct, all): rows that another record can keep."""

    demand: Demand
    summarised: bool = False
    collapsed: bool = False
    frozen: str = ""


@dataclass(frozen=True, slots=True)
class WhereUsed:
    """What a component goes into: directly, up to the `top` along every way, or `summarised` over all levels."""

    demand: Demand
    top: bool = False
    summarised: bool = False


@dataclass(frozen=True, slots=True)
class RollUp:
    """A measure of the structure, rolled up for a parent over all levels."""

    demand: Demand
    measure: str


@dataclass(frozen=True, slots=True)
class CompareVersions:
    """What differs between the version of a demand and another of the same parent: lines, and totals over all levels."""

    demand: Demand
    other: UUID


@dataclass(frozen=True, slots=True)
class DescribeStructure:
    """A structure's parameters and measures."""

    structure: str


@dataclass(frozen=True, slots=True)
class ShowPlanner:
    """A planner, and how its last run goes or went."""

    planner: str


@dataclass(frozen=True, slots=True)
class ShowRequirements:
    """What a planner would suggest now, with alerts; of the keys of `items` (none: of all, without rows) also every bucket and peg.
    `what_if` on the wire: further `demands` and `supplies`, and other `parameters`. Nothing is written."""

    planner: str
    items: tuple[UUID, ...] = ()
    what_if: Mapping[str, Any] = field(default_factory=dict)
    limit: int = PAGE_MAX


@dataclass(frozen=True, slots=True)
class Notifications:
    """What the actor was told, newest first."""


Query = (
    GetRecord
    | ListRecords
    | LookUp
    | DescribeForm
    | RecordSchema
    | RecordHistory
    | DescribeRelease
    | DescribeRegister
    | Balances
    | Turnover
    | Average
    | Layers
    | Ageing
    | Forecast
    | Periods
    | ExplainBalance
    | ExplainMovement
    | Genealogy
    | ReservationsAt
    | Movements
    | Inbox
    | ShowDashboard
    | Explode
    | WhereUsed
    | RollUp
    | CompareVersions
    | DescribeStructure
    | ShowPlanner
    | ShowRequirements
    | Notifications
    | ListRules
    | RuleFirings
)
