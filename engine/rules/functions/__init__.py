"""The built-in functions: one table, filled in a visible order from one file a family. `not`, `now`, `today` and `range` need the
evaluation itself and are worked out beside it; here are their signatures."""

from typing import Any, Final

from engine.rules.functions import dates, lists, numbers, ranges, texts
from engine.rules.functions.kinds import Function, accepts, bind, built_in, convert, counts, fitting, takes
from engine.rules.types import BOOLEAN, DATE, DATETIME, RANGE


def _beside(*given: Any) -> None:
    raise AssertionError("worked out by the evaluator")


SPECIAL: Final = (
    built_in("not", "negand: boolean", BOOLEAN, lambda value: not value, sql=True),
    built_in("today", "", DATE, _beside, sql=True),
    built_in("now", "", DATETIME, _beside, sql=True),
    built_in("range", "from: text", RANGE, _beside, browser=False),
)
FUNCTIONS: Final[dict[str, Function]] = {
    f.name: f
    for family in (numbers.FUNCTIONS, texts.FUNCTIONS, lists.FUNCTIONS, dates.FUNCTIONS, ranges.FUNCTIONS, SPECIAL)
    for f in family
}
SPACED_NAMES: Final = tuple(sorted((name for name in FUNCTIONS if " " in name), key=len, reverse=True))

__all__ = ["FUNCTIONS", "SPACED_NAMES", "Function", "accepts", "bind", "convert", "counts", "fitting", "takes"]
