"""The built-in functions: one table, filled in a visible order from one file a family."""

from typing import Final

from engine.rules.functions import dates, lists, numbers, texts
from engine.rules.functions.kinds import Function

FUNCTIONS: Final[dict[str, Function]] = {
    f.name: f for family in (numbers.FUNCTIONS, texts.FUNCTIONS, lists.FUNCTIONS, dates.FUNCTIONS) for f in family
}
SPACED_NAMES: Final = frozenset(name for name in FUNCTIONS if " " in name)

__all__ = ["FUNCTIONS", "SPACED_NAMES", "Function"]
