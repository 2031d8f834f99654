"""Role and what it grants: frozen, compiled from JSON once."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.names import Text
from engine.rules import Checked


@dataclass(frozen=True, slots=True)
class Fields:
    """A set of fields: all of them or `names`, without those `hidden`. A column of a sub-table is "lines.price"."""

    everything: bool = False
    names: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()

    def covers(self, name: str) -> bool:
        """Is the field (or, for a sub-table, any of its columns) in the set?"""
        outer = name.partition(".")[0]
        if name in self.hidden or outer in self.hidden:
            return False
        return (
            self.everything
            or name in self.names
            or outer in self.names
            or any(n.startswith(name + ".") for n in self.names)
        )


@dataclass(frozen=True, slots=True)
class FormGrant:
    """What one role grants on one form. `rows` None admits all rows; `actions` None all actions."""

    do: frozenset[str]
    actions: frozenset[str]
    rows: Checked | None
    read: Fields
    write: Fields


@dataclass(frozen=True, slots=True)
class LedgerGrant:
    """What may be done with a register beside seeing it: postings that take effect `back` days ago at most, or `ahead`; closing and
    reopening its periods."""

    back: int = 0
    ahead: int = 0
    may_close: bool = False
    may_reopen: bool = False


@dataclass(frozen=True, slots=True)
class Role:
    """A named set of rights; `sees` are (kind, name) of registers, dashboards and structures, `ledgers` what more it may do with
    registers."""

    name: str
    label: Text
    forms: Mapping[str, tuple[FormGrant, ...]]
    sees: frozenset[tuple[str, str]]
    ledgers: Mapping[str, tuple[LedgerGrant, ...]] = field(default_factory=dict)
