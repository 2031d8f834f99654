"""Release: a frozen, compiled pack, named by the digest of its definitions. Nothing interprets JSON once there is one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from engine.access import Role
from engine.effects import ChangeRecord, DeleteRecord, Effect, InsertRecord
from engine.forms import Form, FormTables, RecordReader, RecordWriter
from engine.ledger import (
    ForgetFulfilment,
    FulfilPlanned,
    OpenReservation,
    PlanMovement,
    PostMovements,
    Recost,
    SettlePlanned,
    SettleReservation,
)
from engine.names import Text
from engine.packs.key_tests import balance_resolver
from engine.packs.rule_definition import LinkedRule
from engine.registers import (
    AdviceReader,
    KeyTest,
    PlannedReader,
    Register,
    RegisterReader,
    RegisterTables,
    RegisterWriter,
    ReservationReader,
    TurnoverReader,
)
from engine.replenishment import Planner
from engine.reports import Dashboard, Dataset
from engine.rules import Resolve
from engine.rules.dsl.times import WorkCalendar
from engine.rules.dsl.tree import Scheduled
from engine.statements import Dialect, Execution, Inquiry, Stamp
from engine.structures import Structure
from engine.workflow import Workflow


@dataclass(frozen=True, slots=True)
class PackInfo:
    """What a pack says of itself."""

    name: str
    version: str
    label: Text
    currency: str
    zone: str
    menu: tuple[Mapping[str, Any], ...]
    home: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Release:
    """Everything that runs."""

    digest: str
    body: str
    info: PackInfo
    forms: Mapping[str, Form]
    registers: Mapping[str, Register]
    structures: Mapping[str, Structure]
    planners: Mapping[str, Planner]
    workflows: Mapping[str, Workflow]
    datasets: Mapping[str, Dataset]
    dashboards: Mapping[str, Dashboard]
    roles: Mapping[str, Role]
    rules: tuple[LinkedRule, ...]
    calendar: WorkCalendar
    form_tables: Mapping[str, FormTables]
    register_tables: Mapping[str, RegisterTables]
    records: Mapping[str, RecordReader]
    register_readers: Mapping[str, RegisterReader]
    planned_readers: Mapping[str, PlannedReader]
    reservation_readers: Mapping[str, ReservationReader]
    advice_readers: Mapping[str, AdviceReader]
    turnover_readers: Mapping[str, TurnoverReader]
    writer: "ReleaseWriter"

    def rules_of(self, form: str) -> tuple[LinkedRule, ...]:
        """The rules on records of a form, in the order they fire."""
        return tuple(r for r in self.rules if r.form == form)

    @property
    def has_schedules(self) -> bool:
        """Does any rule or planner wait for a time?"""
        planned = any(p.schedule is not None for p in self.planners.values())
        return planned or any(isinstance(r.rule.event, Scheduled) for r in self.rules)

    def watching(self, register: str) -> tuple[LinkedRule, ...]:
        """The rules that watch balances of a register."""
        return tuple(r for r in self.rules if r.watch is not None and r.watch.register == register)


class ReleaseWriter:
    """Turns effects on records and registers into statements, each by the writer of its form or register."""

    def __init__(
        self,
        forms: Mapping[str, FormTables],
        registers: Mapping[str, RegisterTables],
        tests: Mapping[str, Mapping[str, KeyTest]],
    ) -> None:
        self._tables = forms
        self._forms = {name: RecordWriter(tables) for name, tables in forms.items()}
        self._registers = {
            name: RegisterWriter(tables, tests.get(name), partial(self._resolver, tables))
            for name, tables in registers.items()
        }

    def _resolver(self, tables: RegisterTables, balances: Any) -> Resolve:
        return balance_resolver(tables, balances.c, self._tables)

    def executions(self, effect: Effect, stamp: Stamp, dialect: Dialect) -> Sequence[Execution | Inquiry]:
        """See effects.Writer."""
        match effect:
            case InsertRecord():
                return self._forms[effect.form].insert(effect, stamp, dialect)
            case ChangeRecord():
                return self._forms[effect.form].change(effect, stamp, dialect)
            case DeleteRecord():
                return self._forms[effect.form].delete(effect, stamp, dialect)
            case PostMovements():
                return self._registers[effect.register].post(effect, stamp, dialect)
            case OpenReservation():
                return self._registers[effect.register].open(effect, stamp, dialect)
            case SettleReservation():
                return self._registers[effect.register].settle(effect, stamp, dialect)
            case Recost():
                return self._registers[effect.register].recost(effect, stamp, dialect)
            case PlanMovement():
                return self._registers[effect.register].plan(effect, stamp, dialect)
            case FulfilPlanned():
                return self._registers[effect.register].fulfil(effect, stamp, dialect)
            case SettlePlanned():
                return self._registers[effect.register].settle_planned(effect, stamp, dialect)
            case ForgetFulfilment():
                return self._registers[effect.register].forget(effect, stamp, dialect)
        raise TypeError(f"{type(effect).__name__} is not written by a release")

    def expect(self, form: str, expected: Mapping[UUID, int | None], dialect: Dialect) -> Execution:
        """See effects.Writer."""
        return self._forms[form].expect(expected, dialect)
