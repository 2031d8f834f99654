"""Keys of balances between the wire and the registers: what a query names, and what is shown of a key."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from engine.access import may_see
from engine.actions import problems
from engine.actions.planning import Planning
from engine.actions.showing import Shower
from engine.names import Text
from engine.problems import Problems
from engine.registers import Dimension, Register
from engine.values import is_storable, to_wire


def seen_register(name: str, planning: Planning) -> Register | Problems:
    """A register the actor may see."""
    register = planning.release.registers.get(name)
    if register is None or not may_see(planning.release.roles, planning.actor, "register", name):
        return problems.no_such_register(name, ())
    return register


def dimension_label(dimension: Dimension, planning: Planning) -> Text:
    """What a dimension is called: by the form that it refers to, when the register gives it no name for people."""
    is_named = dimension.label != {"en": dimension.name}
    return dimension.label if is_named or not dimension.form else planning.release.forms[dimension.form].label


def shown_key(register: Register, by: Sequence[int], key: Sequence[Any], shower: Shower) -> dict[str, Any]:
    """A key by the names of its dimensions: references with their titles, None where there is none."""
    shown: dict[str, Any] = {}
    for at, value in zip(by, key, strict=True):
        d = register.dimensions[at]
        if value == d.nothing:
            shown[d.name] = None
        else:
            shown[d.name] = {"id": str(value), "title": shower.title(d.form, value)} if d.form else to_wire(value)
    return shown


def prepare_titles(register: Register, by: Sequence[int], keys: Sequence[Sequence[Any]], shower: Shower) -> None:
    """Read the titles of all references in the keys at once."""
    for step, at in enumerate(by):
        d = register.dimensions[at]
        if d.form:
            shower.titles(d.form, {key[step] for key in keys if key[step] != d.nothing})


def read_where(register: Register, given: Mapping[str, str], known: tuple[str, ...]) -> dict[int, Any] | Problems:
    """Parts of a key as a query names them → {position: value}. No text at all is "none" of a dimension that may be left out."""
    found: dict[int, Any] = {}
    for name, text in given.items():
        if name not in known:
            return problems.bad_dimension(name, known)
        at = known.index(name)
        if not text and register.dimensions[at].optional:
            found[at] = register.dimensions[at].nothing
            continue
        try:
            found[at] = read_part(register.dimensions[at], text)
        except ValueError:
            return problems.bad_dimension(name, known)
    return found


def read_part(dimension: Dimension, text: Any) -> Any:
    """A part of a key from text; a ValueError when it can be none."""
    if not isinstance(text, str) or not is_storable(text):
        raise ValueError("no text of a key")
    return _READ.get(dimension.kind, str)(text)


def record_title(form: str, record: UUID, planning: Planning, shower: Shower) -> str:
    """The title of the record that moved something, "" when the actor may not see it."""
    known = planning.release.forms.get(form)
    if known is None or planning.grant(known).require("read") is not None:
        return ""
    return shower.title(form, record)


_READ: Final[Mapping[str, Callable[[str], Any]]] = {"reference": UUID, "date": date.fromisoformat}
"""How the kinds of dimensions are read from text; others are text."""
