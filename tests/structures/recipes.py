"""A pack with one structure that has everything, and a hand that makes records of it from a few words."""

from typing import Any
from uuid import UUID

from engine.actions import Engine, perform
from engine.actions.commands import SubmitRecord
from engine.actor import SYSTEM
from engine.effects import Outcome
from engine.packs import Pack
from engine.packs.pack import KINDS
from engine.problems import Problems

T = {"en": "x", "zh-CN": "x"}


def field(name: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, "label": {"en": name, "zh-CN": name}, **more}


def numbers(*names: str) -> list[dict[str, Any]]:
    return [field(n, "quantity", decimals=6) for n in names]


ITEM = {"form": "item", "label": T, "key": "code", "title": "code", "fields": [
    field("code", "text", unique=True), field("decimals", "integer"), field("phantom", "boolean"), *numbers("cost", "weight", "lead")]}  # fmt: skip
UNIT = {"form": "unit", "label": T, "key": "code", "fields": [
    field("code", "text", unique=True), field("up", "integer"), field("down", "integer")]}  # fmt: skip
LINES = [
    field("component", "reference", form="item", required=True),
    field("quantity", "quantity", decimals=6, units={"form": "unit", "numerator": "up", "denominator": "down"}),
    field("formula", "text"), field("condition", "text"), *numbers("share", "scrap", "good", "value_share"),
    field("top", "integer"), field("bottom", "integer"), field("colour_only", "text"), field("phantom", "boolean"), field("output", "boolean"),
    field("group", "text"), field("rank", "integer"), field("starts", "date"), field("ends", "date"),
]  # fmt: skip
RECIPE = {"form": "recipe", "label": T, "key": "number", "title": "version", "fields": [
    field("number", "sequence", pattern="R{0000}"),
    field("item", "reference", form="item", required=True), field("version", "text"), field("valid_from", "date"), field("valid_to", "date"),
    field("batch", "quantity", decimals=6, default="1", minimum="0.001", required=True),
    field("yield", "quantity", decimals=6, default="100", minimum="0.001", required=True),
    field("lines", "lines", fields=LINES, max=1000)],
    "states": [{"name": "draft", "label": T}, {"name": "released", "label": T, "editable": True}],
    "actions": [{"name": "release", "label": T, "from": ["draft"], "to": "released"}]}  # fmt: skip
STRUCTURE = {
    "structure": "recipe", "label": {"en": "Recipe", "zh-CN": "配方"}, "form": "recipe", "parent": "item", "lines": "lines",
    "component": "component", "quantity": "quantity", "formula": "formula", "condition": "condition", "share": "share", "per": "batch",
    "yield": "yield", "scrap": "scrap", "line_yield": "good",
    "factor": {"numerator": "if top = null then 1 else top", "denominator": "if bottom = null then 1 else bottom"},
    "when": "colour_only = null or colour_only = colour", "phantom": "phantom = true or component.phantom = true",
    "co_product": {"when": "output = true", "share": "value_share"}, "substitutes": {"group": "group", "rank": "rank"},
    "versions": {"from": "valid_from", "to": "valid_to", "number": "version", "active": 'state = "released"'},
    "line_dates": {"from": "starts", "to": "ends"},
    "parameters": [{"name": "w", "type": "number", "sample": "1200", "default": "1000"}, {"name": "h", "type": "number", "sample": 1000, "default": 500},
                   {"name": "colour", "type": "text", "sample": "red", "default": "red"},
                   {"name": "motor", "type": "boolean", "sample": True, "default": False}],
    "rounding": {"decimals": "decimals", "way": "up"},
    "measures": [{"name": "cost", "of": "cost", "counts": "leaves", "decimals": 4}, {"name": "weight", "of": "weight", "decimals": 3},
                 {"name": "lead", "of": "lead", "combine": "longest"}],
}  # fmt: skip
PLAIN = {"structure": "plain", "label": {"en": "Plain", "zh-CN": "简单"}, "form": "part_list", "parent": "item", "lines": "lines", "component": "component",
         "quantity": "quantity * (if record.double then 2 else 1)", "per": "batch"}  # fmt: skip
