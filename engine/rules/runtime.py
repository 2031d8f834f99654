"""What every evaluation carries: its moment, its budget, and a diagnostic for each null that was born of an error.

The names of the diagnostics are those that FEEL engines share (feelin, feel-scala).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from decimal import Decimal
from time import monotonic
from typing import Any, Final
from uuid import UUID

from engine.clock import Moment
from engine.rules import tree as t
from engine.rules.comparing import weight
from engine.rules.limits import EVALUATION_SECONDS, STEPS_MAX, VALUES_MAX
from engine.rules.showing import show_inside
from engine.rules.types import Type
from engine.rules.writing import write
from engine.values import Money, Quantity

DIAGNOSTICS_MAX: Final = 20
"""Most diagnostics kept of one evaluation; the first ones tell the cause."""
STEPS_BETWEEN_LOOKS: Final = 50
"""Steps between two looks at the clock; so few, since one step may be a regular expression."""
SHOWN_MAX: Final = 80
"""Characters of a value that a diagnostic shows."""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """Why a null came about: a code, the sub-expression and where it stands, and the values it met, as text."""

    code: str
    at: t.Position
    expression: str = ""
    values: tuple[str, ...] = ()

    def told(self) -> dict[str, str]:
        """What a problem tells of it to those who may design."""
        return {"reason": self.code, "part": self.expression, "values": ", ".join(self.values)}


class Fault(Exception):
    """An operation that has no answer for these values; never leaves the evaluator."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class OutOfSteps(Exception):
    """The evaluation is over its budget; never leaves `Run.result`."""


@dataclass(frozen=True, slots=True, eq=False)
class FunctionValue:
    """A function as a value: a built-in one, or one that the expression made."""

    parameters: tuple[tuple[str, Type | t.TypeName | None], ...]
    call: Callable[[Sequence[Any]], Any] = field(repr=False)
    name: str = ""
    over: "Callable[[Any, Run], FunctionValue] | None" = field(default=None, repr=False)
    """The same function in another evaluation: names that its own surroundings lack are those of a scope, its own among them."""

    def __call__(self, *arguments: Any) -> Any:
        """Its value for arguments in their order."""
        return self.call(arguments)


class Run:
    """One evaluation. `zone` is what dates and times without a zone are taken to be in; None leaves them local."""

    __slots__ = ("depth", "look_at", "moment", "steps", "trace", "until", "warnings", "zone")

    def __init__(self, moment: Moment, zone: tzinfo | None = None) -> None:
        self.moment = moment
        self.zone = zone
        self.steps, self.look_at = STEPS_MAX, STEPS_MAX - STEPS_BETWEEN_LOOKS
        self.until = 0.0
        self.depth = 0
        self.warnings: list[Diagnostic] = []
        self.trace: dict[int, list[Any]] | None = None

    def result(self, compiled: Callable[[Any, "Run"], Any], values: Mapping[str, Any]) -> Any:
        """The value, or None with LIMIT_EXCEEDED when the budget ran out."""
        try:
            found = compiled(values, self)
            return found if weight(found, VALUES_MAX) <= VALUES_MAX else self.note("LIMIT_EXCEEDED")
        except (OutOfSteps, RecursionError, MemoryError):
            return self.note("LIMIT_EXCEEDED")

    def again(self, compiled: Callable[[Any, "Run"], Any], values: Mapping[str, Any]) -> Any:
        """The value from the start, another way: what the first try noted and spent is forgotten."""
        self.warnings.clear()
        self.steps, self.look_at, self.until, self.depth = STEPS_MAX, STEPS_MAX - STEPS_BETWEEN_LOOKS, 0.0, 0
        return self.result(compiled, values)

    def note(self, code: str) -> None:
        """A diagnostic of the whole expression."""
        self.warnings.append(Diagnostic(code, (1, 1)))

    def null(self, code: str, node: t.Node, *values: Any) -> Any:
        """Null, with its diagnostic."""
        if len(self.warnings) < DIAGNOSTICS_MAX:
            shown = tuple(show_inside(v)[:SHOWN_MAX] if weight(v, 1_000) <= 1_000 else "…" for v in values)
            self.warnings.append(Diagnostic(code, node.at, write(node)[: 2 * SHOWN_MAX], shown))
        return None

    def spend(self, steps: int = 1) -> None:
        """Take steps off the budget; now and then look at the clock, too."""
        self.steps -= steps
        if self.steps < self.look_at:
            self._look_at_clock()

    def _look_at_clock(self) -> None:
        now = monotonic()
        self.until = self.until or now + EVALUATION_SECONDS
        if self.steps < 0 or now > self.until:
            raise OutOfSteps
        self.look_at = max(self.steps - STEPS_BETWEEN_LOOKS, 0)


class Inner:
    """The names of an element in front of the names around it."""

    __slots__ = ("element", "outer")

    def __init__(self, element: Mapping[str, Any], outer: Any) -> None:
        self.element = element
        self.outer = outer

    def __contains__(self, name: object) -> bool:
        return name in self.element or name in self.outer

    def __getitem__(self, name: str) -> Any:
        return self.element[name] if name in self.element else self.outer[name]


def plain(value: Any) -> Any:
    """A value of a record as expressions see it: quantities and money by their base amount, ids as text."""
    if value is None or type(value) is str:  # most are
        return value
    if isinstance(value, Quantity | Money):
        return value.base
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    return value
