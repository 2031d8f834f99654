"""What records have written to a register, read from the store."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from engine.facts import StoredMovement, StoredPlanned, StoredReservation
from engine.packs import Release
from engine.store import Reader

RECORDS_AT_ONCE = 500
"""Records in one statement."""


class StoreLedger:
    """Facts of one register from the store; who holds what is memoised."""

    def __init__(self, reader: Reader, release: Release, register: str) -> None:
        self._reader = reader
        self._register = release.register_readers[register]
        self._reservations = release.reservation_readers[register]
        self._planned = release.planned_readers[register]
        self._held_by: dict[UUID, tuple[StoredReservation, ...]] = {}

    def foresee(self, records: Collection[UUID]) -> None:
        """See LedgerFacts."""
        unknown = [r for r in dict.fromkeys(records) if r not in self._held_by]
        for start in range(0, len(unknown), RECORDS_AT_ONCE):
            some, held = unknown[start : start + RECORDS_AT_ONCE], defaultdict[UUID, list[StoredReservation]](list)
            for reservation in self._held(self._reservations.of_records(some, self._reader.dialect)):
                held[reservation.record].append(reservation)
            self._held_by |= {record: tuple(held[record]) for record in some}

    def reservations(self, record: UUID) -> tuple[StoredReservation, ...]:
        """See LedgerFacts."""
        if record not in self._held_by:
            self.foresee([record])
        return self._held_by[record]

    def reservation(self, id: UUID) -> StoredReservation | None:
        """See LedgerFacts."""
        return next(iter(self._held(self._reservations.by_id(id, self._reader.dialect))), None)

    def reserved_for(self, record: UUID, line: UUID | None) -> int:
        """See LedgerFacts."""
        rows = self._reader.rows(self._reservations.sum_for(record, line, self._reader.dialect))
        return int(rows[0][0] or 0)

    def held_below(
        self, key: Mapping[int, Any], priority: int, record: UUID, limit: int
    ) -> tuple[StoredReservation, ...]:
        """See LedgerFacts."""
        return self._held(self._reservations.below(key, priority, record, limit, self._reader.dialect))

    def expired(self, moment: int, limit: int) -> tuple[StoredReservation, ...]:
        """See LedgerFacts."""
        return self._held(self._reservations.expired(moment, limit))

    def _held(self, statement: Any) -> tuple[StoredReservation, ...]:
        return self._reservations.rows(self._reader.rows(statement), self._reader.dialect)

    def planned(self, record: UUID) -> tuple[StoredPlanned, ...]:
        """See LedgerFacts."""
        rows = self._reader.rows(self._planned.of_record(record, self._reader.dialect))
        return self._planned.rows(rows, self._reader.dialect)

    def fulfilments(self, record: UUID) -> tuple[tuple[StoredPlanned, StoredPlanned], ...]:
        """See LedgerFacts."""
        rows = self._reader.rows(self._planned.fulfilments(record, self._reader.dialect))
        return self._planned.pairs(rows, self._reader.dialect)

    def waiting(self) -> int:
        """See LedgerFacts."""
        query = self._register.waiting()
        return 0 if query is None else int(self._reader.rows(query)[0][0])

    def returned(self, entry: UUID) -> tuple[tuple[int, int], ...]:
        """See LedgerFacts."""
        return self._register.costs(self._reader.dialect).returned(self._reader.rows, entry)

    def movements(self, record: UUID) -> tuple[StoredMovement, ...]:
        """See LedgerFacts."""
        rows = self._reader.rows(self._register.movements_of(record, self._reader.dialect))
        return tuple(m for m, _ in self._register.movement_rows(rows, self._reader.dialect))
