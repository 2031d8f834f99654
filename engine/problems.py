"""Problems: what is wrong, where, and what to do about it, as values.

A function that can fail for a reason a person can mend returns its result or `Problems`; it never raises for it.
Exceptions are for bugs and lost connections. The wording of every code lives in `engine/texts`, in each language;
every code has a heading in `engine/PROBLEMS.md`. On the wire a problem is an RFC 9457 problem detail.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Final

POINTERS_KEPT: Final = 4_096
"""JSON pointers that are remembered: forms are the same again and again."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong.

    `code` is `package.fact` and never re-used. `place` is a JSON pointer (RFC 6901) into the input ("" is all of it,
    "/lines/3/quantity" one cell). `params` fill the slots of the wording. `file` names the pack file, if any.
    `text` is wording written by a business admin ({language: text}); it wins over the catalogue.
    `ways` are machine-readable ways out (names of actions, nearest names), most useful first.
    """

    code: str
    place: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    file: str = ""
    text: Mapping[str, str] | None = None
    ways: tuple[str, ...] = ()

    def under(self, prefix: str) -> "Problem":
        """The same problem seen from a containing document: `prefix` ("/lines/3") is put before its place."""
        return replace(self, place=prefix + self.place)

    def in_file(self, file: str) -> "Problem":
        """The same problem, told to be in a pack file."""
        return replace(self, file=file)


@dataclass(frozen=True, slots=True)
class Problems:
    """One or more problems, in the order a person should read them. Never empty."""

    items: tuple[Problem, ...]

    def __post_init__(self) -> None:
        assert self.items, "Problems must hold at least one problem"

    def __iter__(self) -> Iterator[Problem]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    @property
    def first(self) -> Problem:
        """The problem to show when there is room for one."""
        return self.items[0]

    def under(self, prefix: str) -> "Problems":
        """All of them seen from a containing document."""
        return Problems(tuple(p.under(prefix) for p in self.items))


def one(code: str, place: str = "", **params: Any) -> Problems:
    """A single problem as `Problems`; for the functions in each package's `problems.py`."""
    return Problems((Problem(code, place, params),))


def collect(*parts: "Iterable[Problem] | Problem | None") -> Problems | None:
    """All problems of several sources in order, or None when there are none."""
    found: list[Problem] = []
    for part in parts:
        if isinstance(part, Problem):
            found.append(part)
        elif part is not None:
            found.extend(part)
    return Problems(tuple(found)) if found else None


@lru_cache(POINTERS_KEPT)
def pointer(*steps: str | int) -> str:
    """A JSON pointer from its steps, escaped as RFC 6901 asks."""
    return "".join("/" + str(s).replace("~", "~0").replace("/", "~1") for s in steps)
