"""What movements cost: pure functions over whole numbers, knowing neither tables nor forms.

`state` holds what is known of one cost key, `strategies.value` takes one movement from state to state, `inputs` says where the value of a
movement comes from if it comes from others, and `replay` values again what depends on something that was learnt late.
"""

from engine.registers.costing.inputs import Inputs, Interval, Share, free, given_by, part
from engine.registers.costing.replay import Correction, Key, Outcome, Placed, Position, Preview, Replay, Source, preview
from engine.registers.costing.state import EMPTY, CostState, Event, Layer, Valued, from_json, to_json
from engine.registers.costing.strategies import METHODS, CostRules, Method, value

__all__ = (
    "EMPTY",
    "METHODS",
    "Correction",
    "CostRules",
    "CostState",
    "Event",
    "Inputs",
    "Interval",
    "Key",
    "Layer",
    "Method",
    "Outcome",
    "Placed",
    "Position",
    "Preview",
    "Replay",
    "Share",
    "Source",
    "Valued",
    "free",
    "from_json",
    "given_by",
    "part",
    "preview",
    "to_json",
    "value",
)
