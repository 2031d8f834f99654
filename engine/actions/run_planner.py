"""Runs of planners: asked for by a command (see planner_commands.py), done by the worker. A run nets in one snapshot and then writes in
batches, each a command of its own; it can be watched and stopped, and what a stopped run has not written the next one will.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import UUID

from engine.actions.commands import PutSuggestions
from engine.actions.gather import facts_of, gather
from engine.actions.many_records import at_one_go
from engine.actions.open_engine import Engine
from engine.actions.perform import perform
from engine.actions.planner_changes import EVERYTHING, Changes, Kept, Only, keep_marks, known_marks
from engine.actions.planner_commands import SETTING, STOP_SETTING, seen_planner
from engine.actions.planner_inputs import Prepared, dimensions_of, prepare, why_not
from engine.actor import SYSTEM, Actor
from engine.facts import StoredRecord
from engine.forms import Draft, Gates, actor_value, assign
from engine.problems import Problem, Problems, pointer
from engine.replenishment import Key, Pegging, Run, Suggestion, compare, run
from engine.replenishment import problems as replenishment_problems
from engine.store import site
from engine.values import from_scaled

BATCH: Final = 200
"""Suggestions that are written by one command."""
FAULTS_MAX: Final = 50
"""Most faults that a run tells."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a run wants written, each with the key it is for."""

    create: Sequence[tuple[Key, Mapping[str, Any]]] = ()
    change: Sequence[tuple[Key, UUID, Mapping[str, Any]]] = ()
    withdraw: Sequence[UUID] = ()
    kept: int = 0
    says: Mapping[Key, Sequence[Mapping[str, Any] | None]] = field(default_factory=dict)
    """What is to stand for each key in the end, changed or not; None: it cannot be filled in."""


@dataclass(slots=True)
class _Job:
    """A run at work: tells how far it is, and asks whether it should go on."""

    engine: Engine
    planner: str
    run: str
    watch: Callable[[int, int], bool]
    told: dict[str, Any] = field(default_factory=dict)
    next_at: int = 0

    def over(self) -> Mapping[str, Any] | None:
        """What this very run came to, if it has been done before: a message may come twice."""
        with self.engine.store.read() as reader:
            told: Mapping[str, Any] = site.setting(reader, SETTING + self.planner) or {}
        return told if told.get("run") == self.run and told.get("state") not in ("waiting", "running") else None

    def tell(self, state: str, done: int, total: int, **more: Any) -> None:
        """Write how far the run is."""
        now = self.engine.clock.now().microseconds
        self.told = {"run": self.run, "state": state, "done": done, "total": total, "told_at": now, **more}
        site.put_setting(self.engine.store, SETTING + self.planner, self.told)

    def ask(self, done: int, total: int) -> bool:
        """May it go on? It tells how far it is, though not more than twice a second."""
        if not self.watch(done, total):
            return False
        now = self.engine.clock.now().microseconds
        if now < self.next_at:
            return True
        self.next_at = now + 500_000
        self.tell("running", done, total)
        with self.engine.store.read() as reader:
            return bool(site.setting(reader, STOP_SETTING + self.planner) != self.run)


