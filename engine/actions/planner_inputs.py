"""What a run of a planner starts from, read in one snapshot: balances, what is expected, open suggestions, items and what they consist of."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from engine.actions.gather import facts_of
from engine.actions.planner_items import Items, Seen
from engine.actions.planning import Planning
from engine.actions.structure_edges import graph_of
from engine.facts import StoredRecord
from engine.forms import Reads, every_id, resolver
from engine.problems import Problems
from engine.registers import BalanceRequest, Dimension, Register
from engine.replenishment import Component, Flow, Inputs, Key, Open, Parameters, Planner, components_of, parameters
from engine.replenishment import problems as replenishment_problems
from engine.replenishment.requirements import KEYS_MAX, Impossible
from engine.rules import to_sql
from engine.rules.columns import decode
from engine.structures import read_parameters

EXPECTED_MAX: Final = 1_000_000
"""Most planned movements of one run."""
OPEN_MAX: Final = 200_000
"""Most open suggestions that a run looks at."""


def dimensions_of(planner: Planner, planning: Planning) -> tuple[Dimension, ...]:
    """The dimensions that make a planner's keys."""
    register = planning.release.registers[planner.register]
    return tuple(register.dimensions[at] for at in planner.of)


@dataclass(slots=True)
class Prepared:
    """A planner's inputs, and the open suggestions they are compared with. `faults` fill while the inputs are used: the keys that cannot be
    planned, and why."""

    planner: Planner
    planning: Planning
    inputs: Inputs
    standing: Mapping[UUID, StoredRecord]
    open: Sequence[Open]
    items: Items
    seen: Seen
    faults: dict[Key, Problems] = field(default_factory=dict)

    def key_scope(self, key: Key) -> dict[str, Any]:
        """What expressions see of a key."""
        return {
            d.name: dimension_value(self.seen, d, value)
            for d, value in zip(dimensions_of(self.planner, self.planning), key, strict=True)
        }


def dimension_value(seen: Seen, d: Dimension, value: Any) -> Any:
    """What expressions see of a dimension's value; None when it is none."""
    if value == d.nothing:
        return None
    return seen.record(d.form, value) if d.form else value


def prepare(planner: Planner, planning: Planning) -> Prepared | Problems:
    """Everything a run needs. What it reads is not expected to stay as it is: the next run sees what has changed."""
    return _Preparing(planner, replace(planning, reads=Reads())).all()


def why_not(prepared: Prepared, found: Impossible | None) -> Problems:
    """Why a run has come to nothing."""
    label = prepared.planner.label
    if found is None:
        return Problems((replenishment_problems.stopped(label),))
    if found.kind == "too_large":
        return Problems((replenishment_problems.too_large(label),))
    path = ", ".join(dict.fromkeys(str(key[0]) for key in found.keys[:10]))
    return Problems((replenishment_problems.circle(label, path),))


