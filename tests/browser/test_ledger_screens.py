"""Registers, structures and planners on the screen: every number can be asked for its reasons, at a desk in Chinese and on a phone in English."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from engine.actions import open_engine, perform
from engine.actions.commands import PutUser
from engine.actor import SYSTEM
from engine.effects import Outcome
from tests.browser.ledger_at_work import a_day, a_week, write_pack
from tests.browser.screens import SIZES, axe_problems, come_in, no_sideways_scroll, shot
from tests.support.live_site import Client, LiveSite, running_site

pytestmark = pytest.mark.browser


@dataclass(frozen=True)
class Shop:
    """The running workshop and the ids of what is in it."""

    site: LiveSite
    ids: dict[str, str]
    client: Client

    def open(self, page: Page, path: str) -> None:
        page.goto(self.site.url + path)
        expect(page.locator("h1")).to_be_visible()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The workshop after a week, with somebody who may look at all but issues."""
    yield from a_shop(tmp_path_factory.mktemp("workshop"))


def a_shop(folder: Path) -> Iterator[Shop]:
    """A workshop of its own, as long as it is needed."""
    pack = write_pack(folder / "pack")
    with running_site(f"sqlite:///{folder / 'site.db'}", folder, pack=str(pack)) as running:
        client = running.client()
        ids = a_week(client)
        engine = open_engine(running.database_url)
        made = perform(engine, PutUser("looker", "Lou", "looker-1234", ("looker",), "en", False), SYSTEM)
        engine.store.close()
        assert isinstance(made, Outcome)
        yield Shop(running, ids, client)


def is_zh(request: pytest.FixtureRequest) -> bool:
    return "zh" in request.node.callspec.id


def sound(page: Page, name: str, zh: bool) -> None:
    """No sideways scroll, nothing that axe finds, and a picture."""
    page.wait_for_load_state("networkidle")
    assert no_sideways_scroll(page), name
    assert axe_problems(page) == [], name
    shot(page, f"{name}-{'zh' if zh else 'en'}")


def choose(page: Page, box: str, text: str) -> None:
    page.locator(box).click()
    page.locator(box).fill(text)
    page.locator(".option", has_text=text).first.click()


