"""A small pack for tests of rules: items, requests with lines and states, purchases, and a ledger of pieces."""

import json
from typing import Any

from engine.packs import Pack, read_pack
from engine.problems import Problems

ZH = {"request": "申请",
    "code": "编号", "name": "名称", "least": "下限", "note": "附注", "last": "最近", "owner": "负责人", "low": "偏低", "parent": "上级",
    "item": "物品", "quantity": "数量", "price": "单价", "total": "合计", "grade": "等级", "due": "期限", "needs_approval": "需要审批",
    "seen": "记录", "lines": "明细", "reason": "原因", "place": "库位",
}  # fmt: skip


def label(en: str, zh: str) -> dict[str, str]:
    return {"en": en, "zh-CN": zh}


def field(name: str, kind: str = "text", **options: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, "label": label(name.replace("_", " ").capitalize(), ZH[name]), **options}


ITEM = {"form": "item", "label": label("Item", "物品"), "key": "code", "fields": [
    field("code", unique=True, required=True), field("name"), field("least", "integer"), field("note"), field("last", "date"),
    field("owner"), field("low", "boolean"), field("parent", "reference", form="item")]}  # fmt: skip
REQUEST = {
    "form": "request", "label": label("Request", "申请"),
    "fields": [
        field("code"), field("item", "reference", form="item"), field("quantity", "integer"), field("price", "integer"),
        field("total", "integer", computed="quantity * price"), field("grade"), field("note"), field("due", "date"),
        field("needs_approval", "boolean"), field("seen", "text", readonly=True),
        field("lines", "lines", fields=[field("item", "reference", form="item"), field("quantity", "integer")])],
    "states": [{"name": "draft", "label": label("Draft", "草稿"), "editable": True}, {"name": "open", "label": label("Open", "已提交")},
               {"name": "done", "label": label("Done", "已完成")}],
    "actions": [{"name": "submit", "label": label("Submit", "提交"), "from": ["draft"], "to": "open"},
                {"name": "finish", "label": label("Finish", "完成"), "from": ["open"], "to": "done"}],
}  # fmt: skip
PURCHASE = {
    "form": "purchase", "label": label("Purchase", "采购"),
    "fields": [field("item", "reference", form="item"), field("quantity", "integer"), field("reason"),
               field("lines", "lines", fields=[field("item", "reference", form="item"), field("quantity", "integer")])],
    "states": [{"name": "planned", "label": label("Planned", "计划"), "editable": True}, {"name": "ordered", "label": label("Ordered", "已下单")}],
    "actions": [{"name": "order", "label": label("Order", "下单"), "from": ["planned"], "to": "ordered"}],
}  # fmt: skip
MOVE = {"form": "move", "label": label("Move", "移动"), "fields": [field("item", "reference", form="item", required=True), field("place", required=True),
                                                           field("quantity", "integer", required=True)]}  # fmt: skip
FOLLOW_UP = {
    "form": "follow_up",
    "label": {"en": "Follow-up"},
    "fields": [field("request", "reference", form="request")],
}
PIECES = {
    "register": "pieces", "label": label("Pieces", "件数"),
    "dimensions": [{"name": "item", "label": label("Item", "物品"), "form": "item"}, {"name": "place", "type": "text", "label": label("Place", "库位")}],
    "measures": [{"name": "on_hand", "label": label("On hand", "现存")}, {"name": "held", "label": label("Held", "已占用")}],
    "reservation": {"measure": "held"},
    "constraints": [{"name": "free", "label": label("Free", "可用"), "of": ["item"], "that": "on_hand - held >= 0", "then": "warn"}],
    "postings": [
        {"name": "moved", "form": "move", "on": "created", "do": "move", "at": {"item": "item", "place": "place"}, "add": {"on_hand": "quantity"}},
        {"name": "hold", "form": "request", "on": "rule", "do": "reserve", "when": "item != null and quantity != null",
         "at": {"item": "item", "place": "\"A\""}, "quantity": "quantity"},
        {"name": "let_go", "form": "request", "on": "rule", "do": "void"},
    ],
}  # fmt: skip
APPROVAL = {
    "workflow": "approval", "label": label("Approval", "审批"),
    "nodes": [{"name": "start", "type": "start", "form": "request", "on": "done"},
              {"name": "sign", "type": "approve", "role": "boss", "label": label("Sign", "签字")},
              {"name": "end", "type": "end"}],
    "flows": [{"from": "start", "to": "sign"}, {"from": "sign", "to": "end", "outcome": "approved"}, {"from": "sign", "to": "end", "outcome": "rejected"}],
}  # fmt: skip
MENU = [{"label": label("Work", "业务"), "entries": [{"form": f["form"]} for f in (REQUEST, PURCHASE, MOVE, ITEM)]}]
CHANGES = ["read", "create", "change", "delete"]
BOSS = {"do": [*CHANGES, "override"], "actions": ["*"]}
CLERK = {"do": CHANGES, "actions": ["*"]}
ROLES = [
    {"role": "boss", "label": label("Boss", "主管"), "grants": [{"form": f, **BOSS} for f in ("item", "request", "purchase", "move", "follow_up")]},
    {"role": "clerk", "label": label("Clerk", "文员"),
     "grants": [{"form": "request", **CLERK}, {"form": "move", **CLERK}, {"form": "item", "do": ["read"]}]},
]  # fmt: skip


def texts(rules: str, **more: str) -> dict[str, str]:
    """The files of the pack with these rules (rule text, or JSON when it begins with a brace)."""
    found: dict[str, Any] = {"pack.json": {"pack": "workshop", "version": "1.0.0", "label": label("Workshop", "小工坊"), "zone": "Asia/Shanghai", "menu": MENU,
                                           "calendar": {"holidays": ["2026-10-01"], "workdays": ["2026-10-10"]}}}  # fmt: skip
    found |= {f"forms/{f['form']}.json": f for f in (ITEM, REQUEST, PURCHASE, MOVE, FOLLOW_UP)}
    found |= {"registers/pieces.json": PIECES, "workflows/approval.json": APPROVAL}
    found |= {f"roles/{r['role']}.json": r for r in ROLES}
    kind = "json" if rules.lstrip().startswith("{") else "rule"
    return {name: json.dumps(body) for name, body in found.items()} | {f"rules/main.{kind}": rules} | more


def workshop(rules: str = "") -> Pack | Problems:
    """The pack with these rules."""
    return read_pack(texts(rules))