class _Preparing:
    def __init__(self, planner: Planner, planning: Planning) -> None:
        self._planner = planner
        self._planning = planning
        self._facts = facts_of(planning)
        self._dialect = self._facts.reader.dialect
        self._register: Register = planning.release.registers[planner.register]
        self._dimensions = dimensions_of(planner, planning)
        self._seen = Seen(planning)
        self._items = Items(planner, planning, self._seen)
        self._broken: dict[UUID, str] = {}
        self._sees_key = any(path[0] == "key" for rule in planner.rules.values() for path in rule.reads)
        self._of_alike: dict[Hashable, Parameters | Problems] = {}
        """What the rules came to for items that are alike, when they do not look at the rest of the key."""

    def all(self) -> Prepared | Problems:
        """The inputs."""
        on_hand = self._balances()
        standing = self._standing()
        open_ = [self._open(record) for record in standing.values()]
        supplies, demands = self._expected(frozenset(standing))
        asked = self._asked()
        keys = (*asked, *on_hand, *(o.key for o in open_), *(f.key for f in (*supplies, *demands)))
        items = dict.fromkeys(key[0] for key in keys)
        components = self._components(items)
        if isinstance(components, Problems):
            return components
        self._items.read([*items, *dict.fromkeys(c.component for c in components)])
        planner = self._planner
        made: Prepared
        memo: dict[Key, Parameters] = {}

        def parameters_of(key: Key) -> Parameters:
            found = memo.get(key)
            if found is None:
                came = self._parameters(key)
                if isinstance(came, Problems):
                    made.faults[key] = came
                    came = Parameters()
                found = memo[key] = came
            return found

        inputs = Inputs(
            self._planning.moment.today,
            on_hand,
            demands,
            supplies,
            parameters_of,
            components,
            self._planning.release.calendar.works_on,
            planner.horizon_days,
            planner.bucket,
            asked,
        )
        made = Prepared(planner, self._planning, inputs, standing, open_, self._items, self._seen)
        return made

    def _balances(self) -> dict[Key, int]:
        reader, planner = self._planning.release.register_readers[self._register.name], self._planner
        wanted = BalanceRequest(planner.of, {}, None, KEYS_MAX)
        rows = self._facts.reader.rows(reader.balances(wanted, self._dialect))
        return {
            key: sum(factor * amount for factor, amount in zip(planner.factors, amounts, strict=True))
            for key, amounts in reader.balance_rows(rows, planner.of, self._dialect)
        }

    def _expected(self, own: frozenset[UUID]) -> tuple[list[Flow], list[Flow]]:
        """Supplies and demands that are expected, but for those of the planner's `own` open suggestions: the run derives them anew."""
        planner, register = self._planner, self._register
        factor = 0 if register.planned is None else planner.factors[register.measure_index(register.planned)]
        if factor == 0:
            return [], []
        reader = self._planning.release.planned_readers[register.name]
        until = self._planning.moment.today + timedelta(days=planner.horizon_days)
        rows = self._facts.reader.rows(reader.open({}, until, EXPECTED_MAX, self._dialect))
        supplies: list[Flow] = []
        demands: list[Flow] = []
        for p in reader.rows(rows, self._dialect):
            if p.form == planner.suggestion.form and p.record in own:
                continue
            amount, key = p.open * factor, tuple(p.key[at] for at in planner.of)
            (supplies if amount > 0 else demands).append(Flow(key, p.due, abs(amount), (p.form, p.record, p.line)))
        return supplies, demands

    def _standing(self) -> Mapping[UUID, StoredRecord]:
        """The open suggestions."""
        suggestion, release = self._planner.suggestion, self._planning.release
        tables = release.form_tables[suggestion.form]
        condition = None
        if suggestion.is_open is not None:
            found = to_sql(
                suggestion.is_open,
                resolver(tables, release.form_tables),
                dialect=self._dialect,
                moment=self._planning.moment,
                parameters={},
            )
            assert not isinstance(found, Problems), "a state is a column"
            condition = found
        rows = self._facts.reader.rows(every_id(tables, condition, OPEN_MAX))
        return self._facts.records(suggestion.form, [decode("id", row[0], self._dialect) for row in rows])

    def _open(self, record: StoredRecord) -> Open:
        suggestion = self._planner.suggestion
        key = tuple(
            d.nothing if (value := record.values.get(suggestion.key[d.name])) is None else value
            for d in self._dimensions
        )
        return Open(record.id, key, record.values.get(suggestion.due) if suggestion.due else None)

    def _asked(self) -> list[Key]:
        """The keys that are planned whatever there is of them: of every item, at the places that its record says."""
        others = self._dimensions[1:]
        if others and not self._planner.places:
            return []
        form = self._planner.form
        rows = self._facts.reader.rows(every_id(self._planning.release.form_tables[form], None, KEYS_MAX))
        ids = [decode("id", row[0], self._dialect) for row in rows]
        if not others:
            return [(id,) for id in ids]
        self._items.read(ids)
        made: list[Key] = []
        for id in ids:
            item = self._items.scope(id)
            keys: list[Key] = [(id,)]
            for d in others:
                found = self._planner.places[d.name].evaluate(item, self._planning.moment).value
                values = found if isinstance(found, list | tuple) else [] if found is None else [found]
                keys = [(*key, place) for key in keys for value in values if (place := _plain(value)) is not None]
            made += keys
        return made

    def _components(self, items: Iterable[UUID]) -> list[Component] | Problems:
        if self._planner.structure is None:
            return []
        structure = self._planning.release.structures[self._planner.structure]
        given = read_parameters(structure, {})
        if isinstance(given, Problems):
            return given
        graph = graph_of(structure, self._planning, parameters=given)
        if isinstance(graph, Problems):
            return graph
        made, self._broken = components_of(graph, items)
        return made

    def _parameters(self, key: Key) -> Parameters | Problems:
        found = None if self._sees_key else self._of_alike.get(self._items.alike(key[0]))
        if found is None:
            scope = {d.name: dimension_value(self._seen, d, v) for d, v in zip(self._dimensions, key, strict=True)}
            found = parameters(self._planner, self._items.scope(key[0]), scope, self._planning.moment)
            self._of_alike[self._items.alike(key[0])] = found
        if not isinstance(found, Problems) and found.make and key[0] in self._broken:
            return Problems((replenishment_problems.lines_fail(self._broken[key[0]]),))
        return found


def _plain(value: Any) -> Any:
    """A place as keys hold it."""
    if isinstance(value, Mapping):
        return UUID(str(value["id"]))
    return value if isinstance(value, str) else None