@SIZES
def test_a_balance_is_explained(page: Page, shop: Shop, request: pytest.FixtureRequest) -> None:
    """A number opens the movements behind it with the balance after each, down to nothing; movements of value alone say why."""
    zh = is_zh(request)
    come_in(page, shop.client)
    shop.open(page, "/registers/goods")
    sound(page, "register", zh)
    page.get_by_role("button", name="库位" if zh else "Place", exact=True).click()
    row = page.locator("tr[data-key='STEEL 镀锌钢板 1.2 mm']")
    expect(row.locator("[data-measure=there]")).to_have_text("34.25")
    row.locator("[data-measure=worth]").click()
    sheet = page.get_by_role("dialog")
    expect(sheet.locator("h2").first).to_have_text("金额 4,064.06" if zh else "Value 4,064.06")
    rows = sheet.locator(".movements tbody tr")
    expect(rows).to_have_count(6)
    expect(rows.locator(".after")).to_have_text(["4,064.06", "4,081.54", "5,043", "3,543", "3,453"])
    expect(rows.nth(0)).to_contain_text("仅金额：成本更正" if zh else "Value only: cost corrected")
    expect(rows.nth(3)).to_contain_text("仅金额：后到费用" if zh else "Value only: late cost")
    expect(rows.nth(3)).to_contain_text("+90")
    expect(rows.nth(5).locator("td").last).to_have_text("0")
    sound(page, "explain", zh)
    rule = rows.nth(4).get_by_role("button")
    expect(rule).to_have_text("为什么？" if zh else "Why?")
    rule.click()
    expect(sheet.locator(".clauses p")).to_have_text(
        ["新建入库单时，对明细的每一行：", "现存量增加 数量", "金额增加 if amount = null then 0 else amount", "维度：物料、库位", "生效日：日期"]
        if zh
        else ["When a Receipt is created, for every row of Lines:", "add Quantity to On hand",
              "add if amount = null then 0 else amount to Value", "of Part, Place", "taking effect on Day"]
    )  # fmt: skip
    expect(sheet.locator(".why h4 code")).to_have_text("receive")
    expect(sheet.locator(".why h4").last).to_contain_text("金额 3,543" if zh else "Value 3,543")
    sound(page, "explain-rule", zh)
    rule.click()
    expect(sheet.locator(".clauses")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    expect(row.locator("[data-measure=worth]")).to_be_focused()
    row.locator("[data-measure=free]").press("Enter")
    expect(rows.locator(".after")).to_have_text(["32.25", "34.25", "42.5", "30"])
    rows.nth(2).get_by_role("link").click()
    expect(page.locator("h1")).to_have_text("RE-0002")


@SIZES
def test_as_of_a_day_and_for_one_place(page: Page, shop: Shop, request: pytest.FixtureRequest) -> None:
    """As of a day, balance and explanation leave out what came later; a filter narrows both."""
    zh = is_zh(request)
    come_in(page, shop.client)
    shop.open(page, "/registers/goods")
    choose(page, "#only-part", "STEEL")
    page.locator("input[type=date]").fill(a_day(-20))
    row = page.locator("tr[data-key*=STEEL]")
    expect(row).to_have_count(1)
    expect(row.locator("[data-measure=there]")).to_have_text("30")
    page.route("**/registers/goods/movements?**", counted)
    row.locator("[data-measure=there]").click()
    sheet = page.get_by_role("dialog")
    expect(sheet.locator(".movements .state", has_text="盘点" if zh else "Count")).to_have_count(1)
    expect(sheet.locator(".movements tbody tr .record").last).to_contain_text("RE-0001")
    expect(sheet.locator(".opening td").last).to_have_text("0")
    expect(sheet.get_by_text("IS-0001")).to_have_count(0)
    page.get_by_role("button", name="关闭" if zh else "Close").click()
    page.get_by_role("button", name="更多筛选" if zh else "More filters").click()
    choose(page, "#only-place", "B-02")
    expect(page.get_by_text("这里没有库存。" if zh else "Nothing in stock here.")).to_be_visible()


def counted(route: Route) -> None:
    """What the engine answers, as if the earliest movement were a count."""
    answer = route.fetch()
    body = answer.json()
    assert body["rows"][-1]["count"] is False
    body["rows"][-1]["count"] = True
    route.fulfill(response=answer, json=body)


def test_who_may_not_see_a_record_is_not_told_its_number(shop: Shop) -> None:
    """Movements of records that one may not read have no title; a balance is still explained."""
    rows = shop.site.client("looker", "looker-1234").get("/registers/goods/movements", part=shop.ids["LOCK"], order="day")["rows"]  # fmt: skip
    assert [(r["form"], r["record"]["title"]) for r in rows] == [("issue", ""), ("receipt", "RE-0001")]


@SIZES
def test_a_shortage_is_said_in_words(page: Page, shop: Shop, request: pytest.FixtureRequest) -> None:
    """The forecast tells day by day what comes, goes and is left; the tab is in the address and reached by arrow keys."""
    zh = is_zh(request)
    come_in(page, shop.client)
    shop.open(page, "/registers/goods")
    page.get_by_role("tab").first.focus()
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(f"{shop.site.url}/registers/goods?tab=forecast")
    steel = page.locator(".forecast[data-key^='STEEL'][data-key*='A-01']")
    expect(steel.locator("header")).to_contain_text("起短缺 3.25" if zh else ": 3.25 missing")
    days = steel.locator("tbody tr")
    expect(days).to_have_count(3)
    expect(days.nth(1)).to_contain_text("短缺" if zh else "Short")
    expect(days.nth(1).locator("strong")).to_have_text("−3.25")
    expect(days.nth(2).locator("td").last).to_have_text("16.75")
    sound(page, "forecast", zh)


@SIZES
def test_turnover_where_it_is_offered(page: Page, shop: Shop, request: pytest.FixtureRequest) -> None:
    """Months with opening, in, out and closing; a value that is not kept so is a dash; no tab where the engine answers 404."""
    zh = is_zh(request)
    come_in(page, shop.client)
    shop.open(page, "/registers/goods")
    page.get_by_role("tab", name="收发汇总" if zh else "Turnover").click()
    rows = page.locator("table.turnover tbody tr[data-key^='STEEL'][data-key*='A-01']")
    expect(rows.last.locator(".number").last).to_have_text("21.75")
    first = [text.replace("−", "-") for text in rows.first.locator(".number").all_inner_texts()]
    opening, coming, going, closing = (Decimal(text.split()[-1]) for text in first)
    assert opening + coming - abs(going) == closing
    assert coming == 30 or opening == 30
    sound(page, "turnover", zh)
    page.locator("select").select_option("worth")
    expect(rows.first.locator(".number")).to_have_text(["–"] * 4)
    refused = json.dumps({"title": "no", "problems": []})
    page.route(
        "**/balance-and-turnover?**", lambda r: r.fulfill(status=404, content_type="application/json", body=refused)
    )
    shop.open(page, "/registers/goods?tab=turnover")
    expect(page.get_by_role("tab")).to_have_count(3)
    expect(page.get_by_role("tab", selected=True)).to_have_text("结存" if zh else "Balances")


@SIZES
def test_a_structure_is_walked_by_keyboard(page: Page, shop: Shop, request: pytest.FixtureRequest) -> None:
    """From a record to its parts over all levels: arrow keys open, close and walk; quantity and parameter multiply; parts once; where used; versions."""
    zh = is_zh(request)
    come_in(page, shop.client)
    shop.open(page, f"/forms/part/{shop.ids['DOOR']}")
    page.locator(".head").get_by_role("link", name="配方展开" if zh else "Recipes").click()
    rows = page.locator(".tree tbody tr")
    expect(rows).to_have_count(8)
    sound(page, "structure", zh)
    rows.first.focus()
    page.keyboard.press("ArrowLeft")
    expect(rows).to_have_count(6)
    expect(rows.first).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("ArrowDown")
    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.fill("#quantity", "10")
    page.fill("#parameter-w", "1000")
    expect(rows.nth(1).locator(".number")).to_have_text(["1.3", "13"])
    page.get_by_role("button", name="汇总" if zh else "Each part once").click()
    steel = page.locator("tr", has_text="STEEL")
    expect(steel.locator(".number").last).to_have_text("17.2")
    page.get_by_role("tab", name="版本" if zh else "Versions").click()
    changed = page.locator("[data-change]")
    expect(changed).to_have_count(3)
    expect(page.locator("[data-change=removed]")).to_contain_text("HINGE")
    sound(page, "versions", zh)
    shop.open(page, f"/structures/recipes?tab=uses&of={shop.ids['STEEL']}")
    expect(rows).to_have_count(2)
    page.get_by_role("button", name="直到顶层" if zh else "To the top").click()
    expect(rows).to_have_count(4)
    expect(rows.last).to_contain_text("DOOR")
    sound(page, "where-used", zh)


@SIZES
def test_suggestions_and_why(page: Page, shop: Shop, request: pytest.FixtureRequest) -> None:
    """From the menu to the planner: alerts in words, suggestions, why each is there up to the order, buckets; a run writes them."""
    zh = is_zh(request)
    come_in(page, shop.client)
    shop.open(page, "/")
    if not zh:
        page.locator(".only-phone").click()
    page.locator(".side nav a", has_text="需求计划" if zh else "Requirements").click()
    expect(page.locator(".alert.warned")).to_contain_text("超过上限" if zh else "above the maximum")
    lock = page.locator("tr[data-key^='LOCK']")
    expect(lock).to_contain_text("25")
    sound(page, "planner", zh)
    page.locator("tr[data-key^='LEAF']").get_by_role("button").click()
    sheet = page.get_by_role("dialog")
    pegs = sheet.locator(".pegs").first.locator("li")
    expect(pegs).to_have_count(2)
    expect(pegs.nth(1).get_by_role("link")).to_contain_text("WI-0001")
    expect(sheet.locator(".pegs").nth(1)).to_contain_text("STEEL")
    sound(page, "pegging", zh)
    page.keyboard.press("Escape")
    page.locator("#tab-buckets").click()
    expect(page.locator(".forecast[data-key^='LOCK'] tbody tr")).to_have_count(2)
    sound(page, "buckets", zh)
    page.get_by_role("button", name="运行计划" if zh else "Work out suggestions").click()
    expect(page.locator(".running [role=status]")).to_contain_text("上次运行：" if zh else "Last run:", timeout=20_000)
    assert len(shop.client.get("/forms/proposal/records")["records"]) == 7


@SIZES
def test_a_run_is_watched_and_stopped(page: Page, shop: Shop, request: pytest.FixtureRequest) -> None:
    """A run under way has a bar with words and a button that stops it; what the server refuses is said."""
    zh = is_zh(request)
    come_in(page, shop.client)
    running = {"run": "r", "state": "running", "done": 3, "total": 10, "is_running": True}

    def told(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "last_run": running})

    stopped: list[str] = []
    page.route("**/api/v1/planners/needs", told)
    page.on("request", lambda r: stopped.append(r.method) if r.url.endswith("/planners/needs/runs") else None)
    page.goto(f"{shop.site.url}/planners/needs")
    bar = page.get_by_role("progressbar", name="已写入 3 / 10" if zh else "3 of 10 written")
    expect(bar).to_have_attribute("value", "3")
    assert axe_problems(page) == []
    page.get_by_role("button", name="停止" if zh else "Stop", exact=True).click()
    expect(page.locator(".running [role=alert]")).to_be_visible()
    assert stopped == ["DELETE"]


