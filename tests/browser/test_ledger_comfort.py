"""What makes the ledger's screens usable with gloves and in one's own language: targets of a finger's size, days in the reader's words."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.ledger_at_work import a_day
from tests.browser.screens import come_in
from tests.browser.test_ledger_screens import Shop, a_shop

pytestmark = pytest.mark.browser
TOO_SMALL = """() => [...document.querySelectorAll('main button, main a, main input:not([type=hidden]), main select')].filter((e) => {
  const box = e.getBoundingClientRect(), cover = getComputedStyle(e, '::after');
  const covered = cover.position === 'absolute' && cover.content !== 'none';
  return box.width > 1 && box.height > 1 && box.height < 43.5 && !covered;
}).map((e) => `${e.tagName} ${e.className} ${e.textContent} ${e.getBoundingClientRect().height}`)"""
"""What is lower than 44 pixels, unless its whole cell takes the touch."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The workshop after a week."""
    yield from a_shop(tmp_path_factory.mktemp("comfort"))


@pytest.mark.parametrize("page", [(390, 844, "zh-CN")], indirect=True, ids=["phone-zh"])
@pytest.mark.parametrize(
    "path",
    ["", "registers/goods", "registers/goods?tab=forecast", "registers/goods?tab=turnover", "registers/goods?tab=periods",
     "structures/recipes?of={DOOR}", "structures/recipes?tab=uses&of={STEEL}", "structures/recipes?tab=versions&of={DOOR}",
     "planners/needs", "forms/issue/new"],
)  # fmt: skip
def test_every_target_on_a_phone_is_of_a_finger_s_size(page: Page, shop: Shop, path: str) -> None:
    """At least 44 pixels high."""
    come_in(page, shop.client)
    shop.open(page, "/" + path.format(**shop.ids))
    page.wait_for_load_state("networkidle")
    assert page.evaluate(TOO_SMALL) == []


@pytest.mark.parametrize("page", [(1280, 800, "en")], indirect=True, ids=["desk-en"])
def test_days_are_in_the_reader_s_language_not_the_browser_s(page: Page, shop: Shop) -> None:
    """A Chinese reader at an English browser sees Chinese days in boxes, too; while one types, the browser's own are there."""
    come_in(page, shop.client)
    shop.open(page, "/registers/goods")
    page.get_by_role("button", name="中文").click()
    box, words = page.locator("main input[type=date]"), page.locator(".date-words")
    expect(words).to_have_text("选择日期")
    box.fill(a_day(-3))
    year, month, day = a_day(-3).split("-")
    expect(words).to_have_text(f"{year}年{int(month)}月{int(day)}日")
    expect(words).to_be_hidden()
    page.locator("h1").click()
    expect(words).to_be_visible()
    assert box.evaluate("e => getComputedStyle(e).color") == "rgba(0, 0, 0, 0)"


@pytest.mark.parametrize("page", [(390, 844, "zh-CN")], indirect=True, ids=["phone-zh"])
def test_why_there_is_no_value_is_said(page: Page, shop: Shop) -> None:
    """A value that is not kept by the dimensions shown says by which it is, and shows it so."""
    come_in(page, shop.client)
    shop.open(page, "/registers/goods")
    told = page.get_by_text("金额只按物料核算。")
    expect(told).to_be_visible()
    page.get_by_role("button", name="这样查看").click()
    expect(page.locator("tr[data-key='STEEL 镀锌钢板 1.2 mm'] [data-measure=worth]")).to_have_text("4,064.06")
    expect(told).to_have_count(0)