def run_planner(
    engine: Engine,
    name: str,
    *,
    run_id: str,
    only: Only = EVERYTHING,
    actor: Actor = SYSTEM,
    watch: Callable[[int, int], bool] = lambda done, total: True,
) -> Mapping[str, Any] | Problems:
    """Do a run now: what it wrote, or why it did not. `watch` is asked between steps with what is done and what there is to do, and stops
    the run with False."""
    job = _Job(engine, name, run_id, watch)
    over = job.over()
    if over is not None:
        return over
    wished = _wished(job, only, actor)
    if isinstance(wished, Problems):
        job.tell(
            "stopped" if wished.first.code == "replenishment.stopped" else "failed", 0, 0, problem=wished.first.code
        )
        return wished
    wishes, summary, faults, marks = wished
    total = len(wishes.create) + len(wishes.change) + len(wishes.withdraw)
    done = 0
    for at, batch in enumerate(_batches(name, wishes)):
        if not job.ask(done, total):
            job.tell("stopped", done, total, **summary)
            return Problems((replenishment_problems.stopped({"en": name}),))
        faults += _written(engine, batch, actor, f"planner {run_id}/{at}")
        done += len(batch.create) + len(batch.change) + len(batch.withdraw)
    answer = {
        **summary,
        "created": len(wishes.create),
        "changed": len(wishes.change),
        "withdrawn": len(wishes.withdraw),
        "kept": wishes.kept,
        "faults": [{"key": key, "problems": list(codes)} for key, codes in faults[:FAULTS_MAX]],
    }
    if marks is not None:
        keep_marks(engine.store, name, marks)
    job.tell("done", total, total, **answer)
    return answer


Fault = tuple[list[str], tuple[str, ...]]
"""A key as text, and the codes of what is wrong with it."""


def _wished(job: _Job, only: Only, actor: Actor) -> tuple[Wishes, dict[str, Any], list[Fault], Kept | None] | Problems:
    with at_one_go(), gather(job.engine, actor) as planning:
        if isinstance(planning, Problems):
            return planning
        planner = seen_planner(job.planner, planning)
        if isinstance(planner, Problems):
            return planner
        prepared = prepare(planner, planning)
        if isinstance(prepared, Problems):
            return prepared
        release = planning.release.digest
        changes = Changes(prepared, known_marks(facts_of(planning).reader, planner.name, release))
        found = run(prepared.inputs, changes.touched if only.changed else only.items or None, job.ask)
        if not isinstance(found, Run):
            return why_not(prepared, found)
        wishes, faults = wishes_of(prepared, found, only)
        faults += [(_text(key), tuple(p.code for p in ps)) for key, ps in prepared.faults.items()]
        summary = {"keys": len(found.wanted), "alerts": len(found.alerts)}
        # Of a run for named items it is not known that all others are as they should be.
        marks = None if only.items else Kept(release, changes.left(found, wishes.says))
        return wishes, summary, faults, marks


def wishes_of(prepared: Prepared, found: Run, only: Only) -> tuple[Wishes, list[Fault]]:
    """What is to be written so that the suggestions say what the run found; keys whose values do not do are told and left alone."""
    planner = prepared.planner
    # A key that nothing is known of any more was not netted; its suggestions are withdrawn all the same.
    forgotten = {o.key for o in prepared.open if o.key not in found.parameters}
    if only.items:
        forgotten = {o.key for o in prepared.open if o.key[0] in only.items}
    scope = found.wanted | forgotten if only.items or only.changed else None
    compared = compare(found.suggestions, prepared.open, scope, by_date=planner.suggestion.by_date)
    filling, faults = _Filling(prepared, Pegging(found)), list[Fault]()
    create: list[tuple[Key, Mapping[str, Any]]] = []
    change: list[tuple[Key, UUID, Mapping[str, Any]]] = []
    says: dict[Key, list[Mapping[str, Any] | None]] = {}
    for suggestion in compared.create:
        values = filling.values(suggestion)
        says.setdefault(suggestion.key, []).append(None if isinstance(values, Problems) else values)
        if isinstance(values, Problems):
            faults.append((_text(suggestion.key), tuple(p.code for p in values)))
        else:
            create.append((suggestion.key, values))
    for id, suggestion in compared.keep:
        values = filling.values(suggestion)
        says.setdefault(suggestion.key, []).append(None if isinstance(values, Problems) else values)
        if isinstance(values, Problems):
            faults.append((_text(suggestion.key), tuple(p.code for p in values)))
        elif _differs(prepared, prepared.standing[id], values):
            change.append((suggestion.key, id, values))
    kept = len(compared.keep) - len(change)
    return Wishes(create, change, compared.withdraw, kept, says), faults


