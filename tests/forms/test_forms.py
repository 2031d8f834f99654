"""Forms over the API: what a record must be, lines, units, structure circles, history, deletion."""

from typing import Any

import pytest

from engine.actions import install_pack, open_engine
from engine.packs import Pack
from engine.packs.pack import KINDS
from engine.problems import Problems
from tests.support.pack_site import Browser, engine_with

T = {"en": "x", "zh-CN": "x"}
UNITS = Pack(
    {"pack": "units", "version": "1.0.0", "label": T},
    {**{k: {} for k in KINDS}, "forms": {
        "unit": {"form": "unit", "label": T, "key": "code", "fields": [
            {"name": "code", "type": "text", "label": T, "unique": True}, {"name": "up", "type": "integer", "label": T},
            {"name": "down", "type": "integer", "label": T}]},
        "sale": {"form": "sale", "label": T, "fields": [
            {"name": "number", "type": "sequence", "label": T, "pattern": "S-{yyyy}-{000}"},
            {"name": "quantity", "type": "quantity", "label": T, "decimals": 3, "units": {"form": "unit", "numerator": "up", "denominator": "down"}},
            {"name": "price", "type": "money", "label": T},
            {"name": "note", "type": "text", "label": T, "required": "quantity > 100", "visible": "quantity > 100"},
            {"name": "paid", "type": "money", "label": T, "computed": "quantity * price"},
            {"name": "half", "type": "money", "label": T, "computed": "paid / 2"}],
            "checks": [{"name": "c", "that": "price > 0", "at": "price", "message": {"en": "Not for nothing.", "zh-CN": "不能免费。"}}]}}},
)  # fmt: skip


@pytest.fixture
def sales(database_url: str) -> Browser:
    """A site that sells in units."""
    browser = Browser(_site(database_url))
    browser.made("unit", {"code": "box", "up": 12, "down": 1})
    browser.made("unit", {"code": "third", "up": 1, "down": 3})
    return browser


def _site(url: str) -> Any:
    from engine.actions import perform
    from engine.actions.commands import PutUser
    from engine.actor import SYSTEM

    engine = open_engine(url)
    installed = install_pack(engine, UNITS)
    assert not isinstance(installed, Problems), [(p.file, p.place, p.code) for p in installed]
    perform(engine, PutUser("admin", "admin", "admin", (), "en", True), SYSTEM)
    return engine


def test_quantities_keep_what_was_entered(sales: Browser) -> None:
    """A quantity keeps the entered value and unit beside its base amount; computed fields use the base, rounded half-even when stored."""
    made = sales.made("sale", {"quantity": {"value": "2.5", "unit": "box"}, "price": "0.05"})
    values = sales.get(f"/forms/sale/records/{made['id']}").get_json()["values"]

    assert values["quantity"] == {"value": "2.5", "unit": values["quantity"]["unit"], "base": "30"}
    assert (values["paid"], values["half"]) == ("1.5", "0.75")
    assert values["number"].startswith("S-2") and values["number"].endswith("-001")
    third = sales.made("sale", {"quantity": {"value": "1", "unit": "third"}, "price": "1"})
    assert sales.get(f"/forms/sale/records/{third['id']}").get_json()["values"]["quantity"]["base"] == "0.333333"


BAD = [
    ({"quantity": "1", "price": "0"}, "forms.check_failed", "/price"),
    ({"quantity": "101", "price": "1"}, "forms.required_field_empty", "/note"),
    ({"quantity": "1.0001", "price": "1"}, "forms.too_many_decimals", "/quantity"),
    ({"quantity": {"value": "1", "unit": "nothing"}, "price": "1"}, "forms.reference_unknown", "/quantity"),
    ({"paid": "5", "quantity": "1", "price": "1"}, "forms.field_not_writable", "/paid"),
    ({"number": "S-1", "quantity": "1", "price": "1"}, "forms.field_not_writable", "/number"),
    ({"price": {"amount": "1", "currency": "eur"}, "quantity": "1"}, "forms.bad_currency", "/price"),
    ({"price": "99999999999999", "quantity": "1"}, "forms.number_too_large", "/price"),
    ({"quantity": "999999999999", "price": "9999999999999"}, "forms.number_too_large", "/paid"),
]  # fmt: skip


@pytest.mark.parametrize(("values", "code", "pointer"), BAD, ids=[f"{b[1]}{b[2]}" for b in BAD])
def test_what_is_wrong_is_told_at_its_field(sales: Browser, values: dict[str, Any], code: str, pointer: str) -> None:
    """Each wrong value is refused with its code at its field."""
    answer = sales.create("sale", values)

    assert answer.status_code == 422, answer.text
    assert [(p["code"], p["pointer"]) for p in answer.get_json()["problems"]] == [(code, pointer)]


def test_a_check_speaks_its_own_words(sales: Browser) -> None:
    """The pack's own message of a check is shown, in the asker's language."""
    for language, words in (("en", "Not for nothing."), ("zh-CN", "不能免费。")):
        answer = sales.create("sale", {"quantity": "1", "price": "0"}, headers={"Accept-Language": language})
        assert answer.get_json()["title"] == words


