"""Records → the graph of a structure, kept while nothing that it was made from has changed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from engine.actions.gather import StoreFacts, facts_of
from engine.actions.planning import Planning
from engine.actions.structure_lines import fields_by_name, line_fields
from engine.actions.structure_reading import VersionReader
from engine.forms import Reads, state_of_all
from engine.packs import Release
from engine.problems import Problems
from engine.structures import Graph, Structure, Versions, graph_on
from engine.structures.compile_parts import is_timely
from engine.structures.definition import Value, remember, remembered

__all__ = ["fields_by_name", "forms_on_path", "graph_of"]


def graph_of(
    structure: Structure,
    planning: Planning,
    *,
    on: date | None = None,
    parameters: Mapping[str, Value] | None = None,
    version: UUID | None = None,
) -> Graph | Problems:
    """The graph as it holds `on` a day (None: today) for these parameters; `version` holds for its parent whatever the day. It is kept,
    and taken again only while no record that it was made from has changed."""
    facts, given = facts_of(planning), dict(parameters or {})
    key = _state(structure, planning.release, facts, (planning.moment.today, *sorted(given.items())))
    day = (on or planning.moment.today) if _is_dated(structure) else None
    graph: Graph | None = remembered(structure.memory, ("graph", key, day, version))
    if graph is not None:
        return graph
    found: Versions | None = remembered(structure.memory, ("versions", key))
    if found is None:
        read = VersionReader(structure, replace(planning, reads=Reads()), given).versions()
        if isinstance(read, Problems):
            return read
        found = read
    graph = graph_on(found, day, version)
    if not is_timely(structure.expressions):
        remember(structure.memory, ("versions", key), found)
        remember(structure.memory, ("graph", key, day, version), graph)
    return graph


def _is_dated(structure: Structure) -> bool:
    dates = [structure.line_dates, *([structure.versions.dates] if structure.versions else [])]
    return any(d.starts or d.ends for d in dates)


def _state(structure: Structure, release: Release, facts: StoreFacts, more: tuple[Any, ...]) -> Any:
    """What the graph depends on: the state of the records of every form that is read, the day, and the parameters."""
    names = {structure.form} | _forms_read(structure, release)
    reader = facts.reader
    states = [tuple(reader.rows(state_of_all(release.form_tables[n], reader.dialect))[0]) for n in sorted(names)]
    return (*states, *more)


def _forms_read(structure: Structure, release: Release) -> set[str]:
    """The forms whose records expressions follow references to."""
    form = release.forms[structure.form]
    header, lines = fields_by_name(form.fields), fields_by_name(line_fields(structure, form))
    found: set[str] = set()
    for expression in structure.expressions:
        for path in expression.reads:
            steps = path[1:] if path[0] == "record" else path
            known = header if path[0] == "record" or path[0] not in lines else lines
            found |= set(forms_on_path(release, known, steps))
    return found


def forms_on_path(release: Release, known: Mapping[str, Any], steps: Sequence[str]) -> Iterable[str]:
    """The forms whose fields a path reads after the one it starts in: references are followed, sub-tables entered."""
    for at, step in enumerate(steps):
        field = known.get(step)
        if field is None or at + 1 == len(steps):
            return
        if field.target is not None:
            yield field.target
            known = fields_by_name(release.forms[field.target].fields)
        else:
            known = fields_by_name(field.fields)
