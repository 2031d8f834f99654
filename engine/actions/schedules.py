"""Schedules: what is due runs once, however many workers look, because its time is part of the request key; and reservations end when
their time is over.
"""

from typing import Final

from engine.actions.commands import ExpireReservations
from engine.actions.gather import facts_of, gather
from engine.actions.open_engine import Engine
from engine.actions.perform import perform
from engine.actions.planner_commands import DUE_SETTING, due_planners
from engine.actions.rule_times import SCHEDULE_SETTING, due_schedules
from engine.actor import SYSTEM
from engine.effects import Outcome
from engine.problems import Problems
from engine.store import system

ENDING_STEPS_MAX: Final = 20
"""Commands that end reservations of one register at one look; the rest waits for the next."""


def run_due_schedules(engine: Engine) -> int:
    """Ask the scheduled rules and planners that are due to run; how many those were."""
    with gather(engine, SYSTEM) as planning:
        if isinstance(planning, Problems):
            return 0
        if not planning.release.has_schedules:
            return 0
        reader = facts_of(planning).reader
        last = system.settings(reader, SCHEDULE_SETTING)
        installed = system.installed_at(reader, planning.release.digest)
        due = due_schedules(planning.release, last, planning.moment.instant, installed)
        last = system.settings(reader, DUE_SETTING)
        planners = due_planners(planning.release, last, planning.moment.instant, installed)
    for command in due:
        perform(engine, command, SYSTEM, request_key=f"schedule {command.rule} {command.due}")
    for asked in planners:  # one that still runs is asked again when the schedules are looked at next
        perform(engine, asked, SYSTEM, request_key=f"planner {asked.planner} {asked.due}")
    return len(due) + len(planners)


def end_reservations(engine: Engine) -> int:
    """End the reservations whose time is over; how many those were."""
    with gather(engine, SYSTEM) as planning:
        if isinstance(planning, Problems):
            return 0
        now = planning.moment.microseconds
        reserving = [r.name for r in planning.release.registers.values() if r.reservation is not None]
        due = [name for name in reserving if planning.facts.ledger(name).expired(now, 1)]
    return sum(_ended(engine, name) for name in due)


def _ended(engine: Engine, register: str) -> int:
    ended = 0
    for _ in range(ENDING_STEPS_MAX):
        done = perform(engine, ExpireReservations(register), SYSTEM)
        if not isinstance(done, Outcome):
            break  # somebody was faster, again and again; the next look will find what is left
        ended += done.answer["expired"]
        if not done.answer["more"]:
            break
    return ended