def test_money_in_another_currency_keeps_its_rate(sales: Browser) -> None:
    """Foreign money keeps amount, currency and rate; expressions see it in the site's currency."""
    made = sales.made("sale", {"quantity": "2", "price": {"amount": "10", "currency": "EUR", "rate": "7.8"}})
    values = sales.get(f"/forms/sale/records/{made['id']}").get_json()["values"]

    assert values["price"] == {"amount": "10", "currency": "EUR", "rate": "7.8", "base": "78"}
    assert values["paid"] == "156"


@pytest.fixture
def factory(database_url: str) -> Browser:
    """A site with three items."""
    browser = Browser(engine_with(database_url))
    browser.made("unit", {"code": "PC", "name": "piece"})
    for code in "ABC":
        browser.made("item", {"code": code, "name": code.lower(), "unit": "PC"})
    return browser


def test_lines_are_kept_changed_added_and_removed(factory: Browser) -> None:
    """Lines with their id are kept or changed, new ones added, left out ones removed; history tells each."""
    factory.made("warehouse", {"code": "W", "name": "w"})
    made = factory.made("goods_issue", {"warehouse": "W", "lines": [{"item": i, "quantity": "1"} for i in "ABC"]})
    path = f"/forms/goods_issue/records/{made['id']}"
    a, b, _ = factory.get(path).get_json()["values"]["lines"]
    lines = [{"id": b["id"], "quantity": "5"}, {"id": a["id"]}, {"item": "C", "quantity": "9"}]

    changed = factory.ask("PATCH", path, json={"values": {"lines": lines}}, headers={"If-Match": '"1"'})
    after = factory.get(path).get_json()["values"]["lines"]
    foreign = factory.ask("PATCH", path, json={"values": {"lines": [{"id": made["id"]}]}}, headers={"If-Match": '"2"'})

    assert changed.status_code == 200, changed.text
    assert [(x["item"]["title"][0], x["quantity"], x["id"] in (a["id"], b["id"])) for x in after] == [
        ("B", "5", True),
        ("A", "1", True),
        ("C", "9", False),
    ]
    assert foreign.get_json()["code"] == "forms.line_unknown"
    changes = factory.get(f"{path}/history").get_json()["history"][0]["changes"]
    assert changes[f"lines/{b['id']}/quantity"] == ["1", "5"]


def test_a_structure_refuses_circles_and_multiplies_out(factory: Browser) -> None:
    """What would become a part of itself is refused with the path; all levels are multiplied out exactly."""
    factory.made("bom", {"item": "A", "batch": "3", "lines": [{"component": "B", "quantity": "2"}]})
    factory.made("bom", {"item": "B", "lines": [{"component": "C", "quantity": "0.5"}]})
    circle = factory.create("bom", {"item": "C", "lines": [{"component": "A", "quantity": "1"}]})
    parent = factory.get("/forms/item/lookup", text="A").get_json()["found"][0]["id"]
    rows = factory.get("/structures/bom/explosion", parent=parent, quantity="9").get_json()["rows"]

    problem = circle.get_json()["problems"][0]
    assert (circle.status_code, problem["code"], problem["pointer"]) == (422, "structures.circle", "/lines/0/component")
    assert "C c → A a → B b → C c" in problem["title"]
    assert [(r["level"], r["component"]["title"], r["total"]) for r in rows] == [(1, "B b", "6"), (2, "C c", "3")]


def test_what_is_used_or_posted_is_not_deleted(factory: Browser) -> None:
    """A referenced record and one with movements stay; a draft goes, and its unique code is free again."""
    item = factory.get("/forms/item/lookup", text="A").get_json()["found"][0]
    factory.made("bom", {"item": "A", "lines": [{"component": "B", "quantity": "2"}]})
    used = factory.ask("DELETE", f"/forms/item/records/{item['id']}", headers={"If-Match": '"1"'})
    unit = factory.made("unit", {"code": "KG", "name": "kg"})
    gone = factory.ask("DELETE", f"/forms/unit/records/{unit['id']}", headers={"If-Match": '"1"'})

    assert (used.status_code, used.get_json()["code"]) == (422, "actions.record_is_referenced")
    assert gone.status_code == 204
    assert factory.get(f"/forms/unit/records/{unit['id']}").status_code == 404
    factory.made("unit", {"code": "KG", "name": "kg again"})


def test_description_and_schema_agree_with_the_server(factory: Browser) -> None:
    """The published JSON Schema accepts what the server gives back, and refuses a field that is not there."""
    from jsonschema import Draft202012Validator

    schema = factory.get("/forms/item/schema").get_json()
    record = factory.get("/forms/item/records").get_json()["records"][0]
    validator = Draft202012Validator(schema)

    assert list(validator.iter_errors({**record["values"], "name": "x"})) == []
    assert list(validator.iter_errors({"nmae": "x"})) != []
    assert {f["name"] for f in factory.get("/forms/item").get_json()["fields"]} == set(schema["properties"])
