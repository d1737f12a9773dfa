"""
The states of the page around accounts, rights and the office, as stories: see stories.py.

They come after those of the rooms, and leave john and admin as they were.
"""

import re

from playwright.async_api import Locator, Route, expect
from tests.browser.house import Person, Server, speaking
from tests.browser.shooting import Shoot, Story, on_phone, to_rooms

# The address of the list of people.
PEOPLE = re.compile(r"/api/v1/admin/users(\?|$)")


async def ways(john: Person, _: Person, __: Server, shoot: Shoot) -> None:
    """Before anybody is in."""
    page = john.page
    await john.open()
    await page.get_by_role("button", name="Use a password").click()
    await shoot("door with a password")
    await john.sign_in("ada", "not it at all")
    await page.get_by_role("alert").wait_for()
    await shoot("wrong password")
    await page.goto("about:blank")
    await john.open("/#invite=cvl_0123456789abcdef")
    await page.get_by_role("alert").wait_for()
    await shoot("a link that is not good")
    await page.get_by_role("button", name="Sign in instead").click()


async def settled_dialog(dialog: Locator) -> None:
    """Wait until what a part of a dialog asks for is there."""
    await expect(dialog.locator(".section > *").first).to_be_visible()


async def own(john: Person, _: Person, __: Server, shoot: Shoot) -> None:
    page = john.page
    await to_rooms(john)
    for part in ("Profile", "Password", "Second factors", "Devices", "API tokens", "Your data"):
        dialog = await john.account(part)
        await settled_dialog(dialog)
        await shoot(f"account {part.lower()}")
    await page.keyboard.press("Escape")
    await page.get_by_role("dialog").wait_for(state="detached")
    await page.get_by_role("button", name="Write directly").click()
    await page.get_by_role("button", name="Write admin").wait_for()
    await shoot("write directly")
    await page.keyboard.press("Escape")
    await page.get_by_role("dialog").wait_for(state="detached")


async def menu_of(john: Person, name: str) -> Locator:
    if on_phone(john):
        await john.page.get_by_role("button", name="people here").click()
    await john.page.locator(".person-button", has_text=name).click()
    return john.page.get_by_role("menu")


async def back(john: Person) -> None:
    if on_phone(john):
        await john.page.get_by_role("button", name="Back to the messages").click()


async def governing(john: Person, admin: Person, server: Server, shoot: Shoot) -> None:
    page = john.page
    dialog = page.get_by_role("dialog")
    await to_rooms(john)
    await john.create("council", "Who may do what")
    await john.in_room("council")
    await admin.join("council")
    await admin.say("Something that one may not say here.")
    await john.sees("may not say here")
    menu = await menu_of(john, "admin")
    await expect(page.locator(".person-menu")).to_contain_text("admin1 · here")
    await shoot("person menu")
    await menu.get_by_role("menuitem", name="Ban…").click()
    await dialog.get_by_label("Reason").wait_for()
    await shoot("banning")
    await page.keyboard.press("Escape")
    await dialog.wait_for(state="detached")
    await back(john)
    async with speaking(server, "john") as wire:
        mute = {"room": "council", "user": "admin1", "reason": "Enough for today"}
        await wire.ask("room:mute", mute)
    for part in ("Room settings", "Invite people", "Bans and mutes"):
        await john.choose(part)
        await settled_dialog(dialog)
        await shoot(part.lower())
        await page.keyboard.press("Escape")
        await dialog.wait_for(state="detached")
    await john.choose("Invite people")
    await dialog.get_by_role("button", name="Make link").click()
    await dialog.locator(".secret").wait_for()
    await shoot("a link that was made")
    link = await dialog.locator(".secret").inner_text()
    await page.keyboard.press("Escape")
    await dialog.wait_for(state="detached")
    await page.goto(link)
    await dialog.wait_for()
    await shoot("joining by a link")
    await page.keyboard.press("Escape")
    await dialog.wait_for(state="detached")
    await page.evaluate("location.hash = '#council'")
    await john.in_room("council")
    await john.press("may not say here", "!")
    await dialog.get_by_label("What is wrong").wait_for()
    await shoot("reporting")
    await dialog.get_by_label("What is wrong").fill("It is not kind.")
    await dialog.get_by_role("button", name="Report").click()
    await page.get_by_text("The moderators are told.").wait_for()
    await shoot("reported")
    await page.get_by_role("button", name="Dismiss").click()
    await john.choose("Reports (1)")
    await dialog.locator(".report").wait_for()
    await shoot("reports")
    await page.keyboard.press("Escape")
    await dialog.wait_for(state="detached")
    menu = await menu_of(john, "admin")
    await menu.get_by_role("menuitem", name="Ignore").click()
    await back(john)
    await page.locator(".line.ignored").wait_for()
    await shoot("an ignored person")
    await john.choose("Room settings")
    await page.get_by_role("button", name="Archive room").click()
    asked = page.get_by_role("dialog", name="Archive")
    await asked.wait_for()
    await shoot("asked before it is done")
    await asked.get_by_role("button", name="Archive").click()
    await page.get_by_role("button", name="Open again").wait_for()
    await page.keyboard.press("Escape")
    await dialog.wait_for(state="detached")
    await page.locator(".standing").wait_for()
    await shoot("archived")


