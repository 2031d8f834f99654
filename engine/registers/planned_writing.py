"""What comes off planned movements, worked out while they are locked: many records may fulfil the same at once, and none is to be told to try
again. Pure: the writer locks and writes."""

from collections.abc import Sequence

from engine.facts import StoredPlanned
from engine.ledger import Fulfilment, FulfilPlanned, PlanMovement, SettlePlanned
from engine.registers.definition import Register
from engine.registers.picking import counted_up


def fulfilled(
    effect: FulfilPlanned, standing: Sequence[StoredPlanned], register: Register
) -> list[tuple[SettlePlanned, PlanMovement]]:
    """What comes off which of the `standing` planned movements, each with the entry of it: the earliest first, at most what is open."""
    made: list[tuple[SettlePlanned, PlanMovement]] = []
    left = {p.id: abs(p.open) for p in standing}
    earliest = sorted(standing, key=lambda p: (p.due, p.id))
    for want in effect.wants:
        missing, entries = want.quantity, 0
        for planned in earliest:
            part = min(missing, left[planned.id])
            if part == 0 or planned.record != want.demand or not _agrees(planned, want, register):
                continue
            missing -= part
            left[planned.id] -= part
            taken = part if planned.open > 0 else -part
            entry = PlanMovement(
                effect.register,
                counted_up(want.seed, entries),
                *want.of,
                want.line,
                want.posting,
                planned.key,
                planned.due,
                -taken,
                planned.id,
            )
            entries += 1
            made.append((SettlePlanned(effect.register, planned.id, taken), entry))
    return made


def _agrees(planned: StoredPlanned, want: Fulfilment, register: Register) -> bool:
    return all(
        held in (d.nothing, wanted) for d, held, wanted in zip(register.dimensions, planned.key, want.key, strict=True)
    )
