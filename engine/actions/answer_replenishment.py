"""Answers about planners: how a run goes, and what one would suggest now, down to every bucket and peg. Who may see the register and read
the suggestions sees all of it; titles only as far as their records."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from heapq import nsmallest
from operator import attrgetter
from typing import Any, Final
from uuid import UUID

from engine.actions.many_records import at_one_go
from engine.actions.planner_commands import is_running, seen_planner, status_of
from engine.actions.planner_inputs import Prepared, dimensions_of, prepare, why_not
from engine.actions.planner_tries import read_what_if
from engine.actions.planning import Planning
from engine.actions.queries import ShowPlanner, ShowRequirements
from engine.actions.showing import Shower
from engine.problems import Problems
from engine.replenishment import Alert, Key, Peg, Pegging, Row, Run, Step, Suggestion, run, tried
from engine.values import from_scaled, to_wire, write_decimal

KEYS_SHOWN: Final = 50
"""Most keys whose buckets and pegs are shown at once."""
STEPS_SHOWN: Final = 200
"""Most steps of one trace that are shown."""


def planner(query: ShowPlanner, planning: Planning) -> dict[str, Any] | Problems:
    """What the planner is over, and its last run."""
    found = seen_planner(query.planner, planning)
    if isinstance(found, Problems):
        return found
    state = status_of(found, planning)
    granted = planning.grant(planning.release.forms[found.suggestion.form])
    return {
        "name": found.name,
        "label": found.label,
        "register": found.register,
        "dimensions": [{"name": d.name, "label": d.label, "form": d.form} for d in dimensions_of(found, planning)],
        "suggestions": found.suggestion.form,
        "horizon_days": found.horizon_days,
        "bucket": found.bucket,
        "last_run": {**state, "told_at": None, "is_running": is_running(state, planning)} if state else None,
        "may": {"run": granted.require("create") is None and granted.require("change") is None},
    }


def requirements(query: ShowRequirements, planning: Planning) -> dict[str, Any] | Problems:
    """What a run would come to; nothing is written."""
    found = seen_planner(query.planner, planning)
    if isinstance(found, Problems):
        return found
    with at_one_go():
        prepared = prepare(found, planning)
        if isinstance(prepared, Problems):
            return prepared
        what_if = read_what_if(query.what_if, prepared)
        if isinstance(what_if, Problems):
            return what_if
        prepared.inputs = tried(prepared.inputs, what_if)
        came = run(prepared.inputs, frozenset(query.items) or None)
        if not isinstance(came, Run):
            return why_not(prepared, came)
        return _Telling(prepared, came).answer(query)


class _Telling:
    """A run on the wire."""

    def __init__(self, prepared: Prepared, found: Run) -> None:
        self._prepared = prepared
        self._run = found
        self._pegging = Pegging(found)
        self._shower = Shower(prepared.planning)
        self._dimensions = dimensions_of(prepared.planner, prepared.planning)

    def answer(self, query: ShowRequirements) -> dict[str, Any]:
        """All of it; with items their keys in full."""
        wanted = frozenset(query.items)
        made = [
            s
            for key, suggestions in self._run.suggestions.items()
            if key in self._run.wanted and (not wanted or key[0] in wanted)
            for s in suggestions
        ]
        alerts = [a for a in self._run.alerts if a.key in self._run.wanted and (not wanted or a.key[0] in wanted)]
        keys = sorted((k for k in self._run.wanted if k[0] in wanted), key=str)[:KEYS_SHOWN]
        first = nsmallest(
            query.limit, made, key=attrgetter("start", "due")
        )  # those of one day in the order of their items
        shown, told = first, alerts[: query.limit]
        faults = [(k, ps) for k, ps in self._prepared.faults.items() if not wanted or k[0] in wanted]
        self._titles(
            [*(s.key for s in shown), *(a.key for a in told), *keys, *(k for k, _ in faults[: query.limit])], keys
        )
        return {
            "today": to_wire(self._run.timeline.today),
            "until": to_wire(self._run.timeline.end),
            "counts": {
                "keys": len(self._run.wanted),
                "suggestions": len(made),
                "alerts": len(alerts),
                "faults": len(faults),
            },
            "suggestions": [self._suggestion(s) for s in shown],
            "alerts": [self._alert(a) for a in told],
            "faults": [{"key": self._key(k), "codes": [p.code for p in ps]} for k, ps in faults[: query.limit]],
            "keys": [self._whole(key) for key in keys],
        }

    def _titles(self, keys: Iterable[Key], shown_whole: Sequence[Key]) -> None:
        """Asks for all titles together: of the keys, and of what the pegs of those that are shown whole lead to."""
        every = list(keys)
        origins: dict[str, set[UUID]] = {}
        for peg in (peg for key in shown_whole for peg in self._pegs_of(key)):
            every.append(peg.key)
            for side in (peg.supply, peg.demand):
                if side is not None and isinstance(side.origin, tuple):
                    origins.setdefault(side.origin[0], set()).add(side.origin[1])
        for form, ids in origins.items():
            self._shower.titles(form, ids)
        for at, d in enumerate(self._dimensions):
            if d.form:
                self._shower.titles(d.form, {key[at] for key in every if key[at] != d.nothing})

    def _key(self, key: Key) -> dict[str, Any]:
        shown: dict[str, Any] = {}
        for d, value in zip(self._dimensions, key, strict=True):
            if value == d.nothing:
                shown[d.name] = None
            else:
                shown[d.name] = (
                    {"id": str(value), "title": self._shower.title(d.form, value)} if d.form else to_wire(value)
                )
        return shown

    def _amount(self, scaled: int) -> str:
        return write_decimal(from_scaled(scaled, self._prepared.planner.scale))

    def _suggestion(self, s: Suggestion) -> dict[str, Any]:
        source = s.source.get("id") if isinstance(s.source, Mapping) else s.source
        return {
            "key": self._key(s.key),
            "quantity": self._amount(s.quantity),
            "kind": s.kind,
            "start": to_wire(s.start),
            "due": to_wire(s.due),
            "needed": to_wire(s.needed),
            "late": s.late,
            "source": to_wire(source) if isinstance(source, str | UUID | date) else None,
            "reason": self._pegging.reason(s),
        }

    def _alert(self, a: Alert) -> dict[str, Any]:
        return {"kind": a.kind, "key": self._key(a.key), "day": to_wire(a.day), "quantity": self._amount(a.quantity)}

    def _whole(self, key: Key) -> dict[str, Any]:
        """A key in full: how it is planned, its buckets, its pegs, and for each suggestion what it is for and what it needs."""
        p = self._run.parameters[key]
        amounts = {"minimum": p.minimum, "safety": p.safety, "lot": p.lot, "multiple": p.multiple, "least": p.least}
        planned = {
            "policy": p.policy,
            **{name: self._amount(amount) for name, amount in amounts.items()},
            "maximum": None if p.maximum is None else self._amount(p.maximum),
            "lead_days": p.lead,
            "period": p.period,
            "make": p.make,
        }
        suggestions = self._run.suggestions.get(key, ())
        return {
            "key": self._key(key),
            "level": self._run.levels[key],
            "parameters": planned,
            "on_hand": self._amount(self._run.inputs.on_hand.get(key, 0)),
            "rows": [self._row(r) for r in self._run.rows(key) if r.demand or r.dependent or r.supply or r.suggested],
            "pegs": [self._peg(peg) for peg in self._pegging.pegs(key)[:STEPS_SHOWN]],
            "traces": [
                {
                    "suggestion": self._suggestion(s),
                    "up": self._steps(self._pegging.up(s)),
                    "down": self._steps(self._pegging.needs(s)),
                }
                for s in suggestions[:KEYS_SHOWN]
            ],
        }

    def _row(self, r: Row) -> dict[str, str]:
        amounts = {
            "demand": r.demand,
            "dependent": r.dependent,
            "supply": r.supply,
            "suggested": r.suggested,
            "left": r.left,
        }
        return {"day": r.day.isoformat(), **{name: self._amount(amount) for name, amount in amounts.items()}}

    def _pegs_of(self, key: Key) -> list[Peg]:
        """All pegs that are shown of a key."""
        found = list(self._pegging.pegs(key)[:STEPS_SHOWN])
        for s in self._run.suggestions.get(key, ())[:KEYS_SHOWN]:
            found += [step.peg for step in (*self._pegging.up(s), *self._pegging.needs(s))]
        return found

    def _steps(self, steps: Sequence[Step]) -> list[dict[str, Any]]:
        return [
            {"level": step.level, "key": self._key(step.peg.key), **self._peg(step.peg)} for step in steps[:STEPS_SHOWN]
        ]

    def _peg(self, peg: Peg) -> dict[str, Any]:
        return {
            "quantity": self._amount(peg.quantity),
            "supply": self._side(peg.supply),
            "demand": self._side(peg.demand),
        }

    def _side(self, side: Any) -> dict[str, Any] | None:
        if side is None:
            return None
        shown: dict[str, Any] = {"kind": side.kind, "day": to_wire(side.day), "quantity": self._amount(side.quantity)}
        if side.suggestion is not None:
            shown["key"] = self._key(side.suggestion.key)
        if isinstance(side.origin, tuple):
            form, record, _ = side.origin
            shown["record"] = {"form": form, "id": str(record), "title": self._shower.title(form, record)}
        elif side.origin is not None:
            shown["what_if"] = True
        return shown
