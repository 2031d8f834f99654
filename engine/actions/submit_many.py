"""Create many records in one transaction, or report every problem of every record and write nothing."""

from dataclasses import replace
from typing import Any

from engine.actions import submit_record
from engine.actions.commands import SubmitMany
from engine.actions.foreseeing import foresee
from engine.actions.overlay import OverlayFacts
from engine.actions.planning import Planning, make_plan
from engine.effects import Effect, Expectation, ExpectRecord, Plan
from engine.forms import Reads
from engine.ledger import Fulfilment, FulfilPlanned, PostMovements
from engine.problems import Problem, Problems
from engine.registers import joined


def plan(command: SubmitMany, planning: Planning) -> Plan | Problems:
    """One plan of all records. Each record is planned over the facts plus the effects of those before it, so two rows with
    the same key, or a row that refers to an earlier one, are judged as if sent one after another."""
    effects: list[Effect] = []
    expectations: dict[Expectation, None] = {}
    answers: list[Any] = []
    found: list[Problem] = []
    postings: dict[str, list[PostMovements]] = {}
    wants: dict[str, list[Fulfilment]] = {}
    overlay = OverlayFacts(planning.facts, planning.release)
    form = planning.release.forms.get(command.form)
    if form is not None:
        foresee(form, [record.values for record in command.records], planning)
    for at, record in enumerate(command.records):
        planned = submit_record.plan(record, replace(planning, facts=overlay, reads=Reads()))
        if isinstance(planned, Problems):
            found += planned.under(f"/records/{at}")
            continue
        for effect in planned.effects:
            if isinstance(effect, PostMovements):
                postings.setdefault(effect.register, []).append(_placed(effect, at))
            elif isinstance(effect, FulfilPlanned):
                wants.setdefault(effect.register, []).extend(effect.wants)
            else:
                effects.append(effect)
        overlay.add(planned.effects)
        expectations |= dict.fromkeys(planned.expectations)
        answers.append(planned.answer)
    if found:
        return Problems(tuple(found))
    kept = tuple(e for e in expectations if not (isinstance(e, ExpectRecord) and overlay.touches(e.form, e.id)))
    effects += [FulfilPlanned(register, tuple(wanted)) for register, wanted in sorted(wants.items())]
    for register, own in sorted(postings.items()):
        effects += joined(own, planning.release.registers[register])
    return replace(make_plan(planning, effects, {"results": answers}), expectations=kept)


def _placed(effect: PostMovements, at: int) -> PostMovements:
    """The posting of record number `at`: what a register refuses is told at its record and line."""
    movements = tuple(replace(m, place=f"/records/{at}{m.place}") for m in effect.movements)
    picks = tuple(replace(p, place=f"/records/{at}{p.place}") for p in effect.picks)
    return replace(effect, movements=movements, picks=picks)
