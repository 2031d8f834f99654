"""Functions of lists and contexts (DMN 1.5 §10.3.4.4, .6, .10). An aggregate over a list with a null in it is null, as the standard says."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import cmp_to_key
from typing import Any, Final

from engine.rules.comparing import equal, identity, less
from engine.rules.functions.kinds import built_in
from engine.rules.limits import LIST_MAX
from engine.rules.runtime import Fault, FunctionValue
from engine.rules.types import ANY, BOOLEAN, CONTEXT, NUMBER, TEXT, Type, context_of, list_of
from engine.values import EXACT


def _whole(items: Sequence[Any]) -> bool:
    return all(i is not None for i in items)


def _sum(items: Sequence[Any]) -> Decimal | None:
    if not items or not _whole(items):
        return None
    total = items[0]
    for number in items[1:]:
        total = EXACT.add(total, number)
    return EXACT.plus(total)


def _product(items: Sequence[Any]) -> Decimal | None:
    if not items or not _whole(items):
        return None
    total = Decimal(1)
    for number in items:
        total = EXACT.multiply(total, number)
    return total


def _mean(items: Sequence[Any]) -> Decimal | None:
    total = _sum(items)
    return None if total is None else EXACT.divide(total, Decimal(len(items)))


def _median(items: Sequence[Any]) -> Decimal | None:
    if not items or not _whole(items):
        return None
    ordered, half = sorted(items), len(items) // 2
    if len(items) % 2:
        return Decimal(ordered[half])
    return EXACT.divide(EXACT.add(ordered[half - 1], ordered[half]), Decimal(2))


def _stddev(items: Sequence[Any]) -> Decimal | None:
    mean = _mean(items)
    if mean is None or len(items) < 2:
        return None
    total = Decimal(0)
    for number in items:
        gap = EXACT.subtract(number, mean)
        total = EXACT.add(total, EXACT.multiply(gap, gap))
    return EXACT.sqrt(EXACT.divide(total, Decimal(len(items) - 1)))


def _mode(items: Sequence[Any]) -> list[Decimal] | None:
    if not _whole(items):
        return None
    counts = Counter(items)
    most = max(counts.values(), default=0)
    return sorted(number for number, count in counts.items() if count == most)


def _extreme(is_better: Callable[[Any, Any], bool | None]) -> Callable[[Sequence[Any]], Any]:
    def find(items: Sequence[Any]) -> Any:
        if not _whole(items):
            return None
        best = items[0] if items else None
        for item in items[1:]:
            better = is_better(item, best)
            if better is None:
                raise Fault("NOT_COMPARABLE")
            if better:
                best = item
        if len(items) == 1 and is_better(best, best) is None:
            raise Fault("NOT_COMPARABLE")
        return best

    return find


def _decided(decides: bool) -> Callable[[Sequence[Any]], bool | None]:
    """all() and any(): three-valued; something that is no boolean is an error unless the answer is decided."""

    def find(items: Sequence[Any]) -> bool | None:
        if any(i is decides for i in items):
            return decides
        if any(i is not None and not isinstance(i, bool) for i in items):
            raise Fault("INVALID_TYPE")
        return None if any(i is None for i in items) else not decides

    return find


def _unique(items: Sequence[Any]) -> list[Any]:
    seen: set[Any] = set()
    kept: list[Any] = []
    for item in items:
        key = identity(item)
        if key not in seen:
            seen.add(key)
            kept.append(item)
    return kept


def _index_of(items: Sequence[Any], wanted: Any) -> list[Decimal]:
    return [Decimal(at) for at, item in enumerate(items, 1) if equal(item, wanted) is True]


def _flatten(items: Sequence[Any]) -> list[Any]:
    flat: list[Any] = []
    for item in items:
        flat += _flatten(item) if isinstance(item, list | tuple) else [item]
    return flat


def _concatenate(*lists: Sequence[Any]) -> list[Any]:
    if sum(len(items) for items in lists) > LIST_MAX:
        raise Fault("LIMIT_EXCEEDED")
    return [item for items in lists for item in items]


def _at(items: Sequence[Any], position: Decimal, *, end: bool = False) -> int | None:
    """The index of a position from 1, or from -1 backwards; `end`: one past the last is a place too."""
    whole = int(position)
    index = whole - 1 if whole > 0 else len(items) + whole
    return index if whole != 0 and 0 <= index < len(items) + end else None


def _sublist(items: Sequence[Any], start: Decimal, length: Decimal | None = None) -> list[Any] | None:
    begin = _at(items, start)
    if begin is None or (length is not None and (length < 1 or begin + int(length) > len(items))):
        return None
    return list(items[begin:] if length is None else items[begin : begin + int(length)])


def _insert(items: Sequence[Any], position: Decimal, new: Any) -> list[Any] | None:
    index = _at(items, position, end=True)
    return None if index is None else [*items[:index], new, *items[index:]]


def _remove(items: Sequence[Any], position: Decimal) -> list[Any] | None:
    index = _at(items, position)
    return None if index is None else [*items[:index], *items[index + 1 :]]


def _list_replace(items: Sequence[Any], where: Decimal | FunctionValue, new: Any) -> list[Any] | None:
    if isinstance(where, FunctionValue):
        answers = [_asked(where, item, new) for item in items]
        return [new if answer else item for item, answer in zip(items, answers, strict=True)]
    index = _at(items, where)
    return None if index is None else [*items[:index], new, *items[index + 1 :]]


def _asked(function: FunctionValue, *given: Any) -> bool:
    if len(function.parameters) != len(given):
        raise Fault("FUNCTION_INVOCATION_FAILURE")
    answer = function.call(given)
    if not isinstance(answer, bool):
        raise Fault("INVALID_TYPE")
    return answer


def _sort(items: Sequence[Any], precedes: FunctionValue | None = None) -> list[Any]:
    if precedes is None:

        def order(a: Any, b: Any) -> int:
            below, above = less(a, b), less(b, a)
            if below is None or above is None:
                raise Fault("NOT_COMPARABLE")
            return -1 if below else int(above)
    else:

        def order(a: Any, b: Any) -> int:
            return -1 if _asked(precedes, a, b) else int(_asked(precedes, b, a))

    return sorted(items, key=cmp_to_key(order))


def _get(given: Any, key: str | Sequence[str]) -> Any:
    """The entry of a key, or what stands at the end of a path of keys; null where there is none."""
    if isinstance(key, str):
        return given.get(key)
    for step in key:
        given = given.get(step) if isinstance(given, Mapping) else None
    return given if key else None


def _entries(given: Mapping[str, Any]) -> list[Any]:
    return [{"key": key, "value": value} for key, value in given.items()]


def _context(entries: Sequence[Any]) -> dict[str, Any] | None:
    made: dict[str, Any] = {}
    for entry in entries:
        key = entry.get("key") if isinstance(entry, Mapping) else None
        if not isinstance(key, str) or key in made or "value" not in entry:
            return None
        made[key] = entry["value"]
    return made


def _put(given: Mapping[str, Any], key: Any, value: Any) -> dict[str, Any] | None:
    keys = key if isinstance(key, list | tuple) else [key]
    if not keys or not isinstance(keys[0], str):
        return None
    if len(keys) == 1:
        return {**given, keys[0]: value}
    inner = given.get(keys[0])
    below = _put(inner, keys[1:], value) if isinstance(inner, Mapping) else None
    return None if below is None else {**given, keys[0]: below}


def _merge(contexts: Sequence[Any]) -> dict[str, Any] | None:
    made: dict[str, Any] = {}
    for one in contexts:
        if not isinstance(one, Mapping):
            return None
        made.update(one)
    return made


def _element(types: tuple[Type, ...]) -> Type:
    if not types:
        return ANY
    return (types[0].of or ANY) if types[0].is_list else types[0]


def _same_list(types: tuple[Type, ...]) -> Type:
    return types[0] if types and types[0].is_list else list_of(ANY)


_LIST: Final = "list: list"
_NUMBERS: Final = "list: list<number>"
_ENTRY: Final = context_of({"key": TEXT, "value": ANY})

FUNCTIONS: Final = (
    built_in("count", _LIST, NUMBER, lambda items: Decimal(len(items))),
    built_in("sum", _NUMBERS, NUMBER, _sum, spreads=True, may_be_null=True),
    built_in("product", _NUMBERS, NUMBER, _product, spreads=True, may_be_null=True),
    built_in("mean", _NUMBERS, NUMBER, _mean, spreads=True, may_be_null=True),
    built_in("median", _NUMBERS, NUMBER, _median, spreads=True, may_be_null=True),
    built_in("stddev", _NUMBERS, NUMBER, _stddev, spreads=True, may_be_null=True),
    built_in("mode", _NUMBERS, list_of(NUMBER), _mode, spreads=True, may_be_null=True),
    built_in("min", _LIST, _element, _extreme(lambda a, b: less(a, b)), spreads=True, may_be_null=True),
    built_in("max", _LIST, _element, _extreme(lambda a, b: less(b, a)), spreads=True, may_be_null=True),
    built_in("all", _LIST, BOOLEAN, _decided(False), spreads=True, may_be_null=True),
    built_in("any", _LIST, BOOLEAN, _decided(True), spreads=True, may_be_null=True),
    built_in("list contains", "list: list, element: any?", BOOLEAN, lambda items, x: any(equal(i, x) is True for i in items), sql=True),
    built_in("append", "list: list, ...item: any?", _same_list, lambda items, *more: [*items, *more]),
    built_in("concatenate", "...list: list", _same_list, _concatenate),
    built_in("union", "...list: list", _same_list, lambda *lists: _unique(_concatenate(*lists))),
    built_in("distinct values", _LIST, _same_list, _unique),
    built_in("flatten", _LIST, list_of(ANY), _flatten),
    built_in("index of", "list: list, match: any?", list_of(NUMBER), _index_of),
    built_in("reverse", _LIST, _same_list, lambda items: list(reversed(items))),
    built_in("sublist", "list: list, start position: number, [length: number]", _same_list, _sublist),
    built_in("insert before", "list: list, position: number, newItem: any?", _same_list, _insert),
    built_in("remove", "list: list, position: number", _same_list, _remove),
    built_in(
        "list replace",
        ("list: list, position: number, newItem: any?", "list: list, match: function, newItem: any?"),
        _same_list, _list_replace,
    ),
    built_in("sort", "list: list, [precedes: function]", _same_list, _sort),
    built_in("get value", ("m: context, key: text", "m: context, key: list<text>"), ANY, _get, may_be_null=True),
    built_in("get entries", "m: context", list_of(_ENTRY), _entries),
    built_in("context", "entries: list<context>", CONTEXT, _context),
    built_in("context put", ("context: context, key: text, value: any?", "context: context, keys: list, value: any?"), CONTEXT, _put),
    built_in("context merge", "contexts: list<context>", CONTEXT, _merge),
)  # fmt: skip
