"""An expression about many records of a form: only the columns it reads are read, and equal cells are worked out once."""

import gc
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from engine.actions.gather import facts_of
from engine.actions.planning import Planning
from engine.forms import AT_ONCE, Field, Form, headers_of, reference
from engine.rules import Checked, exact_decimals
from engine.rules.runtime import plain


@contextmanager
def at_one_go() -> Iterator[None]:
    """For making very many objects at once, none of which is garbage: meanwhile nobody looks for circles of objects to throw away."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def plain_names(form: Form, paths: Collection[Sequence[str]]) -> set[str] | None:
    """The fields that paths read, when all are of the header and none is followed further; None when more is read."""
    known = {f.name for f in form.header if f.target is None}
    names = {path[0] for path in paths}
    return names if names <= known and all(len(path) == 1 for path in paths) else None


def cells_of(
    form: str,
    names: Collection[str],
    ids: Collection[bytes],
    planning: Planning,
    see: Callable[[Field, Any], Any] = lambda f, value: plain(value),
) -> Iterator[tuple[bytes, tuple[Any, ...], Mapping[str, Any]]]:
    """(id, cells, fields as expressions `see` them) of the records that are there; equal cells give the same mapping."""
    reader, tables, wanted = facts_of(planning).reader, planning.release.form_tables[form], list(dict.fromkeys(ids))
    seen: dict[tuple[Any, ...], Mapping[str, Any]] = {}
    for start in range(0, len(wanted), AT_ONCE):
        query = headers_of(tables, names, wanted[start : start + AT_ONCE], reader.dialect)
        fields = [(f.field, f.field.name, value) for f, value in zip(query.fields, query.values, strict=True)]
        for row in reader.rows(query.statement):
            cells = row[2:]
            found = seen.get(cells)
            if found is None:
                found = seen[cells] = {name: see(f, value(row)) for f, name, value in fields}
            yield row[0], cells, found


def values_of(expression: Checked, form: str, ids: Collection[UUID], planning: Planning) -> dict[UUID, Any]:
    """The value of an expression about each of the records; those that are not there have none."""
    names = plain_names(planning.release.forms[form], expression.reads)
    if names is None:
        found = planning.facts.records(form, ids)
        scopes = {id: reference(planning.release.forms[form], id, planning) for id in found}
        return {id: expression.evaluate(scope, planning.moment).value for id, scope in scopes.items()}
    values: dict[UUID, Any] = {}
    known: dict[tuple[Any, ...], Any] = {}
    by_cell = {id.bytes: id for id in ids}
    rows = list(cells_of(form, names, by_cell, planning))
    with exact_decimals():
        work_out = expression.function(planning.moment)
        for raw, cells, fields in rows:
            if cells not in known:
                known[cells] = work_out(fields)
            values[by_cell[raw]] = known[cells]
    return values


def titles_of(form_name: str, ids: Collection[UUID], planning: Planning) -> dict[UUID, str] | None:
    """The titles of records, for an actor who may see all of the form's; None when rights or the title need the records themselves.
    The same as Shower.titles gives."""
    form = planning.release.forms[form_name]
    grant = planning.grant(form)
    if not grant.rows.everything or grant.require("read") is not None:
        return None
    paths = {*form.title.reads, *([(form.key,)] if form.key else [])}
    names = plain_names(form, paths)
    if names is None:
        return None
    titles = dict.fromkeys(ids, "")
    by_cell = {id.bytes: id for id in ids}
    rows = list(cells_of(form_name, names, by_cell, planning))
    with exact_decimals():
        work_out = form.title.function(planning.moment)
        for raw, _, fields in rows:
            key, id = fields.get(form.key) if form.key else None, by_cell[raw]
            titles[id] = str(work_out(fields) or key or "") or str(id)[:8]
    return titles
