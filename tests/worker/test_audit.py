"""The audit as a job: asked for, told, recorded, stopped; and what it finds when something is wrong."""

from engine.actions import Engine, health, perform, stop_audit
from engine.actions.commands import AuditRegisters
from engine.actor import SYSTEM, Actor
from engine.effects import Outcome
from engine.problems import Problems
from engine.registers import RegisterTables
from engine.values import NIL
from engine.worker import Drainer
from tests.support.ledger import Keeper, ledger_site

CLERK = Actor(NIL, "Cleo", frozenset({"clerk"}))


def test_an_audit_by_the_worker(database_url: str) -> None:
    """All is right; only admins may ask; what came of it stands in the health of the site."""
    engine = ledger_site(database_url)
    keeper = Keeper(engine)
    keeper.do("1: buy 5 P @ 50")
    keeper.do("hold 2 P")
    assert isinstance(perform(engine, AuditRegisters(), CLERK), Problems)
    assert isinstance(perform(engine, AuditRegisters(), SYSTEM), Outcome)
    assert health(engine)["audit_progress"]["state"] == "waiting"
    Drainer(engine).drain()
    found = health(engine)
    assert found["audit_progress"]["state"] == "done"
    assert (found["audit"]["wrong"], found["audit"]["waiting"]) == (0, 0)


def test_what_an_audit_finds(database_url: str) -> None:
    """A balance, a total, a reservation and a pool that somebody changed behind the engine's back are each found."""
    engine = ledger_site(database_url)
    keeper = Keeper(engine)
    keeper.do("1: buy 5 P @ 50")
    keeper.do("hold 2 P")
    tables = tables_of(engine)
    amount = tables.amounts[0]
    assert tables.costs is not None
    for statement in (
        f"UPDATE {tables.balances[0].name} SET {amount} = {amount} + 1",
        f"UPDATE {tables.totals.name} SET in_{amount} = in_{amount} + 1",
        f"UPDATE {tables.reservations.name} SET open = open + 1",
        f"UPDATE {tables.costs.pools.name} SET state = replace(state, '500000', '500001')",
    ):
        engine.store.run(lambda cursor, dialect, statement=statement: cursor.execute(statement))
    perform(engine, AuditRegisters(), SYSTEM)
    Drainer(engine).drain()
    assert health(engine)["audit"]["wrong"] >= 4


def tables_of(engine: Engine) -> RegisterTables:
    with engine.store.read() as reader:
        release = engine.release(reader)
        assert release is not None
        return release.register_tables["goods"]


def test_an_audit_that_is_stopped(sqlite_url: str) -> None:
    """It ends at the next report, is not tried again, and leaves the last outcome as it was."""
    engine = ledger_site(sqlite_url)
    Keeper(engine).do("1: in 5 P")
    perform(engine, AuditRegisters(), SYSTEM)
    assert isinstance(stop_audit(engine, CLERK), Problems)
    assert stop_audit(engine, SYSTEM) is None
    Drainer(engine).drain()
    found = health(engine)
    assert (found["audit_progress"]["state"], found["audit"]) == ("stopped", None)
