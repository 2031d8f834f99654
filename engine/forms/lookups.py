"""Lookups: references and units of a record under way, asked for together, one question a form."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from engine.forms import problems
from engine.forms.definition import Field, Form
from engine.forms.kinds.numbers import QuantityKind
from engine.forms.scopes import Planning
from engine.problems import Problem, pointer
from engine.values import Quantity


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A value that names a record: what it says, where it came from, and where the id goes."""

    field: Field
    found: Any
    place: str
    put: Callable[[UUID], None]


@dataclass(slots=True)
class Lookups:
    """Collects what must be looked up, then answers it all."""

    form: Form
    planning: Planning
    problems: list[Problem]
    _by_form: dict[str, list[_Wanted]] = field(default_factory=lambda: defaultdict(list))
    _units: list[tuple[Field, Any, str]] = field(default_factory=list)

    def ask(self, fields: Sequence[Field], values: Any, place: str, old: Mapping[str, Any] | None) -> None:
        """Note the references and units among these values. An unchanged reference is not asked for again."""
        for f in fields:
            value = values.get(f.name)
            if value is None or (old is not None and old.get(f.name) == value):
                continue
            if f.target is not None:
                self._by_form[f.target].append(_Wanted(f, value, place + pointer(f.name), _setter(values, f.name)))
            elif isinstance(value, Quantity) and f.options.get("units") and value.unit is not None:
                units = f.options["units"]["form"]
                self._by_form[units].append(
                    _Wanted(f, value.unit, place + pointer(f.name), _unit_setter(values, f.name))
                )
                self._units.append((f, values, place + pointer(f.name)))

    def answer(self) -> None:
        """Put in the ids; note what is not there."""
        for target, wanted in sorted(self._by_form.items()):
            self._answer_form(target, wanted)
        for f, values, place in self._units:
            self._convert(f, values, place)

    def _answer_form(self, target: str, wanted: Sequence[_Wanted]) -> None:
        form, facts = self.form.others[target], self.planning.facts
        texts = {w.found for w in wanted if not isinstance(w.found, UUID)}
        by_key = facts.find(target, form.key, texts) if texts and form.key else {}
        ids = {w.found if isinstance(w.found, UUID) else by_key.get(w.found) for w in wanted} - {None}
        visible = facts.visible(target, [id for id in ids if id is not None])
        for w in wanted:
            id = w.found if isinstance(w.found, UUID) else by_key.get(w.found)
            if id is None or id not in visible:
                self.problems.append(problems.reference_unknown(w.field.label, form.label, str(w.found), w.place))
                continue
            self.planning.reads.exists(target, id)
            w.put(id)

    def _convert(self, f: Field, values: Any, place: str) -> None:
        quantity, units = values[f.name], f.options["units"]
        if not isinstance(quantity.unit, UUID):
            return
        record = self.planning.facts.records(units["form"], [quantity.unit]).get(quantity.unit)
        if record is None:
            return
        top, bottom = record.values.get(units["numerator"]), record.values.get(units["denominator"])
        if not isinstance(top, int) or not isinstance(bottom, int) or top < 1 or bottom < 1:
            self.problems.append(problems.unit_unknown(f.label, str(quantity.unit), place))
            return
        self.planning.reads.values(units["form"], quantity.unit, record.revision)
        converted = QuantityKind().with_unit(f, quantity, top, bottom)
        if isinstance(converted, Problem):
            self.problems.append(Problem(converted.code, place, {"field": f.label, **converted.params}))
            return
        values[f.name] = converted


def _setter(values: Any, name: str) -> Callable[[UUID], None]:
    def put(id: UUID) -> None:
        values[name] = id

    return put


def _unit_setter(values: Any, name: str) -> Callable[[UUID], None]:
    def put(id: UUID) -> None:
        old: Quantity = values[name]
        values[name] = Quantity(old.base, old.entered, id)

    return put
