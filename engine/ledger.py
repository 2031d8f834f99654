"""Ledger: what a plan wants written to registers, as data, and the messages that balances may send. Amounts are scaled integers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Enqueue:
    """A message for the worker: `kind` names the handler, `payload` is plain JSON. It leaves the process only by the outbox."""

    id: UUID
    kind: str
    payload: Mapping[str, Any]
    available_at: int = 0
    """Microseconds since 1970 UTC; 0 is at once."""


@dataclass(frozen=True, slots=True)
class CostShare:
    """The part from `start` to `stop` of `whole` of what the movement `entry` took: by `value`, or by quantity with its pieces, the first
    ones first (`along`, a transfer) or the last ones first (`back`, a return)."""

    entry: UUID
    kind: str
    start: int
    stop: int
    whole: int


@dataclass(frozen=True, slots=True)
class Cost:
    """How a movement is valued: the key of its cost pool, the method and unit cost that hold there now, and where its value comes from.
    `given` is the value that it brings; with `shares` it comes from other movements and from what is its `own`; else it is found."""

    key: tuple[Any, ...]
    method: str
    standard: tuple[int, int] | None
    given: int | None = None
    counted: bool = False
    own: int = 0
    shares: tuple[CostShare, ...] = ()
    layers: tuple[tuple[UUID, int], ...] = ()
    """(entry, quantity) of the receipts meant, where it matters which."""


@dataclass(frozen=True, slots=True)
class Movement:
    """One signed entry: `amounts` (register's order of measures) at `key` (its order of dimensions).
    `place` is the JSON pointer of the line that made it, for problems."""

    posting: str
    line: UUID | None
    place: str
    key: tuple[Any, ...]
    amounts: tuple[int, ...]
    effective: int
    """Microseconds since 1970 UTC."""
    reverses: int | None = None
    reservation: UUID | None = None
    sets: int | None = None
    """The measure (position) whose amount is the balance to be reached at the effective moment; apply makes it the difference."""
    entry: UUID | None = None
    """Its own id, where others may take their value from it."""
    cost: Cost | None = None
    corrects: UUID | None = None
    """The entry whose value this one adds to: it has no quantity, and is no movement of its own."""
    within: int | None = None
    """The count (movement id) at whose place in its day this one is judged: what undoes a count belongs where the count was."""
    into: UUID | None = None
    """The count (entry) that this belongs to: it has no value of its own, the count is valued again with the whole difference."""
    reason: str = ""
    """Why there is a movement of value alone: correction, settlement, variance, revaluation, rounding."""
    of: tuple[str, UUID] | None = None
    """(form, record) that it belongs to, where that is another than the posting's."""


@dataclass(frozen=True, slots=True)
class Pick:
    """A line wants `quantity` reserved by the posting rule `posting`, at keys that agree with `given` (None: any). Which ones is found under
    the locks of the posting; `seed` is the id of the first reservation, those that follow count up from it."""

    posting: str
    line: UUID | None
    place: str
    given: tuple[Any, ...]
    quantity: int
    effective: int
    seed: UUID
    priority: int = 0
    expires_at: int | None = None


@dataclass(frozen=True, slots=True)
class BalanceWatch:
    """A rule that waits for a balance to pass `threshold`: the sum of measures times `factors` (all scaled) at `key` of a grain. When
    the posting makes it pass, `message` goes to the outbox, with the `balance` and the one `before` in its payload, as text."""

    grain: tuple[int, ...]
    key: tuple[Any, ...]
    factors: tuple[int, ...]
    direction: str
    """below | above"""
    threshold: int
    inclusive: bool
    """Is a balance at the threshold already beyond it?"""
    message: Enqueue


@dataclass(frozen=True, slots=True)
class PostMovements:
    """All movements of one record in one register: appended, and the balances of every grain changed and guarded."""

    register: str
    form: str
    record: UUID
    movements: tuple[Movement, ...]
    watches: tuple[BalanceWatch, ...] = ()
    recost: Enqueue | None = None
    """Sent when more must be valued again than can be done at once."""
    seen: int | None = None
    """The latest movement (id) of the record that the plan knows: a conflict if a count of it has booked more by now. None: no matter."""
    at_once: int = 500
    """So many movements are valued again with it."""
    open_from: int = 0
    """The first day (ordinal) of open periods: corrections of what lies before are booked there."""
    picks: tuple[Pick, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenReservation:
    """A pending reservation of `quantity` at `key` for a demand line. A higher `priority` may take from a lower one; what is still open at
    `expires_at` (microseconds since 1970 UTC) is given back."""

    register: str
    id: UUID
    form: str
    record: UUID
    line: UUID | None
    key: tuple[Any, ...]
    quantity: int
    priority: int = 0
    expires_at: int | None = None


@dataclass(frozen=True, slots=True)
class SettleReservation:
    """`posted` and `voided` come off what is open; a conflict if less is open by now. A negative `posted` gives back what a
    reversed posting had taken. `added` comes from another reservation; a conflict if nothing is open by now."""

    register: str
    id: UUID
    posted: int = 0
    voided: int = 0
    added: int = 0


@dataclass(frozen=True, slots=True)
class PlanMovement:
    """A planned movement: `quantity` (signed) of the register's planned measure is expected at `key` on the day `due`. With `fulfils`
    it is what a record took off another planned movement: nothing of it is open, and it is kept so that it can be given back."""

    register: str
    id: UUID
    form: str
    record: UUID
    line: UUID | None
    posting: str
    key: tuple[Any, ...]
    due: date
    quantity: int
    fulfils: UUID | None = None


@dataclass(frozen=True, slots=True)
class SettlePlanned:
    """`taken` (signed like the planned quantity; below that what is given back) comes off what is open of a planned movement; None: all that
    is open by now."""

    register: str
    id: UUID
    taken: int | None = None


@dataclass(frozen=True, slots=True)
class Fulfilment:
    """A line of the record `of` (form, id) takes `quantity` (above zero) off what the record `demand` has planned at keys that agree with
    `key`. Which planned movements is found under their locks; `seed` is the id of the first entry, those that follow count up from it."""

    of: tuple[str, UUID]
    demand: UUID
    posting: str
    line: UUID | None
    key: tuple[Any, ...]
    quantity: int
    seed: UUID


@dataclass(frozen=True, slots=True)
class FulfilPlanned:
    """Takes off what others have planned: for each of `wants`, in their order, the earliest first, at most what is open by now."""

    register: str
    wants: tuple[Fulfilment, ...]


@dataclass(frozen=True, slots=True)
class ForgetFulfilment:
    """What a record had taken off a planned movement counts no longer: its entry comes to nothing. A conflict if it did so already."""

    register: str
    id: UUID


@dataclass(frozen=True, slots=True)
class Recost:
    """Value again, at most `limit` movements, what depends on something learnt late; `again` is sent when that was not all."""

    register: str
    limit: int
    again: Enqueue | None
    open_from: int = 0
    """See PostMovements."""


LedgerEffect = (
    Recost
    | PostMovements
    | OpenReservation
    | SettleReservation
    | FulfilPlanned
    | PlanMovement
    | SettlePlanned
    | ForgetFulfilment
)
