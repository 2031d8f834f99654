"""Consequences: what follows when a record is created or enters a state — postings, workflows, and the state actions that
workflows take in turn. All of it is planned here, in one plan, over one record; nothing is written.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from engine.actions import problems
from engine.actions.planning import Planning, Work
from engine.effects import Effect, Enqueue, OpenTask, PostMovements
from engine.forms import Action
from engine.problems import Problems
from engine.registers import Event, plan_postings
from engine.rules import is_true
from engine.values import to_wire
from engine.workflow import start

CHAIN_MAX: Final = 100
"""Most events that one command may set off."""


@dataclass(frozen=True, slots=True)
class Consequences:
    """The record as all events leave it, and their effects (not the writing of the record itself)."""

    work: Work
    effects: tuple[Effect, ...]


def follow(work: Work, events: Sequence[str], planning: Planning) -> Consequences | Problems:
    """Everything that `events` ("created", "deleted", "state:posted") set off, in order, until nothing more follows."""
    effects: list[Effect] = []
    waiting = deque(events)
    steps = 0
    happened: list[str] = []
    while waiting:
        steps += 1
        if steps > CHAIN_MAX:
            return problems.chain_too_long(work.form.label, CHAIN_MAX)
        event = waiting.popleft()
        happened.append(event)
        posted = _post(work, event, planning)
        if isinstance(posted, Problems):
            return posted
        effects += posted
        advanced = _start_workflows(work, event, planning)
        if isinstance(advanced, Problems):
            return advanced
        started, wanted = advanced
        effects += started
        for name in wanted:
            moved = transition(work, name, planning, by_engine=True)
            if isinstance(moved, Problems):
                return moved
            work = moved
            waiting.append(f"state:{work.state}")
    return Consequences(
        work, (*_merge_postings(effects), *_announce(work, effects, planning), *_tell(work, happened, planning))
    )


def transition(work: Work, action: str, planning: Planning, *, by_engine: bool = False) -> Work | Problems:
    """The record after a state action. `by_engine`: a workflow takes it, so the actor's rights do not matter."""
    form = work.form
    found: Action | None = form.action(action)
    if found is None:
        return problems.no_such_action(form.label, action, tuple(a.name for a in form.actions))
    if not by_engine:
        refused = planning.grant(form).require_action(action)
        if refused is not None:
            return refused
    if work.state not in found.from_states:
        return problems.action_not_possible(form, found, work.state)
    if found.when is not None and not is_true(found.when.evaluate(work.scope(planning), planning.moment)):
        return problems.action_condition_not_met(form, found)
    return work.entering(found.to)


def _post(work: Work, event: str, planning: Planning) -> Sequence[Effect] | Problems:
    if not any(
        p.form == work.form.name and p.on == event for r in planning.release.registers.values() for p in r.postings
    ):
        return ()
    header = work.scope(planning)

    def rows(lines: str | None) -> Sequence[tuple[UUID | None, str, Mapping[str, Any]]]:
        if lines is None:
            return [(None, "", {**header, "record": header})]
        scopes = header[lines]
        return [
            (row.id, f"/{lines}/{at}", {**scope, "record": header, "actor": header["actor"]})
            for at, (row, scope) in enumerate(zip(work.lines.get(lines, ()), scopes, strict=True))
        ]

    return plan_postings(planning.release.registers, Event(work.form.name, event, work.id), rows, planning)


def _start_workflows(work: Work, event: str, planning: Planning) -> tuple[Sequence[Effect], Sequence[str]] | Problems:
    state = event.removeprefix("state:")
    if not any((w.form, w.state) == (work.form.name, state) for w in planning.release.workflows.values()):
        return (), ()
    advance = start(
        planning.release.workflows,
        form=work.form.name,
        state=state,
        record=work.id,
        scope=work.scope(planning),
        planning=planning,
    )
    return advance if isinstance(advance, Problems) else (advance.effects, advance.actions)


def _merge_postings(effects: Sequence[Effect]) -> list[Effect]:
    """One posting a register, so that apply is one statement a register however many rules wrote to it."""
    merged: dict[str, PostMovements] = {}
    others: list[Effect] = []
    for effect in effects:
        if not isinstance(effect, PostMovements):
            others.append(effect)
        elif (first := merged.get(effect.register)) is not None:
            merged[effect.register] = replace(first, movements=first.movements + effect.movements)
        else:
            merged[effect.register] = effect
    return others + list(merged.values())


def _announce(work: Work, effects: Sequence[Effect], planning: Planning) -> list[Effect]:
    """Messages for the worker: a new task is told to those who may decide it."""
    opened = [e for e in effects if isinstance(e, OpenTask)]
    if not opened:
        return []
    title = str(work.form.title.evaluate(work.scope(planning), planning.moment).value or "")
    return [
        Enqueue(
            planning.ids.new(), "task_opened", {"role": e.role, "form": e.form, "record": str(e.record), "title": title}
        )
        for e in opened
    ]


def _tell(work: Work, events: Sequence[str], planning: Planning) -> list[Effect]:
    """Messages for those outside who listen to what happened."""
    names = [event.removeprefix("state:") for event in events]
    return [
        Enqueue(
            planning.ids.new(),
            "event",
            {
                "form": work.form.name,
                "on": name,
                "record": str(work.id),
                "state": work.state,
                "at": to_wire(planning.moment.instant),
            },
        )
        for name in names
        if planning.facts.listens(work.form.name, name)
    ]
