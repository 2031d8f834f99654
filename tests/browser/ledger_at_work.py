"""A small workshop for the screens of registers, structures and planners: valued goods with planned movements, dated recipes with a
parameter, a planner with suggestions, in both languages; and a week that happened there.
"""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.support.live_site import Client


def words(text: str) -> dict[str, str]:
    """`English / 中文` → both."""
    en, _, zh = text.partition(" / ")
    return {"en": en, "zh-CN": zh or en}


def field(name: str, kind: str, label: str, **options: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, "label": words(label), **options}


def part_at(**options: Any) -> list[dict[str, Any]]:
    return [
        field("part", "reference", "Part / 物料", form="part", required=True),
        *([field("place", "reference", "Place / 库位", form="place", required=True)] if options.get("place") else []),
        field("quantity", "quantity", "Quantity / 数量", decimals=3, required=True),
    ]


def document(name: str, label: str, *fields: dict[str, Any], title: str = "number", **options: Any) -> dict[str, Any]:
    return {
        "form": name, "label": words(label), "title": title,
        "fields": [field("number", "sequence", "Number / 单号", pattern=name[:2].upper() + "-{0000}"), *fields], **options,
    }  # fmt: skip


def lines(*more: dict[str, Any]) -> dict[str, Any]:
    return field("lines", "lines", "Lines / 明细", fields=[*part_at(), *more])


def code_form(name: str, label: str, *fields: dict[str, Any]) -> dict[str, Any]:
    named = [field("code", "text", "Code / 编码", required=True, unique=True), field("name", "text", "Name / 名称")]
    return {
        "form": name, "label": words(label), "title": 'code + " " + name', "key": "code", "search": ["code", "name"], "fields": [*named, *fields],
    }  # fmt: skip


AMOUNT = field("amount", "money", "Amount / 金额")
DAY = field("day", "date", "Day / 日期", required=True)
PLACE = field("place", "reference", "Place / 库位", form="place", required=True)
RELEASED = {
    "states": [{"name": "draft", "label": words("Draft / 草稿"), "editable": True}, {"name": "released", "label": words("Released / 已发布")}],
    "actions": [{"name": "release", "label": words("Release / 发布"), "from": ["draft"], "to": "released"}],
}  # fmt: skip
FORMS = [
    code_form("place", "Place / 库位"),
    code_form("maker", "Supplier / 供应商", field("days", "integer", "Days / 天数", minimum="0")),
    code_form(
        "part", "Part / 物料", field("policy", "text", "Policy / 策略"), field("low", "quantity", "Minimum / 下限", decimals=3),
        field("high", "quantity", "Maximum / 上限", decimals=3), field("lot", "quantity", "Lot / 批量", decimals=3),
        field("made", "boolean", "Made here / 自制"), field("maker", "reference", "Supplier / 供应商", form="maker"),
        field("home", "reference", "Place / 库位", form="place"), field("cost", "money", "Cost / 成本"),
    ),
    document("receipt", "Receipt / 入库单", DAY, PLACE, lines(AMOUNT)),
    document("issue", "Issue / 出库单", DAY, PLACE, lines()),
    document("freight", "Freight / 运费单", field("receipt", "reference", "Receipt / 入库单", form="receipt", required=True),
             lines(AMOUNT), PLACE),
    document("making", "Production / 生产单", DAY, PLACE, field("made", "reference", "Made / 产品", form="part", required=True),
             field("good", "quantity", "Good / 合格数", decimals=3, required=True), lines()),
    document("bought", "Purchase receipt / 采购入库单", DAY, PLACE, lines(AMOUNT), states=[
                 {"name": "draft", "label": words("Draft / 草稿"), "editable": True}, {"name": "asked", "label": words("Submitted / 待批")},
                 {"name": "posted", "label": words("Posted / 已过账")}, {"name": "refused", "label": words("Refused / 已驳回")}],
             actions=[{"name": "ask", "label": words("Submit / 提交"), "from": ["draft"], "to": "asked"},
                      {"name": "post", "label": words("Post / 过账"), "from": ["asked"], "to": "posted"},
                      {"name": "refuse", "label": words("Refuse / 驳回"), "from": ["asked"], "to": "refused"}]),
    document("booking", "Booking / 预留单", PLACE, lines()),
    document("stocktake", "Stocktake / 盘点单", PLACE, lines()),
    document("purchase", "Purchase / 采购单", DAY, *part_at(place=True)),
    document("wish", "Order / 订单", DAY, *part_at(place=True)),
    document("proposal", "Suggestion / 建议", *part_at(place=True), field("due", "date", "Due / 到期", required=True), field("start", "date", "Start / 开始"),
             states=[{"name": "proposed", "label": words("Proposed / 建议"), "editable": True}, {"name": "gone", "label": words("Withdrawn / 撤回")}],
             actions=[{"name": "drop", "label": words("Withdraw / 撤回"), "from": ["proposed"], "to": "gone"}]),
    {"form": "recipe", "label": words("Recipe / 配方"), "title": 'whole.code + " v" + version', "search": ["version"], "fields": [
        field("whole", "reference", "Product / 成品", form="part", required=True), field("version", "text", "Version / 版本", required=True),
        field("valid_from", "date", "Valid from / 生效"), field("valid_to", "date", "Valid to / 失效"),
        field("lines", "lines", "Lines / 明细", fields=[*part_at()[:1], field("quantity", "quantity", "Quantity / 用量", decimals=6),
                                                         field("formula", "text", "Formula / 公式")])], **RELEASED},
]  # fmt: skip
AT = {"part": "part", "place": "record.place"}


