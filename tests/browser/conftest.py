"""The page of a browser test."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser as Running
from playwright.sync_api import Page, sync_playwright

from engine.house.browser import FLAGS, Browser


@pytest.fixture(scope="session")
def running(chromium: Browser) -> Iterator[Running]:
    """The browser, started once: starting it for each test took as long as many of them."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.program, args=list(FLAGS), env={**chromium.environment}
        )
        yield browser
        browser.close()


@pytest.fixture
def page(running: Running, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page at desk or phone width, in the wanted language, with cookies of its own; anything the console complains of fails the test."""
    width, height, language = request.param
    context = running.new_context(viewport={"width": width, "height": height}, locale=language, has_touch=width < 600)
    page = context.new_page()
    page.set_default_timeout(15_000)
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    yield page
    page.unroute_all(behavior="ignoreErrors")
    context.close()
    assert broken == []
