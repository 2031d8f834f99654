"""Periods of registers: until which day one is closed, who may date postings back or ahead, closing and reopening.

A period ends with a day. What is closed stays as it was reported: no posting takes effect there, and corrections of costs that lie there are
booked on the first open day.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

from engine.access import LedgerGrant, ledger_grant
from engine.actions.commands import ClosePeriod, ReopenPeriod
from engine.actions.gather import facts_of
from engine.actions.planning import Planning, make_plan
from engine.actions.queries import Periods
from engine.actions.register_keys import seen_register
from engine.clock import from_microseconds
from engine.effects import Effect, Plan, PutSetting
from engine.ledger import PostMovements
from engine.problems import Problem, Problems
from engine.registers import Register, day_of, day_start, problems
from engine.values import to_wire

HISTORY_MAX: Final = 500
"""Closings and reopenings of a register that are kept."""


def closed_until(register: str, planning: Planning) -> date | None:
    """The last closed day of a register. The plan then relies on it."""
    name = setting_name(register)
    if name not in planning.reads.settings:
        planning.reads.settings[name] = planning.facts.setting(name)
    kept = planning.reads.settings[name]
    return date.fromisoformat(kept["until"]) if kept and kept["until"] else None


def setting_name(register: str) -> str:
    """The setting that holds the periods of a register."""
    return f"periods {register}"


def dated(effects: Sequence[Effect], planning: Planning) -> Sequence[Effect] | Problems:
    """The effects, if all postings among them take effect on days that are open and that the actor may post on. Costs learnt late take
    effect with the receipt they belong to, or on the first open day if that lies in a closed period."""
    today, found, made = planning.moment.today.toordinal(), list[Problem](), list[Effect]()
    for effect in effects:
        checked = effect
        if isinstance(effect, PostMovements):
            days = [(day_of(m.effective, planning.moment.zone), m.reason) for m in effect.movements]
            days += [(day_of(p.effective, planning.moment.zone), "") for p in effect.picks]
            if any(day != today for day, _ in days):
                own = [day for day, reason in days if reason != "late"] or [today]
                found += _refusals(effect, min(own) - today, max(own) - today, planning)
                checked = _after_closing(effect, planning)
        made.append(checked)
    return Problems(tuple(found)) if found else made


def _after_closing(effect: PostMovements, planning: Planning) -> PostMovements:
    until, zone = closed_until(effect.register, planning), planning.moment.zone
    if until is None:
        return effect
    first = until.toordinal() + 1
    moved = [
        replace(m, effective=max(m.effective, day_start(first, zone))) if m.reason == "late" else m
        for m in effect.movements
    ]
    return replace(effect, movements=tuple(moved), open_from=first)


def _refusals(effect: PostMovements, first: int, last: int, planning: Planning) -> list[Problem]:
    register = planning.release.registers[effect.register]
    granted = ledger_grant(planning.release.roles, planning.actor, register.name)
    found: list[Problem] = []
    if -first > granted.back:
        found.append(problems.backdating_not_allowed(register.label, -first, granted.back))
    if last > granted.ahead:
        found.append(problems.forward_dating_not_allowed(register.label, last, granted.ahead))
    until, day = closed_until(register.name, planning), date.fromordinal(planning.moment.today.toordinal() + first)
    if until is not None and day <= until:
        found.append(problems.period_closed(register.label, day.isoformat(), until.isoformat()))
    return found


def plan_close(command: ClosePeriod, planning: Planning) -> Plan | Problems:
    """The plan that closes a register until a day. Costs that wait to be worked out again must be done first."""
    found = _register(command.register, planning)
    if isinstance(found, Problems):
        return found
    register, granted = found
    if not granted.may_close:
        return Problems((problems.closing_not_allowed(register.label),))
    if command.until >= planning.moment.today:
        return Problems((problems.period_not_over(register.label),))
    until = closed_until(register.name, planning)
    if until is not None and command.until <= until:
        return Problems((problems.period_closed_already(register.label, until.isoformat()),))
    waiting = planning.facts.ledger(register.name).waiting()
    if waiting:
        return Problems((problems.costs_waiting(register.label, waiting),))
    return _moved(register, "close", command.until, command.reason, planning)


def plan_reopen(command: ReopenPeriod, planning: Planning) -> Plan | Problems:
    """The plan that opens a register again from the day after `until` on (None: all of it)."""
    found = _register(command.register, planning)
    if isinstance(found, Problems):
        return found
    register, granted = found
    if not granted.may_reopen:
        return Problems((problems.reopening_not_allowed(register.label),))
    if not command.reason.strip():
        return Problems((problems.reason_missing(),))
    until = closed_until(register.name, planning)
    if until is None or (command.until is not None and command.until >= until):
        return Problems((problems.period_open_already(register.label),))
    return _moved(register, "reopen", command.until, command.reason, planning)


def _register(name: str, planning: Planning) -> tuple[Register, LedgerGrant] | Problems:
    register = seen_register(name, planning)
    if isinstance(register, Problems):
        return register
    return register, ledger_grant(planning.release.roles, planning.actor, name)


def _moved(register: Register, what: str, until: date | None, reason: str, planning: Planning) -> Plan:
    name = setting_name(register.name)
    kept: Mapping[str, Any] = planning.reads.settings[name] or {"history": []}
    entry = {
        "what": what,
        "until": until.isoformat() if until else None,
        "reason": reason.strip(),
        "by": str(planning.actor.id),
        "name": planning.actor.name,
        "at": to_wire(from_microseconds(planning.moment.microseconds)),
    }
    value = {"until": entry["until"], "history": [entry, *kept["history"]][:HISTORY_MAX]}
    return make_plan(planning, (PutSetting(name, value),), {"register": register.name, "until": entry["until"]})


def periods(query: Periods, planning: Planning) -> dict[str, Any] | Problems:
    """Until when a register is closed, what the actor may do about it, and who closed and reopened it when, and why. While costs are
    `waiting` to be worked out, it cannot be closed."""
    found = _register(query.register, planning)
    if isinstance(found, Problems):
        return found
    register, granted = found
    kept = facts_of(planning).setting(setting_name(register.name)) or {"until": None, "history": []}
    may = {"close": granted.may_close, "reopen": granted.may_reopen, "back": granted.back, "ahead": granted.ahead}
    waiting = planning.facts.ledger(register.name).waiting()
    return {"until": kept["until"], "history": kept["history"], "may": may, "waiting": waiting}