def moved(name: str, form: str, add: dict[str, str], **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "form": form,
        "on": "created",
        "rows": "lines",
        "at": AT,
        **({"add": add} if add else {}),
        **more,
    }


def planned(name: str, form: str, quantity: str) -> dict[str, Any]:
    return {"name": name, "form": form, "on": "created", "do": "plan", "quantity": quantity, "due": "day",
            "at": {"part": "part", "place": "place"}}  # fmt: skip


GOODS = {
    "register": "goods", "label": words("Goods / 物料台账"),
    "dimensions": [{"name": "part", "label": words("Part / 物料"), "form": "part"}, {"name": "place", "label": words("Place / 库位"), "form": "place"}],
    "measures": [{"name": "there", "label": words("On hand / 现存量")}, {"name": "kept", "label": words("Reserved / 锁定量")},
                 {"name": "worth", "label": words("Value / 金额"), "type": "money"}],
    "figures": [{"name": "free", "label": words("Available / 可用量"), "value": "there - kept"}],
    "planning": {"measure": "there"}, "reservation": {"measure": "kept"},
    "valuation": {"quantity": "there", "value": "worth", "of": ["part"]},
    "constraints": [{"name": "free", "label": words("Available / 可用量"), "of": ["part", "place"], "that": "there - kept >= 0"}],
    "postings": [
        moved("receive", "receipt", {"there": "quantity", "worth": "if amount = null then 0 else amount"}, effective="record.day"),
        moved("buy", "bought", {"there": "quantity", "worth": "if amount = null then 0 else amount"}, effective="record.day") | {"on": "posted"},
        moved("issue", "issue", {"there": "-quantity"}, effective="record.day"),
        moved("freight", "freight", {"worth": "if amount = null then 0 else amount"}, cost={"onto": "record.receipt"}),
        moved("use", "making", {"there": "-quantity"}, effective="record.day"),
        {"name": "make", "form": "making", "on": "created", "at": {"part": "made", "place": "place"}, "add": {"there": "good"},
         "cost": {"from": ["use"], "shared": True}, "effective": "day"},
        moved("book", "booking", {}, do="reserve", quantity="quantity"), moved("count", "stocktake", {}, do="set", to={"there": "quantity"}),
        planned("expected", "purchase", "quantity"), planned("wanted", "wish", "-quantity"),],
}  # fmt: skip
RECIPES = {
    "structure": "recipes", "label": words("Recipes / 配方展开"), "form": "recipe", "parent": "whole", "lines": "lines", "component": "part",
    "quantity": "quantity", "formula": "formula",
    "versions": {"from": "valid_from", "to": "valid_to", "number": "version", "active": 'state = "released"'},
    "parameters": [{"name": "w", "type": "number", "label": words("Width mm / 宽度 mm"), "sample": "1000", "default": "900"}],
    "measures": [{"name": "cost", "label": words("Cost / 成本"), "of": "cost", "counts": "leaves", "decimals": 2}],
}  # fmt: skip
NEEDS = {
    "planner": "needs", "label": words("Requirements / 需求计划"), "register": "goods", "measure": "there", "of": ["part", "place"], "structure": "recipes",
    "items": {"form": "part", "policy": "policy", "minimum": "low", "maximum": "high", "lot": "lot", "make": "made = true", "source": "maker",
              "lead_days": "if source = null then 1 else source.days", "at": {"place": "home"}},
    "horizon_days": 28, "bucket": "day",
    "suggestion": {"form": "proposal", "key": {"part": "part", "place": "place"}, "fields": {"quantity": "quantity", "due": "due", "start": "start"},
                   "open": ["proposed"], "withdraw": "drop"},
}  # fmt: skip
APPROVAL = {
    "workflow": "approval", "label": words("Approval / 审批"),
    "nodes": [{"name": "start", "type": "start", "form": "bought", "on": "asked"},
              {"name": "approve", "type": "approve", "label": words("Approve / 审批"), "role": "looker"},
              {"name": "done", "type": "end", "action": "post"}, {"name": "refused", "type": "end", "action": "refuse"}],
    "flows": [{"from": "start", "to": "approve"}, {"from": "approve", "to": "done", "outcome": "approved"},
              {"from": "approve", "to": "refused", "outcome": "rejected"}],
}  # fmt: skip
LOOKERS = {
    "role": "looker", "label": words("Looker / 查看"),
    "grants": [*({"form": f["form"], "do": ["read"]} for f in FORMS if f["form"] not in ("issue", "booking")), {"register": "goods"}, {"structure": "recipes"}],
}  # fmt: skip
HEAD: dict[str, Any] = {
    "pack": "workshop", "version": "1.0.0", "label": words("Workshop / 门业车间"), "zone": "Asia/Shanghai",
    "menu": [{"label": words("Stock / 库存"), "entries": [{"register": "goods"}, {"structure": "recipes"}, {"planner": "needs"}]},
             {"label": words("Documents / 单据"), "entries": [{"form": f["form"]} for f in FORMS]}],
    "home": [{"role": "looker", "tiles": [{"register": "goods"}, {"planner": "needs"}]}],
}  # fmt: skip


