"""A small pack with a planner: parts that are bought or made, places, and proposals."""

from copy import deepcopy
from typing import Any

from engine.forms import BUILT_IN, Form, compile_forms
from engine.packs.compile import TemporaryIds
from engine.problems import Problems
from engine.registers import Register, compile_registers
from engine.replenishment.compile import Surroundings
from engine.structures import compile_structures


def text(en: str) -> dict[str, str]:
    return {"en": en}


def field(name: str, type: str, **options: Any) -> dict[str, Any]:
    return {"name": name, "type": type, "label": text(name), **options}


FORMS: dict[str, Any] = {
    "maker": {
        "form": "maker", "label": text("Maker"), "title": "name", "key": "name",
        "fields": [field("name", "text", required=True, unique=True), field("days", "integer", minimum="0")],
    },
    "part": {
        "form": "part", "label": text("Part"), "title": "code", "key": "code",
        "fields": [
            field("code", "text", required=True, unique=True), field("policy", "text"), field("low", "quantity", decimals=3),
            field("high", "quantity", decimals=3), field("lot", "quantity", decimals=3), field("made", "boolean"),
            field("maker", "reference", form="maker"), field("days", "integer"),
        ],
    },
    "place": {
        "form": "place", "label": text("Place"), "title": "code", "key": "code",
        "fields": [field("code", "text", required=True, unique=True)],
    },
    "recipe": {
        "form": "recipe", "label": text("Recipe"), "title": "whole.code",
        "fields": [
            field("whole", "reference", form="part", required=True),
            field("lines", "lines", fields=[
                field("part", "reference", form="part", required=True), field("quantity", "quantity", decimals=3, required=True),
            ]),
        ],
    },
    "receipt": {
        "form": "receipt", "label": text("Receipt"), "title": "part.code",
        "fields": [
            field("part", "reference", form="part", required=True), field("place", "reference", form="place", required=True),
            field("quantity", "quantity", decimals=3, required=True),
        ],
    },
    "proposal": {
        "form": "proposal", "label": text("Proposal"), "title": "part.code",
        "fields": [
            field("part", "reference", form="part", required=True), field("place", "reference", form="place", required=True),
            field("quantity", "quantity", decimals=3, required=True), field("due", "date", required=True), field("start", "date"),
            field("maker", "reference", form="maker"), field("kind", "text"), field("why", "text"), field("note", "text"),
            field("late", "boolean"), field("twice", "quantity", decimals=3, computed="quantity * 2"),
        ],
        "states": [
            {"name": "proposed", "label": text("Proposed"), "editable": True}, {"name": "taken", "label": text("Taken")},
            {"name": "gone", "label": text("Gone")},
        ],
        "actions": [
            {"name": "take", "label": text("Take"), "from": ["proposed"], "to": "taken"},
            {"name": "drop", "label": text("Drop"), "from": ["proposed"], "to": "gone"},
        ],
    },
}  # fmt: skip
REGISTERS: dict[str, Any] = {
    "hoard": {
        "register": "hoard", "label": text("Hoard"),
        "dimensions": [
            {"name": "part", "label": text("Part"), "type": "reference", "form": "part"},
            {"name": "place", "label": text("Place"), "type": "reference", "form": "place"},
        ],
        "measures": [
            {"name": "there", "label": text("There")}, {"name": "kept", "label": text("Kept")},
            {"name": "worth", "label": text("Worth"), "type": "money"},
        ],
        "figures": [{"name": "free", "label": text("Free"), "value": "there - kept"}],
        "postings": [
            {"name": "in", "form": "receipt", "on": "created", "do": "move", "at": {"part": "part", "place": "place"}, "add": {"there": "quantity"}},
        ],
    }
}  # fmt: skip
STRUCTURES: dict[str, Any] = {
    "recipes": {
        "structure": "recipes", "label": text("Recipes"), "form": "recipe", "parent": "whole", "lines": "lines", "component": "part",
        "quantity": "quantity",
    }
}  # fmt: skip
PLANNER: dict[str, Any] = {
    "planner": "needs", "label": text("Needs"), "register": "hoard", "measure": "there", "of": ["part", "place"],
    "structure": "recipes",
    "items": {
        "form": "part", "policy": "policy", "minimum": "low", "maximum": "high", "lot": "lot", "make": "made = true",
        "source": "maker", "lead_days": "if source = null then days else source.days",
    },
    "horizon_days": 28, "bucket": "day",
    "suggestion": {
        "form": "proposal", "key": {"part": "part", "place": "place"},
        "fields": {
            "quantity": "quantity", "due": "due", "start": "start", "maker": "source", "kind": "kind", "why": "reason", "late": "late",
            "note": "item.code + \"@\" + key.place.code",
        },
        "open": ["proposed"], "withdraw": "drop",
    },
}  # fmt: skip


def made(found: Any) -> Any:
    assert not isinstance(found, Problems), list(found)
    return found


def surroundings() -> Surroundings:
    """Everything that the planner refers to."""
    ids = TemporaryIds()
    forms: dict[str, Form] = made(compile_forms(FORMS, ids, BUILT_IN, "CNY"))
    registers: dict[str, Register] = made(compile_registers(REGISTERS, forms, ids))
    return Surroundings(forms, registers, made(compile_structures(STRUCTURES, forms)))


def planner_with(path: str, value: Any) -> dict[str, Any]:
    """The planner's definition with a value put in at a path ("items/lot"); None takes it out."""
    definition: dict[str, Any] = deepcopy(PLANNER)
    *steps, last = path.split("/")
    at = definition
    for step in steps:
        at = at[step]
    if value is None:
        del at[last]
    else:
        at[last] = value
    return definition
