"""LinkedRule: a rule whose names have been found in the forms and registers of its release, and whose expressions have been checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from engine.rules import Checked
from engine.rules.dsl import tree as d


@dataclass(frozen=True, slots=True)
class Step:
    """An action with its checked expressions by their place in it ("to", "message", "values/item"). `form` is that of the record
    which is created, or changed when it is not the rule's own; `posting` the register event that `reserve` and `release` raise."""

    action: d.Action
    expressions: Mapping[str, Checked]
    form: str | None = None
    posting: str | None = None


@dataclass(frozen=True, slots=True)
class Watch:
    """What a register rule watches: balances of a grain (positions of its dimensions), the sum of measures times `factors`, and the
    threshold (an expression over the dimensions; None is zero)."""

    register: str
    grain: tuple[int, ...]
    factors: tuple[int, ...]
    direction: str
    """below | above"""
    threshold: Checked | None
    inclusive: bool
    """Is a balance at the threshold already beyond it?"""


@dataclass(frozen=True, slots=True, eq=False)
class LinkedRule:
    """A rule that runs. `order` is its place among all rules of the release: by file, then as written. `form` is None for a rule of a
    register, whose `watch` says of what."""

    rule: d.Rule = field(repr=False)
    name: str
    order: int
    file: str
    form: str | None
    condition: Checked | None
    steps: tuple[Step, ...]
    watch: Watch | None = None

    @property
    def is_before(self) -> bool:
        """Does it run in the plan of the change itself? A rule for deleted records does in any case: later they are not there."""
        event = self.rule.event
        return isinstance(event, d.Deleted) or (self.rule.phase == "before" and not isinstance(event, LATER))

    @property
    def needs_record(self) -> bool:
        """Does it run on a record?"""
        return self.form is not None and (self.rule.each or not isinstance(self.rule.event, d.RECORDLESS))


LATER: Final = (*d.RECORDLESS, *d.CROSSINGS)
"""Events whose rules always run by themselves, in a change of their own."""
