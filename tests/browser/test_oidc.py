"""Signing in by a provider, in a real browser: there and back, linked, refused, and out again."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect
from tests.browser.house import Person
from tests.browser.household import Guests, Household
from tests.support.oidc_provider import oidc_provider

pytestmark = [pytest.mark.browser, pytest.mark.slow]


async def agree(page: Page, login: str) -> None:
    """Sign in at the provider, whose pages these are, and let it tell who one is."""
    await page.locator("input[name=login]").fill(login)
    await page.locator("input[name=password]").fill("anything")
    await page.locator("button[type=submit]").click()
    await page.get_by_role("button", name="Continue").click()


async def test_there_and_back_and_what_is_linked(browser: Browser, tmp_path: Path):
    with oidc_provider() as provider:
        server = Household(tmp_path)
        file = provider.write(tmp_path, accounts="create")
        server.options = ("--oidc", str(file), "--rate", "0")
        await provider.serve(server.url)
        server.start()
        try:
            server.settle("root")
            eve, root = await Guests(browser, server.url)(), await Guests(browser, server.url)()
            await comes_in(eve)
            await links(root)
        finally:
            server.close()


async def comes_in(eve: Person) -> None:
    await eve.open()
    await eve.page.get_by_role("button", name="Sign in with House").click()
    await agree(eve.page, "u-eve")
    await eve.connected("Eve")
    assert "/oidc/" not in eve.page.url
    assert "code=" not in eve.page.url
    await eve.page.reload()
    await eve.connected("Eve")
    # What stood in the address is worth nothing to whoever finds it in a history.
    await eve.sign_out()
    await eve.page.goto(f"{eve.url}/oidc/house/callback?state=x&code=y")
    await expect(eve.page.get_by_role("alert")).to_contain_text("did not work")
    await eve.page.context.close()


async def links(root: Person) -> None:
    await root.open()
    await root.sign_in("root")
    await root.connected("root")
    dialog = await root.account("Second factors")
    await dialog.get_by_role("button", name="Link with House").click()
    await agree(root.page, "u-ada")
    dialog = root.page.get_by_role("dialog", name="Your account")
    await dialog.get_by_role("button", name="Remove House").wait_for()
    await root.page.keyboard.press("Escape")
    await root.sign_out()
    await root.page.get_by_role("button", name="Sign in with House").click()
    await root.connected("root")
    await root.page.context.close()
