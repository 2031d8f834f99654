"""The README's pictures: `python -m tests.support.pictures` runs the sample factory and takes them anew."""

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from engine.house.browser import FLAGS, find_browser
from tests.support.live_site import running_site
from tests.support.pack_site import ROOT

PICTURES = {"cockpit": ("/dashboards/cockpit", 1280, 800, "zh-CN"), "stock": ("/registers/stock", 1280, 640, "en"),
            "phone": ("/forms/sales_order/new", 390, 760, "zh-CN")}  # fmt: skip


def main() -> None:
    """Take them."""
    found = find_browser()
    assert found is not None
    target = ROOT / "engine" / "docs" / "pictures"
    target.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        sync_playwright() as playwright,
        running_site(f"sqlite:///{folder}/site.db", Path(folder), sample=True) as site,
    ):
        browser = playwright.chromium.launch(executable_path=found.program, args=list(FLAGS), env={**found.environment})
        for name, (path, width, height, language) in PICTURES.items():
            page = browser.new_context(viewport={"width": width, "height": height}, locale=language).new_page()
            page.goto(site.url)
            page.fill("#login", "manager")
            page.fill("#password", "manager")
            page.click("button.primary")
            page.locator(".tiles").first.wait_for()
            page.goto(site.url + path)
            page.wait_for_load_state("networkidle")
            page.wait_for_timeout(1500)
            page.screenshot(path=target / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main()
