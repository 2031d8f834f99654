"""May the actor read all that an expression reads? Its paths are followed from a form over references, with the rights on each form."""

from collections.abc import Sequence

from engine.actions.planning import Planning
from engine.actions.structure_lines import fields_by_name
from engine.forms import Field, Form


def unreadable(path: Sequence[str], form: Form, planning: Planning, *, lines: str | None = None) -> Field | None:
    """The first field on the path that the actor may not read; None when they may read all of it. The path begins at the fields of the
    form, or of its sub-table `lines`. What is no field (an id, a state, a part of a date) anybody may read who came so far."""
    table = None if lines is None else form.field(lines)
    known, prefix = fields_by_name(form.fields if table is None else table.fields), f"{lines}." if lines else ""
    for step in path:
        found = known.get(step)
        if found is None:
            return None
        grant = planning.grant(form)
        if grant.require("read") is not None or not grant.may_read(prefix + step):
            return found
        if found.target is not None:
            form, prefix = planning.release.forms[found.target], ""
            known = fields_by_name(form.fields)
        else:
            known, prefix = fields_by_name(found.fields), f"{step}."
    return None
