"""Gates: expressions whose answer decides. A null that is born of an error stops with a problem; it is never taken for an answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from engine.forms import problems
from engine.forms.definition import Check, Field
from engine.forms.kinds import BUILT_IN
from engine.forms.scopes import Planning, actor_value
from engine.names import Text
from engine.problems import Problem
from engine.rules import Checked


@dataclass(slots=True)
class Gates:
    """Works out expressions of a record under way and notes what cannot be worked out."""

    planning: Planning
    found: list[Problem]

    def value(self, f: Field, expression: Checked, scope: Mapping[str, Any], place: str) -> Any:
        """A default or computed value, as the field can hold it."""
        result = self._evaluate(expression, scope, f.label, place)
        if result is None:
            return None
        if f.target is not None:
            return UUID(str(result["id"] if isinstance(result, Mapping) else result))
        value = BUILT_IN[f.kind].compute(f, result)
        if isinstance(value, Problem):
            self.found.append(Problem(value.code, place, {"field": f.label, **value.params}, ways=value.ways))
            return None
        return value

    def holds(self, label: Text, condition: bool | Checked, scope: Mapping[str, Any], place: str) -> bool:
        """Is a condition true? (null without a diagnostic counts as not)"""
        if isinstance(condition, bool):
            return condition
        return self._evaluate(condition, scope, label, place) is True

    def passes(self, c: Check, scope: Mapping[str, Any], place: str) -> bool:
        """Does a check hold? A comparison with an empty field (null) does not fail: `required` is for that."""
        return self._evaluate(c.that, scope, c.message or {"en": c.name}, place) is not False

    def _evaluate(self, expression: Checked, scope: Mapping[str, Any], label: Text, place: str) -> Any:
        if "actor" not in scope:
            scope = {**scope, "actor": actor_value(self.planning.actor)}
        result = expression.evaluate(scope, self.planning.moment)
        if result.warnings:
            may_design = self.planning.actor.is_admin
            self.found.append(problems.expression_failed(label, result.warnings[0], place, may_design=may_design))
            return None
        return result.value
