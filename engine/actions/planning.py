"""Planning: what every plan function is handed, and the record a plan is working on.

A plan function is pure: the same planning gives the same plan. It reads through `facts`, takes ids and numbers from their
sources, and returns effects; only `store.write` writes.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import UUID

from engine.access import Grant, grant
from engine.actor import Actor
from engine.clock import IdSource, Moment, NumberSource
from engine.effects import (
    Audit,
    Effect,
    Expectation,
    ExpectRecord,
    ExpectRelease,
    ExpectSetting,
    LineChanges,
    LineRow,
    Plan,
)
from engine.facts import Facts, StoredRecord, Values
from engine.forms import Form, Reads, actor_value, changes, record_scope, reference
from engine.packs import Release


@dataclass(frozen=True, slots=True)
class RuleCreate:
    """A rule wants a record created: values of header fields as the fields hold them, `lines` on the wire, and a state action."""

    form: str
    values: Values
    lines: Mapping[str, Any]
    action: str | None = None
    rule: str = ""
    depth: int = 0


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A rule wants another record changed, or a state action taken on it."""

    form: str
    id: UUID
    values: Values
    action: str | None = None
    rule: str = ""
    depth: int = 0


QUEUE_MAX: Final = 2_000
"""Most records that the rules of one command may create or change besides its own."""


@dataclass(slots=True)
class Queue:
    """What rules want done to other records: planned after the command itself, written with it."""

    waiting: deque[RuleCreate | RuleChange] = field(default_factory=deque)
    taken: int = 0

    def put(self, wanted: RuleCreate | RuleChange) -> bool:
        """Note a wish; false when there are too many."""
        self.taken += 1
        if self.taken > QUEUE_MAX:
            return False
        self.waiting.append(wanted)
        return True


@dataclass(frozen=True, slots=True)
class Planning:
    """What a plan may use: the release, facts, who asks, the moment, and sources of ids and numbers. `accepted` are the rules whose
    warnings the actor has seen and overrides; `depth` says how many rules that run by themselves led here."""

    release: Release
    facts: Facts
    actor: Actor
    moment: Moment
    ids: IdSource
    numbers: NumberSource
    reads: Reads = field(default_factory=Reads)
    queue: Queue = field(default_factory=Queue)
    accepted: frozenset[str] = frozenset()
    depth: int = 0
    granted: dict[str, tuple[Actor, Grant]] = field(default_factory=dict)
    """Grants that were asked for, by form, with the actor they are for."""

    def accepting(self, rules: Sequence[str]) -> "Planning":
        """The same, with these rules' warnings overridden."""
        return replace(self, accepted=frozenset(rules)) if rules else self

    def reference(self, form: str, id: UUID) -> Any:
        """What expressions see of a record that something refers to."""
        return reference(self.release.forms[form], id, self)

    def grant(self, form: Form) -> Grant:
        """What the actor may do with records of `form`."""
        actor, found = self.granted.get(form.name, (None, None))
        if found is None or actor is not self.actor:
            found = grant(self.release.roles, self.actor, form, {"actor": actor_value(self.actor)})
            self.granted[form.name] = self.actor, found
        return found


@dataclass(frozen=True, slots=True)
class Work:
    """A record as the plan has it so far: what is stored (`before`, None for a new one) and what it is becoming."""

    form: Form
    id: UUID
    state: str | None
    values: Values
    lines: Mapping[str, tuple[LineRow, ...]]
    before: StoredRecord | None = None
    changed: Mapping[str, LineChanges] = field(default_factory=dict)

    @property
    def revision(self) -> int:
        """The revision the record has once the plan is written."""
        return 1 if self.before is None else self.before.revision + 1

    def scope(self, planning: Planning) -> Mapping[str, Any]:
        """What expressions see of the record."""
        stamps = (
            self.before.stamps
            if self.before is not None
            else {"created_at": planning.moment.instant, "created_by": planning.actor.id}
        )
        return record_scope(
            self.form, self.values, self.lines, planning, **{**stamps, "id": self.id, "state": self.state}
        )

    def entering(self, state: str) -> "Work":
        """The record in another state."""
        return replace(self, state=state)


def work_on(form: Form, record: StoredRecord) -> Work:
    """A stored record, nothing changed yet."""
    lines = {
        name: tuple(LineRow(line.id, line.position, line.values) for line in rows)
        for name, rows in record.lines.items()
    }
    return Work(form, record.id, record.state, record.values, lines, record)


def audit(work: Work, action: str) -> Audit:
    """The line of history for what the plan does to the record."""
    found = dict(changes(work.form, work.before, work.values, work.lines))
    state_before = work.before.state if work.before else None
    if work.state != state_before:
        found["state"] = [state_before, work.state]
    return Audit(work.form.name, work.id, action, found)


def make_plan(planning: Planning, effects: Sequence[Effect], answer: Mapping[str, Any]) -> Plan:
    """The plan that writes `effects` if the release and all records relied on are still as they were read."""
    expectations: list[Expectation] = [ExpectRelease(planning.release.digest)]
    expectations += [
        ExpectRecord(form, record, revision) for (form, record), revision in planning.reads.records.items()
    ]
    expectations += [ExpectSetting(name, value) for name, value in planning.reads.settings.items()]
    return Plan(planning.actor, planning.moment, planning.release.digest, tuple(effects), answer, tuple(expectations))
