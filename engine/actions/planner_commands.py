"""Commands of planners: ask for a run, stop it, write what it wants. The run itself is in run_planner.py."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from engine.access import may_see
from engine.actions import delete_record
from engine.actions.commands import DeleteRecord, PutSuggestions, RunPlanner, StopPlanner
from engine.actions.gather import facts_of
from engine.actions.planning import Planning, RuleChange, RuleCreate, make_plan
from engine.clock import from_microseconds
from engine.effects import Effect, Plan, PutSetting
from engine.ledger import Enqueue
from engine.packs import Release
from engine.problems import Problems
from engine.replenishment import Planner
from engine.replenishment import problems as replenishment_problems
from engine.rules.dsl.times import latest_due
from engine.store import site

SETTING: Final = "planner "
"""Setting that holds how a planner's last run goes, by the planner's name."""
STOP_SETTING: Final = "planner stop "
"""Setting that holds the run that is to stop."""
DUE_SETTING: Final = "planner due "
"""Setting that holds when a planner was last due by its schedule."""
SILENT_SECONDS: Final = 120
"""A run that has told nothing for so long has died: another may begin."""


def plan(command: RunPlanner, planning: Planning) -> Plan | Problems:
    """The plan that asks for a run; who may create and change suggestions may ask."""
    planner = seen_planner(command.planner, planning)
    if isinstance(planner, Problems):
        return planner
    granted = planning.grant(planning.release.forms[planner.suggestion.form])
    refused = granted.require("create") or granted.require("change")
    if refused is not None:
        return refused
    if is_running(status_of(planner, planning), planning):
        return Problems((replenishment_problems.already_running(planner.label),))
    id = planning.ids.new()
    state = {"run": str(id), "state": "waiting", "done": 0, "total": 0, "told_at": planning.moment.microseconds}
    wanted = {"items": [str(item) for item in command.items], "only_changed": command.only_changed}
    payload = {"planner": planner.name, "run": str(id), **wanted}
    effects: list[Effect] = [
        PutSetting(SETTING + planner.name, state),
        Enqueue(planning.ids.new(), "planner", payload),
    ]
    if command.due is not None:
        effects.append(PutSetting(DUE_SETTING + planner.name, command.due))
    return make_plan(planning, effects, {"run": str(id)})


def due_planners(release: Release, last: Mapping[str, int], now: datetime, installed: int) -> list[RunPlanner]:
    """The planners that are due now by their schedules; `last` are the times they ran for, and before the release was installed nothing
    was due."""
    wanted: list[RunPlanner] = []
    for planner in release.planners.values():
        if planner.schedule is not None:
            since = from_microseconds(max(last.get(planner.name, 0), installed))
            days = release.calendar if planner.schedule.workdays else None
            due = latest_due(planner.schedule.cron, release.info.zone, now, since, days)
            if due is not None:
                wanted.append(RunPlanner(planner.name, due=int(due.timestamp()) * 1_000_000))
    return wanted


def plan_stop(command: StopPlanner, planning: Planning) -> Plan | Problems:
    """The plan that stops a run at its next step."""
    planner = seen_planner(command.planner, planning)
    if isinstance(planner, Problems):
        return planner
    refused = planning.grant(planning.release.forms[planner.suggestion.form]).require("change")
    if refused is not None:
        return refused
    state = status_of(planner, planning)
    if not is_running(state, planning):
        return Problems((replenishment_problems.not_running(planner.label),))
    return make_plan(planning, (PutSetting(STOP_SETTING + planner.name, state["run"]),), {"run": state["run"]})


def plan_suggestions(command: PutSuggestions, planning: Planning) -> Plan | Problems:
    """The plan that writes wishes of a run. Records that are not the planner's any more are left alone."""
    planner = seen_planner(command.planner, planning)
    if isinstance(planner, Problems):
        return planner
    suggestion, name = planner.suggestion, planner.name
    granted = planning.grant(planning.release.forms[suggestion.form])
    refused = granted.require("create") or granted.require("change")
    if refused is not None:
        return refused
    ids = [*(id for id, _ in command.change), *command.withdraw]
    records = planning.facts.records(suggestion.form, ids)
    mine = {id for id, r in records.items() if not suggestion.open or r.state in suggestion.open}
    wanted: list[RuleCreate | RuleChange] = [RuleCreate(suggestion.form, v, {}, None, name) for v in command.create]
    wanted += [RuleChange(suggestion.form, id, v, None, name) for id, v in command.change if id in mine]
    effects: list[Effect] = []
    for id in command.withdraw:
        if id in mine and suggestion.withdraw is not None:
            wanted.append(RuleChange(suggestion.form, id, {}, suggestion.withdraw, name))
        elif id in mine:
            deleted = delete_record.plan(DeleteRecord(suggestion.form, id), planning)
            if isinstance(deleted, Problems):
                return deleted
            effects += deleted.effects
    for wish in wanted:
        planning.queue.put(replace(wish, depth=planning.depth))
    return make_plan(planning, effects, {"written": len(wanted)})


def seen_planner(name: str, planning: Planning) -> Planner | Problems:
    """A planner whose register the actor may see and whose suggestions they may read."""
    planner = planning.release.planners.get(name)
    if planner is not None and may_see(planning.release.roles, planning.actor, "register", planner.register):
        if planning.grant(planning.release.forms[planner.suggestion.form]).require("read") is None:
            return planner
    return Problems((replenishment_problems.unknown_planner(name, ()),))


def status_of(planner: Planner, planning: Planning) -> Mapping[str, Any]:
    """How the planner's last run goes or went; empty when there was none."""
    return site.setting(facts_of(planning).reader, SETTING + planner.name) or {}


def is_running(state: Mapping[str, Any], planning: Planning) -> bool:
    """Is a run under way?"""
    silent = planning.moment.microseconds - int(state.get("told_at", 0))
    return state.get("state") in ("waiting", "running") and silent < SILENT_SECONDS * 1_000_000
