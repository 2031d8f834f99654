"""The tree of a rule: for what, when, if, then. What rule text and its JSON both are, and what `packs` links to forms and registers.

Expressions stay text here, in the one way of writing them; they are checked when the names they may use are known.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from engine.rules.tree import Position

Assignments = tuple[tuple[str, "Formula"], ...]
"""(field, value), in order."""


@dataclass(frozen=True, slots=True)
class Formula:
    """An expression within a rule, in the one way of writing it. Of rule text: `at` is where in the file it begins, `source` how it
    stands there."""

    text: str
    at: Position = field(default=(1, 1), compare=False)
    source: str = field(default="", compare=False)


# --- events ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Created:
    """A record was created."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A field changed: one of `fields`, or any when there are none."""

    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Deleted:
    """A record went to the trash."""


@dataclass(frozen=True, slots=True)
class Imported:
    """A record was created by an import."""


@dataclass(frozen=True, slots=True)
class Entered:
    """A record entered a state."""

    state: str


@dataclass(frozen=True, slots=True)
class Left:
    """A record left a state."""

    state: str


@dataclass(frozen=True, slots=True)
class LineAdded:
    """Rows were added to a sub-table; the rule sees them as `added`."""

    lines: str


@dataclass(frozen=True, slots=True)
class TaskDone:
    """A workflow task on the record was decided: at any node or `node`, with any outcome or `outcome`."""

    node: str | None = None
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class BalanceCrossed:
    """A balance of a register passed a threshold: once each time it does. `per` are the dimensions it is kept by, none for all."""

    balance: Formula
    direction: str
    """below | above"""
    threshold: Formula
    per: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ConstraintCrossed:
    """A constraint that only warns broke, or holds again."""

    constraint: str
    direction: str
    """broken | restored"""


@dataclass(frozen=True, slots=True)
class Scheduled:
    """The times of a cron expression (minute hour day month weekday, in the site's zone); `workdays`: only on days of work."""

    cron: str
    workdays: bool = False


@dataclass(frozen=True, slots=True)
class WebhookReceived:
    """Another system called the site's hook of this name; the rule sees what it sent as `webhook`."""

    name: str


Event = (
    Created
    | Changed
    | Deleted
    | Imported
    | Entered
    | Left
    | LineAdded
    | TaskDone
    | BalanceCrossed
    | ConstraintCrossed
    | Scheduled
    | WebhookReceived
)

# --- actions --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Set:
    """Give a field of the record a value."""

    field: str
    to: Formula


@dataclass(frozen=True, slots=True)
class Refuse:
    """Stop the change with a message, at a field or at the whole record."""

    message: Formula
    at: str | None = None


@dataclass(frozen=True, slots=True)
class Warn:
    """As Refuse, but who may override rules can go on all the same."""

    message: Formula
    at: str | None = None


@dataclass(frozen=True, slots=True)
class Create:
    """Create a record of another form, and take a state action on it."""

    form: str
    action: str | None = None
    values: Assignments = ()


@dataclass(frozen=True, slots=True)
class Change:
    """Give fields of a record that is referred to values."""

    record: Formula
    values: Assignments


@dataclass(frozen=True, slots=True)
class Do:
    """Take a state action on the record, or on one that it refers to."""

    action: str
    record: Formula | None = None


@dataclass(frozen=True, slots=True)
class Reserve:
    """Run a register's posting rule of the record that reserves (`"on": "rule"`)."""

    register: str
    posting: str | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """Give back what the record still holds reserved in a register."""

    register: str


@dataclass(frozen=True, slots=True)
class Start:
    """Start a workflow for the record."""

    workflow: str


@dataclass(frozen=True, slots=True)
class Notify:
    """Tell everyone with a role, or a user (an id), something inside the app."""

    message: Formula
    role: str | None = None
    user: Formula | None = None


@dataclass(frozen=True, slots=True)
class CallWebhook:
    """Send values to the address that the site has set for this name."""

    name: str
    values: Assignments = ()


@dataclass(frozen=True, slots=True)
class Comment:
    """Write into the record's history."""

    message: Formula


Action = Set | Refuse | Warn | Create | Change | Do | Reserve | Release | Start | Notify | CallWebhook | Comment


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `phase` before: in the plan of the change itself; after: by itself, once the change is written. `each`: of events
    that concern no record, once for every record for which the condition holds. `comments` are the lines of comment in its text."""

    name: str
    subject: str
    """The form or register it is for."""
    event: Event
    phase: str
    """before | after"""
    actions: tuple[Action, ...]
    condition: Formula | None = None
    each: bool = False
    about: str = ""
    comments: tuple[str, ...] = ()
    at: Position = field(default=(1, 1), compare=False)


EVENTS: Final[Mapping[str, type[Any]]] = {
    "created": Created, "changed": Changed, "deleted": Deleted, "imported": Imported, "entered": Entered, "left": Left,
    "line_added": LineAdded, "task_done": TaskDone, "balance": BalanceCrossed, "constraint": ConstraintCrossed, "schedule": Scheduled,
    "webhook": WebhookReceived,
}  # fmt: skip
"""Events by their name in JSON."""
ACTIONS: Final[Mapping[str, type[Any]]] = {
    "set": Set, "refuse": Refuse, "warn": Warn, "create": Create, "change": Change, "do": Do, "reserve": Reserve, "release": Release,
    "start": Start, "notify": Notify, "call": CallWebhook, "comment": Comment,
}  # fmt: skip
"""Actions by their name in JSON."""
RECORDLESS: Final = (Scheduled, WebhookReceived)
"""Events that concern no record by themselves."""
CROSSINGS: Final = (BalanceCrossed, ConstraintCrossed)
"""Events of registers."""


def kind_of(part: Event | Action) -> str:
    """The JSON name of an event or action."""
    table = EVENTS if type(part) in EVENTS.values() else ACTIONS
    return next(name for name, made in table.items() if made is type(part))