@SIZES
def test_what_if_is_thrown_away(page: Page, shop: Shop, request: pytest.FixtureRequest) -> None:
    """A what-if says all the while that it is none; it tells what would be otherwise, and leaves nothing behind."""
    zh = is_zh(request)
    come_in(page, shop.client)
    before = len(shop.client.get("/forms/proposal/records")["records"])
    shop.open(page, "/planners/needs")
    page.get_by_role("button", name="模拟…" if zh else "What if…").click()
    expect(page.locator(".trial")).to_contain_text("离开即作废" if zh else "thrown away when you leave")
    choose(page, "#try-part", "HINGE")
    choose(page, "#try-place", "A-01")
    page.fill("#try-quantity", "500")
    page.fill("#try-day", a_day(20))
    page.get_by_role("button", name="试算" if zh else "Try it").click()
    only = page.locator("tr[data-key^='HINGE']", has_text="仅模拟" if zh else "only what if")
    expect(only).to_contain_text("500")
    sound(page, "what-if", zh)
    page.get_by_role("button", name="退出模拟" if zh else "Leave what-if").click()
    expect(only).to_have_count(0)
    expect(page.locator(".trial")).to_have_count(0)
    assert len(shop.client.get("/forms/proposal/records")["records"]) == before


@SIZES
def test_a_refusal_tells_who_holds_and_what_can_be_done(page: Page, shop: Shop, request: pytest.FixtureRequest) -> None:
    """Holders and ways out are listed in words under the line, as far as the engine tells them; without them it is as it was."""
    zh = is_zh(request)
    come_in(page, shop.client)

    def hidden(route: Route) -> None:
        answer = route.fetch()
        body = answer.json()
        booking = {"form": "booking", "label": {"en": "Booking", "zh-CN": "预留单"}, "id": None, "title": None}
        holder = {
            **booking,
            "quantity": None,
            "ask": [{"en": "Manager", "zh-CN": "经理"}, {"en": "Sales", "zh-CN": "销售"}],
        }
        body["problems"][0]["params"] |= {"holders": [holder], "advice": [{"kind": "of a later engine"}]}
        route.fulfill(response=answer, json=body)

    page.goto(f"{shop.site.url}/forms/issue/new")
    page.fill("#f-day", a_day(0))
    choose(page, "#f-place", "B-02")
    page.get_by_role("button", name="添加一行" if zh else "Add line").click()
    choose(page, "[id='f-lines-0-part']", "STEEL")
    page.locator("[id='f-lines-0-quantity']").fill("99")
    save = page.get_by_role("button", name="保存" if zh else "Save", exact=True)
    save.click()
    held = page.locator(".alert .held li")
    expect(held.nth(0)).to_have_text("预留单 BO-0001 占用 2 打开" if zh else "Booking BO-0001 holds 2 Open")
    expect(held.nth(1)).to_contain_text("A-01 一号货架 还有 21.75" if zh else "There is 21.75 at")
    expect(held.nth(2)).to_contain_text("到货 15" if zh else "15 is expected on")
    expect(held.nth(3).get_by_role("link")).to_have_attribute("href", "/forms/stocktake/new")
    sound(page, "held", zh)
    page.route("**/forms/issue/records", hidden)
    save.click()
    expect(held).to_have_text(
        ["另一张预留单占用 一部分 · 请联系经理或销售" if zh else "another Booking holds some · ask Manager or Sales"]
    )
