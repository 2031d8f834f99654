"""Schedules: what is due runs once, however many workers look, because its time is part of the request key."""

from engine.actions.gather import facts_of, gather
from engine.actions.open_engine import Engine
from engine.actions.perform import perform
from engine.actions.planner_commands import DUE_SETTING, due_planners
from engine.actions.rule_times import SCHEDULE_SETTING, due_schedules
from engine.actor import SYSTEM
from engine.problems import Problems
from engine.store import system


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
