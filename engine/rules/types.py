"""Types of the rule language: what the checker knows of a value before there is one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True)
class Type:
    """A scalar type, a list `of` something, or a context with `fields`. Contexts compare by identity: their fields may be a lazy
    mapping, since references make cyclic types, and are never walked eagerly."""

    name: str
    of: "Type | None" = None
    fields: "Mapping[str, Type] | None" = field(default=None, compare=False, repr=False)

    @property
    def is_list(self) -> bool:
        """Is it a list?"""
        return self.name == "list"

    @property
    def is_context(self) -> bool:
        """Is it a context (a record, a line, a reference)?"""
        return self.name == "context"


NUMBER: Final = Type("number")
TEXT: Final = Type("text")
BOOLEAN: Final = Type("boolean")
DATE: Final = Type("date")
DATETIME: Final = Type("date and time")
DURATION: Final = Type("days duration")
MONTHS: Final = Type("months duration")
NULL: Final = Type("null")
ANY: Final = Type("any")
ORDERED: Final = (NUMBER, TEXT, DATE, DATETIME, DURATION, MONTHS)
DATE_PARTS: Final = ("year", "month", "day", "weekday")
TIME_PARTS: Final = ("hour", "minute", "second")


def list_of(of: Type) -> Type:
    """The type of lists of `of`."""
    return Type("list", of)


def range_of(of: Type) -> Type:
    """The type of ranges of `of`."""
    return Type("range", of)


def context_of(fields: Mapping[str, Type]) -> Type:
    """The type of contexts with these fields (the mapping may be lazy)."""
    return Type("context", None, fields)


ListOf = list_of
ContextOf = context_of


def fits(found: Type, wanted: Type) -> bool:
    """May a value of type `found` stand where `wanted` is asked?"""
    if ANY in (found, wanted) or found == NULL:
        return True
    if found.is_list and wanted.is_list:
        return fits(found.of or ANY, wanted.of or ANY)
    if found.is_context and wanted.is_context:
        return True
    return found == wanted


def common(left: Type, right: Type) -> Type | None:
    """The type of a value that may be either, or None when they have nothing in common."""
    if left == NULL:
        return right
    if right == NULL or left == right:
        return left
    if ANY in (left, right):
        return ANY
    if left.is_list and right.is_list:
        inner = common(left.of or ANY, right.of or ANY)
        return list_of(inner) if inner else None
    return None
