"""The API as a program sees it: OpenAPI, headers, keyset pages, bulk, rights."""

from typing import Any

import pytest
from openapi_spec_validator import validate

from engine.actions import perform
from engine.actions.commands import MakeAccessToken
from engine.actor import SYSTEM
from engine.effects import Outcome
from tests.support.pack_site import Browser, engine_with


def test_openapi_is_valid_and_names_every_form(sqlite_url: str) -> None:
    """The OpenAPI 3.1 description is valid and has the paths of each form and state action."""
    described = Browser(engine_with(sqlite_url)).get("/openapi.json").get_json()

    validate(described)
    assert "/forms/sales_order/records/{id}/actions/confirm" in described["paths"]
    assert described["components"]["schemas"]["Record_sales_order"]["additionalProperties"] is False


def test_headers_of_a_change(sqlite_url: str) -> None:
    """A creation answers with Location, ETag and the time of each stage."""
    answer = Browser(engine_with(sqlite_url)).create("unit", {"code": "PC", "name": "piece"})

    assert answer.headers["ETag"] == '"1"'
    assert answer.headers["Location"].endswith(answer.get_json()["id"])
    assert [part.split(";")[0] for part in answer.headers["Server-Timing"].split(", ")] == ["gather", "plan", "apply"]


def test_bearer_tokens_need_no_csrf(sqlite_url: str) -> None:
    """An API token is enough by itself, also for changes."""
    engine = engine_with(sqlite_url)
    made = perform(engine, MakeAccessToken("admin", "test"), SYSTEM)
    assert isinstance(made, Outcome)
    client = Browser(engine).client
    client.delete_cookie("dougong_session")
    headers = {"Authorization": f"Bearer {made.answer['token']}"}

    answer = client.post(
        "/api/v1/forms/unit/records", json={"values": {"code": "PC", "name": "piece"}}, headers=headers
    )

    assert answer.status_code == 201, answer.text


def test_pages_go_on_after_dates_references_and_choices(database_url: str) -> None:
    """A page may end anywhere in a list that is sorted by a date, a reference, a yes or no, or when records were made: the next goes on there."""
    browser = Browser(engine_with(database_url))
    browser.made("unit", {"code": "PC", "name": "piece"})
    for n in range(3):
        browser.made("item", {"code": f"I{n}", "name": "i", "unit": "PC"})
    rows = [{"values": {"item": f"I{n % 3}", "quantity": "1", "due": f"2026-03-{n % 4 + 1:02}", "late": n % 2 == 0,
                        **({"start": f"2026-02-{n % 5 + 1:02}"} if n % 3 else {})}} for n in range(23)]  # fmt: skip
    assert browser.ask("POST", "/forms/purchase_suggestion/records:bulk", json={"records": rows}).status_code == 200
    for sort in (
        "due",
        "-due",
        "start,-due",
        "-start",
        "item",
        "-item,due",
        "late,due",
        "kind",
        "created_at",
        "-quantity",
        "state,start",
    ):
        found: list[str] = []
        after = ""
        while True:
            page = browser.get("/forms/purchase_suggestion/records", sort=sort, limit=3, after=after).get_json()
            found += [record["id"] for record in page["records"]]
            after = page["next"] or ""
            if not after or len(found) > len(rows):
                break
        whole = browser.get("/forms/purchase_suggestion/records", sort=sort, limit=100).get_json()["records"]
        assert found == [record["id"] for record in whole], sort
        assert len(found) == len(rows)


def test_pages_cover_everything_once(database_url: str) -> None:
    """Keyset pages in any sort order give each record once, empty values last, the same on both databases."""
    browser = Browser(engine_with(database_url))
    browser.made("unit", {"code": "PC", "name": "piece"})
    rows = [{"values": {"code": f"I-{n:03}", "name": ["钢板", "锁", "门"][n % 3], "unit": "PC", **({"sales_price": str(n % 5)} if n % 4 else {})}}
            for n in range(57)]  # fmt: skip
    assert browser.ask("POST", "/forms/item/records:bulk", json={"records": rows}).status_code == 200

    for sort in ("code", "-code", "sales_price,-code", "-sales_price", "name"):
        found: list[Any] = []
        after = ""
        while True:
            page = browser.get("/forms/item/records", sort=sort, limit=10, after=after).get_json()
            found += page["records"]
            after = page["next"] or ""
            if not after:
                break
        assert len({r["id"] for r in found}) == len(found) == 57, sort
        prices = [r["values"]["sales_price"] for r in found]
        if "sales_price" in sort:
            assert None not in prices[: 57 - 15]
            assert set(prices[57 - 15 :]) == {None}
    assert [
        r["title"] for r in browser.get("/forms/item/records", search="锁", sort="code", limit=2).get_json()["records"]
    ] == ["I-001 锁", "I-004 锁"]
    assert (
        browser.get("/forms/item/records", filter='name = "钢板" and sales_price > 3', count=1).get_json()["count"][
            "number"
        ]
        == 3
    )


