"""replenishment: what must be bought or made, and when. Nets balances, expected supply and expected demand by date, level by level of a
structure, into suggestions. Reads and writes nothing itself.
"""

from engine.replenishment.comparing import Comparison, Open, compare
from engine.replenishment.composing import components_of
from engine.replenishment.definition import POLICIES, Key, Parameters, Planner, Suggesting
from engine.replenishment.marks import MARK_BYTES, Marks
from engine.replenishment.parameters import parameters, replaced
from engine.replenishment.pegging import Demand, Peg, Pegging, Step, Supply
from engine.replenishment.requirements import (
    Alert,
    Component,
    Flow,
    Flows,
    Impossible,
    Inputs,
    Keys,
    Row,
    Run,
    Suggestion,
    WhatIf,
    run,
    tried,
)

__all__ = [
    "MARK_BYTES",
    "POLICIES",
    "Alert",
    "Comparison",
    "Component",
    "Demand",
    "Flow",
    "Flows",
    "Impossible",
    "Inputs",
    "Key",
    "Keys",
    "Marks",
    "Open",
    "Parameters",
    "Peg",
    "Pegging",
    "Planner",
    "Row",
    "Run",
    "Step",
    "Suggesting",
    "Suggestion",
    "Supply",
    "WhatIf",
    "compare",
    "components_of",
    "parameters",
    "replaced",
    "run",
    "tried",
]
