"""Put a record into the trash: only what has posted nothing and is referenced by nobody."""

from engine.actions import problems
from engine.actions.change_record import find_work
from engine.actions.commands import DeleteRecord
from engine.actions.consequences import follow
from engine.actions.planning import Planning, audit, make_plan
from engine.actions.rule_events import Happened
from engine.effects import DeleteRecord as WriteDelete
from engine.effects import Plan
from engine.problems import Problems


def plan(command: DeleteRecord, planning: Planning) -> Plan | Problems:
    """The plan that deletes the record, or why it may not be deleted."""
    planning = planning.accepting(command.accept)
    work = find_work(command.form, command.id, command.revision, planning)
    if isinstance(work, Problems):
        return work
    refused = planning.grant(work.form).require("delete")
    if refused is not None:
        return refused
    if not work.form.editable_in(work.state):
        return problems.state_not_editable(work.form, work.state)
    for name, register in planning.release.registers.items():
        ledger = planning.facts.ledger(name)
        if ledger.movements(work.id) or ledger.reservations(work.id) or ledger.planned(work.id):
            return problems.record_has_posted(work.form.label, register.label)
    referring = planning.facts.referring(work.form.name, work.id)
    if referring is not None:
        return problems.record_is_referenced(work.form.label, planning.release.forms[referring].label)
    followed = follow(work, [Happened("deleted")], planning)
    if isinstance(followed, Problems):
        return followed
    assert work.before is not None
    delete = WriteDelete(work.form.name, work.id, work.before.revision)
    return make_plan(planning, (delete, *followed.effects, audit(work, "delete")), {"id": str(work.id)})
