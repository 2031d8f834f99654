"""Equality and order of values (DMN 1.5 §10.3.2.13): total equality, order only within one kind; the reference for all targets."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from engine.rules.temporal import zone_name
from engine.values import MonthsDuration, Range

_KINDS: Final = (
    (bool, "boolean"),
    (Decimal, "number"),
    (str, "text"),
    (datetime, "date and time"),
    (date, "date"),
    (time, "time"),
    (timedelta, "days duration"),
    (MonthsDuration, "months duration"),
    (Range, "range"),
    (Mapping, "context"),
    (list, "list"),
    (tuple, "list"),
    (Callable, "function"),
)
_UNORDERED: Final = frozenset(("null", "boolean", "list", "context", "range", "function"))
_BY_TYPE: Final[dict[type, str]] = {}


def kind_of(value: Any) -> str:
    """The name of a value's kind."""
    if value is None:
        return "null"
    known = _BY_TYPE.get(type(value))
    if known is None:
        known = next((name for python, name in _KINDS if isinstance(value, python)), type(value).__name__)  # type: ignore[arg-type]
        _BY_TYPE[type(value)] = known
    return known


def equal(left: Any, right: Any) -> bool | None:
    """`left = right`: null equals null only; values of different kinds make null. References are equal by their id."""
    if left is None or right is None:
        return left is right
    kind = kind_of(left)
    if kind != kind_of(right):
        return None
    if kind == "context":
        return left["id"] == right["id"] if "id" in left and "id" in right else _equal_contexts(left, right)
    if kind == "list":
        return len(left) == len(right) and all(equal(a, b) is True for a, b in zip(left, right, strict=True))
    if kind == "function":
        return None
    if kind in ("date and time", "time") and zone_kind(left) != zone_kind(right):
        return False
    return left == right or (kind in ("date and time", "time") and _to_millisecond(left) == _to_millisecond(right))


def zone_kind(value: Any) -> str | None:
    """What a value can be compared with: None for a local one, "" for one with an offset, and the region of a time whose offset
    depends on the day."""
    if value.tzinfo is None:
        return None
    return "" if value.utcoffset() is not None else zone_name(value)


def _to_millisecond(value: Any) -> Any:
    """Instants and times are equal when their milliseconds are (as the conformance suite has it)."""
    return value.replace(microsecond=value.microsecond // 1000 * 1000)


def _equal_contexts(left: Mapping[str, Any], right: Mapping[str, Any]) -> bool:
    return left.keys() == right.keys() and all(equal(left[k], right[k]) is True for k in left)


def less(left: Any, right: Any) -> bool | None:
    """`left < right`, or None when one is null or they are of different or unordered kinds."""
    kind = kind_of(left)
    if kind != kind_of(right) or kind in _UNORDERED:
        return None
    if kind == "months duration":
        return bool(left.months < right.months)
    if kind in ("date and time", "time") and zone_kind(left) != zone_kind(right):
        return None
    return bool(left < right)


def identity(value: Any) -> Any:
    """A hashable key: two values have the same key exactly when equal() is true of them (and null with null)."""
    kind = kind_of(value)
    if kind == "list":
        return kind, tuple(identity(v) for v in value)
    if kind == "context":
        return (kind, value["id"]) if "id" in value else (kind, frozenset((k, identity(v)) for k, v in value.items()))
    if kind in ("date and time", "time"):
        return kind, zone_kind(value), _to_millisecond(value)
    return (kind, id(value)) if kind == "function" else (kind, value)


def weight(value: Any, most: int) -> int:
    """How many values are in a value, counted no further than `most`: lists may hold one list many times over. A record that is
    referred to is one value, whatever it refers to in turn: it is not read for being counted."""
    if not isinstance(value, list | tuple | dict):
        return 1
    count, waiting = 0, [value]
    while waiting and count <= most:
        inner = waiting.pop()
        items = inner.values() if isinstance(inner, dict) else inner
        count += len(inner) + 1
        waiting += [item for item in items if isinstance(item, list | tuple | dict)]
    return count


def in_range(value: Any, wanted: Range) -> bool | None:
    """Is `value` in the range? An open end admits everything on its side."""
    answers: list[bool | None] = []
    if wanted.low is not None:
        below = less(value, wanted.low)
        answers.append(
            None if below is None else not below and (wanted.low_included or equal(value, wanted.low) is False)
        )
    if wanted.high is not None:
        above = less(wanted.high, value)
        answers.append(
            None if above is None else not above and (wanted.high_included or equal(value, wanted.high) is False)
        )
    if False in answers:
        return False
    return None if None in answers else True
