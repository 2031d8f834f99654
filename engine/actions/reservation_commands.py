"""Changing who holds what: reservations given back, handed over, taken by who is more urgent, and ended when their time is over. What is
reserved at a key stays the same or becomes less, so nothing here can oversell; each change is told in the history of both records.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from engine.actions import problems
from engine.actions.accounts import require_admin
from engine.actions.change_record import find_work
from engine.actions.commands import ExpireReservations, MoveReservation, ReleaseReservation, TakeReservation
from engine.actions.consequences import posting_rows
from engine.actions.planning import Planning, Work, make_plan
from engine.actions.reservation_changes import ReservationChanges
from engine.actions.showing import title_of
from engine.effects import Effect, Plan, PutNotification
from engine.facts import StoredReservation
from engine.problems import Problems
from engine.registers import PostingRule, Register, Row, RowValues
from engine.values import NIL, from_scaled, read_decimal, to_scaled, write_decimal

TAKEN_FROM_MAX: Final = 200
"""Reservations that one demand may take from at once."""
EXPIRED_AT_ONCE: Final = 500
"""Reservations that one command ends."""


def plan_release(command: ReleaseReservation, planning: Planning) -> Plan | Problems:
    """The plan that gives back what a record holds. The actor must be allowed to change the record."""
    found = _held(command.register, command.id, planning)
    if isinstance(found, Problems):
        return found
    register, held = found
    quantity = _part(command.quantity, held, register)
    if isinstance(quantity, Problems):
        return quantity
    changes = ReservationChanges(register, planning)
    changes.give_back(held, quantity, "release")
    return _planned(changes, (), {"released": _text(quantity, register)}, planning)


def plan_move(command: MoveReservation, planning: Planning) -> Plan | Problems:
    """The plan that hands a reservation over, whole or in part. The actor must be allowed to change both records."""
    found = _held(command.register, command.id, planning)
    if isinstance(found, Problems):
        return found
    register, held = found
    if (held.form, held.record, held.line) == (command.form, command.record, command.line):
        return problems.same_demand()
    demand = _demand(register, command, planning)
    if isinstance(demand, Problems):
        return demand
    quantity = _part(command.quantity, held, register)
    if isinstance(quantity, Problems):
        return quantity
    if not demand.wants(held.key):
        return problems.not_what_it_needs(demand.work.form.label)
    if quantity > demand.lacking:
        return _enough(demand, quantity)
    changes = ReservationChanges(register, planning)
    changes.hand_over(held, quantity, demand, "move")
    return _planned(changes, (), {"moved": _text(quantity, register)}, planning)


def plan_take(command: TakeReservation, planning: Planning) -> Plan | Problems:
    """The plan by which a demand takes from those of a lower priority. The actor must be allowed to change the demanding record; who
    loses something is told."""
    register = planning.release.registers.get(command.register)
    if register is None or register.reservation is None:
        return problems.no_such_register(command.register, ())
    demand = _demand(register, command, planning)
    if isinstance(demand, Problems):
        return demand
    quantity = demand.lacking if command.quantity is None else _scaled(command.quantity, register)
    if isinstance(quantity, Problems):
        return quantity
    if quantity > demand.lacking or not quantity:
        return _enough(demand, quantity)
    where = {at: part for at, part in enumerate(demand.key) if part not in (None, register.dimensions[at].nothing)}
    ledger = planning.facts.ledger(register.name)
    changes, losers, missing = ReservationChanges(register, planning), dict[UUID, StoredReservation](), quantity
    for held in ledger.held_below(where, demand.priority, command.record, TAKEN_FROM_MAX):
        part = min(missing, held.open)
        if part:
            changes.hand_over(held, part, demand, "take")
            losers[held.record] = held
            missing -= part
    if missing:
        return problems.nothing_to_take(_text(quantity - missing, register), _text(quantity, register))
    told = [message for held in losers.values() for message in _told(held, planning)]
    return _planned(changes, told, {"taken": _text(quantity, register)}, planning)


def plan_expire(command: ExpireReservations, planning: Planning) -> Plan | Problems:
    """The plan that ends what has come to its end."""
    refused = require_admin(planning)
    if refused is not None:
        return refused
    register = planning.release.registers.get(command.register)
    if register is None or register.reservation is None:
        return problems.no_such_register(command.register, tuple(planning.release.registers))
    ended = planning.facts.ledger(register.name).expired(planning.moment.microseconds, EXPIRED_AT_ONCE)
    changes = ReservationChanges(register, planning)
    for held in ended:
        changes.give_back(held, held.open, "expire")
    return _planned(changes, (), {"expired": len(ended), "more": len(ended) == EXPIRED_AT_ONCE}, planning)


def _planned(
    changes: ReservationChanges, others: Sequence[Effect], answer: dict[str, object], planning: Planning
) -> Plan | Problems:
    effects = changes.effects()
    return effects if isinstance(effects, Problems) else make_plan(planning, (*effects, *others), answer)


def _held(name: str, id: UUID, planning: Planning) -> tuple[Register, StoredReservation] | Problems:
    """A pending reservation of a record that the actor may change."""
    register = planning.release.registers.get(name)
    if register is None or register.reservation is None:
        return problems.no_such_register(name, ())
    held = planning.facts.ledger(name).reservation(id)
    if held is None:
        return problems.no_such_reservation()
    work = find_work(held.form, held.record, None, planning)
    if isinstance(work, Problems):
        return problems.no_such_reservation()
    return planning.grant(work.form).require("change") or (register, held)


# quantities


def _scaled(text: str, register: Register) -> int | Problems:
    """A quantity above zero, with no more digits than the reserved measure has."""
    assert register.reservation is not None
    measure = register.measures[register.measure_index(register.reservation)]
    number = read_decimal(text)
    whole = None if number is None else to_scaled(number, measure.scale)
    if whole is None or whole <= 0 or whole % 10 ** (measure.scale - measure.decimals):
        return problems.bad_quantity(text)
    return whole


def _part(text: str | None, held: StoredReservation, register: Register) -> int | Problems:
    """How much of what is open is meant."""
    quantity = held.open if text is None else _scaled(text, register)
    if isinstance(quantity, int) and quantity > held.open:
        return problems.reservation_smaller(_text(held.open, register), _text(quantity, register))
    return quantity


def _text(quantity: int, register: Register) -> str:
    assert register.reservation is not None
    return write_decimal(from_scaled(quantity, register.measures[register.measure_index(register.reservation)].scale))


# demands


@dataclass(frozen=True, slots=True)
class Demand:
    """A line of a record (None: the record itself) that wants something reserved: where (None: at any), how much it lacks, how urgent it is
    and until when."""

    register: Register
    work: Work
    line: UUID | None
    key: tuple[object, ...]
    lacking: int
    priority: int
    expires_at: int | None

    def wants(self, key: Sequence[object]) -> bool:
        """Is something at this key what the demand is for?"""
        return all(
            wanted in (None, d.nothing, part)
            for d, wanted, part in zip(self.register.dimensions, self.key, key, strict=True)
        )


def _demand(register: Register, named: MoveReservation | TakeReservation, planning: Planning) -> Demand | Problems:
    """The demand that a command names, by the posting rule that reserves for it."""
    work = find_work(named.form, named.record, None, planning)
    if isinstance(work, Problems):
        return work
    refused = planning.grant(work.form).require("change")
    if refused is not None:
        return refused
    assert work.before is not None
    planning.reads.values(work.form.name, work.id, work.before.revision)
    rows = posting_rows(work, planning)
    for rule in register.postings:
        if rule.form == work.form.name and rule.do == "reserve":
            values = RowValues(register, planning)
            row = next((row for row in rows(rule.rows) if row[0] == named.line and values.applies(rule, row)), None)
            if row is not None:
                return _by_rule(rule, values, row, work)
    return problems.reserves_nothing(work.form.label, register.label)


def _by_rule(rule: PostingRule, values: RowValues, row: Row, work: Work) -> Demand | Problems:
    key = values.open_key(rule, row) if rule.pick is not None else values.key(rule, row)
    register = values.register
    assert rule.quantity is not None
    assert register.reservation is not None
    quantity = values.positive(rule.quantity, row, at=register.reservation)
    priority, expires = values.priority(rule, row), values.expires(rule, row)
    if values.found or key is None or quantity is None:
        return Problems(tuple(values.found))
    reserved = values.planning.facts.ledger(register.name).reserved_for(work.id, row[0])
    return Demand(register, work, row[0], key, max(quantity - reserved, 0), priority, expires)


def _enough(demand: Demand, quantity: int) -> Problems:
    lacking, wanted = (_text(n, demand.register) for n in (demand.lacking, quantity))
    return problems.reserved_enough(demand.work.form.label, lacking, wanted)


def _told(held: StoredReservation, planning: Planning) -> list[Effect]:
    """Who made the record that loses something is told."""
    record = planning.facts.records(held.form, [held.record]).get(held.record)
    user = None if record is None else record.stamps.get("created_by")
    if record is None or user in (None, NIL):
        return []
    title = title_of(planning.release.forms[held.form], record, planning)
    text = {
        "en": f"What was reserved for {title} went to a more urgent demand.",
        "zh-CN": f"为“{title}”锁定的数量已让给更紧急的需求。",
    }
    return [PutNotification(planning.ids.new(), user, text, f"/forms/{held.form}/{held.record}")]
