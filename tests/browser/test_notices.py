"""Of what people are notified, and how: in the room's menu, the title, the tab and the browser."""

import pytest
from playwright.async_api import expect
from tests.browser.conftest import Tab
from tests.browser.house import Person, Server, speaking

DESK = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 780}


async def be_quiet(person: Person, choice: str) -> None:
    await person.choose("Notifications")
    dialog = person.page.get_by_role("dialog")
    await dialog.get_by_label(choice).check()
    await person.page.keyboard.press("Escape")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
async def test_a_room_is_silenced_in_its_menu_and_on_all_devices(tab: Tab, fresh: Server, size):
    john, other = await tab(fresh.url), await tab(fresh.url)
    await john.page.set_viewport_size(size)
    await other.enter("john")
    await john.enter("john")
    async with speaking(fresh, "admin") as admin:
        await admin.ask("room:create", {"room": "plans"})
        await john.join("plans")
        await john.page.get_by_label("Room menu").click()
        item = john.page.locator(".room-head .menu-item", has_text="Notifications")
        await expect(item).to_contain_text("Mentions")
        await john.page.get_by_label("Room menu").click()
        await be_quiet(john, "Nothing")
        link = other.page.locator(".room-link", has_text="plans")
        await expect(link.get_by_text("no notifications")).to_have_count(1)
        for tab_ in (john, other):
            await tab_.page.goto(f"{fresh.url}/#support")
        # What is said there is counted on the list, and not in the title.
        await admin.ask("join:room", {"room": "plans"})
        await admin.ask("chat", {"room": "plans", "text": "hello"})
        await expect(link.locator(".unread")).to_contain_text("1")
        await expect(other.page).to_have_title("support · Conclave")
        await other.page.goto(f"{fresh.url}/#plans")
        await be_quiet(other, "All messages")
        await john.page.goto(f"{fresh.url}/#plans")
        await john.page.get_by_label("Room menu").click()
        await expect(item).to_contain_text("All messages")


async def test_who_is_silenced_by_a_kick_meanwhile_reads_why(tab: Tab, fresh: Server):
    john = await tab(fresh.url)
    await john.enter("john")
    async with speaking(fresh, "admin") as admin:
        await admin.ask("room:create", {"room": "plans"})
        await john.join("plans")
        await john.choose("Notifications")
        dialog = john.page.get_by_role("dialog")
        await expect(dialog.get_by_label("Mentions")).to_be_checked()
        await admin.ask("room:kick", {"room": "plans", "user": "user1"})
    await expect(dialog).to_have_count(0)
