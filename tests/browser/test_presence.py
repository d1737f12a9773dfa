"""How people are: set beside one's name, away by itself and back at once; and who types stops."""

import asyncio

import pytest
from playwright.async_api import expect
from tests.browser.conftest import Tab
from tests.browser.house import Person, Server

DESK = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 780}
# Minutes.
SOON = "localStorage.setItem('conclave.wishes.user1', JSON.stringify([['away', 0.04]]))"


async def both_in_general(tab: Tab, fresh: Server, size) -> tuple[Person, Person]:
    john, admin = await tab(fresh.url), await tab(fresh.url)
    await john.page.set_viewport_size(size)
    await john.enter("john")
    await john.join("general")
    await admin.enter("admin")
    await admin.join("general")
    return john, admin


def seen(admin: Person):
    """John, as admin sees him among the people."""
    return admin.page.locator(".person", has_text="john")


@pytest.mark.slow
@pytest.mark.parametrize(
    "size", [pytest.param(DESK, id="desk"), pytest.param(PHONE, id="phone", marks=pytest.mark.slow)]
)
async def test_one_says_how_one_is_beside_ones_name(tab: Tab, fresh: Server, size):
    john, admin = await both_in_general(tab, fresh, size)
    for label, shown in (("Do not disturb", "not to be disturbed"), ("Here", "")):
        await john.page.locator(".presence-menu summary").click()
        menu = john.page.locator(".presence-menu")
        await menu.get_by_role("button", name=label, exact=True).click()
        menu = john.page.locator(".presence-menu summary")
        await expect(menu).to_have_accessible_name(f"Presence: {label}")
        if shown:
            await expect(seen(admin)).to_contain_text(shown, ignore_case=True)
        else:
            await expect(seen(admin)).not_to_contain_text("disturb")
    await john.page.locator(".presence-menu summary").click()
    await john.page.locator(".presence-menu .menu-item", has_text="Invisible").click()
    await expect(admin.page.locator(".person[data-here=true]", has_text="john")).to_have_count(0)


@pytest.mark.slow
async def test_who_touches_nothing_is_away_and_back_with_the_first_key(tab: Tab, fresh: Server):
    john, admin = await both_in_general(tab, fresh, DESK)
    await john.page.evaluate(SOON)
    await john.page.reload()
    await john.connected("john")
    await expect(seen(admin)).to_contain_text("away", ignore_case=True, timeout=10_000)
    await asyncio.sleep(3)
    await john.page.keyboard.press("Shift")
    begun = asyncio.get_running_loop().time()
    await expect(seen(admin)).not_to_contain_text("away", ignore_case=True)
    assert asyncio.get_running_loop().time() - begun < 2
    await expect(seen(admin)).to_contain_text("away", ignore_case=True, timeout=10_000)


@pytest.mark.slow
async def test_when_one_is_away_by_itself_is_chosen(tab: Tab, fresh: Server):
    john, _ = await both_in_general(tab, fresh, DESK)
    dialog = await john.account("Notifications")
    await expect(dialog.get_by_label("Away after")).to_have_value("5")
    await dialog.get_by_label("Away after").select_option("0")
    await john.page.reload()
    dialog = await john.account("Notifications")
    await expect(dialog.get_by_label("Away after")).to_have_value("0")


@pytest.mark.slow
async def test_typing_ends_however_it_ends(tab: Tab, fresh: Server):
    john, admin = await both_in_general(tab, fresh, DESK)
    line = admin.page.locator(".typing")
    typed = john.page.locator("#composer")
    for end in ("empty", "send", "wait", "close"):
        await typed.press_sequentially("words")
        await expect(line, end).to_contain_text("john")
        if end == "empty":
            await typed.fill("")
        elif end == "send":
            await typed.press("Enter")
        elif end == "close":
            await john.page.close()
        await expect(line).not_to_contain_text("john", timeout=10_000)
        if end == "wait":
            await typed.fill("")
