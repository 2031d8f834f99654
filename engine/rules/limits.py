"""Limits of the rule language: every loop, depth and size an expression can cause has a named maximum."""

from typing import Final

TEXT_MAX: Final = 10_000
"""Characters of one expression."""
DEPTH_MAX: Final = 64
"""Brackets within brackets of one expression."""
TREE_DEPTH_MAX: Final = 200
"""Depth of the tree of one expression; a sum of so many terms is as deep."""
STEPS_MAX: Final = 200_000
"""Turns of loops and calls of one evaluation."""
LIST_MAX: Final = 100_000
"""Elements of a list that an expression makes."""
VALUES_MAX: Final = 1_000_000
"""Values within the value of an expression, however its lists are nested."""
STRING_MAX: Final = 1_000_000
"""Characters of a string that an expression makes."""
CALLS_MAX: Final = 60
"""User functions within user functions."""
EVALUATION_SECONDS: Final = 2.0
"""Time of one evaluation, looked at now and then while it spends steps."""
PATTERN_MAX: Final = 500
"""Characters of a regular expression."""
PATTERN_SECONDS: Final = 0.2
"""Time one regular expression may take."""
