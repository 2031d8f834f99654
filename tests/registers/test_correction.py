"""Correction in one step: the record is reversed, and a copy that refers to it is open to be put right."""

import pytest

from tests.support.pack_site import Browser, engine_with


@pytest.fixture
def browser(database_url: str) -> Browser:
    browser = Browser(engine_with(database_url))
    for form, values in (
        ("unit", {"code": "PC", "name": "piece"}), ("item", {"code": "A", "name": "a", "unit": "PC"}),
        ("warehouse", {"code": "W", "name": "w"}), ("location", {"code": "P", "name": "p", "warehouse": "W"}),
        ("supplier", {"code": "S", "name": "s"}),
    ):  # fmt: skip
        browser.made(form, values)
    return browser


def act(browser: Browser, form: str, id: str, action: str, **values: object) -> dict[str, object]:
    revision = browser.get(f"/forms/{form}/records/{id}").get_json()["revision"]
    answer = browser.ask(
        "POST", f"/forms/{form}/records/{id}/actions/{action}", json=values, headers={"If-Match": f'"{revision}"'}
    )
    found: dict[str, object] = answer.get_json()
    return {"status": answer.status_code, **found}


def receive(browser: Browser, quantity: str) -> str:
    line = {"item": "A", "quantity": quantity, "location": "P"}
    made = browser.made(
        "goods_receipt", {"supplier": "S", "warehouse": "W", "lines": [line], "note": "by truck"}, "post"
    )
    return str(made["id"])


def on_hand(browser: Browser) -> str:
    rows = browser.get("/registers/stock/balances", by="item").get_json()["rows"]
    return str(rows[0]["measures"]["on_hand"]) if rows else "0"


def test_a_correction_reverses_and_opens_a_copy(browser: Browser) -> None:
    """The receipt is cancelled, its copy is a draft with the same lines and a number of its own, and refers to it."""
    old = receive(browser, "10")
    corrected = act(browser, "goods_receipt", old, "correct")
    assert corrected["status"] == 200
    assert on_hand(browser) == "0"
    copy = corrected["copy"]
    assert isinstance(copy, dict)
    shown = browser.get(f"/forms/goods_receipt/records/{copy['id']}").get_json()
    was = browser.get(f"/forms/goods_receipt/records/{old}").get_json()
    assert (was["state"], shown["state"]) == ("cancelled", "draft")
    assert shown["values"]["corrects"]["id"] == old
    assert shown["values"]["number"] != was["values"]["number"]
    assert shown["values"]["note"] == "by truck"
    assert [line["quantity"] for line in shown["values"]["lines"]] == [
        line["quantity"] for line in was["values"]["lines"]
    ]


def test_a_correction_that_later_movements_stop_changes_nothing(browser: Browser) -> None:
    """What was received has gone out: the correction is refused, says what is missing, and no copy is made."""
    old = receive(browser, "10")
    line = {"item": "A", "quantity": "4", "location": "P"}
    browser.made("goods_issue", {"warehouse": "W", "lines": [line]}, "post")
    refused = act(browser, "goods_receipt", old, "correct")
    assert refused["status"] == 409
    assert browser.get(f"/forms/goods_receipt/records/{old}").get_json()["state"] == "posted"
    assert len(browser.get("/forms/goods_receipt/records").get_json()["records"]) == 1
    assert on_hand(browser) == "6"
