"""Facts: everything a plan may know about the site, read before it plans. Facts read, never write.

The real Facts (in `actions`) memoises and asks one statement per kind of question; tests answer from a dict
(`tests/support/memory_facts.py`). Each fact a plan relied on becomes an Expectation of the plan.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol
from uuid import UUID

Values = Mapping[str, Any]
"""Field name → value (engine.values); a reference is a UUID, an absent value is None."""


@dataclass(frozen=True, slots=True)
class StoredLine:
    """A row of a sub-table as it stands."""

    id: UUID
    position: int
    values: Values


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A record as it stands in the store, with the lines of each of its sub-tables in order of position."""

    form: str
    id: UUID
    revision: int
    state: str | None
    values: Values
    lines: Mapping[str, tuple[StoredLine, ...]] = field(default_factory=dict)
    stamps: Mapping[str, Any] = field(default_factory=dict)
    """created_at, created_by, changed_at, changed_by, deleted_at (instants and user ids), release."""


@dataclass(frozen=True, slots=True)
class StoredReservation:
    """A reservation that is still pending: `open` of `quantity` (scaled integers) at `key` (dimension values in the
    register's order) for one line of the demanding record, since `created_at` until `expires_at` (microseconds since 1970 UTC)."""

    register: str
    id: UUID
    form: str
    record: UUID
    line: UUID | None
    key: tuple[Any, ...]
    quantity: int
    open: int
    priority: int = 0
    created_at: int = 0
    expires_at: int | None = None


@dataclass(frozen=True, slots=True)
class StoredMovement:
    """A movement as it stands: scaled `amounts` in the register's order of measures, at `key`."""

    register: str
    id: int
    form: str
    record: UUID
    line: UUID | None
    posting: str
    key: tuple[Any, ...]
    amounts: tuple[int, ...]
    effective: int
    """Microseconds since 1970 UTC."""
    reverses: int | None = None
    reservation: UUID | None = None
    is_count: bool = False
    """Did it set a balance to what was counted?"""
    entry: UUID | None = None
    """Its own id in a valued register."""
    corrects: UUID | None = None
    reason: str = ""
    """Why there is a movement of value alone, which belongs to the one it `corrects`."""


@dataclass(frozen=True, slots=True)
class StoredPlanned:
    """A planned movement: `open` of `quantity` (scaled, signed) is still expected at `key` on the day `due`. One that `fulfils`
    another is what a record took off it."""

    register: str
    id: UUID
    form: str
    record: UUID
    line: UUID | None
    posting: str
    key: tuple[Any, ...]
    due: date
    quantity: int
    open: int
    fulfils: UUID | None = None


@dataclass(frozen=True, slots=True)
class StoredTask:
    """A task of a workflow instance: open until someone with `role` decides."""

    id: UUID
    instance: UUID
    token: UUID
    node: str
    form: str
    record: UUID
    role: str
    state: str
    """open | done | cancelled"""
    decision: str | None = None
    decided_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class StoredInstance:
    """A workflow instance with its open tokens ({token id: node name}) and the revision a change must name."""

    id: UUID
    workflow: str
    definition: str
    """Digest of the definition it began under."""
    form: str
    record: UUID
    state: str
    """running | finished | cancelled | incident"""
    revision: int
    tokens: Mapping[UUID, str] = field(default_factory=dict)
    tasks: tuple[StoredTask, ...] = ()


class LedgerFacts(Protocol):
    """What records have written to one register."""

    def reservations(self, record: UUID) -> tuple[StoredReservation, ...]:
        """Pending reservations that a demanding record holds, in order of their making."""
        ...

    def foresee(self, records: Collection[UUID]) -> None:
        """The reservations of these records will be asked for: they may be read together."""
        ...

    def reservation(self, id: UUID) -> StoredReservation | None:
        """A pending reservation by its id."""
        ...

    def reserved_for(self, record: UUID, line: UUID | None) -> int:
        """How much a line of a record has reserved so far: what is pending, and what was delivered on it."""
        ...

    def held_below(
        self, key: Mapping[int, Any], priority: int, record: UUID, limit: int
    ) -> tuple[StoredReservation, ...]:
        """Pending reservations of other records than `record`, at keys that agree with `key` ({position: value}), of a lower
        priority: the lowest first, of those the youngest first."""
        ...

    def expired(self, moment: int, limit: int) -> tuple[StoredReservation, ...]:
        """Pending reservations that were to be given back by `moment` (microseconds since 1970 UTC), earliest first."""
        ...

    def planned(self, record: UUID) -> tuple[StoredPlanned, ...]:
        """What is open of a record's planned movements, earliest first."""
        ...

    def fulfilments(self, record: UUID) -> tuple[tuple[StoredPlanned, StoredPlanned], ...]:
        """What a record has taken off planned movements: its entries, each with the planned movement as it stands."""
        ...

    def waiting(self) -> int:
        """How many pools of cost wait to be valued again."""
        ...

    def returned(self, entry: UUID) -> tuple[tuple[int, int], ...]:
        """What of the quantity that a movement took has come back and stands, as (start, stop) of it (scaled)."""
        ...

    def movements(self, record: UUID) -> tuple[StoredMovement, ...]:
        """Movements a record has made, in order."""
        ...


class Facts(Protocol):
    """What may be read while planning. Every method takes many keys at once: one statement per kind."""

    def records(self, form: str, ids: Collection[UUID]) -> Mapping[UUID, StoredRecord]:
        """The records that exist and are not deleted; row rights are not applied (access filters what is shown)."""
        ...

    def visible(self, form: str, ids: Collection[UUID]) -> frozenset[UUID]:
        """Those of `ids` that exist and that the asking actor may read. A foreign id and an absent one look the same."""
        ...

    def find(self, form: str, field: str, values: Collection[Any]) -> Mapping[Any, UUID]:
        """Records by a unique field: value → id, for those that exist."""
        ...

    def referring(self, form: str, record: UUID) -> str | None:
        """The name of a form with a record that refers to this one, or None when nothing does."""
        ...

    def setting(self, name: str) -> Any:
        """A setting of the site (plain JSON), or None."""
        ...

    def ledger(self, register: str) -> "LedgerFacts":
        """What records have written to a register."""
        ...

    def pointing(self, form: str, field: str, ids: Collection[UUID]) -> tuple[StoredRecord, ...]:
        """The records of `form` whose reference `field` (of the header) is to one of `ids`, in order of their ids."""
        ...

    def last_change(self, structure: str) -> int:
        """The number of the last change to what goes into nodes of a structure; 0 before the first."""
        ...

    def listens(self, form: str, on: str) -> bool:
        """Does anybody outside want to be told when this happens to a record of the form?"""
        ...

    def task(self, id: UUID) -> StoredTask | None:
        """A workflow task by its id."""
        ...

    def users_with_role(self, role: str) -> tuple[UUID, ...]:
        """The active users who have a role."""
        ...

    def instance(self, id: UUID) -> StoredInstance | None:
        """A workflow instance by its id."""
        ...

    def instances(self, form: str, record: UUID) -> tuple[StoredInstance, ...]:
        """The instances that run or ran for a record, oldest first."""
        ...
