"""Old release → new release: what changes, and the schema operations that carry it to the tables. Nothing is dropped or cast."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.forms import Field
from engine.forms import operations as form_operations
from engine.packs import problems
from engine.packs.release import Release
from engine.problems import Problem, Problems
from engine.registers import operations as register_operations
from engine.registers import unfit


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two releases, in words."""

    kind: str
    name: str
    what: str


def changes(old: Release | None, new: Release) -> tuple[Change, ...]:
    """What a person would want to know before publishing."""
    found: list[Change] = []
    for kind in (
        "forms",
        "registers",
        "structures",
        "planners",
        "workflows",
        "datasets",
        "dashboards",
        "roles",
        "rules",
    ):
        before = _part(old, kind) if old is not None else {}
        after = _part(new, kind)
        found += [Change(kind, name, "added") for name in after if name not in before]
        found += [Change(kind, name, "retired") for name in before if name not in after]
    return tuple(found)


def operations(old: Release | None, new: Release) -> Sequence[Any] | Problems:
    """The schema operations, forms before registers, or why the tables cannot follow."""
    found = _type_changes(old, new) if old is not None else []
    if found:
        return Problems(tuple(found))
    steps: list[Any] = []
    for name, tables in sorted(new.form_tables.items()):
        steps += form_operations(old.form_tables.get(name) if old is not None else None, tables)
    for name, register in sorted(new.register_tables.items()):
        steps += register_operations(old.register_tables.get(name) if old is not None else None, register)
    return steps


def _part(release: Release, kind: str) -> Any:
    return {
        "forms": release.forms,
        "registers": release.registers,
        "structures": release.structures,
        "planners": release.planners,
        "workflows": release.workflows,
        "datasets": release.datasets,
        "dashboards": release.dashboards,
        "roles": release.roles,
        "rules": {r.name: r for r in release.rules},
    }[kind]


def _type_changes(old: Release, new: Release) -> list[Problem]:
    found: list[Problem] = []
    for name, form in new.forms.items():
        if name in old.forms:
            found += [p.in_file(f"forms/{name}.json") for p in _changed(old.forms[name].fields, form.fields)]
    for name, register in new.registers.items():
        if name in old.registers:
            file = f"registers/{name}.json"
            found += [problems.register_changed(part).in_file(file) for part in unfit(old.registers[name], register)]
    return found


def _changed(old: Sequence[Field], new: Sequence[Field]) -> list[Problem]:
    before = {f.name: f for f in old}
    found: list[Problem] = []
    for f in new:
        was = before.get(f.name)
        if was is None:
            continue
        if was.kind != f.kind or was.target != f.target:
            found.append(problems.type_changed(f.name, was.kind, f.kind))
        found += _changed(was.fields, f.fields)
    return found
