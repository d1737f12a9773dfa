"""The office of an admin, on small screens and by keys, and what is asked before it is done."""

import pytest
from playwright.async_api import expect
from tests.browser.conftest import Tab
from tests.browser.house import Person, Server, speaking


async def overflow(person: Person) -> int:
    """Return by how many pixels the widest thing that scrolls is too wide."""
    return await person.page.evaluate(
        """() => Math.max(...["html", ".office-scroll", "dialog[open]", ".section"]
            .flatMap((what) => [...document.querySelectorAll(what)])
            .map((box) => box.scrollWidth - box.clientWidth))"""
    )


@pytest.mark.slow
async def test_nothing_in_the_office_or_in_dialogs_scrolls_sideways_at_320_pixels(
    tab: Tab, server: Server
):
    admin = await tab()
    page = admin.page
    await page.set_viewport_size({"width": 320, "height": 640})
    await admin.enter("admin")
    name = "w" * 60
    async with speaking(server, "admin") as wire:
        await wire.ask("room:create", {"room": name})
    await page.get_by_role("button", name="Office").click()
    parts = ("People", "Invitations", "Rooms", "Bots", "Webhooks", "Reports", "Audit log")
    for part in (*parts, "Connections", "Server"):
        await page.get_by_role("button", name=part, exact=True).click()
        await expect(page.locator(".office .section > *").first).to_be_visible()
        if part in ("People", "Rooms", "Audit log"):
            await expect(page.locator(".table tbody tr").first).to_be_visible()
        assert await overflow(admin) == 0, part
    await page.get_by_role("button", name="Back to the rooms").click()
    for part in ("Profile", "Password", "Second factors", "Devices", "API tokens"):
        dialog = await admin.account(part)
        await expect(dialog.locator(".section > *").first).to_be_visible()
        assert await overflow(admin) == 0, part
    await page.keyboard.press("Escape")
    await page.locator(".room-link", has_text=name).click()
    await admin.in_room(name)
    for part in ("Room settings", "Invite people", "Programs", "Bans and mutes", "Reports"):
        await admin.choose(part)
        await expect(page.locator(".section > *").first).to_be_visible()
        assert await overflow(admin) == 0, part
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_have_count(0)
    async with speaking(server, "admin") as wire:
        await wire.ask("room:delete", {"room": name})


@pytest.mark.slow
async def test_what_is_asked_gives_the_focus_back_and_does_nothing_by_escape(
    tab: Tab, server: Server
):
    admin = await tab()
    page = admin.page
    await admin.enter("admin")
    await admin.create("asked")
    await admin.in_room("asked")
    await page.get_by_role("button", name="Office").click()
    await page.get_by_role("button", name="Rooms", exact=True).click()
    await page.get_by_label("Find a room").fill("aske")
    manage = page.get_by_role("button", name="Manage asked")
    await manage.focus()
    await page.keyboard.press("Enter")
    delete = page.get_by_role("dialog", name="asked").get_by_role("button", name="Delete")
    await delete.focus()
    await page.keyboard.press("Enter")
    question = page.get_by_role("dialog", name="Delete asked?")
    await expect(question).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(question).to_have_count(0)
    await expect(delete).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(manage).to_be_focused()
    async with speaking(server, "admin") as wire:
        rooms = (await wire.ask("room:list", {}))["rooms"]
        assert "asked" in {info["room"] for info in rooms}


@pytest.mark.slow
async def test_an_admin_closes_reports_and_reads_what_was_done(tab: Tab, server: Server):
    async with speaking(server, "john") as wire:
        await wire.ask("room:create", {"room": "tribunal"})
        await wire.ask("join:room", {"room": "tribunal"})
        seq = await wire.say("tribunal", "<b>not nice</b>")
        async with speaking(server, "admin", "tribunal") as other:
            report = {"room": "tribunal", "target": seq, "reason": "<i>why</i>"}
            await other.ask("message:report", report)
    admin = await tab()
    page = admin.page
    await admin.enter("admin")
    await page.get_by_role("button", name="Office").click()
    await page.get_by_role("button", name="Reports", exact=True).click()
    card = page.locator(".report", has_text="tribunal")
    await expect(card).to_contain_text("<b>not nice</b>")
    await expect(card).to_contain_text("<i>why</i>")
    await card.get_by_role("button", name="Nothing wrong").click()
    await expect(card).to_have_count(0)
    await page.get_by_role("button", name="Audit log", exact=True).click()
    await page.get_by_label("Where").fill("tribunal")
    await page.get_by_role("button", name="Show", exact=True).click()
    lines = page.locator(".table tbody tr")
    await expect(lines.first).to_contain_text("report.closed")
    await expect(lines.first).to_contain_text("outcome dismissed")
    await expect(lines.last).to_contain_text("room.created")
