"""Types of the rule language: what the checker knows of a value before there is one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from engine.rules.known import Known


@dataclass(frozen=True, slots=True)
class Type:
    """A scalar type, a list or range `of` something, a context with `fields`, or a function from `parameters` to `of`. Contexts
    compare by identity: their fields may be a lazy mapping, since references make cyclic types, and are never walked eagerly.
    `known` is what always holds of the fields of a context (None: nothing is known)."""

    name: str
    of: "Type | None" = None
    fields: "Mapping[str, Type] | None" = field(default=None, compare=False, repr=False)
    parameters: "tuple[Type, ...]" = ()
    known: "Known | None" = field(default=None, compare=False, repr=False)

    @property
    def is_list(self) -> bool:
        """Is it a list?"""
        return self.name == "list"

    @property
    def is_context(self) -> bool:
        """Is it a context (a record, a line, a reference)?"""
        return self.name == "context"

    @property
    def is_range(self) -> bool:
        """Is it a range?"""
        return self.name == "range"

    def __str__(self) -> str:
        return f"{self.name}<{self.of}>" if self.of is not None and self.name in ("list", "range") else self.name


NUMBER: Final = Type("number")
TEXT: Final = Type("text")
BOOLEAN: Final = Type("boolean")
DATE: Final = Type("date")
TIME: Final = Type("time")
DATETIME: Final = Type("date and time")
DURATION: Final = Type("days duration")
MONTHS: Final = Type("months duration")
NULL: Final = Type("null")
ANY: Final = Type("any")
ORDERED: Final = (NUMBER, TEXT, DATE, TIME, DATETIME, DURATION, MONTHS)
SPACED_TYPES: Final = ("days and time duration", "years and months duration", "date and time")
WRITTEN: Final[Mapping[str, Type]] = {
    "number": NUMBER, "string": TEXT, "text": TEXT, "boolean": BOOLEAN, "date": DATE, "time": TIME, "date and time": DATETIME,
    "days and time duration": DURATION, "years and months duration": MONTHS, "Any": ANY, "Null": NULL,
}  # fmt: skip
"""Type names as expressions write them (DMN 1.5 §10.3.2.2), `text` besides."""

DATE_PARTS: Final = ("year", "month", "day", "weekday")
TIME_PARTS: Final = ("hour", "minute", "second")
PROPERTIES: Final[Mapping[Type, Mapping[str, Type]]] = {
    DATE: dict.fromkeys(DATE_PARTS, NUMBER),
    DATETIME: {**dict.fromkeys((*DATE_PARTS, *TIME_PARTS), NUMBER), "time offset": DURATION, "timezone": TEXT},
    TIME: {**dict.fromkeys(TIME_PARTS, NUMBER), "time offset": DURATION, "timezone": TEXT},
    DURATION: dict.fromkeys(("days", "hours", "minutes", "seconds"), NUMBER),
    MONTHS: dict.fromkeys(("years", "months"), NUMBER),
}
"""What a path step gives of a value that is no context (DMN 1.5 table 68)."""


def list_of(of: Type) -> Type:
    """The type of lists of `of`."""
    return Type("list", of)


def range_of(of: Type) -> Type:
    """The type of ranges of `of`."""
    return Type("range", of)


def context_of(fields: Mapping[str, Type], known: Known | None = None) -> Type:
    """The type of contexts with these fields (the mapping may be lazy), and what always holds of them."""
    return Type("context", None, fields, known=known)


def function_of(parameters: tuple[Type, ...], result: Type) -> Type:
    """The type of functions."""
    return Type("function", result, None, parameters)


CONTEXT: Final = Type("context")
FUNCTION: Final = Type("function")
RANGE: Final = Type("range")
LIST: Final = list_of(ANY)

ListOf = list_of
ContextOf = context_of


def fits(found: Type, wanted: Type) -> bool:
    """May a value of type `found` stand where `wanted` is asked?"""
    if ANY in (found, wanted) or found == NULL:
        return True
    if found.name == wanted.name and found.name in ("list", "range"):
        return fits(found.of or ANY, wanted.of or ANY)
    if found.name == wanted.name and found.name in ("context", "function"):
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
    if left.name == right.name and left.name in ("list", "range"):
        inner = common(left.of or ANY, right.of or ANY)
        return Type(left.name, inner) if inner else None
    return None
