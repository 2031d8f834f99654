"""What is booked of costs, as the replay asks for it. Pools are locked when they are first asked for."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from engine.registers.cost_store import CostStore, Pool, Position, StoredPool, Worth
from engine.registers.costing import CostRules, CostState, Inputs, Placed, Valued, given_by, value
from engine.registers.months import first_day, month_of_day
from engine.statements import Ask

READ_AT_ONCE: Final = 500


@dataclass(slots=True)
class CostSource:
    """See costing.Source."""

    store: CostStore
    ask: Ask
    pools: dict[Pool, StoredPool] = field(default_factory=dict)
    """Those locked so far."""
    read: dict[str, Worth] = field(default_factory=dict)
    """The rows read so far, by entry."""
    _rules: dict[tuple[Pool, Position], CostRules] = field(default_factory=dict)

    def lock(self, pools: Sequence[Pool]) -> None:
        """Lock pools, in sorted order."""
        self.pools |= self.store.locked(self.ask, sorted(p for p in set(pools) if p not in self.pools))

    def rules(self, key: Pool, position: Position) -> CostRules:
        """See costing.Source."""
        return self._rules[key, position]

    def state_before(self, key: Pool, position: Position) -> CostState:
        """See costing.Source."""
        self.lock([key])
        month, state = self.store.month_state(self.ask, key, month_of_day(position[0]))
        since: Position = (first_day(month), 0) if month else (0, 0)
        while True:
            rows = self.store.worths(self.ask, key, since, READ_AT_ONCE)
            for row in rows:
                if row.position >= position:
                    return state
                event = row.event
                if row.inputs is not None:
                    event = given_by(event, row.inputs, self.valued, self.store.unit)
                state = value(state, event, row.rules)[1]
            if len(rows) < READ_AT_ONCE:
                return state
            since = rows[-1].position[0], rows[-1].position[1] + 1

    def events(self, key: Pool, position: Position, limit: int) -> Sequence[Placed]:
        """See costing.Source."""
        placed: list[Placed] = []
        for row in self.store.worths(self.ask, key, position, limit):
            self.read[row.event.entry] = row
            self._rules[key, row.position] = row.rules
            placed.append(Placed(row.position, row.event, row.valued.value, row.valued.extra))
        return placed

    def inputs(self, entry: str) -> Inputs | None:
        """See costing.Source."""
        return self._row(entry).inputs

    def valued(self, entry: str) -> Valued:
        """See costing.Source."""
        return self._row(entry).valued

    def dependents(self, entry: str) -> Sequence[tuple[Pool, Position]]:
        """See costing.Source."""
        return self.store.dependents(self.ask, UUID(entry))

    def _row(self, entry: str) -> Worth:
        if entry not in self.read:
            self.read[entry] = self.store.worth(self.ask, UUID(entry))
        return self.read[entry]
