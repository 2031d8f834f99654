"""Moving tokens: from the start, or from a decided task, to the next nodes where somebody must do something. Pure; returns effects.

A join holds a token for each arrow that has arrived ("join<source"); it goes on when all have.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol
from uuid import UUID

from engine.actor import Actor
from engine.clock import IdSource, Moment
from engine.effects import ChangeInstance, CloseTask, Effect, OpenTask, PutToken, StartInstance
from engine.facts import StoredInstance, StoredTask
from engine.problems import Problem, Problems
from engine.workflow import problems
from engine.workflow.definition import Flow, Node, Workflow

STEPS_MAX: Final = 100
"""Nodes that one start or decision may pass."""


class Planning(Protocol):
    """What moving a token needs."""

    @property
    def actor(self) -> Actor: ...
    @property
    def moment(self) -> Moment: ...
    @property
    def ids(self) -> IdSource: ...


@dataclass(frozen=True, slots=True)
class Advance:
    """The effects of moving on, and the state actions that the record is to take, in order."""

    effects: tuple[Effect, ...] = ()
    actions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about a task."""

    outcome: str
    comment: str = ""


def start(
    workflows: Mapping[str, Workflow],
    *,
    form: str,
    state: str,
    record: UUID,
    scope: Mapping[str, Any],
    planning: Planning,
) -> Advance | Problems:
    """Begin every workflow that starts when a record of `form` enters `state`."""
    effects: list[Effect] = []
    actions: list[str] = []
    for workflow in workflows.values():
        if (workflow.form, workflow.state) != (form, state):
            continue
        run = _Run(workflow, planning.ids.new(), record, scope, planning)
        first = next(n for n in workflow.nodes if n.kind == "start")
        run.go(workflow.flows_from(first.name)[0])
        if run.problem is not None:
            return Problems((run.problem,))
        begun = StartInstance(
            run.instance, workflow.name, workflow.digest, form, record, "running" if run.open else "finished"
        )
        effects += [begun, *run.effects]
        actions += run.actions
    return Advance(tuple(effects), tuple(actions))


def decide(
    workflow: Workflow,
    instance: StoredInstance,
    task: StoredTask,
    decision: Decision,
    *,
    scope: Mapping[str, Any],
    planning: Planning,
) -> Advance | Problems:
    """Close the task and move its token along the flow of the outcome."""
    node = workflow.node(task.node)
    flow = next((f for f in workflow.flows_from(node.name) if f.outcome == decision.outcome), None)
    if flow is None:
        return Problems((problems.unknown_outcome(node.label, decision.outcome),))
    run = _Run(workflow, instance.id, instance.record, scope, planning, open=dict(instance.tokens))
    run.effects.append(CloseTask(task.id, "done", decision.outcome, decision.comment))
    run.leave(task.token)
    run.go(flow)
    if run.problem is not None:
        return Problems((run.problem,))
    state = "running" if run.open else "finished"
    return Advance((ChangeInstance(instance.id, instance.revision, state), *run.effects), tuple(run.actions))


@dataclass(slots=True)
class _Run:
    workflow: Workflow
    instance: UUID
    record: UUID
    scope: Mapping[str, Any]
    planning: Planning
    open: dict[UUID, str] = field(default_factory=dict)
    effects: list[Effect] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)
    problem: Problem | None = None

    def go(self, flow: Flow) -> None:
        """Follow a flow until every token waits."""
        waiting = deque([flow])
        steps = 0
        while waiting and self.problem is None:
            steps += 1
            if steps > STEPS_MAX:
                self.problem = problems.too_many_steps(self.workflow.label, STEPS_MAX)
                return
            waiting.extend(self._arrive(waiting.popleft()))

    def _arrive(self, flow: Flow) -> tuple[Flow, ...]:
        node = self.workflow.node(flow.target)
        if node.kind == "approve":
            token = self._enter(node.name)
            self.effects.append(
                OpenTask(
                    self.planning.ids.new(),
                    self.instance,
                    token,
                    node.name,
                    self.workflow.form,
                    self.record,
                    node.role or "",
                )
            )
            return ()
        if node.kind == "end":
            if node.action is not None:
                self.actions.append(node.action)
            return ()
        if node.kind == "and":
            return self._join(node, flow)
        return self._decide(node)

    def _decide(self, node: Node) -> tuple[Flow, ...]:
        flows = self.workflow.flows_from(node.name)
        if len(flows) == 1:
            return flows
        for flow in flows:
            if flow.when is None:
                continue
            result = flow.when.evaluate(self.scope, self.planning.moment)
            if result.warnings or not isinstance(result.value, bool):
                why = result.warnings[0] if result.warnings else None
                may_design = self.planning.actor.is_admin
                self.problem = problems.condition_failed(self.workflow.label, node.label, why, may_design=may_design)
                return ()
            if result.value:
                return (flow,)
        return (next(f for f in flows if f.is_default),)

    def _join(self, node: Node, flow: Flow) -> tuple[Flow, ...]:
        into = self.workflow.flows_into(node.name)
        arrived = {f"{node.name}<{flow.source}"} | {
            place for place in self.open.values() if place.startswith(node.name + "<")
        }
        if arrived < {f"{node.name}<{f.source}" for f in into}:
            self._enter(f"{node.name}<{flow.source}")
            return ()
        for token in [t for t, place in self.open.items() if place.startswith(node.name + "<")]:
            self.leave(token)
        return self.workflow.flows_from(node.name)

    def _enter(self, place: str) -> UUID:
        token = self.planning.ids.new()
        self.open[token] = place
        self.effects.append(PutToken(token, self.instance, place))
        return token

    def leave(self, token: UUID) -> None:
        """A token leaves where it stands."""
        place = self.open.pop(token)
        made = next((e for e in self.effects if isinstance(e, PutToken) and e.id == token and e.state == "open"), None)
        if made is not None:
            self.effects.remove(made)  # it came and went within this step
            return
        self.effects.append(PutToken(token, self.instance, place, "done"))