async def taken(john: Person, _: Person, server: Server, shoot: Shoot) -> None:
    """What a moderator did to john."""
    page = john.page
    async with speaking(server, "admin") as wire:
        await wire.ask("room:create", {"room": "court"})
        await wire.ask("room:invite", {"room": "court", "user": "user1"})
        await to_rooms(john)
        await page.locator(".room-link", has_text="court").click()
        await john.in_room("court")
        await wire.ask("room:mute", {"room": "court", "user": "user1"})
        await page.locator(".standing").wait_for()
        await page.locator("#composer").fill("What I wanted to say.")
        await shoot("muted")
        await wire.ask("room:ban", {"room": "court", "user": "user1", "reason": "Enough"})
        await page.locator(".kept").wait_for()
        await shoot("banned")
    await page.locator(".said").get_by_role("button", name="Dismiss").click()
    await to_rooms(john)


async def goes_on(route: Route) -> None:
    """Let a list go on after what the server has of it."""
    answer = await route.fetch()
    await route.fulfill(response=answer, json={**await answer.json(), "more": True})


async def office(john: Person, _: Person, __: Server, shoot: Shoot) -> None:
    """In the tab of john, who is admin for it."""
    page = john.page
    await to_rooms(john)
    await page.get_by_label("Details").click()
    await page.get_by_role("button", name="Sign out").click()
    await page.get_by_role("button", name="Enter as admin").click()
    await john.connected("admin")
    await to_rooms(john)
    await page.route(PEOPLE, goes_on)
    await page.get_by_role("button", name="Office").click()
    await page.get_by_role("button", name="Manage john").wait_for()
    await shoot("office people")
    await page.unroute(PEOPLE)
    await page.get_by_role("button", name="Manage john").click()
    await page.get_by_role("dialog", name="john").wait_for()
    await shoot("office person")
    await page.keyboard.press("Escape")
    await page.get_by_role("dialog").wait_for(state="detached")
    for part in ("Invitations", "Rooms", "Reports", "Audit log", "Server"):
        await page.get_by_role("button", name=part, exact=True).click()
        await settled_dialog(page.locator(".office"))
        if part in ("Rooms", "Audit log"):
            await page.locator(".table").wait_for()
        if part == "Reports":
            await (
                page.locator(".office")
                .get_by_text("Nothing is reported.")
                .or_(page.locator(".office .report"))
                .first.wait_for()
            )
        if part == "Server":
            await page.locator(".graph").first.wait_for()
        await shoot(f"office {part.lower()}")
    await page.get_by_role("button", name="Rooms", exact=True).click()
    await page.get_by_role("button", name="Manage council").click()
    await page.get_by_role("dialog", name="council").wait_for()
    await shoot("office room")
    await page.keyboard.press("Escape")
    await page.get_by_role("dialog").wait_for(state="detached")
    await page.get_by_label("Details").click()
    await page.get_by_role("button", name="Sign out").click()
    await john.enter("john")
    await page.locator(".room-link", has_text="general").click()
    await john.in_room("general")


GOVERN: tuple[Story, ...] = (own, taken, governing, office)
