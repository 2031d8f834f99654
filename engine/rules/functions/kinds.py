"""What a built-in function is: one row of the table, one column a target."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine.rules.types import Type


@dataclass(frozen=True, slots=True)
class Function:
    """A built-in function.

    `parameters` are the types of its arguments; the last `optional` of them may be left out; `repeats` lets the last one come any
    number of times. `result` is a type, or a function of the argument types. `python` gets null-free, typed arguments
    (unless `takes_null`) and answers None when the arguments make no sense. `sql` names the database function family in
    to_sql.py, or None: not in SQL. The browser implements the same name in `designer/src/expressions`.
    """

    name: str
    parameters: tuple[Type, ...]
    result: "Type | Callable[[tuple[Type, ...]], Type]"
    python: Callable[..., Any]
    optional: int = 0
    repeats: bool = False
    takes_null: bool = False
    sql: bool = False

    @property
    def least(self) -> int:
        """Fewest arguments."""
        return len(self.parameters) - self.optional

    @property
    def most(self) -> int | None:
        """Most arguments, or None for any number."""
        return None if self.repeats else len(self.parameters)
