"""Periods on the screen: until when a register is closed, closing and reopening it, and what those see who may do neither."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.ledger_at_work import a_day
from tests.browser.screens import SIZES, come_in
from tests.browser.test_ledger_screens import Shop, a_shop, is_zh, sound

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The workshop after a week, of its own: closing a register would be felt by other tests."""
    yield from a_shop(tmp_path_factory.mktemp("periods"))


@SIZES
def test_closing_and_reopening(page: Page, shop: Shop, request: pytest.FixtureRequest) -> None:
    """A register is closed up to a day and reopened with a reason; who, when and why stays to be read. Without a reason it stays closed."""
    zh = is_zh(request)
    come_in(page, shop.client)
    shop.open(page, "/registers/goods?tab=periods")
    now = page.locator("section.period")
    expect(now).to_have_attribute("data-until", "")
    expect(now).to_contain_text("尚未关账" if zh else "Nothing is closed")
    expect(page.get_by_role("group", name="查看维度" if zh else "Show by")).to_have_count(0)
    page.get_by_role("button", name="关账…" if zh else "Close a period…", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(page.locator("#close-until")).to_have_value(month_end())
    dialog.get_by_role("button", name="昨天" if zh else "Yesterday").click()
    page.fill("#close-note", "年中盘点已核对" if zh else "counted and agreed")
    sound(page, "period-close", zh)
    dialog.locator("button.primary").click()
    expect(dialog).to_have_count(0)
    expect(now).to_have_attribute("data-until", a_day(-1))
    entry = page.locator(".closings li").first
    expect(entry).to_contain_text("关账至" if zh else "Closed up to")
    expect(entry.locator("blockquote")).to_have_text("年中盘点已核对" if zh else "counted and agreed")
    expect(page.get_by_role("button", name="关账…" if zh else "Close a period…", exact=True)).to_have_count(
        0
    )  # no day is left to close
    sound(page, "period-closed", zh)

    page.get_by_role("button", name="反关账…" if zh else "Reopen…").click()
    page.get_by_label("全部重新开放" if zh else "Open everything again").check()
    dialog.locator("button.primary").click()
    expect(dialog.get_by_role("alert")).to_contain_text("为什么" if zh else "Why is the period reopened?")
    sound(page, "period-reopen", zh)
    page.fill("#reopen-reason", "发票迟到" if zh else "an invoice came late")
    dialog.locator("button.primary").click()
    expect(now).to_have_attribute("data-until", "")
    expect(entry).to_have_class("entry reopen")
    expect(entry.locator("blockquote")).to_have_text("发票迟到" if zh else "an invoice came late")


@SIZES
def test_who_may_not_close_is_told_so(page: Page, shop: Shop, request: pytest.FixtureRequest) -> None:
    """Who only looks sees no button but why there is none, and for which days they may post."""
    zh = is_zh(request)
    come_in(page, shop.site.client("looker", "looker-1234"))
    shop.open(page, "/registers/goods")
    page.get_by_role("tab", name="关账" if zh else "Periods").click()
    now = page.locator("section.period")
    expect(now).to_contain_text("您没有关账或反关账的权限" if zh else "You may not close or reopen periods here")
    expect(now).to_contain_text("只能按今天" if zh else "for today only")
    expect(now.get_by_role("button")).to_have_count(0)
    sound(page, "period-looker", zh)


@SIZES
def test_waiting_costs_long_histories_and_failures(page: Page, shop: Shop, request: pytest.FixtureRequest) -> None:
    """Costs that wait are told before one tries to close; of a long history the latest stand there first; an empty one and a failure are said."""
    zh = is_zh(request)
    come_in(page, shop.client)
    answers = "**/api/v1/registers/goods/periods"
    entry = {"what": "close", "until": a_day(-3), "reason": "", "by": "u", "name": "Kim", "at": "2026-01-01T08:00:00Z"}
    may = {"close": True, "reopen": True, "back": 7, "ahead": 0}
    many = [{**entry, "at": f"2026-01-{n:02}T08:00:00Z"} for n in range(1, 15)]
    told = {"until": a_day(-3), "may": may, "waiting": 3, "history": many}
    page.route(answers, lambda r: r.fulfill(json=told))
    shop.open(page, "/registers/goods?tab=periods")
    now = page.locator("section.period")
    expect(now).to_contain_text("还有 3 项成本" if zh else "3 costs are still being worked out")
    expect(page.locator(".closings li")).to_have_count(10)
    page.get_by_role("button", name="显示更早" if zh else "Show earlier").click()
    expect(page.locator(".closings li")).to_have_count(14)
    page.unroute(answers)
    page.route(answers, lambda r: r.fulfill(json={**told, "until": None, "waiting": 0, "history": []}))
    page.reload()
    expect(page.locator(".card.empty")).to_have_text("从未关账。" if zh else "It has never been closed.")
    page.unroute(answers)
    page.route(answers, broken)
    page.reload()
    expect(page.get_by_role("alert")).to_be_visible(timeout=30_000)


def broken(route: Route) -> None:
    route.fulfill(status=404, json={"title": "no", "problems": []})


def month_end() -> str:
    return (date.fromisoformat(a_day(0)).replace(day=1) - timedelta(days=1)).isoformat()
