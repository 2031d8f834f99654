"""Answers about reservations: who holds what, since when, until when, how urgently. A holder that the asker may not read is not named; told
is then only whom to ask.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from engine.actions import problems
from engine.actions.gather import facts_of
from engine.actions.planning import Planning
from engine.actions.queries import ReservationsAt
from engine.actions.register_keys import prepare_titles, read_where, seen_register, shown_key
from engine.actions.showing import Shower
from engine.clock import from_microseconds
from engine.facts import StoredReservation
from engine.names import Text
from engine.problems import Problems
from engine.registers import Register
from engine.values import from_scaled, to_wire, write_decimal


def reservations(query: ReservationsAt, planning: Planning) -> dict[str, Any] | Problems:
    """A page of pending reservations, oldest first."""
    register = seen_register(query.register, planning)
    if isinstance(register, Problems):
        return register
    where = read_where(register, query.where, tuple(d.name for d in register.dimensions))
    if isinstance(where, Problems):
        return where
    try:
        after = UUID(query.after) if query.after else None
    except ValueError:
        return problems.cursor_unreadable()
    reader, facts = planning.release.reservation_readers[register.name], facts_of(planning)
    dialect = facts.reader.dialect
    rows = reader.rows(facts.reader.rows(reader.at(where, query.record, after, query.limit, dialect)), dialect)
    page = rows[: query.limit]
    holders = Holders(planning, page)
    if query.record is not None:
        page = tuple(
            r for r in page if holders.may_see(r)
        )  # whether a record holds something is told only to who may read it
    shower, full = Shower(planning), tuple(range(len(register.dimensions)))
    prepare_titles(register, full, [r.key for r in page], shower)
    return {
        "rows": [_shown(register, r, holders, shower) for r in page],
        "next": str(rows[query.limit - 1].id) if len(rows) > query.limit else None,
    }


def _shown(register: Register, held: StoredReservation, holders: "Holders", shower: Shower) -> dict[str, Any]:
    return {
        "id": str(held.id) if holders.may_see(held) else None,
        "key": shown_key(register, range(len(register.dimensions)), held.key, shower),
        "quantity": reserved_text(register, held.quantity),
        "open": reserved_text(register, held.open),
        "priority": held.priority,
        "since": to_wire(from_microseconds(held.created_at)),
        "until": None if held.expires_at is None else to_wire(from_microseconds(held.expires_at)),
        "holder": holders.shown(held),
    }


def reserved_text(register: Register, quantity: int) -> str:
    """A quantity of the reserved measure as decimal text."""
    assert register.reservation is not None
    return write_decimal(from_scaled(quantity, register.measures[register.measure_index(register.reservation)].scale))


class Holders:
    """The records that hold some reservations, as far as the asker may read them."""

    def __init__(self, planning: Planning, held: Sequence[StoredReservation]) -> None:
        self._planning = planning
        self._shower = Shower(planning)
        by_form: dict[str, set[UUID]] = {}
        for r in held:
            by_form.setdefault(r.form, set()).add(r.record)
        self._seen = {(form, id) for form, ids in by_form.items() for id in self._visible(form, ids)}

    def _visible(self, form: str, ids: Collection[UUID]) -> Collection[UUID]:
        known = self._planning.release.forms.get(form)
        if known is None or self._planning.grant(known).require("read") is not None:
            return ()
        seen = self._planning.facts.visible(form, ids)
        self._shower.titles(form, seen)
        return seen

    def may_see(self, held: StoredReservation) -> bool:
        """May the asker read the record that holds this?"""
        return (held.form, held.record) in self._seen

    def shown(self, held: StoredReservation) -> dict[str, Any]:
        """The holder: by its title and id, or whom to ask about it."""
        form = self._planning.release.forms.get(held.form)
        label: Text = form.label if form is not None else {}
        if self.may_see(held):
            title = self._shower.title(held.form, held.record)
            line = None if held.line is None else str(held.line)
            return {"form": held.form, "label": label, "id": str(held.record), "line": line, "title": title, "ask": []}
        return {"form": held.form, "label": label, "id": None, "line": None, "title": None, "ask": self.ask(held.form)}

    def ask(self, form: str) -> list[Mapping[str, str]]:
        """The labels of the roles that may read records of a form."""
        roles = self._planning.release.roles.values()
        return [r.label for r in roles if any("read" in g.do for g in r.forms.get(form, ()))]
