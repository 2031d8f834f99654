"""RowFilter: which rows an actor may see. Made only by `access`, asked for by every statement that reads records."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, false, or_, true

from engine.clock import Moment
from engine.rules.checked import Checked, is_true
from engine.rules.to_sql import Dialect, Resolve, to_sql


@dataclass(frozen=True, slots=True)
class RowFilter:
    """Admits every row (`everything`), or those for which any of `expressions` is true; none admits nothing. `parameters` are the
    values known beforehand, {"actor": …}."""

    everything: bool = False
    expressions: tuple[Checked, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def condition(self, resolve: Resolve, *, dialect: Dialect, moment: Moment) -> ColumnElement[bool]:
        """The filter as a condition of a statement. That it can be one was checked when the pack was compiled."""
        if self.everything:
            return true()
        conditions: list[ColumnElement[bool]] = []
        for expression in self.expressions:
            found = to_sql(expression, resolve, dialect=dialect, moment=moment, parameters=self.parameters)
            if isinstance(found, ColumnElement):  # else its values now make an error of it, and an error admits nothing
                conditions.append(found)
        return or_(*conditions) if conditions else false()

    def admits(self, values: Callable[[], Mapping[str, Any]], moment: Moment) -> bool:
        """Does it admit one record? `values` gives its scope when it is needed."""
        if self.everything:
            return True
        scope = {**values(), **self.parameters}
        return any(is_true(expression.evaluate(scope, moment)) for expression in self.expressions)