class _Filling:
    """Fills records of suggestions; what is the same for all of a run is worked out once."""

    def __init__(self, prepared: Prepared, pegging: Pegging) -> None:
        planner, planning = prepared.planner, prepared.planning
        form = planning.release.forms[planner.suggestion.form]
        fields = {f.name: f for f in form.fields}
        self._prepared = prepared
        self._pegging = pegging
        self._actor = actor_value(planning.actor)
        self._dimensions = dimensions_of(planner, planning)
        self._fields = [(fields[n], rule, pointer(n)) for n, rule in planner.suggestion.fields.items()]

    def values(self, suggestion: Suggestion) -> dict[str, Any] | Problems:
        """A suggestion's values as the fields of its record hold them."""
        prepared, found = self._prepared, list[Problem]()
        planner = prepared.planner
        scope = {
            "key": prepared.key_scope(suggestion.key),
            "item": prepared.items.scope(suggestion.key[0]),
            "source": suggestion.source,
            "quantity": from_scaled(suggestion.quantity, planner.scale),
            "needed": suggestion.needed,
            "due": suggestion.due,
            "start": suggestion.start,
            "late": suggestion.late,
            "kind": suggestion.kind,
            "reason": self._pegging.reason(suggestion),
            "actor": self._actor,
        }
        gates = Gates(prepared.planning, found)
        named = planner.suggestion.key
        values = {
            named[d.name]: None if value == d.nothing else value
            for d, value in zip(self._dimensions, suggestion.key, strict=True)
        }
        for f, rule, place in self._fields:
            values[f.name] = gates.value(f, rule, scope, place)
        return Problems(tuple(found)) if found else values


def _differs(prepared: Prepared, record: StoredRecord, values: Mapping[str, Any]) -> bool:
    """Would writing the values change the record, or be refused (which is then told)?"""
    form = prepared.planning.release.forms[record.form]
    if all(record.values.get(name) == value for name, value in values.items()):
        return False
    lines = {name: tuple(rows) for name, rows in record.lines.items()}
    before = Draft(record.values, lines, {})  # type: ignore[arg-type]  # stored lines are rows with the same parts
    after = assign(form, before, values, before=record, planning=prepared.planning)
    return isinstance(after, Problems) or dict(after.values) != dict(record.values)


def _batches(name: str, wishes: Wishes) -> Iterator[PutSuggestions]:
    """Withdrawals first, so that a key that must be unique is free again."""
    for start in range(0, len(wishes.withdraw), BATCH):
        yield PutSuggestions(name, withdraw=tuple(wishes.withdraw[start : start + BATCH]))
    for start in range(0, len(wishes.change), BATCH):
        yield PutSuggestions(name, change=tuple((id, v) for _, id, v in wishes.change[start : start + BATCH]))
    for start in range(0, len(wishes.create), BATCH):
        yield PutSuggestions(name, create=tuple(v for _, v in wishes.create[start : start + BATCH]))


def _written(engine: Engine, batch: PutSuggestions, actor: Actor, key: str) -> list[Fault]:
    """Writes a batch; if it is refused, each by itself, so that one wrong record does not hold up the others."""
    came = perform(engine, batch, actor, request_key=key)
    if not isinstance(came, Problems):
        return []
    single = [
        *(replace(batch, create=(v,), change=(), withdraw=()) for v in batch.create),
        *(replace(batch, create=(), change=(c,), withdraw=()) for c in batch.change),
        *(replace(batch, create=(), change=(), withdraw=(w,)) for w in batch.withdraw),
    ]
    if len(single) == 1:
        return [([batch.planner], tuple(p.code for p in came))]
    return [fault for at, one_ in enumerate(single) for fault in _written(engine, one_, actor, f"{key}/{at}")]


def _text(key: Key) -> list[str]:
    return [str(part) for part in key]
