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
STRING_MAX: Final = 1_000_000
"""Characters of a string that an expression makes."""
EXPONENT_MAX: Final = 6_000
"""Largest decimal exponent of a number that an expression makes."""
