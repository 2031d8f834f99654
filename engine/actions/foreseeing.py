"""Foreseeing: what the records of one command are each going to ask for, asked together, one question a kind. The answers stay in the
facts. Nothing is judged here: what is wrong with what was given is told when its record is validated.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from engine.actions.planning import Planning
from engine.forms import BUILT_IN, Field, Form


def foresee(form: Form, given: Sequence[Mapping[str, Any]], planning: Planning) -> None:
    """Read the records that these values (wire form) refer to, and what those have reserved in the registers they post to."""
    named: dict[str, set[Any]] = defaultdict(set)
    for values in given:
        for target, reference in _references(form.fields, values):
            named[target].add(reference)
    referred = {target: _read(planning, target, references) for target, references in sorted(named.items())}
    for register in planning.release.registers.values():
        if any(p.form == form.name and p.do == "settle" for p in register.postings):
            demanding = {p.form for p in register.postings if p.do == "reserve"}
            records = [id for target in sorted(demanding & referred.keys()) for id in referred[target]]
            planning.facts.ledger(register.name).foresee(records)


def _references(fields: Sequence[Field], values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """(form, what is given) of every reference among the values and their lines."""
    for f in fields:
        value = values.get(f.name)
        if value is None or value == "":
            continue
        if f.target is not None:
            reference = BUILT_IN[f.kind].parse(f, value)
            if isinstance(reference, str | UUID):
                yield f.target, reference
        elif f.is_lines and isinstance(value, list | tuple):
            for row in value:
                if isinstance(row, Mapping):
                    yield from _references(f.fields, row)


def _read(planning: Planning, target: str, references: set[Any]) -> list[UUID]:
    """The ids among the references, with those of the keys; their records are read."""
    key, facts = planning.release.forms[target].key, planning.facts
    texts = sorted(r for r in references if isinstance(r, str))
    ids = {r for r in references if isinstance(r, UUID)}
    ids |= set(facts.find(target, key, texts).values()) if texts and key else set()
    return sorted(facts.visible(target, sorted(ids)))
