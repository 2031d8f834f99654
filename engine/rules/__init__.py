"""rules: one expression language (FEEL, DMN 1.5 §10.3) with one checked tree and three targets: Python, SQL, browser.

Knows no form, no register and no table. Text is parsed (`parse`), checked against a Scope (`check`), and only a checked expression
can be worked out.
"""

from engine.rules.check import check
from engine.rules.checked import Checked, Evaluation, exact_decimals, is_true, marks
from engine.rules.evaluate import RuleSyntaxError, evaluate
from engine.rules.explaining import Explanation, Step, explain
from engine.rules.filters import RowFilter
from engine.rules.parse import parse
from engine.rules.runtime import Diagnostic
from engine.rules.scope import Scope
from engine.rules.slack import Slack, linear, slacks
from engine.rules.tables import Analysis, analyse_table, evaluate_table, read_table, table_expression
from engine.rules.to_browser import to_browser
from engine.rules.to_sql import Resolve, SqlColumn, to_column, to_sql
from engine.rules.tree import Expression
from engine.rules.types import (
    ANY,
    BOOLEAN,
    DATE,
    DATETIME,
    DURATION,
    MONTHS,
    NULL,
    NUMBER,
    TEXT,
    TIME,
    ContextOf,
    ListOf,
    Type,
)
from engine.rules.writing import write

__all__ = [
    "ANY",
    "BOOLEAN",
    "DATE",
    "DATETIME",
    "DURATION",
    "MONTHS",
    "NULL",
    "NUMBER",
    "TEXT",
    "TIME",
    "Analysis",
    "Checked",
    "ContextOf",
    "Diagnostic",
    "Evaluation",
    "Explanation",
    "Expression",
    "ListOf",
    "Resolve",
    "RowFilter",
    "RuleSyntaxError",
    "Scope",
    "Slack",
    "SqlColumn",
    "Step",
    "Type",
    "analyse_table",
    "check",
    "evaluate",
    "evaluate_table",
    "exact_decimals",
    "explain",
    "is_true",
    "linear",
    "marks",
    "parse",
    "read_table",
    "slacks",
    "table_expression",
    "to_browser",
    "to_column",
    "to_sql",
    "write",
]
