"""Structure: which form holds the graph. Frozen, compiled from JSON once."""

from dataclasses import dataclass

from engine.names import Text


@dataclass(frozen=True, slots=True)
class Structure:
    """Each record of `form` says that `parent` (a reference of its header) is made of the `component`s of its `lines`, `quantity` of each
    per `per` (a number of the header; None: per one) of the parent."""

    name: str
    label: Text
    form: str
    parent: str
    lines: str
    component: str
    quantity: str
    per: str | None
    target: str
    """The form of parents and components."""
