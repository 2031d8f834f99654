"""structures: part-of graphs over forms. A form's record is a parent with component lines; all levels are multiplied out exactly."""

from engine.structures.compile import compile_structures
from engine.structures.definition import Structure
from engine.structures.graph import Edge, Level, cycle, explode

__all__ = ["Edge", "Level", "Structure", "compile_structures", "cycle", "explode"]
