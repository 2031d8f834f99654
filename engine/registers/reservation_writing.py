"""Statements that write reservations: opened, and changed in what is open of them."""

from collections.abc import Sequence
from typing import Any, Final

from engine.ledger import OpenReservation, SettleReservation
from engine.registers.key_statements import key_row
from engine.registers.tables import RegisterTables
from engine.registers.texts import RegisterTexts
from engine.rules.columns import Dialect, encode, rows_for
from engine.statements import Execution, Stamp

_STORED: Final = {"id": "id", "record_id": "id", "line_id": "id", "form": "text"}


def open_reservation(
    tables: RegisterTables, texts: RegisterTexts, effect: OpenReservation, stamp: Stamp, dialect: Dialect
) -> Sequence[Execution]:
    """A new reservation."""
    own: dict[str, Any] = {
        "id": effect.id,
        "form": effect.form,
        "record_id": effect.record,
        "line_id": effect.line,
        "quantity": effect.quantity,
        "posted": 0,
        "voided": 0,
        "open": effect.quantity,
        "created_at": stamp.moment.microseconds,
        "priority": effect.priority,
        "expires_at": effect.expires_at,
    }
    row = {name: encode(_STORED.get(name, "integer"), value, dialect) for name, value in own.items()}  # type: ignore[arg-type]
    row |= key_row(tables, tables.register.grains[0], effect.key, dialect)
    text, order = texts.text("open", dialect)
    return [Execution(text, rows_for(dialect, order, [row]))]


def settle_reservation(texts: RegisterTexts, effect: SettleReservation, dialect: Dialect) -> Sequence[Execution]:
    """Takes off what is open, or adds to it; a conflict if that is no longer open."""
    taken = effect.posted + effect.voided
    row = {
        "k_id": encode("id", effect.id, dialect),
        "k_open": 1 if effect.added else taken,
        "v_posted": effect.posted,
        "v_voided": effect.voided,
        "v_added": effect.added,
        "v_taken": taken - effect.added,
    }
    text, order = texts.text("settle", dialect)
    return [Execution(text, rows_for(dialect, order, [row]), changes=1)]
