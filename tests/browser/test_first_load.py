"""What the first load costs: bytes over the wire, and seconds until one can begin."""

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect
from tests.browser.conftest import Tab
from tests.browser.house import Server

# What issue and house promise for the sign-in page, which is where everybody begins.
DOOR_BYTES = 150_000
# With the house behind it: what comes once somebody is in. Nothing promises this one.
HOUSE_BYTES = 235_000
INTERACTIVE_S = 1.0
# Somebody else may be at work on this machine for a moment.
TRIES = 5


class Load:
    """What a page fetches, as the browser counts it: with the head of each answer."""

    def __init__(self) -> None:
        self.urls: list[str] = []
        self.bytes = 0

    @classmethod
    async def of(cls, page: Page) -> "Load":
        load = cls()
        cdp = await page.context.new_cdp_session(page)
        await cdp.send("Network.enable")
        cdp.on("Network.requestWillBeSent", lambda event: load.urls.append(event["request"]["url"]))
        cdp.on("Network.loadingFinished", load._finished)
        return load

    def _finished(self, event: dict[str, Any]) -> None:
        self.bytes += int(event["encodedDataLength"])


async def a_cold_visit(context: BrowserContext, server: Server) -> tuple[float, Load]:
    """Open the page as somebody new; return when one could begin, in seconds, and its load."""
    page = await context.new_page()
    load = await Load.of(page)
    await page.goto(server.url)
    # Whoever can press it and is answered can begin: the click opens the field for a token.
    await page.get_by_role("button", name="Use a password").click()
    await expect(page.get_by_label("Password", exact=True)).to_be_visible()
    begun = await page.evaluate("performance.now() / 1000")
    await page.wait_for_load_state("networkidle")
    return begun, load


@pytest.mark.alone
async def test_the_first_load_is_small_and_one_can_begin_within_a_second(
    browser: Browser, server: Server
):
    times: list[float] = []
    for _ in range(TRIES):
        context = await browser.new_context(viewport={"width": 1280, "height": 800})
        seconds, load = await a_cold_visit(context, server)
        await context.close()
        times.append(seconds)
        assert load.bytes <= DOOR_BYTES
        assert len(load.urls) > 50
        if seconds <= INTERACTIVE_S:
            break
    print(f"\nfirst load: {load.bytes} bytes, {len(load.urls)} requests, {times} s")
    assert min(times) <= INTERACTIVE_S


async def test_what_is_asked_for_early_is_exactly_what_the_first_view_imports(tab: Tab):
    john = await tab()
    load = await Load.of(john.page)
    await john.open()
    await expect(john.page.get_by_role("button", name="Enter as john")).to_be_visible()
    await john.page.wait_for_load_state("networkidle")
    asked = await john.page.locator("link[rel=modulepreload]").evaluate_all(
        "(links) => links.map((link) => link.href)"
    )
    scripts = [url for url in load.urls if url.endswith(".js")]
    # The one that asks for the sentences in the language of the browser.
    modules = [url for url in scripts if not url.endswith("/early.js")]
    assert sorted(modules) == sorted(asked)
    assert len(set(modules)) == len(modules)


async def test_the_chat_itself_comes_small_too(tab: Tab):
    john = await tab()
    load = await Load.of(john.page)
    await john.in_new_room("first-load", "A message")
    await john.page.wait_for_load_state("networkidle")
    print(f"\nsigned in: {load.bytes} bytes, {len(load.urls)} requests")
    assert load.bytes <= HOUSE_BYTES


async def fails(page: Page, part: str) -> None:
    await page.route(f"**/{part}", lambda route: route.fulfill(status=404, body=""))


@pytest.mark.slow
async def test_a_part_that_does_not_come_says_so_and_can_be_asked_again(tab: Tab, server: Server):
    john = await tab()
    await john.enter("john")
    await fails(john.page, "Account.js")
    await john.page.get_by_role("button", name="Your account").click()
    bar = john.page.get_by_role("alert")
    await expect(bar).to_contain_text("A part of the page did not come.")
    await john.page.unroute_all()
    await bar.get_by_role("button", name="Reload").click()
    await john.connected("john")
    await john.page.get_by_role("button", name="Your account").click()
    await expect(john.page.get_by_role("dialog", name="Your account")).to_be_visible()
    john.wrong = [wrong for wrong in john.wrong if "404" not in wrong]


async def test_only_assets_are_fetched_and_each_from_the_folder_of_this_version(tab: Tab):
    john = await tab()
    load = await Load.of(john.page)
    await john.enter("john")
    folders = set()
    for url in load.urls:
        found = re.fullmatch(r"/assets/([0-9a-f]{16})/.+", urlsplit(url).path)
        assert found or urlsplit(url).path in ("/", "/ws"), url
        if found:
            folders.add(found[1])
    assert len(folders) == 1