def write_pack(folder: Path) -> Path:
    """The pack as files."""
    files: dict[str, Any] = {"pack.json": HEAD, "roles/looker.json": LOOKERS}
    files |= {f"forms/{f['form']}.json": f for f in FORMS}
    files |= {
        "registers/goods.json": GOODS,
        "structures/recipes.json": RECIPES,
        "replenishment/needs.json": NEEDS,
        "workflows/approval.json": APPROVAL,
    }
    for name, definition in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(definition, ensure_ascii=False), encoding="utf-8")
    return folder


def a_day(ahead: int) -> str:
    """So many days from the site's today; its clock is the real one."""
    return (datetime.now(ZoneInfo(HEAD["zone"])).date() + timedelta(days=ahead)).isoformat()


def a_week(client: Client) -> dict[str, str]:
    """What happened and what is expected; the ids of what was made by code, and of the receipt the freight was for."""
    ids: dict[str, str] = {}
    for form, code, name, more in [
        ("place", "A-01", "一号货架", {}), ("place", "B-02", "二号货架", {}), ("maker", "M1", "坚固锁业", {"days": 2}),
        ("part", "DOOR", "防火门", {"policy": "lot_for_lot", "made": True}), ("part", "LEAF", "门扇", {"policy": "lot_for_lot", "made": True}),
        ("part", "FRAME", "门框", {"policy": "lot_for_lot", "made": True}), ("part", "LOCK", "防火锁", {"policy": "fixed_lot", "lot": "25", "cost": "48.5"}),
        ("part", "STEEL", "镀锌钢板 1.2 mm", {"policy": "min_max", "low": "20", "high": "60", "cost": "115.1"}),
        ("part", "HINGE", "铰链", {"policy": "lot_for_lot", "cost": "12"}),
        ("part", "PAINT", "粉末涂料", {"policy": "min_max", "low": "5", "high": "30", "cost": "21.3"}),
    ]:  # fmt: skip
        here = {"home": ids["A-01"], **({} if more.get("made") else {"maker": ids["M1"]})} if form == "part" else {}
        ids[code] = client.created(form, {"code": code, "name": name, **here, **more})["id"]

    def rows(*given: tuple[str, str] | tuple[str, str, str]) -> list[dict[str, str]]:
        return [dict(zip(("part", "quantity", "amount"), (ids[g[0]], *g[1:]), strict=False)) for g in given]

    for whole, version, since, parts in [
        ("DOOR", "1", None, {"LEAF": "1", "FRAME": "1", "LOCK": "1", "HINGE": "3"}),
        ("LEAF", "1", None, {"STEEL": "=w / 1000 * 1.3", "PAINT": "0.9"}),
        ("FRAME", "1", None, {"STEEL": "0.42", "PAINT": "0.55"}),
        ("DOOR", "2", a_day(60), {"LEAF": "1", "FRAME": "1", "LOCK": "2", "PAINT": "0.1"}),
    ]:
        made_of = [
            {"part": ids[p], **({"formula": q[1:]} if q.startswith("=") else {"quantity": q})} for p, q in parts.items()
        ]
        made = client.created(
            "recipe", {"whole": ids[whole], "version": version, "valid_from": since, "lines": made_of}, "release"
        )
        ids[f"{whole} v{version}"] = made["id"]
    a, b = ids["A-01"], ids["B-02"]
    first = client.created(
        "receipt",
        {
            "day": a_day(-40),
            "place": a,
            "lines": rows(("STEEL", "30", "3453"), ("LOCK", "12", "582"), ("PAINT", "40", "852")),
        },
    )
    ids["receipt"] = first["id"]
    client.created(
        "receipt", {"day": a_day(-9), "place": b, "lines": rows(("STEEL", "12.5", "1500"), ("HINGE", "60", "720"))}
    )
    client.created("issue", {"day": a_day(-5), "place": a, "lines": rows(("STEEL", "8.25"), ("LOCK", "4"))})
    client.created("freight", {"receipt": first["id"], "place": a, "lines": rows(("STEEL", "0", "90"))})
    client.created("booking", {"place": b, "lines": rows(("STEEL", "2"))})
    client.created("purchase", {"day": a_day(11), "part": ids["STEEL"], "place": b, "quantity": "15"})
    for form, part, quantity, ahead in [
        ("purchase", "STEEL", "20", 6),
        ("wish", "DOOR", "6", 9),
        ("wish", "STEEL", "25", 3),
        ("wish", "LOCK", "5", 12),
    ]:
        client.created(form, {"day": a_day(ahead), "part": ids[part], "place": a, "quantity": quantity})
    return ids
