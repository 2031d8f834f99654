"""The pictures of README and documents: `python -m tests.support.pictures [NAME …]` runs the sample factory and takes them anew, so that
they show today's screens. Costs are shown by the workshop of the browser tests, since the sample factory keeps none.
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, Page, sync_playwright

from engine.house.browser import FLAGS, find_browser
from tests.browser.ledger_at_work import a_day, a_week, write_pack
from tests.browser.screens import come_in
from tests.support.live_site import Client, LiveSite, running_site
from tests.support.pack_site import ROOT

TARGET = ROOT / "engine" / "docs" / "pictures"
SETTLED_MS = 1500
"""Charts and panels have come to rest by then."""


class Picture(NamedTuple):
    """What is shown, how wide and high and in which language; `then` does what a person would do before looking."""

    path: str
    width: int
    height: int
    language: str
    then: Callable[[Page], None] = lambda page: None


def explained(page: Page) -> None:
    """A balance with what is behind it."""
    page.locator("[data-measure=available]").nth(2).click()
    page.get_by_role("dialog").locator(".rule-of").first.click()


def chosen(page: Page) -> None:
    """What a fire door is made of."""
    page.fill("#parent", "FM-A90")
    page.locator(".option").first.click()


def reasoned(page: Page) -> None:
    """A frame that is to be made, and why."""
    page.locator("tr[data-key^=MK-90]").get_by_role("button").click()


def refused(page: Page) -> None:
    """An order for more than there is."""
    for box, text in [("#f-customer", "C001"), ("#f-warehouse", "W3"), ("[id='f-lines-0-item']", "GJ-90")]:
        page.fill(box, text)
        page.locator(".option").first.click()
    page.locator("[id='f-lines-0-quantity']").first.fill("9999")
    page.locator(".bar .primary").click()
    page.locator(".alert").first.wait_for()
    page.evaluate("scrollTo(0, 0)")


def followed(page: Page) -> None:
    """The value of a door, down to the receipt of its steel."""
    page.get_by_role("group").get_by_role("button").nth(1).click()
    page.locator("tr[data-key^=DOOR] [data-measure=worth]").click()
    page.locator(".rule-of").last.click()
    steps = page.locator("[data-side=from] .twist")
    for depth in range(4):
        steps.nth(depth).click()
    page.locator(".why").evaluate("e => e.closest('tr').scrollIntoView()")


FACTORY = {
    "cockpit": Picture("/dashboards/cockpit", 1280, 800, "zh-CN"), "stock": Picture("/registers/stock", 1280, 720, "en", explained),
    "structure": Picture("/structures/bom", 1280, 720, "en", chosen), "plan": Picture("/planners/restock", 1280, 720, "zh-CN", reasoned),
    "phone": Picture("/forms/sales_order/new", 390, 760, "zh-CN", refused),
}  # fmt: skip
WORKSHOP = {"cost": Picture("/registers/goods", 1280, 720, "en", followed)}


def main(*names: str) -> None:
    """Take those named, or all."""
    found = find_browser()
    assert found is not None
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found.program, args=list(FLAGS), env={**found.environment})
        for pictures, pack in ((FACTORY, ""), (WORKSHOP, str(write_pack(Path(folder) / "pack")))):
            wanted = {name: p for name, p in pictures.items() if not names or name in names}
            place = Path(folder) / ("workshop" if pack else "factory")
            place.mkdir()
            options = {"pack": pack} if pack else {"sample": True}
            if wanted:
                with running_site(f"sqlite:///{place}/site.db", place, **options) as site:
                    client = site.client()
                    if pack:
                        made_of_steel(client)
                    for name, picture in wanted.items():
                        take(browser, site, client, name, picture)
        browser.close()


def made_of_steel(client: Client) -> None:
    """Leaves of steel, and doors of leaves."""
    ids = a_week(client)
    for made, good, part, quantity in [("LEAF", "4", "STEEL", "8"), ("DOOR", "2", "LEAF", "4")]:
        lines = [{"part": ids[part], "quantity": quantity}]
        client.created(
            "making", {"day": a_day(0), "place": ids["A-01"], "made": ids[made], "good": good, "lines": lines}
        )


def take(browser: Browser, site: LiveSite, client: Client, name: str, picture: Picture) -> None:
    """One picture."""
    size = {"width": picture.width, "height": picture.height}
    context = browser.new_context(viewport=size, locale=picture.language)  # type: ignore[arg-type]
    page = context.new_page()
    come_in(page, client)
    page.goto(site.url + picture.path)
    page.locator("h1").wait_for()
    page.wait_for_load_state("networkidle")
    picture.then(page)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(SETTLED_MS)
    page.screenshot(path=TARGET / f"{name}.png")
    context.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
