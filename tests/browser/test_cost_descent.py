"""Where a value came from and where it went: followed step by step below a movement, at a desk in Chinese and on a phone in English."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.ledger_at_work import a_day
from tests.browser.screens import SIZES, come_in
from tests.browser.test_ledger_screens import Shop, a_shop, is_zh, sound

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The workshop after a week, in which steel became a leaf, two leaves a door, and then freight for the steel came late."""
    for shop in a_shop(tmp_path_factory.mktemp("descent")):
        at = shop.ids["A-01"]
        for made, good, part, quantity in [("LEAF", "4", "STEEL", "8"), ("DOOR", "2", "LEAF", "4")]:
            lines = [{"part": shop.ids[part], "quantity": quantity}]
            production = {"day": a_day(0), "place": at, "made": shop.ids[made], "good": good, "lines": lines}
            shop.client.created("making", production)
        lines = [{"part": shop.ids["STEEL"], "quantity": "0", "amount": "120"}]
        shop.client.created("freight", {"receipt": shop.ids["receipt"], "place": at, "lines": lines})
        yield shop


def opened(page: Page, shop: Shop, part: str) -> Locator:
    """The movements behind the value of a part."""
    shop.open(page, "/registers/goods")
    page.get_by_role("group").get_by_role("button").nth(1).click()
    page.locator(f"tr[data-key^='{part}'] [data-measure=worth]").click()
    return page.get_by_role("dialog")


@SIZES
def test_a_value_is_followed_to_where_it_came_from(page: Page, shop: Shop, request: pytest.FixtureRequest) -> None:
    """From the door to the leaves that went into it, to what made these, to the steel, to its receipts with their price; what was learnt later stands apart."""
    zh = is_zh(request)
    come_in(page, shop.client)
    sheet = opened(page, shop, "DOOR")
    sheet.locator(".rule-of").last.click()
    why = sheet.locator(".why")
    expect(why.locator("h4").first).to_have_text("过账规则 make" if zh else "Posting rule make")
    expect(why.locator("h4").nth(1)).to_contain_text("加权平均" if zh else "average cost")
    steps = why.locator("[data-side=from] .step")
    expect(steps).to_have_count(1)
    expect(steps.first).to_contain_text("生产单 MA-0002" if zh else "Production MA-0002")
    expect(steps.first).to_contain_text("耗用 4 · LEAF 门扇" if zh else "4 went into it · LEAF")
    expect(why.locator("h5").last).to_have_text("事后得知" if zh else "Learnt later")
    expect(why.locator(".descent").last).to_contain_text("成本更正" if zh else "cost corrected")
    for record, words in [
        ("MA-0001", "从中取用 4" if zh else "4 of what it brought"),
        ("MA-0001", "耗用 8 · STEEL" if zh else "8 went into it · STEEL"),
        ("RE-0001", "从中取用" if zh else "of what it brought"),
    ]:
        steps.last.get_by_role("button").press("Enter")
        step = steps.filter(has_text=words).last
        expect(step).to_contain_text(record)
    steps.last.get_by_role("button").press("Enter")
    expect(why.locator(".further p")).to_contain_text("入账时自带金额：" if zh else "brought its value with it:")
    sound(page, "descent", zh)
    steps.first.get_by_role("link").click()
    expect(page.locator("h1")).to_have_text("MA-0002")


@SIZES
def test_a_value_is_followed_to_where_it_went(page: Page, shop: Shop, request: pytest.FixtureRequest) -> None:
    """Below what was used: the leaf that it went into, with a step further down that says where the trail ends."""
    zh = is_zh(request)
    come_in(page, shop.client)
    sheet = opened(page, shop, "STEEL")
    made = sheet.locator("tr", has_text="MA-0001")
    made.last.locator(".rule-of").click()
    steps = sheet.locator("[data-side=to] .step")
    expect(steps).to_have_count(1)
    expect(steps.first).to_contain_text("用掉 8 · LEAF 门扇" if zh else "8 went into this · LEAF")
    follow = steps.first.get_by_role("button")
    expect(follow).to_have_attribute("aria-label", "MA-0001：到哪里去？" if zh else "MA-0001: where did it go?")
    follow.click()
    expect(sheet.locator(".further")).to_contain_text("仍在结存中" if zh else "lies with its like")
    assert follow.evaluate("e => e.getBoundingClientRect().height") >= (32 if zh else 44)
    follow.click()
    expect(sheet.locator(".further")).to_have_count(0)
