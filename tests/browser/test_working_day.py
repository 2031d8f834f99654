"""A person at work, in a real browser: in Chinese at a desk, and in English on a phone."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.screens import SIZES, axe_problems, no_sideways_scroll, shot, sign_in
from tests.support.live_site import LiveSite, running_site
from tests.support.pack_site import ROOT

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    """The door factory, running."""
    folder = tmp_path_factory.mktemp("site")
    with running_site(f"sqlite:///{folder / 'site.db'}", folder, sample=True) as running:
        yield running


def choose(page: Page, box: Locator, text: str) -> None:
    box.click()
    box.fill(text)
    page.locator(".option", has_text=text).first.click()


def line_field(page: Page, at: int, field: str) -> Locator:
    return page.locator(f"[id='f-lines-{at}-{field}']")


@SIZES
def test_receive_oversell_and_sell(page: Page, site: LiveSite, request: pytest.FixtureRequest) -> None:
    """Goods are received; an order for too much is refused at its line; a smaller one is confirmed; on hand and available part ways."""
    zh = "zh" in request.node.callspec.id
    item = "S-D01" if zh else "S-C02"
    sign_in(page, site, "admin")
    page.goto(f"{site.url}/forms/goods_receipt/new")
    choose(page, page.locator("#f-supplier"), "坚固锁业")
    choose(page, page.locator("#f-warehouse"), "成品仓")
    choose(page, line_field(page, 0, "item"), item)
    line_field(page, 0, "quantity").fill("40")
    choose(page, line_field(page, 0, "location"), "W3-A1")
    page.get_by_role("button", name="过账" if zh else "Post").click()
    expect(page.locator(".state.on")).to_have_text("已过账" if zh else "Posted")
    assert no_sideways_scroll(page)

    page.goto(f"{site.url}/forms/sales_order/new")
    choose(page, page.locator("#f-customer"), "瑞康医院")
    choose(page, page.locator("#f-warehouse"), "成品仓")
    choose(page, line_field(page, 0, "item"), "FD-90")
    line_field(page, 0, "quantity").fill("1")
    page.get_by_role("button", name="添加一行" if zh else "Add line").click()
    choose(page, line_field(page, 1, "item"), item)
    line_field(page, 1, "quantity").fill("41")
    expect(line_field(page, 1, "amount")).not_to_have_text("–")
    page.get_by_role("button", name="确认并锁定库存" if zh else "Confirm and reserve").click()
    alert = page.locator(".alert[role=alert]")
    expect(alert).to_contain_text("需要 41" if zh else "41 wanted")
    expect(alert).to_contain_text("可用 40" if zh else "40 available")
    expect(alert).to_contain_text(item)
    wrong = page.locator("[data-line='1'] + tr .wrong-text" if zh else ".line-card[data-line='1'] > .wrong-text")
    expect(wrong).to_contain_text(item)
    shot(page, f"refused-{'zh' if zh else 'en'}")

    line_field(page, 1, "quantity").fill("15")
    page.get_by_role("button", name="确认并锁定库存" if zh else "Confirm and reserve").click()
    expect(page.locator(".state.on")).to_have_text("已确认" if zh else "Confirmed")

    page.goto(f"{site.url}/registers/stock")
    choose(page, page.locator("#only-item"), item)
    row = page.locator("tr[data-key*='成品仓']", has_text=item)
    expect(row.locator("[data-measure=on_hand]")).to_have_text("40")
    expect(row.locator("[data-measure=reserved]")).to_have_text("15")
    expect(row.locator("[data-measure=available]")).to_have_text("25")
    assert no_sideways_scroll(page)
    shot(page, f"balance-{'zh' if zh else 'en'}")


@SIZES
def test_approval_in_the_inbox(page: Page, site: LiveSite, request: pytest.FixtureRequest) -> None:
    """A large adjustment waits for the manager, who is told, opens it from the inbox and approves it."""
    zh = "zh" in request.node.callspec.id
    keeper = site.client("storekeeper", "storekeeper")
    made = keeper.created("stock_adjustment", {"warehouse": "W1", "reason": "盘盈", "lines": [
        {"item": "GB-20", "quantity": "20", "location": "W1-A1", "unit_value": "115.10"}]}, "submit")  # fmt: skip
    assert made["state"] == "submitted"
    sign_in(page, site, "manager")
    page.goto(f"{site.url}/tasks")
    page.locator("a", has_text=re.compile("SA-")).first.click()
    page.get_by_role(
        "button", name="同意" if page.locator("html").get_attribute("lang") == "zh-CN" else "Approve"
    ).click()
    expect(page.locator(".alert.note")).to_have_count(0)
    expect(page.locator(".state.on")).to_have_text(re.compile("已过账|Posted"))
    told = site.client("manager", "manager").get("/notifications")["notifications"]
    assert any("SA-" in n["text"]["en"] for n in told)
    del zh


@SIZES
def test_live_rules_and_language(page: Page, site: LiveSite) -> None:
    """Rules answer while one types, without the server; the language changes in place; what is wrong is told at its field."""
    sign_in(page, site, "admin")
    page.goto(f"{site.url}/forms/goods_issue/new")
    expect(page.locator("#f-purpose")).to_be_visible()
    expect(page.locator("#f-reason")).to_have_count(0)
    page.route("**/api/**", lambda route: route.abort())
    page.select_option("#f-purpose", "scrap")
    expect(page.locator("#f-reason")).to_be_visible()
    page.unroute("**/api/**")
    page.locator(".bar .button").first.click()
    expect(page.locator("[data-field=reason] .wrong-text")).to_be_visible()
    before = page.locator("h1").inner_text()
    page.locator(".top button[lang]").click()
    expect(page.locator("h1")).not_to_have_text(before)


@SIZES
def test_every_screen_is_accessible(page: Page, site: LiveSite) -> None:
    """axe finds nothing on the main screens, and none scrolls sideways."""
    page.goto(site.url)
    expect(page.locator("#login")).to_be_visible()
    found: dict[str, Any] = {"login": axe_problems(page)}
    sign_in(page, site, "admin")
    for name, path in {
        "home": "/", "list": "/forms/sales_order", "form": "/forms/sales_order/new", "balance": "/registers/stock", "tasks": "/tasks",
        "board": "/dashboards/cockpit", "structure": "/structures/bom", "rules": "/rules",
    }.items():  # fmt: skip
        page.goto(site.url + path)
        expect(page.locator("h1")).to_be_visible()
        page.wait_for_load_state("networkidle")
        assert no_sideways_scroll(page), name
        found[name] = axe_problems(page)
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_the_first_load_is_small() -> None:
    """What a phone loads first, without charts and designer, stays under 200 kB compressed."""
    import gzip

    static = ROOT / "engine" / "web" / "static"
    manifest = json.loads((static / ".vite" / "manifest.json").read_text())
    wanted, files = ["index.html"], set[Path]()
    while wanted:
        chunk = manifest[wanted.pop()]
        files |= {static / chunk["file"], *(static / css for css in chunk.get("css", ()))}
        wanted += chunk.get("imports", [])
    total = sum(len(gzip.compress(f.read_bytes(), 9)) for f in files)

    assert total < 200_000
    assert not any("plotly" in f.name or "Designer" in f.name for f in files)


@SIZES
def test_chinese_is_drawn(page: Page, site: LiveSite) -> None:
    """The browser has a font for Chinese: two characters are drawn, and not as the same empty box."""
    page.goto(site.url)
    drawn = page.evaluate("""['钢', '锁', '\\ue123'].map((c) => {
        const canvas = document.createElement('canvas'); canvas.width = canvas.height = 40;
        const pen = canvas.getContext('2d'); pen.font = '32px system-ui, sans-serif'; pen.fillText(c, 2, 34);
        return pen.getImageData(0, 0, 40, 40).data.filter((v, i) => i % 4 === 3 && v > 0).length + ':' + canvas.toDataURL().length;
    })""")

    assert len(set(drawn)) == 3
    assert all(int(d.split(":")[0]) > 100 for d in drawn[:2])
