"""Effects: each one wanted write, as data; a Plan is all of them, an Outcome what came of it.

Effects hold names and values, never statements: apply (in `store`) takes the statements from the release's Writer. The order
of LOCK_ORDER is the one order in which rows are locked, chained commands included; `store.write` sorts by it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from engine.actor import Actor
from engine.clock import Moment
from engine.facts import Values
from engine.ledger import (
    Enqueue,
    ForgetFulfilment,
    FulfilPlanned,
    LedgerEffect,
    OpenReservation,
    PlanMovement,
    PostMovements,
    Recost,
    SettlePlanned,
    SettleReservation,
)
from engine.problems import Problem


@dataclass(frozen=True, slots=True)
class LineRow:
    """A row of a sub-table to write."""

    id: UUID
    position: int
    values: Values


@dataclass(frozen=True, slots=True)
class LineChanges:
    """What happens to one sub-table of a record."""

    inserted: tuple[LineRow, ...] = ()
    changed: tuple[LineRow, ...] = ()
    removed: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class InsertRecord:
    """A new record, at revision 1."""

    form: str
    id: UUID
    state: str | None
    values: Values
    lines: Mapping[str, tuple[LineRow, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChangeRecord:
    """A record changes from `revision` to `revision + 1`. `values` holds all its fields, changed or not."""

    form: str
    id: UUID
    revision: int
    state: str | None
    values: Values
    lines: Mapping[str, LineChanges] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DeleteRecord:
    """A record goes to the trash (it keeps its row)."""

    form: str
    id: UUID
    revision: int


@dataclass(frozen=True, slots=True)
class ChangeStructure:
    """More goes into a node of a structure. The plan was made when change number `seen` of the structure was the last, and relied on what
    goes into each of `relied`: it is in conflict when something else has gone into one of them since."""

    structure: str
    node: UUID
    seen: int
    relied: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class StartInstance:
    """A new run of a workflow for a record."""

    id: UUID
    workflow: str
    definition: str
    form: str
    record: UUID
    state: str = "running"


@dataclass(frozen=True, slots=True)
class ChangeInstance:
    """An instance changes state from `revision` to `revision + 1`."""

    id: UUID
    revision: int
    state: str


@dataclass(frozen=True, slots=True)
class PutToken:
    """A token comes to stand on a node, or (state done, cancelled) leaves it."""

    id: UUID
    instance: UUID
    node: str
    state: str = "open"


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task for anyone with `role`."""

    id: UUID
    instance: UUID
    token: UUID
    node: str
    form: str
    record: UUID
    role: str


@dataclass(frozen=True, slots=True)
class CloseTask:
    """An open task is decided or cancelled; a conflict if it is no longer open."""

    id: UUID
    state: str
    decision: str | None
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Audit:
    """One line of history: what was done to which record, with before and after of each changed field
    ({place: [before, after]} in wire form)."""

    form: str
    record: UUID
    action: str
    changes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RecordFiring:
    """A rule fired: on which record (None: on none), at what event, with the values it read and what it did, as text."""

    id: UUID
    rule: str
    form: str
    record: UUID | None
    event: str
    phase: str
    values: Mapping[str, str]
    did: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PutSetting:
    """A setting of the site (plain JSON) takes a value."""

    name: str
    value: Any


@dataclass(frozen=True, slots=True)
class PutNotification:
    """An in-app notification to a user. `text` is {language: words}; `link` a path of the web app."""

    id: UUID
    user: UUID
    text: Mapping[str, str]
    link: str = ""


@dataclass(frozen=True, slots=True)
class PutUser:
    """A user is created, or (same id) replaced. `password` is an argon2 hash, never the password; None keeps the old one."""

    id: UUID
    login: str
    name: str
    password: str | None
    roles: tuple[str, ...]
    language: str = "en"
    is_admin: bool = False
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class PutAccessToken:
    """An API token of a user: only the SHA-256 of its secret is kept."""

    id: UUID
    user: UUID
    label: str
    digest: str
    expires_at: int | None = None


@dataclass(frozen=True, slots=True)
class PutSession:
    """A login session (SHA-256 of the cookie's secret, and of the CSRF token)."""

    digest: str
    user: UUID
    csrf: str
    expires_at: int


@dataclass(frozen=True, slots=True)
class DropSession:
    """A session ends."""

    digest: str


Effect = (
    InsertRecord
    | ChangeRecord
    | DeleteRecord
    | ChangeStructure
    | LedgerEffect
    | StartInstance
    | ChangeInstance
    | PutToken
    | OpenTask
    | CloseTask
    | Audit
    | RecordFiring
    | PutSetting
    | Enqueue
    | PutNotification
    | PutUser
    | PutAccessToken
    | PutSession
    | DropSession
)

LOCK_ORDER: Final[tuple[type[Effect], ...]] = (
    PutUser,
    PutAccessToken,
    PutSession,
    DropSession,
    ChangeStructure,
    InsertRecord,
    ChangeRecord,
    DeleteRecord,
    StartInstance,
    ChangeInstance,
    PutToken,
    CloseTask,
    OpenTask,
    SettleReservation,
    OpenReservation,
    FulfilPlanned,
    SettlePlanned,
    ForgetFulfilment,
    PlanMovement,
    PostMovements,
    Recost,
    Audit,
    RecordFiring,
    PutSetting,
    PutNotification,
    Enqueue,
)
"""request key → accounts → structures by name → records by (form, id) → instances by id → reservations and planned movements → balances
by (register, key), with their movements → history and outbox. Within one kind, effects are sorted by their names and ids."""


@dataclass(frozen=True, slots=True)
class ExpectRecord:
    """The plan relied on this record being there (`revision` None) or being unchanged since `revision`."""

    form: str
    id: UUID
    revision: int | None = None


@dataclass(frozen=True, slots=True)
class ExpectRelease:
    """The plan was made under this release."""

    digest: str


@dataclass(frozen=True, slots=True)
class ExpectSetting:
    """The plan relied on a setting of the site having this value (None: not being there)."""

    name: str
    value: Any


Expectation = ExpectRecord | ExpectRelease | ExpectSetting


@dataclass(frozen=True, slots=True)
class RequestKey:
    """What makes a repeated request recognisable: unique per actor, with a hash of the body, kept 30 days."""

    key: str
    actor: UUID
    body: str


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a command wants written, in one transaction or not at all. `answer` is what the caller is told (wire form)."""

    actor: Actor
    moment: Moment
    release: str
    effects: tuple[Effect, ...]
    answer: Mapping[str, Any]
    expectations: tuple[Expectation, ...] = ()
    request: RequestKey | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a plan that was written. `replayed` means the request key had been answered before."""

    answer: Mapping[str, Any]
    warnings: tuple[Problem, ...] = ()
    replayed: bool = False
    told: tuple[Mapping[str, Any], ...] = ()
    """What was found out while it was written."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """The plan no longer fits what is there (an Expectation failed, a unique value was taken, a lock timed out): gather and
    plan again, `alone` if it was others' locks. `what` is for the log."""

    what: str
    alone: bool = False
