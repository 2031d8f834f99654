"""Facts plus the effects planned so far, for plans that are made one after another but written together."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from engine.effects import ChangeRecord, Effect, InsertRecord, LineChanges
from engine.facts import (
    Facts,
    LedgerFacts,
    StoredInstance,
    StoredLine,
    StoredMovement,
    StoredPlanned,
    StoredRecord,
    StoredReservation,
    StoredTask,
)
from engine.packs import Release


class OverlayFacts:
    """The facts as they will be once the added effects are written, as far as records are concerned. `sees_all`: rights of the asking
    actor do not count, a rule asks."""

    def __init__(self, facts: Facts, release: Release, *, sees_all: bool = False) -> None:
        self._facts = facts
        self._sees_all = sees_all
        self._release = release
        self._records: dict[tuple[str, UUID], StoredRecord] = {}
        self._new: set[UUID] = set()
        self._unique: dict[tuple[str, str, Any], UUID] = {}

    def touches(self, form: str, id: UUID) -> bool:
        """Do the added effects make or change this record?"""
        return (form, id) in self._records

    def add(self, effects: Iterable[Effect]) -> None:
        """Let later questions see these effects."""
        for effect in effects:
            if isinstance(effect, InsertRecord):
                self._add_record(effect)
            elif isinstance(effect, ChangeRecord):
                self._change_record(effect)

    def _change_record(self, effect: ChangeRecord) -> None:
        old = self.records(effect.form, [effect.id])[effect.id]
        lines = {**old.lines, **{name: _lines_after(old.lines.get(name, ()), c) for name, c in effect.lines.items()}}
        self._records[effect.form, effect.id] = replace(
            old, revision=effect.revision + 1, state=effect.state, values=effect.values, lines=lines
        )

    def _add_record(self, effect: InsertRecord) -> None:
        lines = {
            name: tuple(StoredLine(row.id, row.position, row.values) for row in rows)
            for name, rows in effect.lines.items()
        }
        self._records[effect.form, effect.id] = StoredRecord(
            effect.form, effect.id, 1, effect.state, effect.values, lines
        )
        self._new.add(effect.id)
        for field in self._release.forms[effect.form].fields:
            value = effect.values.get(field.name)
            if field.unique and value is not None:
                self._unique[effect.form, field.name, value] = effect.id

    def records(self, form: str, ids: Collection[UUID]) -> Mapping[UUID, StoredRecord]:
        """See Facts."""
        mine = {id: self._records[form, id] for id in ids if (form, id) in self._records}
        return {**self._facts.records(form, [id for id in ids if id not in mine]), **mine}

    def visible(self, form: str, ids: Collection[UUID]) -> frozenset[UUID]:
        """See Facts."""
        if self._sees_all:
            return frozenset(self.records(form, ids))
        mine = {id for id in ids if id in self._new and (form, id) in self._records}
        return self._facts.visible(form, [id for id in ids if id not in mine]) | mine

    def find(self, form: str, field: str, values: Collection[Any]) -> Mapping[Any, UUID]:
        """See Facts."""
        mine = {v: self._unique[form, field, v] for v in values if (form, field, v) in self._unique}
        return {**self._facts.find(form, field, [v for v in values if v not in mine]), **mine}

    def referring(self, form: str, record: UUID) -> str | None:
        """See Facts."""
        return self._facts.referring(form, record)

    def setting(self, name: str) -> Any:
        """See Facts."""
        return self._facts.setting(name)

    def ledger(self, register: str) -> LedgerFacts:
        """See Facts."""
        return _LedgerBefore(self._facts.ledger(register), self._new)

    def pointing(self, form: str, field: str, ids: Collection[UUID]) -> tuple[StoredRecord, ...]:
        """See Facts."""
        stored = {r.id: r for r in self._facts.pointing(form, field, ids) if (form, r.id) not in self._records}
        mine = {id: r for (name, id), r in self._records.items() if name == form and r.values.get(field) in ids}
        return tuple(record for _, record in sorted({**stored, **mine}.items()))

    def last_change(self, structure: str) -> int:
        """See Facts."""
        return self._facts.last_change(structure)

    def listens(self, form: str, on: str) -> bool:
        """See Facts."""
        return self._facts.listens(form, on)

    def task(self, id: UUID) -> StoredTask | None:
        """See Facts."""
        return self._facts.task(id)

    def users_with_role(self, role: str) -> tuple[UUID, ...]:
        """See Facts."""
        return self._facts.users_with_role(role)

    def instance(self, id: UUID) -> StoredInstance | None:
        """See Facts."""
        return self._facts.instance(id)

    def instances(self, form: str, record: UUID) -> tuple[StoredInstance, ...]:
        """See Facts."""
        return () if self._is_new(record) else self._facts.instances(form, record)

    def _is_new(self, record: UUID) -> bool:
        return record in self._new


class _LedgerBefore:
    """A register before the added effects: records that they make have written nothing yet."""

    def __init__(self, ledger: LedgerFacts, new: set[UUID]) -> None:
        self._ledger = ledger
        self._new = new

    def reservations(self, record: UUID) -> tuple[StoredReservation, ...]:
        """See LedgerFacts."""
        return () if record in self._new else self._ledger.reservations(record)

    def foresee(self, records: Collection[UUID]) -> None:
        """See LedgerFacts."""
        self._ledger.foresee(records)

    def reservation(self, id: UUID) -> StoredReservation | None:
        """See LedgerFacts."""
        return self._ledger.reservation(id)

    def reserved_for(self, record: UUID, line: UUID | None) -> int:
        """See LedgerFacts."""
        return 0 if record in self._new else self._ledger.reserved_for(record, line)

    def held_below(
        self, key: Mapping[int, Any], priority: int, record: UUID, limit: int
    ) -> tuple[StoredReservation, ...]:
        """See LedgerFacts."""
        return self._ledger.held_below(key, priority, record, limit)

    def expired(self, moment: int, limit: int) -> tuple[StoredReservation, ...]:
        """See LedgerFacts."""
        return self._ledger.expired(moment, limit)

    def planned(self, record: UUID) -> tuple[StoredPlanned, ...]:
        """See LedgerFacts."""
        return () if record in self._new else self._ledger.planned(record)

    def fulfilments(self, record: UUID) -> tuple[tuple[StoredPlanned, StoredPlanned], ...]:
        """See LedgerFacts."""
        return () if record in self._new else self._ledger.fulfilments(record)

    def waiting(self) -> int:
        """See LedgerFacts."""
        return self._ledger.waiting()

    def returned(self, entry: UUID) -> tuple[tuple[int, int], ...]:
        """See LedgerFacts."""
        return self._ledger.returned(entry)

    def movements(self, record: UUID) -> tuple[StoredMovement, ...]:
        """See LedgerFacts."""
        return () if record in self._new else self._ledger.movements(record)


def _lines_after(old: tuple[StoredLine, ...], changes: LineChanges) -> tuple[StoredLine, ...]:
    changed = {row.id: row for row in (*changes.changed, *changes.inserted)}
    kept = [row for row in old if row.id not in changes.removed and row.id not in changed]
    rows = [*kept, *(StoredLine(row.id, row.position, row.values) for row in changed.values())]
    return tuple(sorted(rows, key=lambda row: row.position))
