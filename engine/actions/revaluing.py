"""Which events of a form may change what others cost, and in which field the day stands that decides it. The runtime asks for a preview
before such a posting when its day lies in the past, and before no other: a preview is worked out by writing it all and taking it back,
which nobody should wait for at every receipt of today.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from engine.access import Grant, may_see
from engine.actions.planning import Planning
from engine.forms import Form
from engine.registers import PostingRule, Register
from engine.rules import tree as t


def revaluing(form: Form, granted: Grant, planning: Planning) -> list[dict[str, Any]]:
    """[{on, day}]: the event as posting rules name it, and the date field of the form without which nothing costs otherwise than it did
    if it is not before today. `day` is None where that cannot be told from one field that the actor may read. Only registers that the
    actor sees count: of others no preview tells them."""
    days: dict[str, set[str | None]] = {}
    for register in planning.release.registers.values():
        if register.valuation is None or not may_see(planning.release.roles, planning.actor, "register", register.name):
            continue
        rules = [p for p in register.postings if p.form == form.name]
        valued = [p for p in rules if _is_valued(p, register)]
        for rule in rules:
            if rule.on != "deleted":  # of a deletion there is no preview
                days.setdefault(rule.on, set()).update(_days_of(rule, valued))
    return [
        {"on": on, "day": day if day is not None and granted.may_read(day) else None}
        for on, found in sorted(days.items())
        for day in ([None] if None in found else sorted(filter(None, found)))
    ]


def _is_valued(rule: PostingRule, register: Register) -> bool:
    assert register.valuation is not None
    at = {register.measures[m].name for m in (register.valuation.quantity, register.valuation.value)}
    return bool(at & {*rule.add, *rule.to})


def _days_of(rule: PostingRule, valued: Sequence[PostingRule]) -> Iterator[str | None]:
    """The fields of which each may date a posting of the rule back; None: one cannot tell, or it changes costs whatever its day."""
    if rule.do == "reverse":
        for p in valued:
            if p.cost.onto is not None:
                yield None
            elif rule.keeps_time:
                yield from _days_of(p, valued)
    elif rule in valued and rule.cost.onto is not None:
        yield None
    elif rule in valued and rule.effective is not None:
        yield from _fields(rule.effective.tree, rule.rows)


def _fields(node: t.Node, rows: str | None) -> Iterator[str | None]:
    """`record.day`, `day` where the header posts, and either of them in the branches of an `if`; a day that is today() dates nothing back."""
    match node:
        case t.If():
            yield from _fields(node.yes, rows)
            yield from _fields(node.no, rows)
        case t.Path(source=t.Name(name="record")):
            yield node.name
        case t.Name() if rows is None:
            yield node.name
        case t.Call(function="today"):
            pass
        case _:
            yield None
