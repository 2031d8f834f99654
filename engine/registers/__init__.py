"""registers: the ledgers. Dimensions, measures and constraints declared in JSON; movements append-only; balances in the same transaction.

Knows no form (a posting rule sees a record as values in a scope) and executes no SQL.
"""

from engine.registers.advice_reading import AdviceReader
from engine.registers.auditing import audit_pools, differences, value_sums
from engine.registers.compile import compile_registers
from engine.registers.cost_descent import CostDescent
from engine.registers.definition import Constraint, Dimension, Figure, Guard, Measure, PostingRule, Register, weighed
from engine.registers.joining import joined
from engine.registers.judging import KeyTest, changes_of
from engine.registers.months import day_of, day_start
from engine.registers.plan import Event, Rows, plan_postings
from engine.registers.planned_reading import ForecastRequest, ForecastRow, PlannedReader
from engine.registers.pool_reading import (
    Aged,
    PoolReader,
    PoolRow,
    aged,
    shows_value,
    value_is_by_lot,
    value_is_split,
)
from engine.registers.reading import BalanceRequest, RegisterReader
from engine.registers.reservation_reading import ReservationReader
from engine.registers.row_values import Row, RowValues
from engine.registers.tables import RegisterTables, operations, unfit
from engine.registers.turnover import TurnoverRow, averages, rows_of
from engine.registers.turnover_reading import PERIODS, FlowRow, KeyPage, Moment, Period, Span, TurnoverReader
from engine.registers.writing import RegisterWriter

__all__ = [
    "PERIODS",
    "AdviceReader",
    "Aged",
    "BalanceRequest",
    "Constraint",
    "CostDescent",
    "Dimension",
    "Event",
    "Figure",
    "FlowRow",
    "ForecastRequest",
    "ForecastRow",
    "Guard",
    "KeyPage",
    "KeyTest",
    "Measure",
    "Moment",
    "Period",
    "PlannedReader",
    "PoolReader",
    "PoolRow",
    "PostingRule",
    "Register",
    "RegisterReader",
    "RegisterTables",
    "RegisterWriter",
    "ReservationReader",
    "Row",
    "RowValues",
    "Rows",
    "Span",
    "TurnoverReader",
    "TurnoverRow",
    "aged",
    "audit_pools",
    "averages",
    "changes_of",
    "compile_registers",
    "day_of",
    "day_start",
    "differences",
    "joined",
    "operations",
    "plan_postings",
    "rows_of",
    "shows_value",
    "unfit",
    "value_is_by_lot",
    "value_is_split",
    "value_sums",
    "weighed",
]
