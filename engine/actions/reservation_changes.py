"""What a command does to reservations, gathered into the effects of one plan: settlements, new reservations, one posting of their movements
(each of the record that it belongs to), and the history of every record concerned.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from engine.actions.planning import Planning, Work
from engine.actions.rule_watching import watch_balances
from engine.effects import Audit, Effect
from engine.facts import StoredReservation
from engine.ledger import Movement, OpenReservation, PostMovements, SettleReservation
from engine.problems import Problems
from engine.registers import Register
from engine.values import from_scaled, write_decimal


class Receiving(Protocol):
    """Who gets a reservation."""

    @property
    def work(self) -> Work: ...
    @property
    def line(self) -> UUID | None: ...
    @property
    def priority(self) -> int: ...
    @property
    def expires_at(self) -> int | None: ...


@dataclass(slots=True)
class ReservationChanges:
    """The changes that one command makes in one register."""

    register: Register
    planning: Planning
    _settled: list[SettleReservation] = field(default_factory=list)
    _opened: dict[tuple[UUID, UUID | None, tuple[Any, ...]], OpenReservation] = field(default_factory=dict)
    _moved: list[Movement] = field(default_factory=list)
    _told: dict[tuple[str, UUID, str], list[Mapping[str, Any]]] = field(default_factory=dict)

    def give_back(self, held: StoredReservation, quantity: int, why: str) -> None:
        """So much of a reservation is void."""
        self._settled.append(SettleReservation(self.register.name, held.id, voided=quantity))
        self._move((held.form, held.record, held.line), (held.id, held.key), -quantity, why)
        self._tell(held.form, held.record, why, {"line": held.line, "from": held.open, "to": held.open - quantity})

    def hand_over(self, held: StoredReservation, quantity: int, to: Receiving, why: str) -> None:
        """So much of a reservation goes to another demand: to what that holds at the key already, or as a new one."""
        self.give_back(held, quantity, why)
        form, record = to.work.form.name, to.work.id
        id = self._received((form, record, to.line), held.key, quantity, to)
        self._move((form, record, to.line), (id, held.key), quantity, why)
        self._tell(form, record, why, {"line": to.line, "got": quantity})

    def _received(
        self, whose: tuple[str, UUID, UUID | None], key: tuple[Any, ...], quantity: int, to: Receiving
    ) -> UUID:
        form, record, line = whose
        own = self.planning.facts.ledger(self.register.name).reservations(record)
        known = next((r for r in own if (r.line, r.key) == (line, key)), None)
        if known is not None:
            self._settled.append(SettleReservation(self.register.name, known.id, added=quantity))
            return known.id
        made = self._opened.get((record, line, key))
        id, before = (self.planning.ids.new(), 0) if made is None else (made.id, made.quantity)
        self._opened[record, line, key] = OpenReservation(
            self.register.name, id, form, record, line, key, before + quantity, to.priority, to.expires_at
        )
        return id

    def _move(
        self,
        whose: tuple[str, UUID, UUID | None],
        reservation: tuple[UUID, tuple[Any, ...]],
        quantity: int,
        why: str,
    ) -> None:
        assert self.register.reservation is not None
        at = self.register.measure_index(self.register.reservation)
        amounts = tuple(quantity if i == at else 0 for i in range(len(self.register.measures)))
        form, record, line = whose
        id, key = reservation
        now = self.planning.moment.microseconds
        self._moved.append(Movement(why, line, "", key, amounts, now, reservation=id, of=(form, record)))

    def _tell(self, form: str, record: UUID, why: str, told: Mapping[str, Any]) -> None:
        assert self.register.reservation is not None
        scale = self.register.measures[self.register.measure_index(self.register.reservation)].scale

        def shown(value: Any) -> Any:
            return write_decimal(from_scaled(value, scale)) if isinstance(value, int) else value and str(value)

        self._told.setdefault((form, record, why), []).append({name: shown(v) for name, v in told.items()})

    def effects(self) -> Sequence[Effect] | Problems:
        """All of it; nothing when nothing changes."""
        if not self._moved:
            return ()
        first = self._moved[0].of
        assert first is not None
        posting = PostMovements(self.register.name, *first, tuple(self._moved))
        watched = watch_balances([*self._settled, *self._opened.values(), posting], self.planning)
        if isinstance(watched, Problems):
            return watched
        return [*watched, *(self._audit(*whose, told) for whose, told in self._told.items())]

    def _audit(self, form: str, record: UUID, why: str, told: Sequence[Mapping[str, Any]]) -> Audit:
        """[before, after] as for a field, but of the whole record: what was open, or what came."""
        before = [f"{t['from']}" if "from" in t else "" for t in told]
        after = [t["to"] if "to" in t else f"+{t['got']}" for t in told]
        return Audit(form, record, f"reservation {why}", {"": [", ".join(before), ", ".join(after)]})
