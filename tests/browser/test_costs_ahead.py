"""What a posting for a past day would change is told before it is done, in words; and ordinary postings are not held up by the question."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.ledger_at_work import a_day
from tests.browser.screens import SIZES, come_in
from tests.browser.test_ledger_screens import Shop, a_shop, choose, is_zh, sound

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The workshop after a week, of its own: what it costs is changed here."""
    yield from a_shop(tmp_path_factory.mktemp("costs"))


def fill(page: Page, zh: bool, day: str, amount: str) -> list[str]:
    """A receipt of ten locks; the requests that are sent for it from now on."""
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url.partition("/records")[2]) if r.method == "POST" else None)
    page.fill("#f-day", day)
    choose(page, "#f-place", "A-01")
    page.get_by_role("button", name="添加一行" if zh else "Add line").click()
    choose(page, "[id='f-lines-0-part']", "LOCK")
    page.locator("[id='f-lines-0-quantity']").fill("10")
    page.locator("[id='f-lines-0-amount']").fill(amount)
    return asked


def worth(shop: Shop) -> str:
    rows = shop.client.get("/registers/goods/balances", by="part", part=shop.ids["LOCK"])["rows"]
    return str(rows[0]["measures"]["worth"])


@SIZES
def test_costs_are_told_before_they_change(page: Page, shop: Shop, request: pytest.FixtureRequest) -> None:
    """A receipt for a day before goods went out says how many records will cost otherwise and by how much; no is no, yes does just that."""
    zh = is_zh(request)
    come_in(page, shop.client)
    shop.open(page, "/forms/receipt/new")
    asked = fill(page, zh, a_day(-20), "700")
    save = page.get_by_role("button", name="保存" if zh else "Save", exact=True)
    before = worth(shop)
    save.click()
    dialog = page.get_by_role("dialog")
    words = dialog.locator("p").first
    expect(words).to_have_text(
        re.compile(r"之后 1 张单据的成本变动 [\d.]+。" if zh else r"the cost of 1 later record by [\d.]+\.$")
    )
    sound(page, "costs-ahead", zh)
    dialog.get_by_role("button", name="取消" if zh else "Cancel").click()
    assert asked == ["?preview=1"]
    assert worth(shop) == before
    save.click()
    dialog.get_by_role("button", name="仍然保存" if zh else "Save all the same").click()
    expect(page.locator("h1")).to_contain_text("RE-")
    assert asked == ["?preview=1", "?preview=1", ""]
    changed = shop.client.get("/registers/goods/movements", part=shop.ids["LOCK"], order="day")["rows"]
    assert next(r["form"] for r in changed if r["reason"] == "correction") == "issue"


@SIZES
def test_postings_of_today_are_not_asked_about(page: Page, shop: Shop, request: pytest.FixtureRequest) -> None:
    """Of a posting for today no preview is asked, and one that changes nothing else is not held up by a question."""
    zh = is_zh(request)
    come_in(page, shop.client)
    shop.open(page, "/forms/receipt/new")
    asked = fill(page, zh, a_day(0), "500")
    page.get_by_role("button", name="保存" if zh else "Save", exact=True).click()
    expect(page.locator("h1")).to_contain_text("RE-")
    assert asked == [""]
    shop.open(page, "/forms/receipt/new")
    asked = fill(page, zh, a_day(-1), "500")
    page.get_by_role("button", name="保存" if zh else "Save", exact=True).click()
    expect(page.locator("h1")).to_contain_text("RE-")
    assert asked == ["?preview=1", ""]


@SIZES
def test_many_records_closed_periods_and_refusals(page: Page, shop: Shop, request: pytest.FixtureRequest) -> None:
    """How many lie in closed periods is said, and that it is not all; what the server refuses of a preview stands where every refusal stands."""
    zh = is_zh(request)
    come_in(page, shop.client)
    shop.open(page, "/forms/receipt/new")
    asked = fill(page, zh, a_day(-20), "700")
    costs = {"recosted": "goods", "records": 1041, "changed": "1204.5", "closed": 2, "complete": False}
    page.route("**/records?preview=1", lambda r: r.fulfill(json={"costs": [costs], "warnings": 0}))
    save = page.get_by_role("button", name="保存" if zh else "Save", exact=True)
    save.click()
    words = page.get_by_role("dialog").locator("p")
    expect(words).to_have_text(
        ["这会使之后 1,041 张单据的成本变动 1,204.5。", "其中 2 张在已关账期间：差额记在首个未关账日。", "还有更多，以上仅为目前能算出的部分。"]
        if zh
        else ["This changes the cost of 1,041 later records by 1,204.5.",
              "2 of them in closed periods: for those the difference is booked on the first open day.",
              "There are still more; these are only those that could be worked out now."]
    )  # fmt: skip
    sound(page, "costs-ahead-closed", zh)
    page.keyboard.press("Escape")
    page.unroute("**/records?preview=1")
    page.locator("[id='f-lines-0-quantity']").fill("-999")
    save.click()
    expect(page.locator(".alert").first).to_be_visible()
    assert asked == ["?preview=1", "?preview=1"]


@SIZES
def test_a_decision_is_asked_about_too(page: Page, shop: Shop, request: pytest.FixtureRequest) -> None:
    """Who approves a receipt of a past day is told which costs change before it is posted; to reject it changes none, and asks nothing."""
    zh = is_zh(request)
    come_in(page, shop.client)
    lines = [{"part": shop.ids["LOCK"], "quantity": "10", "amount": "900"}]
    bought = [
        shop.client.created("bought", {"day": a_day(-20), "place": shop.ids["A-01"], "lines": lines}, "ask")
        for _ in "ab"
    ]
    decided: list[str] = []
    page.on("request", lambda r: decided.append(r.url.rpartition("/")[2]) if r.method == "POST" else None)
    shop.open(page, f"/forms/bought/{bought[0]['id']}")
    before, approve = worth(shop), page.get_by_role("button", name="同意" if zh else "Approve", exact=True)
    approve.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("p").first).to_contain_text(
        "张单据的成本变动" if zh else "changes the cost of 1 later record by"
    )
    sound(page, "costs-ahead-decision", zh)
    dialog.get_by_role("button", name="取消" if zh else "Cancel").click()
    assert (decided, worth(shop)) == (["decision?preview=1"], before)
    approve.click()
    dialog.get_by_role("button", name="仍然同意" if zh else "Approve all the same").click()
    expect(page.locator(".head .state")).to_have_text("已过账" if zh else "Posted")
    assert decided[1:] == ["decision?preview=1", "decision"]
    shop.open(page, f"/forms/bought/{bought[1]['id']}")
    page.locator(".alert").get_by_role("button", name="驳回" if zh else "Reject", exact=True).click()
    expect(page.locator(".head .state")).to_have_text("已驳回" if zh else "Refused")
    assert decided[3:] == ["decision?preview=1", "decision"]
