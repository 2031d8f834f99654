"""registers: the ledgers. Dimensions, measures and constraints declared in JSON; movements append-only; balances in the same transaction.

Knows no form (a posting rule sees a record as values in a scope) and executes no SQL.
"""

from engine.registers.auditing import audit_pools, differences, value_sums
from engine.registers.compile import compile_registers
from engine.registers.cost_store import CostStore
from engine.registers.definition import Constraint, Dimension, Figure, Guard, Measure, PostingRule, Register
from engine.registers.judging import KeyTest, changes_of
from engine.registers.months import day_of
from engine.registers.plan import Event, plan_postings
from engine.registers.planned_reading import ForecastRequest, ForecastRow, PlannedReader
from engine.registers.reading import BalanceRequest, RegisterReader
from engine.registers.tables import RegisterTables, operations
from engine.registers.writing import RegisterWriter

__all__ = [
    "BalanceRequest",
    "Constraint",
    "CostStore",
    "Dimension",
    "Event",
    "Figure",
    "ForecastRequest",
    "ForecastRow",
    "Guard",
    "KeyTest",
    "Measure",
    "PlannedReader",
    "PostingRule",
    "Register",
    "RegisterReader",
    "RegisterTables",
    "RegisterWriter",
    "audit_pools",
    "changes_of",
    "compile_registers",
    "day_of",
    "differences",
    "operations",
    "plan_postings",
    "value_sums",
]
