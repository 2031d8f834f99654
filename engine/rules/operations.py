"""What the reference closures do with values, node by node: paths, comparisons, unary tests, positions and steps."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from engine.rules import tree as t
from engine.rules.comparing import equal, in_range, kind_of, less, weight
from engine.rules.limits import LIST_MAX, STEPS_MAX
from engine.rules.runtime import Inner, Run, plain
from engine.rules.temporal import offset_of, zone_name
from engine.values import Range


def path(source: Any, node: t.Path, run: Run) -> Any:
    """`source.name`; of null it is null without a diagnostic: an empty reference has no fields."""
    if source is None:
        return None
    if isinstance(source, Mapping):
        if node.name in source:
            return plain(source[node.name])
        return run.null("NO_CONTEXT_ENTRY_FOUND", node)
    if isinstance(source, list | tuple):
        run.spend(len(source))
        return [path(item, node, run) for item in source]
    read = _PROPERTIES.get(kind_of(source), {}).get(node.name)
    if read is None:
        return run.null("NO_PROPERTY_FOUND", node, source)
    found = read(source)
    return Decimal(found) if isinstance(found, int) and not isinstance(found, bool) else found


def _sign(span: timedelta) -> int:
    return -1 if span < timedelta(0) else 1


def _quotient(span: timedelta, unit: int, limit: int | None) -> int:
    whole = abs(span) // timedelta(seconds=unit)
    return _sign(span) * (whole % limit if limit else whole)


_DAY: Final[Mapping[str, Callable[[Any], Any]]] = {
    "year": lambda d: d.year, "month": lambda d: d.month, "day": lambda d: d.day, "weekday": lambda d: d.isoweekday(),
}  # fmt: skip
_CLOCK: Final[Mapping[str, Callable[[Any], Any]]] = {
    "hour": lambda d: d.hour, "minute": lambda d: d.minute, "second": lambda d: d.second, "time offset": offset_of, "timezone": zone_name,
}  # fmt: skip
_PROPERTIES: Final[Mapping[str, Mapping[str, Callable[[Any], Any]]]] = {
    "date": _DAY,
    "time": _CLOCK,
    "date and time": {**_DAY, **_CLOCK},
    "days duration": {
        "days": lambda d: _quotient(d, 86_400, None), "hours": lambda d: _quotient(d, 3_600, 24),
        "minutes": lambda d: _quotient(d, 60, 60), "seconds": lambda d: _quotient(d, 1, 60),
    },
    "months duration": {
        "years": lambda d: abs(d.months) // 12 * (-1 if d.months < 0 else 1),
        "months": lambda d: abs(d.months) % 12 * (-1 if d.months < 0 else 1),
    },
    "range": {
        "start": lambda r: r.low, "end": lambda r: r.high, "start included": lambda r: r.low_included,
        "end included": lambda r: r.high_included,
    },
}  # fmt: skip


def compare(operator: str, left: Any, right: Any, node: t.Node, run: Run) -> Any:
    """`left operator right`. Equality is total; order with a null is null."""
    if isinstance(left, list | tuple | Mapping):
        run.spend(weight(left, STEPS_MAX))
    if operator in ("=", "!="):
        left, right = _alike(left, right)
        same = equal(left, right)
        if same is None:
            return run.null("NOT_COMPARABLE", node, left, right)
        return same if operator == "=" else not same
    if left is None or right is None:
        return None
    first, second = (right, left) if operator in (">", "<=") else (left, right)
    below = less(first, second)
    if below is None:
        return run.null("NOT_COMPARABLE", node, left, right)
    return below if operator in ("<", ">") else not below


def _alike(left: Any, right: Any) -> tuple[Any, Any]:
    """A list of one element equals that element (DMN 1.5 §10.3.2.9.4)."""
    if isinstance(left, list) and len(left) == 1 and not isinstance(right, list | None):
        return left[0], right
    if isinstance(right, list) and len(right) == 1 and not isinstance(left, list | None):
        return left, right[0]
    return left, right


def passes(value: Any, operator: str, test: Any, node: t.Node, run: Run) -> Any:
    """Does a value pass one unary test? The operator "?" is a condition over the value."""
    if operator == "?":
        return test if isinstance(test, bool | None) else run.null("INVALID_TYPE", node, test)
    if operator != "in":
        return compare(operator, value, test, node, run)
    if test is None and isinstance(node, t.Interval):
        return None
    if isinstance(test, Range):
        if value is None:
            return None
        if isinstance(value, list | tuple) and len(value) == 1:
            value = value[0]
        inside = in_range(value, test)
        return run.null("NOT_COMPARABLE", node, value, test) if inside is None else inside
    if isinstance(test, list | tuple):
        run.spend(len(test))
        if isinstance(value, list | tuple):
            return equal(value, test) is True or any(equal(value, item) is True for item in test)
        return any(_matches(value, item) for item in test)
    return compare("=", value, test, node, run)


def _matches(value: Any, item: Any) -> bool:
    return (
        in_range(value, item) if isinstance(item, Range) and not isinstance(value, Range) else equal(value, item)
    ) is True


def element_scope(item: Any, scope: Any) -> Inner:
    """What the condition of a filter sees: `item`, and the entries of a context."""
    if not isinstance(item, Mapping):
        return Inner({"item": item}, scope)
    return Inner(item, scope) if "item" in item else Inner(Inner(item, {"item": item}), scope)  # type: ignore[arg-type]


def at_position(items: Sequence[Any], position: Decimal) -> Any:
    """The element at a position, from 1 or backwards from -1; null where there is none."""
    at = int(position)
    at = at - 1 if at > 0 else len(items) + at
    return plain(items[at]) if at != len(items) and 0 <= at < len(items) else None


def steps(source: Any, node: t.Node, run: Run) -> Sequence[Any] | None:
    """What a binding runs over: a list, a value alone, or the steps of a range of whole numbers or dates."""
    if isinstance(source, list | tuple):
        return source
    if not isinstance(source, Range):
        return None if source is None else [source]
    low, high = source.low, source.high
    dates = kind_of(low) == kind_of(high) == "date"
    whole = isinstance(low, Decimal) and isinstance(high, Decimal) and low == low.to_integral_value() == low
    if not dates and not (whole and high == high.to_integral_value()):
        run.null("INVALID_TYPE", node, low, high)
        return None
    first, last = (low.toordinal(), high.toordinal()) if dates else (int(low), int(high))
    step = 1 if last >= first else -1
    if not source.low_included:
        first += step
    if not source.high_included:
        last -= step
    if abs(last - first) > LIST_MAX:
        run.spend(run.steps + 1)
    found = range(first, last + step, step)
    return [date.fromordinal(n) for n in found] if dates else [Decimal(n) for n in found]
