"""Decide a workflow task: the token moves on, and what the workflow then does to the record is planned along with it."""

from engine.actions import problems, rule_events
from engine.actions.change_record import plan_written
from engine.actions.commands import DecideTask
from engine.actions.consequences import follow
from engine.actions.planning import Planning, work_on
from engine.actions.rule_events import Happened
from engine.actions.transition import transition
from engine.effects import Plan
from engine.problems import Problems
from engine.workflow import Decision, decide


def plan(command: DecideTask, planning: Planning) -> Plan | Problems:
    """The plan that closes the task and moves the instance and its record on."""
    planning = planning.accepting(command.accept)
    task = planning.facts.task(command.task)
    if task is None or task.state != "open" or not _is_mine(task.role, planning):
        return problems.no_such_task()
    instance = planning.facts.instance(task.instance)
    record = planning.facts.records(task.form, [task.record]).get(task.record)
    form = planning.release.forms.get(task.form)
    if instance is None or record is None or form is None:
        return problems.no_such_task()
    workflow = planning.release.workflows.get(instance.workflow)
    if workflow is None:
        return problems.no_such_task()
    work = work_on(form, record)
    decision = Decision(command.decision, command.comment)
    advance = decide(workflow, instance, task, decision, scope=work.scope(planning), planning=planning)
    if isinstance(advance, Problems):
        return advance
    events = [Happened(f"task:{task.node}", outcome=command.decision)]
    for action in advance.actions:
        moved = transition(work, action, planning, by_engine=True)
        if isinstance(moved, Problems):
            return moved
        events += rule_events.moved(work.state, moved)
        work = moved
    told = {"node": task.node, "outcome": command.decision, "comment": command.comment}
    followed = follow(work, events, planning, given={"task": told})
    if isinstance(followed, Problems):
        return followed
    return plan_written(
        followed.work, (*advance.effects, *followed.effects), f"task {command.decision}", planning, by_engine=True
    )


def _is_mine(role: str, planning: Planning) -> bool:
    return planning.actor.is_admin or role in planning.actor.roles
