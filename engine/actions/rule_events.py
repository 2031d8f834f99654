"""What happened to a record, and which rules wait for it."""

from dataclasses import dataclass

from engine.actions.planning import Work
from engine.packs import LinkedRule
from engine.rules.dsl import tree as d


@dataclass(frozen=True, slots=True)
class Happened:
    """`name`: created, changed (by whoever changes the record), changed:<field>, lines:<sub-table> (rows were added), state:<state>,
    left:<state>, deleted, imported, task:<node>, rule:<posting>. `by` is the rule that made it happen, which it does not set off."""

    name: str
    by: str = ""
    outcome: str = ""


def created(work: Work, *, imported: bool) -> list[Happened]:
    """What happens when a record is created: every field that has a value has changed, too."""
    events = [Happened("created")]
    events += [Happened("imported")] if imported else []
    events += [Happened(f"changed:{f.name}") for f in work.form.header if work.values.get(f.name) is not None]
    for f in work.form.sub_tables:
        if work.lines.get(f.name):
            events += [Happened(f"changed:{f.name}"), Happened(f"lines:{f.name}")]
    return [*events, *([Happened(f"state:{work.state}")] if work.state is not None else [])]


def changed(work: Work) -> list[Happened]:
    """What happens when a stored record's fields change."""
    assert work.before is not None
    names = [f.name for f in work.form.header if work.values.get(f.name) != work.before.values.get(f.name)]
    names += list(work.changed)
    added = [name for name, lines in work.changed.items() if lines.inserted]
    if not names:
        return []
    return [
        Happened("changed"),
        *(Happened(f"changed:{name}") for name in names),
        *(Happened(f"lines:{name}") for name in added),
    ]


def moved(before: str | None, work: Work, by: str = "") -> list[Happened]:
    """What happens when a record goes from one state to another."""
    left = [Happened(f"left:{before}", by)] if before is not None else []
    return [*left, Happened(f"state:{work.state}", by)]


def matches(rule: LinkedRule, happened: Happened) -> bool:
    """Does the rule wait for this?"""
    if happened.by == rule.name:
        return False
    name = happened.name
    match rule.rule.event:
        case d.Created():
            return name == "created"
        case d.Imported():
            return name == "imported"
        case d.Deleted():
            return name == "deleted"
        case d.Changed(fields=fields):
            return name in [f"changed:{f}" for f in fields] if fields else name == "changed"
        case d.Entered(state=state):
            return name == f"state:{state}"
        case d.Left(state=state):
            return name == f"left:{state}"
        case d.LineAdded(lines=lines):
            return name == f"lines:{lines}"
        case d.TaskDone(node=node, outcome=outcome):
            is_task = name == f"task:{node}" if node else name.startswith("task:")
            return is_task and outcome in (None, happened.outcome)
    return False
