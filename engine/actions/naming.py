"""Putting names into problems: keys of balances become titles, as far as the actor may see them, and shortages get advice."""

from dataclasses import replace
from uuid import UUID

from engine.actions.planning import Planning
from engine.actions.short_advice import ADVISED_MAX, with_advice
from engine.actions.showing import Shower
from engine.problems import Problem, Problems


def with_titles(found: Problems, planning: Planning) -> Problems:
    """The same problems with `what` told in titles."""
    if not any("key" in p.params for p in found):
        return found
    shower = Shower(planning)
    named = [_named(p, planning, shower) for p in found]
    advised = [with_advice(p, planning, shower) if at < ADVISED_MAX else p for at, p in enumerate(named)]
    return Problems(tuple(advised))


def _named(problem: Problem, planning: Planning, shower: Shower) -> Problem:
    key = problem.params.get("key")
    if not isinstance(key, dict):
        return problem
    forms = {
        d.name: d.form
        for r in planning.release.registers.values()
        if r.name == problem.params.get("register_name")
        for d in r.dimensions
    }
    names: dict[str, str] = {}
    for name, value in key.items():
        form = forms.get(name)
        names[name] = shower.title(form, value if isinstance(value, UUID) else UUID(str(value))) if form else str(value)
    what = " · ".join(n for n in names.values() if n)
    return replace(problem, params={**problem.params, "what": what, "names": names})
