"""What a line says, worked out: one Use. All numbers are exact ratios until the leaves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from engine.clock import Moment
from engine.problems import Problems
from engine.rules import BOOLEAN, NUMBER, Checked, check
from engine.rules.types import Type
from engine.structures.definition import Structure

HUNDRED: Final = 100
FORMULAS_MAX: Final = 10_000
"""Most texts of lines that are kept checked at a time."""


@dataclass(frozen=True, slots=True)
class Use:
    """What one line says: `quantity` of its component per one of the parent. `fault` is the code of what could not be worked out.
    `share` is the part of the parent's value that a co-product takes along, 0 to 1. `group` and `rank` order alternatives."""

    quantity: Fraction = Fraction(0)
    starts: date | None = None
    ends: date | None = None
    is_phantom: bool = False
    is_output: bool = False
    share: Fraction = Fraction(0)
    group: str | None = None
    rank: Fraction = Fraction(0)
    fault: str | None = None

    def holds(self, on: date | None) -> bool:
        """Is it in force on a day? The last day counts. No day: always."""
        if on is None:
            return True
        return (self.starts is None or self.starts <= on) and (self.ends is None or on <= self.ends)


@dataclass(frozen=True, slots=True)
class LineValues:
    """A line: `scope` is what its expressions see (its fields, `record`, and the parameters), `exact` its quantity where that is a
    field with a unit, `divisor` what the header divides by; `formula` and `condition` are the texts written into it."""

    scope: Mapping[str, Any]
    exact: Fraction | None = None
    divisor: Fraction = Fraction(1)
    output: Fraction = Fraction(1)
    formula: str | None = None
    condition: str | None = None


class _Failed(Exception):
    """Carries the code of what could not be worked out; never leaves `use_of`."""


class Texts:
    """The formulas and conditions of lines, checked once each."""

    def __init__(self, structure: Structure) -> None:
        self._scope = structure.parameter_scope
        self._known: dict[tuple[str, Type], Checked | Problems] = {}

    def checked(self, text: str, kind: Type) -> Checked | Problems:
        """The expression, or what is wrong with it."""
        found = self._known.get((text, kind))
        if found is None:
            if len(self._known) >= FORMULAS_MAX:
                self._known.clear()
            found = self._known[text, kind] = check(text, self._scope, expects=kind)
        return found


def use_of(structure: Structure, line: LineValues, texts: Texts, moment: Moment) -> Use | None:
    """What the line says, with a `fault` when that cannot be worked out; None when it does not count: no quantity, or its condition
    does not hold."""
    try:
        return _use(structure, line, texts, moment)
    except _Failed as failed:
        return Use(fault=str(failed))


def _use(structure: Structure, line: LineValues, texts: Texts, moment: Moment) -> Use | None:
    rules, worker = structure.rules, _Worker(line.scope, moment)
    if rules.when is not None and worker.value(rules.when) is not True:
        return None
    if line.condition and worker.value(_text(texts, line.condition, BOOLEAN)) is not True:
        return None
    share = worker.number(rules.share)
    if line.formula:
        quantity = worker.number(_text(texts, line.formula, NUMBER))
        if quantity is None:
            raise _Failed("nothing")
        quantity /= line.divisor
    elif share is not None:
        quantity = share / HUNDRED
    else:
        found = line.exact if line.exact is not None else worker.number(rules.quantity)
        quantity = None if found is None else found / line.divisor
    if quantity is None:
        return None
    if quantity < 0:
        raise _Failed("below_zero")
    made = rules.co_product
    is_output = made is not None and worker.value(made.when) is True
    return Use(
        quantity * _more(structure, worker) / line.output,
        is_phantom=not is_output and rules.phantom is not None and worker.value(rules.phantom) is True,
        is_output=is_output,
        share=(worker.number(made.share) or Fraction(0)) / HUNDRED if made is not None and is_output else Fraction(0),
    )


def _more(structure: Structure, worker: "_Worker") -> Fraction:
    """Unit, scrap and yield of the line as one factor."""
    rules = structure.rules
    factor = worker.positive(rules.numerator) / worker.positive(rules.denominator)
    scrap = worker.number(rules.scrap) or Fraction(0)
    return factor * (1 + scrap / HUNDRED) / (worker.positive(rules.good, HUNDRED) / HUNDRED)


def _text(texts: Texts, text: str, kind: Type) -> Checked:
    found = texts.checked(text, kind)
    if isinstance(found, Problems):
        raise _Failed(found.first.code)
    return found


class _Worker:
    """Works expressions out in one scope."""

    def __init__(self, scope: Mapping[str, Any], moment: Moment) -> None:
        self._scope = scope
        self._moment = moment

    def value(self, checked: Checked) -> Any:
        """The value; a null that was born of an error is a failure."""
        found = checked.evaluate(self._scope, self._moment)
        if found.warnings:
            raise _Failed(found.warnings[0].code)
        return found.value

    def number(self, checked: Checked | None) -> Fraction | None:
        """The number, or None when there is none."""
        found = None if checked is None else self.value(checked)
        return Fraction(found) if isinstance(found, Decimal) else None

    def positive(self, checked: Checked | None, otherwise: int = 1) -> Fraction:
        """A number above zero; `otherwise` when there is none."""
        found = self.number(checked)
        if found is None:
            return Fraction(otherwise)
        if found <= 0:
            raise _Failed("not_above_zero")
        return found


def header_numbers(
    structure: Structure, scope: Mapping[str, Any], per: Fraction | None, moment: Moment
) -> tuple[Fraction, Fraction] | str:
    """What the header of a record divides by: the size of its batch (`per` when it is a field with a unit) and the part that comes out;
    or the code of what could not be worked out."""
    worker = _Worker(scope, moment)
    try:
        batch = per if per is not None else worker.positive(structure.per)
        return batch if batch > 0 else Fraction(1), worker.positive(structure.output, HUNDRED) / HUNDRED
    except _Failed as failed:
        return str(failed)
