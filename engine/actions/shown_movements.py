"""Movements as they are shown: amounts at their key, with the record that made them as far as the actor may read it."""

from collections.abc import Sequence
from typing import Any

from engine.actions.planning import Planning
from engine.actions.register_keys import prepare_titles, record_title, shown_key
from engine.actions.showing import Shower
from engine.clock import from_microseconds
from engine.facts import StoredMovement
from engine.registers import Register
from engine.values import from_scaled, to_wire, write_decimal


def shown_movements(
    register: Register, rows: Sequence[tuple[StoredMovement, int]], planning: Planning, shower: Shower
) -> list[dict[str, Any]]:
    """Movements with when they were posted, in wire form."""
    full = tuple(range(len(register.dimensions)))
    prepare_titles(register, full, [m.key for m, _ in rows], shower)
    return [
        {
            "id": str(m.id),
            "effective": to_wire(from_microseconds(m.effective)),
            "posted_at": to_wire(from_microseconds(posted)),
            "posting": m.posting,
            "form": m.form,
            "record": {"id": str(m.record), "title": record_title(m.form, m.record, planning, shower)},
            "key": shown_key(register, full, m.key, shower),
            "reverses": None if m.reverses is None else str(m.reverses),
            "count": m.is_count,
            "corrects": m.corrects is not None,
            "reason": m.reason or None,
            "amounts": amounts_shown(register, m.amounts),
        }
        for m, posted in rows
    ]


def amounts_shown(register: Register, amounts: Sequence[int]) -> dict[str, str]:
    """{measure: decimal text}."""
    return {m.name: write_decimal(from_scaled(a, m.scale)) for m, a in zip(register.measures, amounts, strict=True)}
