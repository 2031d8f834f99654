"""Advice on a shortage: who holds the rest, where else it is to be had, what is expected when, and how to count it. Put into the problem
after a refusal, as far as the reader may see; the refusal itself never depends on it.

params.holders   those who hold what is short, most first: title (None when the reader may not know), label of the form, quantity, whom to ask
params.advice    ways out, each with its `kind`: other_key (key, available), holder (whom to ask), expected (day, quantity), count (link)
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from engine.access import may_see
from engine.actions.answer_reservations import Holders, reserved_text
from engine.actions.gather import facts_of
from engine.actions.planning import Planning
from engine.actions.register_keys import shown_key
from engine.actions.showing import Shower
from engine.facts import StoredReservation
from engine.problems import Problem
from engine.registers import Constraint, Register
from engine.values import from_scaled, write_decimal

HOLDERS_MAX: Final = 5
"""Holders that are told."""
OTHER_KEYS_MAX: Final = 5
"""Other keys that are told."""
OTHER_KEYS_READ: Final = 50
"""Other keys that are looked at, as some may be none of the reader's business."""
EXPECTED_MAX: Final = 3
"""Planned receipts that are told."""
ADVISED_MAX: Final = 10
"""Problems of one refusal that get advice."""
WHOLE_KEYS: Final = frozenset(("registers.constraint_broken", "registers.constraint_broken_later"))
"""Codes of problems at a balance; those of picks are at what a line named."""
SHORT: Final = WHOLE_KEYS | {"registers.pick_short", "registers.picked_in_part", "registers.line_not_picked"}
"""Codes of problems that are shortages."""


def with_advice(problem: Problem, planning: Planning, shower: Shower) -> Problem:
    """The problem with holders and ways out, if it is that too much is reserved or gone."""
    register = planning.release.registers.get(str(problem.params.get("register_name")))
    if register is None or problem.code not in SHORT:
        return problem
    name = problem.params.get("constraint_name")
    limit = next((c for c in register.limits if c.name == name), None)
    if limit is None:
        return problem
    key: Mapping[str, Any] = problem.params["key"]
    where = {at: key[d.name] for at, d in enumerate(register.dimensions) if d.name in key}
    if problem.code in WHOLE_KEYS:  # of a whole key, whose parts that are none are not named
        where |= {at: register.dimensions[at].nothing for at in limit.of if at not in where}
    advising = _Advising(planning, register, limit, where, shower)
    holders = advising.holders()
    advice = [*advising.other_keys(), *advising.asking(holders), *advising.expected(), *advising.counts()]
    ways = tuple(dict.fromkeys(a["kind"] for a in advice))
    return replace(problem, params={**problem.params, "holders": holders, "advice": advice}, ways=ways)


class _Advising:
    """Advice on one key of one register."""

    def __init__(
        self, planning: Planning, register: Register, limit: Constraint, where: Mapping[int, Any], shower: Shower
    ) -> None:
        self._planning = planning
        self._register = register
        self._limit = limit
        self._where = where
        self._shower = shower
        self._facts = facts_of(planning)
        self._dialect = self._facts.reader.dialect
        self._sees = may_see(planning.release.roles, planning.actor, "register", register.name)

    def holders(self) -> list[dict[str, Any]]:
        """Who holds what is short. Those whom the reader may not read have no title, and who may not see the register is told no quantities."""
        coarse = {at: part for at, part in self._where.items() if at in self._limit.of}
        found = self._holding(self._where)
        if not found and coarse != self._where:  # not what the line names is held, but what that counts to
            found = self._holding(coarse)
        holders = Holders(self._planning, found)
        told = [
            {
                **holders.shown(held),
                "quantity": reserved_text(self._register, held.open) if self._sees or holders.may_see(held) else None,
                "priority": held.priority if self._sees or holders.may_see(held) else None,
            }
            for held in found
        ]
        return [
            t for at, t in enumerate(told) if t not in told[:at]
        ]  # nameless ones without numbers are one and the same

    def _holding(self, where: Mapping[int, Any]) -> Sequence[StoredReservation]:
        reader = self._planning.release.reservation_readers[self._register.name]
        query = reader.holding(where, HOLDERS_MAX, self._dialect)
        return reader.rows(self._facts.reader.rows(query), self._dialect)

    def asking(self, holders: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Ask those who hold it."""
        return [{"kind": "holder", **{n: h[n] for n in ("form", "label", "id", "title", "ask")}} for h in holders]

    def other_keys(self) -> list[dict[str, Any]]:
        """Where else the same thing (the register's first dimension) is to be had, at places that the reader may know of."""
        if not self._sees or 0 not in self._where or 0 not in self._limit.of:
            return []
        reader = self._planning.release.advice_readers[self._register.name]
        query = reader.elsewhere(self._limit, {0: self._where[0]}, OTHER_KEYS_READ, self._dialect)
        rows = reader.elsewhere_rows(self._limit, self._facts.reader.rows(query), self._dialect)
        scale = self._register.scale_of(self._limit.factors)
        told: list[dict[str, Any]] = []
        for row in rows:
            parts = dict(zip(self._limit.of, row.key, strict=True))
            if all(self._where.get(at, part) == part for at, part in parts.items()):
                continue  # it is the key that is short
            if len(told) < OTHER_KEYS_MAX and self._may_know(parts):
                key = shown_key(self._register, self._limit.of, row.key, self._shower)
                told.append(
                    {"kind": "other_key", "key": key, "available": write_decimal(from_scaled(row.slack, scale))}
                )
        return told

    def _may_know(self, parts: Mapping[int, Any]) -> bool:
        """May the reader see every record that the key refers to?"""
        return all(
            d.form is None or part == d.nothing or bool(self._shower.title(d.form, part))
            for at, part in parts.items()
            for d in (self._register.dimensions[at],)
        )

    def expected(self) -> list[dict[str, Any]]:
        """What is planned to come."""
        planned = self._register.planned
        if not self._sees or planned is None or self._limit.factors[self._register.measure_index(planned)] <= 0:
            return []
        reader = self._planning.release.advice_readers[self._register.name]
        rows = self._facts.reader.rows(reader.expected(self._where, EXPECTED_MAX, self._dialect))
        scale = self._register.measures[self._register.measure_index(planned)].scale
        return [
            {"kind": "expected", "day": day.isoformat(), "quantity": write_decimal(from_scaled(quantity, scale))}
            for day, quantity in reader.expected_rows(rows, self._dialect)
        ]

    def counts(self) -> list[dict[str, Any]]:
        """Forms by which the reader may count what is there."""
        names = dict.fromkeys(p.form for p in self._register.postings if p.do == "set")
        forms = [self._planning.release.forms[name] for name in names]
        return [
            {"kind": "count", "form": f.name, "label": f.label, "link": f"/forms/{f.name}/new"}
            for f in forms
            if self._planning.grant(f).require("create") is None
        ]
