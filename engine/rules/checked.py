"""The checked expression: the one input of all three targets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from engine.clock import Moment
from engine.rules import tree as t
from engine.rules.runtime import Diagnostic, Run
from engine.rules.to_python import Compiled, to_python
from engine.rules.types import Type


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What an expression came to, and a diagnostic for each null that was born of an error."""

    value: Any
    warnings: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Checked:
    """An expression that passed the checker. `reads` are the paths it depends on; `sql` says whether the database can work it out
    ("exact") or not ("no"); the digest names it in caches."""

    text: str
    tree: t.Node = field(repr=False)
    type: Type
    reads: frozenset[tuple[str, ...]]
    sql: str
    digest: str

    def evaluate(self, values: Mapping[str, Any], moment: Moment) -> Evaluation:
        """The value in a scope. Total: what cannot be worked out is None with a diagnostic."""
        run = Run(moment)
        value = run.result(_compiled(self.digest, _ByDigest(self.tree)), values)
        return Evaluation(value, tuple(run.warnings))


def is_true(evaluation: Evaluation) -> bool:
    """Is it boolean true, and nothing went wrong on the way? What every gate asks."""
    return evaluation.value is True and not evaluation.warnings


class _ByDigest:
    """Lets the cache key on the digest alone."""

    def __init__(self, tree: t.Node) -> None:
        self.tree = tree

    def __hash__(self) -> int:
        return 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByDigest)


@lru_cache(maxsize=20_000)
def _compiled(digest: str, tree: _ByDigest) -> Compiled:
    return to_python(tree.tree)
