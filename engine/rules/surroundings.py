"""Names around a node while the checker walks: the Scope, then what filters, loops, contexts and functions put in front of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.rules.scope import Scope
from engine.rules.types import Type

ReadPath = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What a node is: its type, and the path it reads when it is one."""

    type: Type
    path: ReadPath | None = None


@dataclass(frozen=True, slots=True)
class Names:
    """Names around a node; `path` is where the innermost context comes from, None when it was made up on the way."""

    scope: Scope | None
    inner: Mapping[str, Type] = field(default_factory=dict)
    path: ReadPath | None = None
    outer: "Names | None" = None

    def find(self, name: str) -> Found | None:
        """What a name means."""
        if self.scope is not None:
            found = self.scope.type_of(name)
            return None if found is None else Found(found, (name,))
        kind = self.inner.get(name)
        if kind is not None:
            return Found(kind, None if self.path is None else (*self.path, name) if name != "item" else self.path)
        return self.outer.find(name) if self.outer is not None else None

    def known(self) -> list[str]:
        """All names."""
        own = list(self.scope.known()) if self.scope is not None else list(self.inner)
        return own + (self.outer.known() if self.outer is not None else [])


class Bound(Names):
    """A loop variable: its name stands for an element of the list itself."""

    __slots__ = ()

    def find(self, name: str) -> Found | None:
        """What a name means."""
        kind = self.inner.get(name)
        if kind is not None:
            return Found(kind, self.path)
        return self.outer.find(name) if self.outer is not None else None
