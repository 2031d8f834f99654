"""Functions of lists (DMN 1.5 §10.3.4.4). An aggregate over a list with a null in it is null, as the standard says."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, Final

from engine.rules.comparing import equal, less
from engine.rules.functions.kinds import Function
from engine.rules.types import ANY, BOOLEAN, NUMBER, Type, list_of
from engine.values import EXACT


def _numbers(items: Sequence[Any]) -> list[Decimal] | None:
    return list(items) if items and all(isinstance(i, Decimal) for i in items) else None


def _sum(items: Sequence[Any]) -> Decimal | None:
    numbers = _numbers(items)
    if numbers is None:
        return None
    total = Decimal(0)
    for number in numbers:
        total = EXACT.add(total, number)
    return total


def _mean(items: Sequence[Any]) -> Decimal | None:
    total = _sum(items)
    return None if total is None else EXACT.divide(total, Decimal(len(items)))


def _extreme(is_better: Callable[[Any, Any], bool | None]) -> Callable[[Sequence[Any]], Any]:
    def find(items: Sequence[Any]) -> Any:
        best = items[0] if items else None
        for item in items[1:]:
            better = is_better(item, best)
            if better is None:
                return None
            if better:
                best = item
        return best

    return find


def _all(items: Sequence[Any]) -> bool | None:
    if any(i is False for i in items):
        return False
    return True if all(i is True for i in items) else None


def _any(items: Sequence[Any]) -> bool | None:
    if any(i is True for i in items):
        return True
    return False if all(i is False for i in items) else None


def _distinct(items: Sequence[Any]) -> list[Any]:
    kept: list[Any] = []
    for item in items:
        if not any(equal(item, k) is True for k in kept):
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
    return [item for items in lists for item in items]


def _element(types: tuple[Type, ...]) -> Type:
    return (types[0].of or ANY) if types and types[0].is_list else ANY


def _same_list(types: tuple[Type, ...]) -> Type:
    return types[0] if types and types[0].is_list else list_of(ANY)


_ITEMS: Final = list_of(ANY)

FUNCTIONS: Final = (
    Function("count", (_ITEMS,), NUMBER, lambda items: Decimal(len(items))),
    Function("sum", (list_of(NUMBER),), NUMBER, _sum),
    Function("mean", (list_of(NUMBER),), NUMBER, _mean),
    Function("min", (_ITEMS,), _element, _extreme(lambda a, b: less(a, b))),
    Function("max", (_ITEMS,), _element, _extreme(lambda a, b: less(b, a))),
    Function("all", (list_of(BOOLEAN),), BOOLEAN, _all),
    Function("any", (list_of(BOOLEAN),), BOOLEAN, _any),
    Function(
        "list contains",
        (_ITEMS, ANY),
        BOOLEAN,
        lambda items, x: any(equal(i, x) is True for i in items),
        takes_null=True,
        sql=True,
    ),
    Function("append", (_ITEMS, ANY), _same_list, lambda items, *more: [*items, *more], repeats=True, takes_null=True),
    Function("concatenate", (_ITEMS,), _same_list, _concatenate, repeats=True),
    Function("distinct values", (_ITEMS,), _same_list, _distinct),
    Function("flatten", (_ITEMS,), list_of(ANY), _flatten),
    Function("index of", (_ITEMS, ANY), list_of(NUMBER), _index_of, takes_null=True),
    Function("reverse", (_ITEMS,), _same_list, lambda items: list(reversed(items))),
)
