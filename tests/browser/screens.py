"""What browser tests share: widths and languages, signing in, pictures, and what axe finds."""

import pytest
from playwright.sync_api import Page, expect

from tests.support.live_site import Client, LiveSite
from tests.support.pack_site import ROOT

SHOTS = ROOT / "tests" / "artefacts"
AXE = ROOT / "designer" / "node_modules" / "axe-core" / "axe.min.js"
expect.set_options(timeout=15_000)

SIZES = pytest.mark.parametrize(
    "page", [(1280, 800, "zh-CN"), (390, 844, "en")], indirect=True, ids=["desk-zh", "phone-en"]
)


def sign_in(page: Page, site: LiveSite, login: str, password: str = "") -> None:
    page.goto(site.url)
    page.fill("#login", login)
    page.fill("#password", password or login)
    page.click("button.primary")
    expect(page.locator(".tiles").first).to_be_visible()


def come_in(page: Page, client: Client) -> None:
    """Signed in without the page that asks for it: with the session of a client."""
    cookies = client.http.cookies.jar
    page.context.add_cookies(
        [{"name": c.name, "value": c.value or "", "url": str(client.http.base_url)} for c in cookies]
    )


def shot(page: Page, name: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png")


def no_sideways_scroll(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def axe_problems(page: Page) -> list[str]:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    result = page.evaluate("axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']})")
    return [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in result["violations"]]
