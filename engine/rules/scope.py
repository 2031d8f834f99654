"""Scope: the names an expression may use, and their types."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.rules.types import Type


@dataclass(frozen=True, eq=False, slots=True)
class Scope:
    """Names and types, innermost first; inner names hide outer ones."""

    names: Mapping[str, Type]
    outer: "Scope | None" = None

    def extended(self, names: Mapping[str, Type]) -> "Scope":
        """A scope inside this one."""
        return Scope(names, self)

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
