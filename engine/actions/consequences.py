"""Consequences: what follows when something happens to a record — rules, postings, workflows, and the state actions that these take
in turn. All of it is planned here, in one plan, over one record; nothing is written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from engine.actions import problems, rule_events
from engine.actions.periods import dated
from engine.actions.planning import Planning, Work
from engine.actions.rule_events import Happened
from engine.actions.rule_firing import Rules
from engine.actions.rule_watching import watch_balances
from engine.actions.structure_checks import require_right_versions
from engine.actions.transition import transition
from engine.effects import Effect, OpenTask
from engine.ledger import Enqueue, PostMovements
from engine.problems import Problems
from engine.registers import Event, Rows, plan_postings
from engine.values import to_wire
from engine.workflow import start

CHAIN_MAX: Final = 1_000
"""Most events that one command may set off."""


@dataclass(frozen=True, slots=True)
class Consequences:
    """The record as all events leave it, and their effects (not the writing of the record itself)."""

    work: Work
    effects: tuple[Effect, ...]


def follow(
    work: Work, events: Sequence[Happened], planning: Planning, *, given: Mapping[str, Any] | None = None
) -> Consequences | Problems:
    """Everything that `events` set off, in order, until nothing more follows: rules, postings, workflows. `given` are names that the
    event gives to rules."""
    return follow_rules(Rules(planning, work, list(events), given or {}))


def follow_rules(rules: Rules) -> Consequences | Problems:
    """As follow, for a record whose rules have begun to fire."""
    effects: list[Effect] = []
    done = 0
    while True:
        refused = rules.settle()
        if refused is not None:
            return refused
        if done == len(rules.events):
            break
        if done >= CHAIN_MAX:
            return problems.chain_too_long(rules.work.form.label, CHAIN_MAX)
        happened = rules.events[done]
        done += 1
        followed = _follow_one(rules, happened.name)
        if isinstance(followed, Problems):
            return followed
        effects += followed
    versions = require_right_versions(rules.work, rules.planning)
    if isinstance(versions, Problems):
        return versions
    later = rules.later()
    if isinstance(later, Problems):
        return later
    work, planning, names = rules.work, rules.planning, [h.name for h in rules.events]
    on_days = dated(_merge_postings([*effects, *rules.effects]), planning)
    if isinstance(on_days, Problems):
        return on_days
    merged = watch_balances(on_days, planning)
    if isinstance(merged, Problems):
        return merged
    return Consequences(
        work, (*versions, *merged, *later, *_announce(work, effects, planning), *_tell(work, names, planning))
    )


def _follow_one(rules: Rules, event: str) -> Sequence[Effect] | Problems:
    """The postings and workflows of one event; state actions that workflows take become events themselves."""
    if event.startswith(("changed", "lines:")):
        return ()  # only rules wait for these, and they are many
    work, planning = rules.work, rules.planning
    posted = _post(work, event, planning)
    if isinstance(posted, Problems):
        return posted
    advanced = _start_workflows(work, event, planning)
    if isinstance(advanced, Problems):
        return advanced
    started, wanted = advanced
    for name in wanted:
        moved = transition(rules.work, name, planning, by_engine=True)
        if isinstance(moved, Problems):
            return moved
        rules.events += rule_events.moved(rules.work.state, moved)
        rules.work = moved
    return [*posted, *started]


def _post(work: Work, event: str, planning: Planning) -> Sequence[Effect] | Problems:
    if not any(r.postings_of(work.form.name, event) for r in planning.release.registers.values()):
        return ()
    rows = posting_rows(work, planning)
    happened = Event(work.form.name, event, work.id, is_new=work.before is None)
    return plan_postings(planning.release.registers, happened, rows, planning)


def posting_rows(work: Work, planning: Planning) -> Rows:
    """The rows of a record as posting rules see them."""
    header = work.scope(planning)

    def rows(lines: str | None) -> Sequence[tuple[UUID | None, str, Mapping[str, Any]]]:
        if lines is None:
            return [(None, "", {**header, "record": header})]
        scopes = header[lines]
        return [
            (row.id, f"/{lines}/{at}", {**scope, "record": header, "actor": header["actor"]})
            for at, (row, scope) in enumerate(zip(work.lines.get(lines, ()), scopes, strict=True))
        ]

    return rows


def _start_workflows(work: Work, event: str, planning: Planning) -> tuple[Sequence[Effect], Sequence[str]] | Problems:
    state = event.removeprefix("state:")
    workflows = planning.release.workflows.values()
    if state == event or not any((w.form, w.state) == (work.form.name, state) for w in workflows):
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
            movements, picks = first.movements + effect.movements, first.picks + effect.picks
            merged[effect.register] = replace(first, movements=movements, picks=picks)
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
    names = [e.removeprefix("state:") for e in events if e in ("created", "deleted") or e.startswith("state:")]
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
