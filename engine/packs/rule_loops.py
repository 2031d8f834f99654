"""Loops: rules of one record that set each other off again. What goes on to other records is stopped at run time, by a named limit."""

from collections.abc import Mapping, Sequence

from engine.forms import Form
from engine.packs import problems
from engine.packs.rule_definition import LinkedRule
from engine.problems import Problem
from engine.rules.dsl import tree as d


def loop_problems(rules: Sequence[LinkedRule], forms: Mapping[str, Form]) -> list[Problem]:
    """One problem for each circle of rules, with the way round it. A rule is never set off by itself."""
    follows = {r.name: [o for o in rules if o is not r and o.form == r.form and _sets_off(r, o, forms)] for r in rules}
    found: dict[frozenset[str], Problem] = {}
    for rule in rules:
        circle = _circle(rule, follows)
        if circle is not None:
            names = [r.name for r in circle]
            problem = problems.rules_loop(" → ".join([*names, names[0]])).in_file(rule.file)
            found.setdefault(frozenset(names), problem)
    return list(found.values())


def _circle(start: LinkedRule, follows: Mapping[str, list[LinkedRule]]) -> list[LinkedRule] | None:
    """The shortest way from a rule back to itself."""
    ways = [[start]]
    seen: set[str] = set()
    while ways:
        way = ways.pop(0)
        for after in follows[way[-1].name]:
            if after is start:
                return way
            if after.name not in seen:
                seen.add(after.name)
                ways.append([*way, after])
    return None


def _sets_off(rule: LinkedRule, other: LinkedRule, forms: Mapping[str, Form]) -> bool:
    if rule.form is None or not rule.needs_record:
        return False
    form, event = forms[rule.form], other.rule.event
    for step in rule.steps:
        action = step.action
        if isinstance(action, d.Set) and isinstance(event, d.Changed):
            if not _changed_with(form, action.field).isdisjoint(event.fields):
                return True
        if isinstance(action, d.Do) and action.record is None and isinstance(event, d.Entered | d.Left):
            taken = form.action(action.action)
            states = () if taken is None else (taken.to,) if isinstance(event, d.Entered) else taken.from_states
            if event.state in states:
                return True
    return False


def _changed_with(form: Form, name: str) -> set[str]:
    """A field, and the computed ones that follow it."""
    changed = {name}
    for computed in form.computed_order:
        f = form.field(computed)
        if f is not None and f.computed is not None and any(path[0] in changed for path in f.computed.reads):
            changed.add(computed)
    return changed
