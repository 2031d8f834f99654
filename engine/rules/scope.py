"""Scope: the names an expression may use, and their types."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.rules.known import Known, Marks
from engine.rules.types import Type


@dataclass(frozen=True, eq=False, slots=True)
class Scope:
    """Names and types, innermost first; inner names hide outer ones. `present` is what always holds of these names: which have a value,
    which numbers are never zero; None when nothing is known, and then the checker says nothing about null and zero."""

    names: Mapping[str, Type]
    outer: "Scope | None" = None
    present: Known | None = None

    def extended(self, names: Mapping[str, Type], present: Known | None = None) -> "Scope":
        """A scope inside this one."""
        return Scope(names, self, present)

    def marks_of(self, name: str) -> Marks | None:
        """What always holds of a name; None when nothing is known of it."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return None if scope.present is None else scope.present.get(name, frozenset())
            scope = scope.outer
        return None

    @property
    def is_known(self) -> bool:
        """Is anything known of any name?"""
        return self.present is not None or (self.outer is not None and self.outer.is_known)

    def type_of(self, name: str) -> Type | None:
        """The type of a name, or None when it means nothing here."""
        scope: Scope | None = self
        while scope is not None:
            found = scope.names.get(name)
            if found is not None:
                return found
            scope = scope.outer
        return None

    def known(self) -> Iterable[str]:
        """All names, for finding the nearest."""
        scope: Scope | None = self
        while scope is not None:
            yield from scope.names
            scope = scope.outer
