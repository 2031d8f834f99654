"""Relations of points and ranges (DMN 1.5 §10.3.4.11, after Allen), and is()."""

from collections.abc import Callable
from datetime import datetime, time
from typing import Any, Final

from engine.rules.comparing import equal, kind_of, less
from engine.rules.functions.kinds import built_in
from engine.rules.runtime import Fault
from engine.rules.temporal import zone_name
from engine.rules.types import BOOLEAN
from engine.values import Range


def _less(a: Any, b: Any) -> bool:
    answer = less(a, b)
    if answer is None:
        raise Fault("NOT_COMPARABLE")
    return answer


def _same(a: Any, b: Any) -> bool:
    answer = equal(a, b)
    if answer is None:
        raise Fault("NOT_COMPARABLE")
    return answer


def _before(a: Any, b: Any) -> bool:
    """Does a end before b begins?"""
    end, end_in = (a.high, a.high_included) if isinstance(a, Range) else (a, True)
    start, start_in = (b.low, b.low_included) if isinstance(b, Range) else (b, True)
    return _less(end, start) or ((not end_in or not start_in) and _same(end, start))


def _meets(a: Range, b: Range) -> bool:
    return a.high_included and b.low_included and _same(a.high, b.low)


def _starts_no_later(a: Range, b: Range) -> bool:
    """Does a begin before b, or with it?"""
    return _less(a.low, b.low) or (_same(a.low, b.low) and (a.low_included or not b.low_included))


def _ends_no_later(a: Range, b: Range) -> bool:
    return _less(a.high, b.high) or (_same(a.high, b.high) and (b.high_included or not a.high_included))


def _overlaps(a: Range, b: Range) -> bool:
    return not _before(a, b) and not _before(b, a)


def _starts_first(a: Range, b: Range) -> bool:
    return _less(a.low, b.low) or (_same(a.low, b.low) and a.low_included and not b.low_included)


def _overlaps_before(a: Range, b: Range) -> bool:
    return _starts_first(a, b) and _overlaps(a, b) and _ends_no_later(a, b)


def _overlaps_after(a: Range, b: Range) -> bool:
    return _starts_first(b, a) and _overlaps(a, b) and _ends_no_later(b, a)


def _finishes(a: Any, b: Range) -> bool:
    """Is a the end of b?"""
    if not isinstance(a, Range):
        return b.high_included and _same(a, b.high)
    return a.high_included == b.high_included and _same(a.high, b.high) and _starts_no_later(b, a)


def _starts(a: Any, b: Range) -> bool:
    if not isinstance(a, Range):
        return b.low_included and _same(a, b.low)
    return a.low_included == b.low_included and _same(a.low, b.low) and _ends_no_later(a, b)


def _includes(a: Range, b: Any) -> bool:
    if not isinstance(b, Range):
        low = _less(a.low, b) or (a.low_included and _same(a.low, b))
        return low and (_less(b, a.high) or (a.high_included and _same(a.high, b)))
    return _starts_no_later(a, b) and _ends_no_later(b, a)


def _coincides(a: Any, b: Any) -> bool:
    if isinstance(a, Range) != isinstance(b, Range):
        raise Fault("NOT_COMPARABLE")
    if not isinstance(a, Range):
        return _same(a, b)
    ends = a.low_included == b.low_included and a.high_included == b.high_included
    return ends and _same(a.low, b.low) and _same(a.high, b.high)


def _is(a: Any, b: Any = None) -> bool:
    """The same value in the same domain: instants in other zones are not."""
    if kind_of(a) != kind_of(b):
        return False
    if isinstance(a, datetime | time) and isinstance(b, datetime | time):
        if zone_name(a) != zone_name(b):
            return False
    return equal(a, b) is True


def _closed(relation: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    """A relation of ranges that have both ends."""

    def ask(a: Any, b: Any) -> bool:
        for side in (a, b):
            if isinstance(side, Range) and (side.low is None or side.high is None):
                raise Fault("NOT_COMPARABLE")
        return relation(a, b)

    return ask


_POINT: Final = "number|text|date|time|date and time|days duration|months duration"
_TWO: Final = ("range1: range, range2: range",)
_POINT_RANGE: Final = (f"point: {_POINT}, range: range", *_TWO)
_RANGE_POINT: Final = (f"range: range, point: {_POINT}", *_TWO)
_POINTS: Final = (f"point1: {_POINT}, point2: {_POINT}",)
_ALL: Final = (*_POINTS, f"point: {_POINT}, range: range", *_RANGE_POINT)

FUNCTIONS: Final = (
    built_in("before", _ALL, BOOLEAN, _closed(_before)),
    built_in("after", _ALL, BOOLEAN, _closed(lambda a, b: _before(b, a))),
    built_in("meets", _TWO, BOOLEAN, _closed(_meets)),
    built_in("met by", _TWO, BOOLEAN, _closed(lambda a, b: _meets(b, a))),
    built_in("overlaps", _TWO, BOOLEAN, _closed(_overlaps)),
    built_in("overlaps before", _TWO, BOOLEAN, _closed(_overlaps_before)),
    built_in("overlaps after", _TWO, BOOLEAN, _closed(_overlaps_after)),
    built_in("finishes", _POINT_RANGE, BOOLEAN, _closed(_finishes)),
    built_in("finished by", _RANGE_POINT, BOOLEAN, _closed(lambda a, b: _finishes(b, a))),
    built_in("includes", _RANGE_POINT, BOOLEAN, _closed(_includes)),
    built_in("during", _POINT_RANGE, BOOLEAN, _closed(lambda a, b: _includes(b, a))),
    built_in("starts", _POINT_RANGE, BOOLEAN, _closed(_starts)),
    built_in("started by", _RANGE_POINT, BOOLEAN, _closed(lambda a, b: _starts(b, a))),
    built_in("coincides", (*_POINTS, *_TWO), BOOLEAN, _closed(_coincides)),
    built_in("is", "value1: any?, value2: any?", BOOLEAN, _is, by_name=("value1: any?", "value2: any?")),
)
