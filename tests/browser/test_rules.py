"""Rules on the screen: their page, their warnings, and what they did to a record."""

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.rules_at_work import a_busy_day, add_clerk, write_pack
from tests.browser.screens import SIZES, axe_problems, no_sideways_scroll, shot, sign_in
from tests.support.live_site import LiveSite, running_site

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    """The workshop with rules, after a busy day."""
    folder = tmp_path_factory.mktemp("workshop")
    pack = write_pack(folder / "pack")
    with running_site(f"sqlite:///{folder / 'site.db'}", folder, pack=str(pack)) as running:
        client = running.client()
        add_clerk(running)
        a_busy_day(client)
        until(lambda: client.get("/rules")["stuck"])
        until(lambda: client.get("/rules/firings", rule="Buy what is asked for")["firings"])
        yield running


@pytest.fixture(scope="module")
def site_without_rules(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    """The workshop whose pack has no rules, and a clerk."""
    folder = tmp_path_factory.mktemp("quiet")
    pack = write_pack(folder / "pack", "")
    with running_site(f"sqlite:///{folder / 'site.db'}", folder, pack=str(pack)) as running:
        add_clerk(running)
        yield running


def until(found: Any) -> None:
    deadline = time.monotonic() + 30
    while not found():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def is_zh(request: pytest.FixtureRequest) -> bool:
    return "zh" in request.node.callspec.id


def head(page: Page, rule: str) -> Any:
    return page.locator(f"[data-rule='{rule}'] .rule-head")


def fill_request(page: Page, site: LiveSite, code: str, quantity: str) -> None:
    page.goto(f"{site.url}/forms/request/new")
    page.fill("#f-code", code)
    page.fill("#f-quantity", quantity)


def press(page: Page, zh: bool, chinese: str, english: str) -> None:
    page.get_by_role("button", name=chinese if zh else english, exact=True).click()


@SIZES
def test_rules_stand_in_their_order(page: Page, site: LiveSite, request: pytest.FixtureRequest) -> None:
    """An administrator reads from the menu which rules there are, in their order and language, what they did, and what is stuck."""
    zh = is_zh(request)
    sign_in(page, site, "admin")
    if not zh:
        page.locator(".only-phone").click()
    page.locator(".side nav a", has_text="规则" if zh else "Rules").click()
    expect(page.locator(".rule-name").first).to_have_text("Large request")
    expect(page.locator(".rules .order")).to_have_text([str(n) for n in range(1, 8)])
    expect(head(page, "Morning round")).to_contain_text("下次" if zh else "next due")
    expect(page.locator(".stuck")).to_contain_text("将重试" if zh else "will be tried again")
    expect(page.locator(".stuck")).to_contain_text("number(code)")
    shot(page, f"rules-{'zh' if zh else 'en'}")

    head(page, "Urgent").click()
    more = page.locator("[data-rule='Urgent'] .rule-more")
    expect(more.locator(".code .line").nth(3)).to_have_text(
        re.compile("^当 进入 open 时" if zh else "^when enters open")
    )
    expect(more.locator(".firings a").first).to_have_text("101")
    expect(more.locator(".deeds").first).to_contain_text('grade = "A"')
    more.locator("summary").first.click()
    expect(more.locator(".read-values dl").first).to_contain_text("200")
    page.wait_for_load_state("networkidle")
    assert no_sideways_scroll(page)
    assert axe_problems(page) == []
    more.scroll_into_view_if_needed()
    shot(page, f"rule-{'zh' if zh else 'en'}")
    page.locator(".top button[lang]").click()
    expect(more.locator(".code .line").nth(3)).to_have_text(
        re.compile("^when enters open" if zh else "^当 进入 open 时")
    )


@SIZES
def test_rules_are_found_by_text_form_and_keyboard(page: Page, site: LiveSite, request: pytest.FixtureRequest) -> None:
    """A search reads names and texts, a filter the forms; arrow keys go from rule to rule and Enter opens one; a link opens its rule."""
    zh = is_zh(request)
    sign_in(page, site, "admin")
    page.goto(f"{site.url}/rules")
    search = page.locator("input[type=search]")
    search.fill("purchase")
    expect(page.locator(".rule-name")).to_have_text(["Buy what is asked for"])
    search.fill("nothing at all")
    expect(page.locator(".rules")).to_have_count(0)
    press(page, zh, "清除搜索和筛选", "Clear search and filters")
    expect(page.locator(".rule")).to_have_count(7)
    page.select_option(".form-filter", "request")
    expect(page.locator(".rule")).to_have_count(7)
    head(page, "Large request").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(head(page, "Never so many")).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("End")
    expect(head(page, "Sort by number")).to_be_focused()
    page.locator(".stuck button").click()
    expect(head(page, "Sort by number")).to_have_attribute("aria-expanded", "true")
    page.goto(f"{site.url}/rules?rule=Urgent")
    expect(page.locator("[data-rule='Urgent'] .code")).to_be_visible()


@SIZES
def test_a_warning_is_read_and_overridden(page: Page, site: LiveSite, request: pytest.FixtureRequest) -> None:
    """A rule warns at its field; an edit withdraws the offer; saving all the same sends the accepted rule under a key of its own."""
    zh = is_zh(request)
    sent: list[Request] = []
    page.on("request", lambda r: sent.append(r) if r.method == "POST" and r.url.endswith("/records") else None)
    sign_in(page, site, "admin")
    fill_request(page, site, f"77{int(zh)}", "50")
    press(page, zh, "保存", "Save")
    alert = page.locator(".alert.warned")
    expect(alert).to_contain_text("超过十件，确定吗？" if zh else "More than ten pieces: is that what you want?")
    expect(page.locator(".field.warned[data-field=quantity] .wrong-text")).to_be_visible()
    assert no_sideways_scroll(page)
    assert axe_problems(page) == []
    shot(page, f"warned-{'zh' if zh else 'en'}")
    press(page, zh, "继续修改", "Keep editing")
    expect(alert).to_have_count(0)
    expect(page.locator("#f-quantity")).to_have_value("50")
    expect(page.locator("#f-quantity")).to_be_focused()

    press(page, zh, "保存", "Save")
    again = page.get_by_role("button", name="仍然保存" if zh else "Save all the same")
    expect(again).to_be_visible()
    page.fill("#f-note", "for the fair")
    expect(again).to_have_count(0)
    press(page, zh, "保存", "Save")
    again.click()
    expect(page.locator("h1")).to_have_text(f"77{int(zh)}")
    bodies = [r.post_data_json for r in sent]
    assert [b.get("accept") for b in bodies if b is not None] == [None, None, None, ["Large request"]]
    assert len({r.headers["idempotency-key"] for r in sent}) == 4

    page.fill("#f-quantity", "60")
    press(page, zh, "保存", "Save")
    again.click()
    expect(page.get_by_role("button", name="保存" if zh else "Save", exact=True)).to_be_disabled()
    expect(page.locator("#f-quantity")).to_have_value("60")
    fired = site.client().get("/rules/firings", rule="Large request")["firings"]
    assert fired[0]["did"] == ["warning overridden: More than ten pieces: is that what you want?"]


@SIZES
def test_what_is_no_warning_cannot_be_overridden(page: Page, site: LiveSite, request: pytest.FixtureRequest) -> None:
    """Beside a refusal, and for who has no right to override, a warning is only a problem."""
    zh = is_zh(request)
    again = page.get_by_role("button", name="仍然保存" if zh else "Save all the same")
    sign_in(page, site, "admin")
    fill_request(page, site, "1", "5000")
    press(page, zh, "保存", "Save")
    expect(page.locator(".alert li")).to_have_count(2)
    expect(again).to_have_count(0)
    expect(page.locator(".alert.warned")).to_have_count(0)

    page.context.clear_cookies()
    sign_in(page, site, "clerk", "clerk-1234")
    fill_request(page, site, "1", "50")
    press(page, zh, "保存", "Save")
    expect(page.locator(".alert.warned")).to_contain_text("超过十件" if zh else "More than ten")
    expect(again).to_have_count(0)


@SIZES
def test_deleting_all_the_same(page: Page, site: LiveSite, request: pytest.FixtureRequest) -> None:
    """A rule that warns of a deletion can be overridden as well; the button says what it will do."""
    zh = is_zh(request)
    made = site.client().created("request", {"code": f"5{int(zh)}", "quantity": 1, "grade": "C"})
    sign_in(page, site, "admin")
    page.goto(f"{site.url}/forms/request/{made['id']}")
    press(page, zh, "删除", "Delete")
    page.locator(".dialog .button.danger").click()
    expect(page.locator(".alert.warned")).to_contain_text("此申请已定级。" if zh else "It is graded.")
    press(page, zh, "仍然删除", "Delete all the same")
    expect(page).to_have_url(f"{site.url}/forms/request")


@SIZES
def test_history_names_rules(page: Page, site: LiveSite, request: pytest.FixtureRequest) -> None:
    """A record's history tells comments in words and what rules did by their names; an administrator reads the values, too."""
    zh = is_zh(request)
    records = site.client().get("/forms/request/records", filter='code = "101"')["records"]
    sign_in(page, site, "admin")
    page.goto(f"{site.url}/forms/request/{records[0]['id']}")
    press(page, zh, "历史", "History")
    entries = page.locator(".history .entry")
    expect(entries).to_have_count(3)
    expect(entries.nth(0)).to_contain_text(
        "由规则“Buy what is asked for”修改" if zh else "by rule “Buy what is asked for”"
    )
    expect(entries.nth(1).locator("blockquote")).to_have_text(
        "金额 200，定为 A 级。" if zh else "Costs 200, so it is grade A."
    )
    expect(entries.nth(2).locator(".fired")).to_contain_text("规则“Urgent”已触发" if zh else "Rule “Urgent” fired")
    entries.nth(2).locator("summary").click()
    expect(entries.nth(2).locator("dl")).to_contain_text("quantity")
    assert no_sideways_scroll(page)
    assert axe_problems(page) == []
    entries.nth(1).scroll_into_view_if_needed()
    shot(page, f"history-{'zh' if zh else 'en'}")
    entries.nth(2).locator(".fired a").click()
    expect(head(page, "Urgent")).to_have_attribute("aria-expanded", "true")


@SIZES
def test_rules_page_without_rules_rights_or_server(
    page: Page, site_without_rules: LiveSite, request: pytest.FixtureRequest
) -> None:
    """Without rules the page says where they are written; without an answer it offers to try again; others than administrators see none."""
    zh, site = is_zh(request), site_without_rules
    sign_in(page, site, "admin")
    page.goto(f"{site.url}/rules")
    expect(page.locator(".empty")).to_contain_text("此应用包没有规则。" if zh else "This pack has no rules.")
    assert axe_problems(page) == []
    shot(page, f"no-rules-{'zh' if zh else 'en'}")
    page.route("**/api/v1/rules", lambda route: route.abort())
    page.reload()
    expect(page.locator(".empty[role=alert]")).to_be_visible()
    page.unroute("**/api/v1/rules")
    press(page, zh, "重试", "Try again")
    expect(page.locator(".empty strong")).to_be_visible()

    page.context.clear_cookies()
    sign_in(page, site, "clerk", "clerk-1234")
    expect(page.locator(".side a[href='/rules']")).to_have_count(0)
    page.goto(f"{site.url}/rules")
    expect(page.locator(".empty")).to_contain_text("管理员" if zh else "administrators")
