"""Valuation of a register: which measure is the value of which quantity, in what pools costs are kept, and by which method. Compiled from
JSON once; the arithmetic is in `costing`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.problems import Problem, pointer
from engine.registers import problems
from engine.registers.definition import Dimension, Measure, Valuation
from engine.registers.posting_rules import checked_or_noted
from engine.rules import NUMBER, TEXT, Checked, Scope, Type


@dataclass(frozen=True, slots=True)
class ValuationCompiler:
    """Compiles the valuation of one register; problems go to `found`."""

    dimensions: tuple[Dimension, ...]
    measures: tuple[Measure, ...]
    types: Mapping[str, Type]
    """What an expression sees of each dimension."""
    found: list[Problem]

    def compile(self, json: Mapping[str, Any]) -> Valuation | None:
        """The valuation, or None with its problems noted."""
        names = tuple(m.name for m in self.measures)
        quantity, value = (self._index(json[part], names, part) for part in ("quantity", "value"))
        of = self._pool(json["of"])
        lot = self._dimension(json["lot"], "lot") if "lot" in json else None
        if quantity is None or value is None or of is None:
            return None
        if self.measures[quantity].scale == self.measures[value].scale:
            self._note(problems.value_is_no_money(self.measures[value].name), "value")
        scope = Scope({self.dimensions[at].name: self.types[self.dimensions[at].name] for at in of})
        return Valuation(
            quantity,
            value,
            of,
            lot,
            self._expression(json, "method", scope, TEXT),
            self._expression(json, "standard", scope, NUMBER),
        )

    def _expression(self, json: Mapping[str, Any], part: str, scope: Scope, expects: Type) -> Checked | None:
        if part not in json:
            return None
        return checked_or_noted(self.found, json[part], scope, expects, ("valuation", part))

    def _pool(self, of: Sequence[str]) -> tuple[int, ...] | None:
        found = [self._dimension(name, "of", step) for step, name in enumerate(of)]
        known = [at for at in found if at is not None]
        return tuple(sorted(known)) if len(known) == len(found) else None

    def _dimension(self, name: str, *place: str | int) -> int | None:
        known = tuple(d.name for d in self.dimensions)
        if name in known:
            return known.index(name)
        self._note(problems.unknown_dimension(name, known), *place)
        return None

    def _index(self, name: str, names: tuple[str, ...], part: str) -> int | None:
        if name in names:
            return names.index(name)
        self._note(problems.unknown_measure(name, names), part)
        return None

    def _note(self, problem: Problem, *place: str | int) -> None:
        self.found.append(problem.under(pointer("valuation", *place)))
