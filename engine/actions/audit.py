"""Self-audit of registers: what is kept beside the movements is worked out again and compared, while posting goes on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from engine.actions import problems
from engine.actions.accounts import require_admin
from engine.actions.commands import RecordAudit
from engine.actions.gather import facts_of, gather
from engine.actions.ledger_upkeep import AUDIT_PROGRESS
from engine.actions.open_engine import Engine
from engine.actions.perform import perform
from engine.actor import SYSTEM, Actor
from engine.problems import Problems
from engine.registers import CostDescent, RegisterTables, audit_pools, differences, value_sums
from engine.store import Reader, site
from engine.values import to_wire


@dataclass(slots=True)
class Audit:
    """What an audit found: {table: keys that differ}. Pools that wait to be valued again were not compared."""

    found: dict[str, int] = field(default_factory=dict)
    waiting: int = 0

    @property
    def is_right(self) -> bool:
        """Is everything the sum of its movements?"""
        return not any(self.found.values())


TOLD_EVERY: Final = 1_000_000
"""Microseconds between two reports of a job."""
Progress = Callable[[str, int], bool]
"""Told (what is compared now, steps done so far); false stops the audit."""


def audit_registers(
    engine: Engine, register: str | None = None, progress: Progress = lambda what, done: True
) -> Audit | Problems:
    """Compare balances, month totals, reservations and costs of a register (or of all) with their movements."""
    with gather(engine, SYSTEM) as planning:
        if isinstance(planning, Problems):
            return planning
        names = [n for n in sorted(planning.release.registers) if register in (None, n)]
        if not names:
            return problems.no_such_register(register or "", tuple(planning.release.registers))
        audit, done, reader = Audit(), 0, facts_of(planning).reader
        for name in names:
            for table, wrong, dirty in _compared(planning.release.register_tables[name], reader):
                audit.found[table] = audit.found.get(table, 0) + wrong
                audit.waiting += dirty
                done += 1
                if not progress(name, done):
                    return problems.audit_stopped()
        return audit


def _compared(tables: RegisterTables, reader: Reader) -> Iterator[tuple[str, int, int]]:
    """(table, keys that differ, pools that wait) for each comparison."""
    for table, query in differences(tables):
        yield table, len(reader.rows(query)), 0
    if tables.costs is None:
        return
    store, name = CostDescent(tables, reader.dialect), tables.costs.pools.name
    worth: dict[tuple[Any, ...], int] = {}
    waiting: set[tuple[Any, ...]] = set()
    width = len(tables.costs.valuation.of)
    for pool in audit_pools(store, reader.rows, reader.stream):
        wide = pool.pool[:width]
        worth[wide] = worth.get(wide, 0) + pool.value
        waiting |= {wide} if pool.is_dirty else set()
        yield name, 0 if pool.is_right else 1, 1 if pool.is_dirty else 0
    booked = {store.wide(row[:width]): int(row[width]) for row in reader.rows(value_sums(tables))}
    yield name, sum(worth.get(key, 0) != booked.get(key, 0) for key in {*worth, *booked} - waiting), 0


def audit_as_job(engine: Engine) -> Audit | Problems:
    """An audit that tells how far it is in a setting, and stops when that says so."""
    told = 0

    def tell(what: str, done: int) -> bool:
        nonlocal told
        now = engine.clock.now()
        if now.microseconds - told < TOLD_EVERY:
            return True
        told = now.microseconds
        with engine.store.read() as reader:
            state = site.setting(reader, AUDIT_PROGRESS) or {}
        if state.get("state") == "stop":
            return False
        state = {"state": "running", "what": what, "done": done, "at": to_wire(now.instant)}
        site.put_setting(engine.store, AUDIT_PROGRESS, state)
        return True

    found = audit_and_record(engine, tell)
    if isinstance(found, Problems):
        site.put_setting(engine.store, AUDIT_PROGRESS, {"state": "stopped", "what": "", "done": 0, "at": None})
    return found


def stop_audit(engine: Engine, actor: Actor) -> Problems | None:
    """Ask the audit that runs to stop; administrators only."""
    with gather(engine, actor) as planning:
        refused = planning if isinstance(planning, Problems) else require_admin(planning)
    if refused is None:
        site.put_setting(engine.store, AUDIT_PROGRESS, {"state": "stop", "what": "", "done": 0, "at": None})
    return refused


def audit_and_record(engine: Engine, progress: Progress = lambda what, done: True) -> Audit | Problems:
    """Audit all registers, and keep what came of it for the health of the site."""
    audit = audit_registers(engine, None, progress)
    if isinstance(audit, Problems):
        return audit
    recorded = perform(engine, RecordAudit(audit.found, audit.waiting), SYSTEM)
    return recorded if isinstance(recorded, Problems) else audit
