"""Decide a workflow task: the token moves on, and what the workflow then does to the record is planned along with it."""

from engine.actions import problems
from engine.actions.change_record import plan_written
from engine.actions.commands import DecideTask
from engine.actions.consequences import follow, transition
from engine.actions.planning import Planning, work_on
from engine.effects import Plan
from engine.problems import Problems
from engine.workflow import Decision, decide


def plan(command: DecideTask, planning: Planning) -> Plan | Problems:
    """The plan that closes the task and moves the instance and its record on."""
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
    events: list[str] = []
    for action in advance.actions:
        moved = transition(work, action, planning, by_engine=True)
        if isinstance(moved, Problems):
            return moved
        work = moved
        events.append(f"state:{work.state}")
    followed = follow(work, events, planning)
    if isinstance(followed, Problems):
        return followed
    return plan_written(
        followed.work, (*advance.effects, *followed.effects), f"task {command.decision}", planning, by_engine=True
    )


def _is_mine(role: str, planning: Planning) -> bool:
    return planning.actor.is_admin or role in planning.actor.roles
