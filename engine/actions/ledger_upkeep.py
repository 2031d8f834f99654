"""Upkeep of registers: what depends on something learnt late is valued again, and the outcome of an audit is kept."""

from typing import Final

from engine.actions import problems
from engine.actions.accounts import require_admin
from engine.actions.commands import AuditRegisters, RecordAudit, RecostRegister
from engine.actions.periods import closed_until
from engine.actions.planning import Planning, make_plan
from engine.effects import Plan, PutSetting
from engine.ledger import Enqueue, Recost
from engine.problems import Problems
from engine.values import to_wire

RECOST_STEP: Final = 2_000
"""Movements that one message values again."""


AUDIT_PROGRESS: Final = "audit progress"
"""Setting that tells how an audit by the worker goes; writing `stop` into its `state` ends it."""


def plan_recost(command: RecostRegister, planning: Planning) -> Plan | Problems:
    """The plan that takes one step of valuing again, with the message for the next one."""
    refused = require_admin(planning)
    if refused is not None:
        return refused
    register = planning.release.registers.get(command.register)
    if register is None or register.valuation is None:
        return problems.no_such_register(command.register, tuple(planning.release.registers))
    until = closed_until(register.name, planning)
    again = Enqueue(planning.ids.new(), "recost", {"register": register.name})
    return make_plan(
        planning,
        (Recost(register.name, RECOST_STEP, again, until.toordinal() + 1 if until else 0),),
        {"register": register.name},
    )


def plan_record_audit(command: RecordAudit, planning: Planning) -> Plan | Problems:
    """The plan that keeps the outcome of an audit."""
    refused = require_admin(planning)
    if refused is not None:
        return refused
    wrong = {table: n for table, n in command.found.items() if n}
    outcome = {"at": to_wire(planning.moment.instant), "wrong": wrong, "waiting": command.waiting}
    over = {"state": "done", "what": "", "done": 0, "at": outcome["at"]}
    return make_plan(planning, (PutSetting("audit", outcome), PutSetting(AUDIT_PROGRESS, over)), outcome)


def plan_audit(command: AuditRegisters, planning: Planning) -> Plan | Problems:
    """The plan that asks the worker for an audit of all registers."""
    refused = require_admin(planning)
    if refused is not None:
        return refused
    state = {"state": "waiting", "what": "", "done": 0, "at": to_wire(planning.moment.instant)}
    effects = (PutSetting(AUDIT_PROGRESS, state), Enqueue(planning.ids.new(), "audit", {}))
    return make_plan(planning, effects, state)
