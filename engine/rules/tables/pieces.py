"""The domain of a table's input, cut into pieces in which every cell says the same, with a representative value of each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from engine.rules.comparing import equal, kind_of, less
from engine.rules.showing import show_inside
from engine.rules.tables.table import Input
from engine.values import MonthsDuration


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of an input's domain in which every cell says the same: a representative, and the piece in words."""

    value: Any
    text: str


def pieces_of(one: Input, cuts: tuple[list[Any], list[Any]]) -> list[Piece]:
    """The pieces of an input's domain. `cuts` are the ends of comparisons and ranges, and the values compared for equality."""
    ends, points = cuts
    kinds = {kind_of(v) for v in (*ends, *points) if v is not None}
    declared = _DECLARED.get(one.type, one.type)
    kind = declared if declared in _LINES or declared in ("boolean", "text") else next(iter(sorted(kinds)), "")
    with_null = [Piece(None, "null")] if any(v is None for v in points) else []
    if kind == "boolean":
        return [Piece(True, "true"), Piece(False, "false"), *with_null]
    if kind in _LINES:
        line = _LINES["integer" if one.type == "integer" else kind]
        ordered = sorted({v for v in (*ends, *points) if kind_of(v) == kind}, key=line.key)
        on_line = _on_line(line, ordered)
        if one.type == "integer":
            on_line = [p for p in on_line if p.value == p.value.to_integral_value()]
        return [*on_line, *with_null]
    if kind == "text" and ends:
        return [*_on_line(_TEXTS, sorted({v for v in (*ends, *points) if isinstance(v, str)})), *with_null]
    return [*_apart([v for v in points if v is not None]), *with_null]


def _apart(values: Sequence[Any]) -> list[Piece]:
    """Values that are only equal or not: each, and one that is none of them."""
    distinct: list[Any] = []
    for value in values:
        if not any(equal(value, d) is True for d in distinct):
            distinct.append(value)
    other = "other"
    while other in distinct:
        other += "'"
    listed = ", ".join(show_inside(v) for v in distinct)
    return [*(Piece(v, show_inside(v)) for v in distinct), Piece(other, f"not({listed})" if distinct else "-")]


@dataclass(frozen=True, slots=True)
class _Line:
    """An ordered kind: a value below, above and between two others; None where there is none."""

    below: Callable[[Any], Any]
    above: Callable[[Any], Any]
    between: Callable[[Any, Any], Any]
    start: Any
    key: Callable[[Any], Any] = lambda v: v


def _on_line(line: _Line, cuts: list[Any]) -> list[Piece]:
    if not cuts:
        return [Piece(line.start, "-")]
    pieces = [Piece(line.below(cuts[0]), f"< {show_inside(cuts[0])}")]
    for at, cut in enumerate(cuts):
        pieces.append(Piece(cut, show_inside(cut)))
        if at + 1 < len(cuts):
            pieces.append(Piece(line.between(cut, cuts[at + 1]), f"({show_inside(cut)}..{show_inside(cuts[at + 1])})"))
    pieces.append(Piece(line.above(cuts[-1]), f"> {show_inside(cuts[-1])}"))
    return [p for p in pieces if p.value is not None]


def _try(make: Callable[..., Any]) -> Callable[..., Any]:
    """None where a value would leave its kind."""

    def tried(*given: Any) -> Any:
        try:
            return make(*given)
        except (OverflowError, ValueError):
            return None

    return tried


def _middle(a: Any, b: Any) -> Any:
    found = a + (b - a) / 2
    return found if a < found < b else None


def _whole_between(a: Decimal, b: Decimal) -> Decimal | None:
    found = a.to_integral_value(rounding="ROUND_FLOOR") + 1
    return found if found < b else None


def _text_between(a: str, b: str) -> str | None:
    return next((a + more for more in ("a", "0", " ", "\x00") if less(a + more, b)), None)


def _day_between(a: date, b: date) -> date | None:
    return a + timedelta(days=1) if (b - a).days > 1 else None


def _clock(clock: time, micros: int) -> time | None:
    at = ((clock.hour * 60 + clock.minute) * 60 + clock.second) * 1_000_000 + clock.microsecond + micros
    if not 0 <= at < 86_400_000_000:
        return None
    return (datetime(2000, 1, 1) + timedelta(microseconds=at)).time().replace(tzinfo=clock.tzinfo)  # noqa: DTZ001 - a clock only


def _clock_between(a: time, b: time) -> time | None:
    found = _clock(a, 1000)
    return found if found is not None and found < b else None


_LINES: Final[Mapping[str, _Line]] = {
    "number": _Line(lambda v: v - 1, lambda v: v + 1, _middle, Decimal(0)),
    "integer": _Line(
        lambda v: v.to_integral_value(rounding="ROUND_CEILING") - 1, lambda v: v.to_integral_value(rounding="ROUND_FLOOR") + 1,
        _whole_between, Decimal(0),
    ),
    "date": _Line(_try(lambda v: v - timedelta(days=1)), _try(lambda v: v + timedelta(days=1)), _day_between, date(2000, 1, 1)),
    "date and time": _Line(
        _try(lambda v: v - timedelta(days=1)), _try(lambda v: v + timedelta(days=1)), _middle, datetime(2000, 1, 1, tzinfo=UTC)
    ),
    "time": _Line(lambda v: _clock(v, -1000), lambda v: _clock(v, 1000), _clock_between, time(12)),
    "days duration": _Line(_try(lambda v: v - timedelta(days=1)), _try(lambda v: v + timedelta(days=1)), _middle, timedelta(0)),
    "months duration": _Line(
        lambda v: MonthsDuration(v.months - 1), lambda v: MonthsDuration(v.months + 1),
        lambda a, b: MonthsDuration(a.months + 1) if b.months - a.months > 1 else None, MonthsDuration(0), lambda v: v.months,
    ),
}  # fmt: skip
_TEXTS: Final = _Line(lambda v: "" if v else None, lambda v: v + "a", _text_between, "")
_DECLARED: Final[Mapping[str, str]] = {
    "integer": "number", "string": "text", "days and time duration": "days duration", "years and months duration": "months duration",
}  # fmt: skip