PART_LIST = {"form": "part_list", "label": T, "fields": [
    field("item", "reference", form="item", required=True), field("batch", "quantity", decimals=6, default="1", minimum="0.001", required=True),
    field("double", "boolean", default="false", required=True),
    field("lines", "lines", fields=[field("component", "reference", form="item", required=True),
                                    field("quantity", "quantity", decimals=6, required=True)])]}  # fmt: skip


def pack(**changes: Any) -> Pack:
    """The pack, with parts of its structure replaced."""
    rest: dict[str, Any] = {k: {} for k in KINDS}
    forms = {"item": ITEM, "unit": UNIT, "recipe": RECIPE, "part_list": PART_LIST}
    structures = {"recipe": {**STRUCTURE, **changes}, "plain": PLAIN}
    return Pack({"pack": "recipes", "version": "1.0.0", "label": T}, {**rest, "forms": forms, "structures": structures})


FLAGS = {"phantom": ("phantom", True), "out": ("output", True)}
WORDS = {"scrap": "scrap", "good": "good", "only": "colour_only", "from": "starts", "to": "ends", "group": "group", "rank": "rank",
         "takes": "value_share", "if": "condition"}  # fmt: skip


class Cook:
    """Makes items and versions, each case in its own name space."""

    def __init__(self, engine: Engine, space: str) -> None:
        self.engine = engine
        self.space = space
        self.items: dict[str, UUID] = {}
        self.versions: dict[str, UUID] = {}

    def submit(self, form: str, values: dict[str, Any], then: str | None = None) -> UUID | Problems:
        made = perform(self.engine, SubmitRecord(form, values, then), SYSTEM)
        return UUID(made.answer["id"]) if isinstance(made, Outcome) else made

    def made(self, form: str, values: dict[str, Any], then: str | None = None) -> UUID:
        found = self.submit(form, values, then)
        assert not isinstance(found, Problems), [(p.code, p.place, dict(p.params)) for p in found]
        return found

    def item(self, name: str, **more: Any) -> UUID:
        """An item by its name, made at its first mention."""
        if name not in self.items:
            self.items[name] = self.made("item", {"code": f"{self.space}.{name}", **more})
        return self.items[name]

    def name(self, title: str) -> str:
        """A title, or words with titles in them, as the case writes them."""
        return title.replace(f"{self.space}.", "")

    def version(self, words: str) -> UUID | Problems:
        """`A [per 10] [yield 90] [named v] [from day] [to day] [draft]: line; line` → a record."""
        head, _, body = words.partition(":")
        parent, *rest = head.split()
        values: dict[str, Any] = {
            "item": str(self.item(parent)),
            "lines": [self.line(x.split()) for x in body.split(";")],
        }
        keys = {"per": "batch", "yield": "yield", "named": "version", "from": "valid_from", "to": "valid_to"}
        draft = "draft" in rest
        rest = [r for r in rest if r != "draft"]
        values |= {keys[k]: v for k, v in zip(rest[::2], rest[1::2], strict=True)}
        made = self.submit("recipe", values, None if draft else "release")
        if isinstance(made, UUID):
            self.versions[values.get("version", parent)] = made
        return made

    def line(self, words: list[str]) -> dict[str, Any]:
        """`2 B`, `30% B`, `=formula B`, `2box B`, `2*3/4 B`, with flags and words after it; `_` stands for a space in a formula."""
        amount, component, *rest = words
        values: dict[str, Any] = {"component": str(self.item(component))}
        if amount.startswith("="):
            values["formula"] = amount[1:].replace("_", " ")
        elif amount.endswith("%"):
            values["share"] = amount[:-1]
        elif amount != "-":
            number, _, ratio = amount.partition("*")
            digits = number.rstrip("abcdefghijklmnopqrstuvwxyz")
            values["quantity"] = {"value": digits, "unit": number[len(digits) :]} if digits != number else number
            if ratio:
                values["top"], values["bottom"] = ratio.split("/")
        while rest:
            word = rest.pop(0)
            if word in FLAGS:
                values[FLAGS[word][0]] = FLAGS[word][1]
            else:
                values[WORDS[word]] = rest.pop(0).replace("_", " ")
        return values
