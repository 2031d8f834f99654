"""Commands: everything that can be asked to change. Every way in (web form, REST, bulk, import, workflow, job) makes these."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

BULK_RECORDS_MAX: Final = 1000
"""Most records in one bulk command; more is sent as several."""


@dataclass(frozen=True, slots=True)
class SubmitRecord:
    """Create a record from wire `values`; `then` names a state action to take at once."""

    form: str
    values: Mapping[str, Any]
    then: str | None = None
    accept: tuple[str, ...] = ()
    """Rules whose warnings are overridden, here as in the commands below."""


@dataclass(frozen=True, slots=True)
class ChangeRecord:
    """Change the named fields of a record that stands at `revision` (None: whatever it stands at)."""

    form: str
    id: UUID
    values: Mapping[str, Any]
    revision: int | None = None
    accept: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PerformAction:
    """Take a state action on a record, changing `values` with it."""

    form: str
    id: UUID
    action: str
    values: Mapping[str, Any] = field(default_factory=dict)
    revision: int | None = None
    accept: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DeleteRecord:
    """Put a record into the trash. A posted or referenced record is not deleted."""

    form: str
    id: UUID
    revision: int | None = None
    accept: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SubmitMany:
    """Create many records of a form in one transaction: all of them, or none and every problem of every record
    (placed "/records/<index>/…")."""

    form: str
    records: Sequence[SubmitRecord]


@dataclass(frozen=True, slots=True)
class DecideTask:
    """Decide an open workflow task."""

    task: UUID
    decision: str
    comment: str = ""
    accept: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PutUser:
    """Create a user, or change the one with this login. `password` None keeps the old one."""

    login: str
    name: str = ""
    password: str | None = None
    roles: tuple[str, ...] = ()
    language: str = "en"
    is_admin: bool = False
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class MakeAccessToken:
    """Make an API token for a user; its secret is in the outcome once and never again."""

    login: str
    label: str


@dataclass(frozen=True, slots=True)
class Notify:
    """Tell a user, or everyone with a role, something inside the app."""

    text: Mapping[str, str]
    user: UUID | None = None
    role: str | None = None
    link: str = ""


@dataclass(frozen=True, slots=True)
class RunRule:
    """Run a rule of its own: on `record` (None: on none), with what its event gave. `actor` is who caused it, as rules see people."""

    rule: str
    event: str
    record: UUID | None = None
    given: Mapping[str, Any] = field(default_factory=dict)
    added: tuple[str, ...] = ()
    judged: bool = False
    """Was its condition judged, and true, when the event happened?"""
    actor: Mapping[str, Any] = field(default_factory=dict)
    depth: int = 1


@dataclass(frozen=True, slots=True)
class RunSchedule:
    """A scheduled rule is due: it runs, or is asked to run for every record that its condition holds for."""

    rule: str
    due: int
    """Microseconds since 1970 UTC."""


@dataclass(frozen=True, slots=True)
class ReceiveWebhook:
    """Another system called the site's hook `name`; `body` is the JSON text it sent."""

    name: str
    body: str


@dataclass(frozen=True, slots=True)
class RunPlanner:
    """Ask for a run of a planner: for everything, for some `items` and what they consist of, or `only_changed`: for what has changed since
    the last finished run, and what that consists of."""

    planner: str
    items: tuple[UUID, ...] = ()
    due: int | None = None
    """When it was due by its schedule, in microseconds since 1970 UTC; None: somebody asked."""
    only_changed: bool = False


@dataclass(frozen=True, slots=True)
class StopPlanner:
    """Stop the run of a planner that is under way."""

    planner: str


@dataclass(frozen=True, slots=True)
class PutSuggestions:
    """Write what a run of a planner wants: values of new suggestions, of standing ones, and those to take back."""

    planner: str
    create: tuple[Mapping[str, Any], ...] = ()
    change: tuple[tuple[UUID, Mapping[str, Any]], ...] = ()
    withdraw: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class ClosePeriod:
    """Close a register until a day, that day included."""

    register: str
    until: date
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ReopenPeriod:
    """Open a register again: it stays closed until `until` (None: not at all)."""

    register: str
    until: date | None
    reason: str


@dataclass(frozen=True, slots=True)
class ReleaseReservation:
    """Give back `quantity` (decimal text; None: all) of what is open of a reservation."""

    register: str
    id: UUID
    quantity: str | None = None


@dataclass(frozen=True, slots=True)
class MoveReservation:
    """Hand `quantity` (decimal text; None: all) of what is open of a reservation over to another demand: a `line` (None: the record
    itself) of a record. What that holds at the same key already grows; else it is a new reservation of its own."""

    register: str
    id: UUID
    form: str
    record: UUID
    line: UUID | None = None
    quantity: str | None = None


@dataclass(frozen=True, slots=True)
class TakeReservation:
    """A demand takes `quantity` (decimal text; None: what it lacks) from those of a lower priority, the lowest first and of those the
    youngest first."""

    register: str
    form: str
    record: UUID
    line: UUID | None = None
    quantity: str | None = None


@dataclass(frozen=True, slots=True)
class ExpireReservations:
    """Give back what is open of the reservations of a register that have come to their end, at most so many at once."""

    register: str


@dataclass(frozen=True, slots=True)
class RecostRegister:
    """Take one step of valuing again what depends on something learnt late in a register."""

    register: str


@dataclass(frozen=True, slots=True)
class AuditRegisters:
    """Have the worker compare all that registers keep with their movements."""


@dataclass(frozen=True, slots=True)
class RecordAudit:
    """Keep what an audit found: {table: keys that differ}, and how many pools were `waiting` to be valued again."""

    found: Mapping[str, int]
    waiting: int = 0


Command = (
    SubmitRecord
    | ChangeRecord
    | PerformAction
    | DeleteRecord
    | SubmitMany
    | DecideTask
    | PutUser
    | MakeAccessToken
    | Notify
    | RunRule
    | RunSchedule
    | ReceiveWebhook
    | ClosePeriod
    | ReopenPeriod
    | RecostRegister
    | AuditRegisters
    | RecordAudit
    | ReleaseReservation
    | MoveReservation
    | TakeReservation
    | ExpireReservations
    | RunPlanner
    | StopPlanner
    | PutSuggestions
)
