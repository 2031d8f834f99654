"""Facts plus the effects planned so far, for plans that are made one after another but written together."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from engine.effects import Effect, InsertRecord
from engine.facts import Facts, StoredInstance, StoredLine, StoredMovement, StoredRecord, StoredReservation, StoredTask
from engine.packs import Release


class OverlayFacts:
    """The facts as they will be once the added effects are written. New records only: that is what bulk creation makes."""

    def __init__(self, facts: Facts, release: Release) -> None:
        self._facts = facts
        self._release = release
        self._records: dict[tuple[str, UUID], StoredRecord] = {}
        self._new: set[UUID] = set()
        self._unique: dict[tuple[str, str, Any], UUID] = {}

    @property
    def made(self) -> frozenset[tuple[str, UUID]]:
        """(form, id) of the records that the added effects make."""
        return frozenset(self._records)

    def add(self, effects: Iterable[Effect]) -> None:
        """Let later questions see these effects."""
        for effect in effects:
            if isinstance(effect, InsertRecord):
                self._add_record(effect)

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
        mine = {id for id in ids if (form, id) in self._records}
        return self._facts.visible(form, [id for id in ids if id not in mine]) | mine

    def find(self, form: str, field: str, values: Collection[Any]) -> Mapping[Any, UUID]:
        """See Facts."""
        mine = {v: self._unique[form, field, v] for v in values if (form, field, v) in self._unique}
        return {**self._facts.find(form, field, [v for v in values if v not in mine]), **mine}

    def referring(self, form: str, record: UUID) -> str | None:
        """See Facts."""
        return self._facts.referring(form, record)

    def reservations(self, register: str, record: UUID) -> tuple[StoredReservation, ...]:
        """See Facts."""
        return () if self._is_new(record) else self._facts.reservations(register, record)

    def movements(self, register: str, record: UUID) -> tuple[StoredMovement, ...]:
        """See Facts."""
        return () if self._is_new(record) else self._facts.movements(register, record)

    def everything(self, form: str) -> tuple[StoredRecord, ...]:
        """See Facts."""
        return self._facts.everything(form) + tuple(r for (name, _), r in self._records.items() if name == form)

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
