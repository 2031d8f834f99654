"""structures: part-of graphs over forms. A form's record is a version of a parent with component lines; all levels are multiplied out
exactly. Knows no database: `actions` brings the versions."""

from engine.structures.comparing import LineChange, LineFacts, compare
from engine.structures.compile import compile_structures
from engine.structures.definition import Measure, Parameter, Structure
from engine.structures.demand import read_parameters
from engine.structures.explosion import Asked, Row, Total, explode, summarise
from engine.structures.freezing import KEPT, frozen_copy
from engine.structures.graph import (
    LEVELS_MAX,
    LINES_MAX,
    ROWS_MAX,
    Edge,
    Graph,
    Version,
    Versions,
    dated_circle,
    graph_on,
)
from engine.structures.rolling_up import Rolled, roll_up
from engine.structures.rounding import rounded, to_decimal
from engine.structures.uses import LineValues, Texts, Use, header_numbers, use_of
from engine.structures.where_used import Used, UsedTotal, where_used, where_used_in_all

__all__ = [
    "KEPT",
    "LEVELS_MAX",
    "LINES_MAX",
    "ROWS_MAX",
    "Asked",
    "Edge",
    "Graph",
    "LineChange",
    "LineFacts",
    "LineValues",
    "Measure",
    "Parameter",
    "Rolled",
    "Row",
    "Structure",
    "Texts",
    "Total",
    "Use",
    "Used",
    "UsedTotal",
    "Version",
    "Versions",
    "compare",
    "compile_structures",
    "dated_circle",
    "explode",
    "frozen_copy",
    "graph_on",
    "header_numbers",
    "read_parameters",
    "roll_up",
    "rounded",
    "summarise",
    "to_decimal",
    "use_of",
    "where_used",
    "where_used_in_all",
]
