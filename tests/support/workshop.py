"""A small pack for tests of rules: items, requests with lines and states, purchases, and a ledger of pieces."""

import json
from typing import Any

from engine.packs import Pack, read_pack
from engine.problems import Problems


def field(name: str, kind: str = "text", **options: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, "label": {"en": name}, **options}


ITEM = {"form": "item", "label": {"en": "Item"}, "key": "code", "fields": [
    field("code", unique=True, required=True), field("name"), field("least", "integer"), field("note"), field("last", "date"),
    field("owner"), field("low", "boolean"), field("parent", "reference", form="item")]}  # fmt: skip
REQUEST = {
    "form": "request", "label": {"en": "Request"},
    "fields": [
        field("code"), field("item", "reference", form="item"), field("quantity", "integer"), field("price", "integer"),
        field("total", "integer", computed="quantity * price"), field("grade"), field("note"), field("due", "date"),
        field("needs_approval", "boolean"), field("seen", "text", readonly=True),
        field("lines", "lines", fields=[field("item", "reference", form="item"), field("quantity", "integer")])],
    "states": [{"name": "draft", "label": {"en": "Draft"}, "editable": True}, {"name": "open", "label": {"en": "Open"}},
               {"name": "done", "label": {"en": "Done"}}],
    "actions": [{"name": "submit", "label": {"en": "Submit"}, "from": ["draft"], "to": "open"},
                {"name": "finish", "label": {"en": "Finish"}, "from": ["open"], "to": "done"}],
}  # fmt: skip
PURCHASE = {
    "form": "purchase", "label": {"en": "Purchase"},
    "fields": [field("item", "reference", form="item"), field("quantity", "integer"), field("reason"),
               field("lines", "lines", fields=[field("item", "reference", form="item"), field("quantity", "integer")])],
    "states": [{"name": "planned", "label": {"en": "Planned"}, "editable": True}, {"name": "ordered", "label": {"en": "Ordered"}}],
    "actions": [{"name": "order", "label": {"en": "Order"}, "from": ["planned"], "to": "ordered"}],
}  # fmt: skip
MOVE = {"form": "move", "label": {"en": "Move"}, "fields": [field("item", "reference", form="item", required=True), field("place", required=True),
                                                           field("quantity", "integer", required=True)]}  # fmt: skip
PIECES = {
    "register": "pieces", "label": {"en": "Pieces"},
    "dimensions": [{"name": "item", "label": {"en": "Item"}, "form": "item"}, {"name": "place", "type": "text", "label": {"en": "Place"}}],
    "measures": [{"name": "on_hand", "label": {"en": "On hand"}}, {"name": "held", "label": {"en": "Held"}}],
    "reservation": {"measure": "held"},
    "constraints": [{"name": "free", "label": {"en": "Free"}, "of": ["item"], "that": "on_hand - held >= 0", "then": "warn"}],
    "postings": [
        {"name": "moved", "form": "move", "on": "created", "do": "move", "at": {"item": "item", "place": "place"}, "add": {"on_hand": "quantity"}},
        {"name": "hold", "form": "request", "on": "rule", "do": "reserve", "when": "item != null and quantity != null",
         "at": {"item": "item", "place": "\"A\""}, "quantity": "quantity"},
        {"name": "let_go", "form": "request", "on": "rule", "do": "void"},
    ],
}  # fmt: skip
APPROVAL = {
    "workflow": "approval", "label": {"en": "Approval"},
    "nodes": [{"name": "start", "type": "start", "form": "request", "on": "done"}, {"name": "sign", "type": "approve", "role": "boss", "label": {"en": "Sign"}},
              {"name": "end", "type": "end"}],
    "flows": [{"from": "start", "to": "sign"}, {"from": "sign", "to": "end", "outcome": "approved"}, {"from": "sign", "to": "end", "outcome": "rejected"}],
}  # fmt: skip
CHANGES = ["read", "create", "change", "delete"]
BOSS = {"do": [*CHANGES, "override"], "actions": ["*"]}
CLERK = {"do": CHANGES, "actions": ["*"]}
ROLES = [
    {"role": "boss", "label": {"en": "Boss"}, "grants": [{"form": f, **BOSS} for f in ("item", "request", "purchase", "move")]},
    {"role": "clerk", "label": {"en": "Clerk"},
     "grants": [{"form": "request", **CLERK}, {"form": "move", **CLERK}, {"form": "item", "do": ["read"]}]},
]  # fmt: skip


def texts(rules: str, **more: str) -> dict[str, str]:
    """The files of the pack with these rules (rule text, or JSON when it begins with a brace)."""
    found: dict[str, Any] = {"pack.json": {"pack": "workshop", "version": "1.0.0", "label": {"en": "Workshop"}, "zone": "Asia/Shanghai",
                                           "calendar": {"holidays": ["2026-10-01"], "workdays": ["2026-10-10"]}}}  # fmt: skip
    found |= {f"forms/{f['form']}.json": f for f in (ITEM, REQUEST, PURCHASE, MOVE)}
    found |= {"registers/pieces.json": PIECES, "workflows/approval.json": APPROVAL}
    found |= {f"roles/{r['role']}.json": r for r in ROLES}
    kind = "json" if rules.lstrip().startswith("{") else "rule"
    return {name: json.dumps(body) for name, body in found.items()} | {f"rules/main.{kind}": rules} | more


def workshop(rules: str = "") -> Pack | Problems:
    """The pack with these rules."""
    return read_pack(texts(rules))
