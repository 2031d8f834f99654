"""Decision tables (DMN 1.5 §8): read from JSON, worked out, analysed for gaps and overlaps, and written as one expression, so that
they run wherever expressions run."""

from engine.rules.tables.analyse import Analysis, Finding, analyse_table
from engine.rules.tables.expression import table_expression
from engine.rules.tables.table import DecisionTable, evaluate_table, read_table

__all__ = ["Analysis", "DecisionTable", "Finding", "analyse_table", "evaluate_table", "read_table", "table_expression"]
