"""perform: the one way to change anything. Gather facts, plan, write; if what the plan relied on changed meanwhile, again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any, Final

from engine.access import may_see
from engine.actions import (
    accounts,
    change_record,
    decide_task,
    delete_record,
    ledger_upkeep,
    notify,
    periods,
    planner_commands,
    problems,
    reservation_commands,
    rule_times,
    run_rule,
    submit_many,
    submit_record,
)
from engine.actions import commands as c
from engine.actions.gather import facts_of, gather
from engine.actions.naming import with_titles
from engine.actions.open_engine import Engine
from engine.actions.planning import Planning
from engine.actions.rule_commands import plan_with_rules
from engine.actor import Actor
from engine.clock import Stopwatch
from engine.effects import Conflict, Outcome, Plan, RequestKey
from engine.ledger import PostMovements
from engine.problems import Problem, Problems
from engine.registers import day_of
from engine.values import canonical, from_scaled, write_decimal

TRIES_MAX: Final = 5
"""How often a command is planned before it is refused as too busy."""

PLANNERS: Final[Mapping[type, Callable[[Any, Planning], Plan | Problems]]] = {
    c.SubmitRecord: submit_record.plan,
    c.ChangeRecord: change_record.plan_change,
    c.PerformAction: change_record.plan_action,
    c.DeleteRecord: delete_record.plan,
    c.SubmitMany: submit_many.plan,
    c.DecideTask: decide_task.plan,
    c.PutUser: accounts.plan_user,
    c.MakeAccessToken: accounts.plan_access_token,
    c.Notify: notify.plan,
    c.RunRule: run_rule.plan,
    c.RunSchedule: rule_times.plan_schedule,
    c.ReceiveWebhook: rule_times.plan_webhook,
    c.ClosePeriod: periods.plan_close,
    c.ReopenPeriod: periods.plan_reopen,
    c.RecostRegister: ledger_upkeep.plan_recost,
    c.AuditRegisters: ledger_upkeep.plan_audit,
    c.RecordAudit: ledger_upkeep.plan_record_audit,
    c.ReleaseReservation: reservation_commands.plan_release,
    c.MoveReservation: reservation_commands.plan_move,
    c.TakeReservation: reservation_commands.plan_take,
    c.ExpireReservations: reservation_commands.plan_expire,
    c.RunPlanner: planner_commands.plan,
    c.StopPlanner: planner_commands.plan_stop,
    c.PutSuggestions: planner_commands.plan_suggestions,
}


def perform(
    engine: Engine,
    command: c.Command,
    actor: Actor,
    *,
    request_key: str | None = None,
    stopwatch: Stopwatch | None = None,
) -> Outcome | Problems:
    """Do what `command` says, once. With a `request_key` a repeated call gets the first one's answer; the same key with
    another command is a problem. Problems mean that nothing was written."""
    watch = stopwatch or Stopwatch()
    key, alone = _request_key(request_key, command, actor), False
    for _ in range(TRIES_MAX):
        with gather(engine, actor) as planning:
            if isinstance(planning, Problems):
                return planning
            if key is not None:
                answered = facts_of(planning).answered(key)
                if answered is not None:
                    return answered
            watch.lap("gather")
            planned = PLANNERS[type(command)](command, planning)
            if isinstance(planned, Plan):
                planned = plan_with_rules(planned, planning)
            if isinstance(planned, Problems):
                return with_titles(planned, planning)
        watch.lap("plan")
        alone = alone or _reaches_back(planned)
        planned = planned if key is None else replace(planned, request=key)
        written = engine.store.write(planned, planning.release.writer, alone=alone)
        watch.lap("apply")
        if isinstance(written, Problems):
            return _titled(engine, actor, written)
        if not isinstance(written, Conflict):
            return _outcome(engine, actor, written)
        alone = written.alone
    return problems.too_busy()


def _reaches_back(plan: Plan) -> bool:
    """May it change what others cost that came later? Then it takes locks in no order that could be known before."""
    today, zone = plan.moment.today.toordinal(), plan.moment.zone
    return any(
        m.cost is not None and (m.corrects is not None or day_of(m.effective, zone) < today)
        for effect in plan.effects
        if isinstance(effect, PostMovements)
        for m in effect.movements
    )


RECOST_IN_PREVIEW: Final = 20_000
"""Movements that a preview values again at most."""


def preview(engine: Engine, command: c.Command, actor: Actor) -> dict[str, Any] | Problems:
    """What `command` would do to the costs of what is there: nothing is written. For each register: how many records would change, by how
    much in all, how many of them lie in closed periods (what is booked for those falls on the first open day), and is that all? Of registers
    that the actor may not see nothing is told."""
    with gather(engine, actor) as planning:
        if isinstance(planning, Problems):
            return planning
        planned = PLANNERS[type(command)](command, planning)
        if isinstance(planned, Plan):
            planned = plan_with_rules(planned, planning)
        if isinstance(planned, Problems):
            return with_titles(planned, planning)
        roles, registers = planning.release.roles, planning.release.registers
    effects = [replace(e, at_once=RECOST_IN_PREVIEW) if isinstance(e, PostMovements) else e for e in planned.effects]
    found = engine.store.rehearse(replace(planned, effects=tuple(effects)), planning.release.writer)
    if isinstance(found, Problems):
        return _titled(engine, actor, found)
    if isinstance(found, Conflict):
        return problems.too_busy()
    costs: dict[str, dict[str, Any]] = {}
    for t in found.told:
        if "recosted" in t and may_see(roles, actor, "register", t["recosted"]):
            before = costs.get(t["recosted"], {"records": 0, "changed": 0, "closed": 0, "complete": True})
            added = {name: before[name] + t[name] for name in ("records", "changed", "closed")}
            costs[t["recosted"]] = dict(t) | added | {"complete": before["complete"] and t["complete"]}
    for name, cost in costs.items():
        valuation = registers[name].valuation
        assert valuation is not None
        cost["changed"] = write_decimal(from_scaled(cost["changed"], registers[name].measures[valuation.value].scale))
    return {"costs": list(costs.values()), "warnings": len(found.warnings)}


def submit_each(
    engine: Engine, submits: Sequence[c.SubmitRecord], actor: Actor, *, request_key: str | None = None
) -> list[Outcome | Problems]:
    """Each record for itself, as separate commands; together where they all pass, which is much faster."""
    together = perform(engine, c.SubmitMany(submits[0].form, submits), actor, request_key=request_key)
    if isinstance(together, Outcome):
        warnings: dict[int, list[Problem]] = {}
        for warning in together.warnings:
            _, _, at, *rest = warning.place.split("/")
            warnings.setdefault(int(at), []).append(replace(warning, place="".join(f"/{step}" for step in rest)))
        return [
            Outcome(answer, tuple(warnings.get(at, ())), together.replayed)
            for at, answer in enumerate(together.answer["results"])
        ]
    return [
        perform(engine, submit, actor, request_key=f"{request_key}/{at}" if request_key else None)
        for at, submit in enumerate(submits)
    ]


def _request_key(key: str | None, command: c.Command, actor: Actor) -> RequestKey | None:
    if key is None:
        return None
    return RequestKey(key, actor.id, sha256(canonical(_body(command)).encode()).hexdigest())


def _body(value: Any) -> Any:
    if hasattr(value, "__dataclass_fields__"):
        return {"": type(value).__name__, **{name: _body(getattr(value, name)) for name in value.__dataclass_fields__}}
    if isinstance(value, Mapping):
        return {str(k): _body(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_body(v) for v in value]
    return value


def _titled(engine: Engine, actor: Actor, found: Problems) -> Problems:
    with gather(engine, actor) as planning:
        return found if isinstance(planning, Problems) else with_titles(found, planning)


def _outcome(engine: Engine, actor: Actor, outcome: Outcome) -> Outcome:
    if not outcome.warnings:
        return outcome
    return replace(outcome, warnings=_titled(engine, actor, Problems(outcome.warnings)).items)