def test_bulk_all_or_nothing(sqlite_url: str) -> None:
    """All or nothing writes nothing when one row is wrong and names every wrong row; each-for-itself writes the good ones."""
    browser = Browser(engine_with(sqlite_url))
    rows = [{"values": {"code": code, "name": "x"}} for code in ("A", "B", "A", "")]

    nothing = browser.ask("POST", "/forms/unit/records:bulk", json={"records": rows})
    some = browser.ask("POST", "/forms/unit/records:bulk", json={"records": rows, "all_or_nothing": False})

    assert nothing.status_code == 422
    assert [p["pointer"] for p in nothing.get_json()["problems"]] == ["/records/2/code", "/records/3/code"]
    assert ["problems" in r for r in some.get_json()["results"]] == [False, False, True, True]


@pytest.fixture
def shop(sqlite_url: str) -> dict[str, Browser]:
    """Everybody on a site with one item, two people's orders."""
    engine = engine_with(sqlite_url)
    people = {login: Browser(engine, login) for login in ("admin", "storekeeper", "sales", "manager")}
    admin = people["admin"]
    admin.made("unit", {"code": "PC", "name": "piece"})
    admin.made("item", {"code": "L-1", "name": "锁", "unit": "PC", "purchase_price": "5", "sales_price": "9"})
    admin.made("warehouse", {"code": "W1", "name": "Main"})
    admin.made("customer", {"code": "C1", "name": "Builder", "phone": "123"})
    return people


def test_rows_one_may_not_see_are_not_there(shop: dict[str, Browser]) -> None:
    """A seller sees only their own orders, in lists, by id, and in what others do with them."""
    order = {"customer": "C1", "warehouse": "W1", "lines": [{"item": "L-1", "quantity": "1"}]}
    other = shop["admin"].made("sales_order", order)
    mine = shop["sales"].made("sales_order", order)

    listed = shop["sales"].get("/forms/sales_order/records", count=1).get_json()

    assert [r["id"] for r in listed["records"]] == [mine["id"]]
    assert listed["count"]["number"] == 1
    assert shop["sales"].get(f"/forms/sales_order/records/{other['id']}").status_code == 404
    assert shop["sales"].get(f"/forms/sales_order/records/{other['id']}/history").status_code == 404
    foreign = shop["sales"].ask(
        "PATCH", f"/forms/sales_order/records/{other['id']}", json={"values": {}}, headers={"If-Match": '"1"'}
    )
    assert foreign.status_code == 404


def test_fields_one_may_not_read_are_nowhere(shop: dict[str, Browser]) -> None:
    """A seller finds no purchase price: not in records, pickers, descriptions, filters, sorts or history."""
    seller = shop["sales"]
    item = seller.get("/forms/item/records").get_json()["records"][0]
    full = seller.get(f"/forms/item/records/{item['id']}").get_json()
    picked = seller.get("/forms/item/lookup", text="L-1").get_json()["found"][0]
    described = [f["name"] for f in seller.get("/forms/item").get_json()["fields"]]
    history = seller.get(f"/forms/item/records/{item['id']}/history").get_json()["history"]

    assert "purchase_price" not in full["values"] and "sales_price" in full["values"]
    assert "purchase_price" not in picked["scope"]
    assert "purchase_price" not in described
    assert "purchase_price" not in history[0]["changes"]
    assert seller.get("/forms/item/records", filter="purchase_price > 1").status_code == 422
    assert seller.get("/forms/item/records", sort="purchase_price").status_code == 422
    refused = seller.create("item", {"code": "Z", "name": "z", "unit": "PC"})
    assert (refused.status_code, refused.get_json()["code"]) == (403, "access.may_not_create")


def test_what_no_role_grants_nobody_may(shop: dict[str, Browser]) -> None:
    """Deny by default: forms, registers, dashboards and actions without a grant are refused or not there."""
    assert shop["storekeeper"].get("/dashboards/cockpit").status_code == 404
    assert shop["sales"].get("/forms/goods_receipt/records").status_code == 403
    assert (
        shop["sales"].get("/structures/bom/explosion", parent="00000000-0000-7000-8000-000000000001").status_code == 404
    )
    assert {f["name"] for f in shop["sales"].get("/release").get_json()["forms"]}.isdisjoint(
        {"goods_receipt", "supplier", "bom"}
    )
    assert shop["manager"].get("/dashboards/cockpit").status_code == 200
