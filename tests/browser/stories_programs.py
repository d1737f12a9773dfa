"""
The states of the page around programs, as stories: commands, bots, webhooks, connections.

They come after those of the office, and leave john and admin as they were.
"""

import re

from playwright.async_api import Page, Route, expect
from tests.browser.house import Person, Server
from tests.browser.robot import robot
from tests.browser.shooting import Shoot, Story, to_rooms

HOOKS = re.compile(r"/api/v1/webhooks(\?|$)")
DEAD = re.compile(r"/dead$")
RECEIVER = "https://hooks.example.org/in"
LETTER = {"id": "01", "room": "workshop", "seq": 2, "at": 0, "tries": 12, "why": "500"}


async def in_vain(route: Route) -> None:
    """Let what was told in vain be there: it would take hours."""
    answer = await route.fetch()
    said = await answer.json()
    for hook in said["outgoing"]:
        hook.update(dead=1, failing_since=1, last="500")
    await route.fulfill(response=answer, json=said)


async def letters(route: Route) -> None:
    await route.fulfill(json={"letters": [LETTER], "more": True})


async def commands(john: Person, _: Person, server: Server, shoot: Shoot) -> None:
    page = john.page
    await to_rooms(john)
    await john.create("workshop", "Where programs help")
    await john.in_room("workshop")
    field = page.locator("#composer")
    async with robot(server, "workshop", "hal"):
        await field.focus()
        await page.keyboard.type("/d")
        await page.get_by_role("option").first.wait_for()
        await shoot("choosing a command")
        await john.say("/deploy web")
        await page.get_by_text("Only you see this.").wait_for()
        await john.say("/build everything")
        await page.get_by_role("button", name="Send as message").wait_for()
        await shoot("answers for oneself")
        while await page.get_by_role("button", name="Dismiss").count():
            await page.get_by_role("button", name="Dismiss").first.click()
        await room_programs(john, shoot)
        await office(john, shoot)


async def room_programs(john: Person, shoot: Shoot) -> None:
    page = john.page
    dialog = page.get_by_role("dialog")
    await page.route(HOOKS, in_vain)
    await page.route(DEAD, letters)
    await john.choose("Programs")
    await dialog.get_by_text("/deploy [what]").wait_for()
    await shoot("programs of a room")
    await dialog.get_by_label("Name").first.fill("CI")
    await dialog.get_by_role("button", name="Make address").click()
    await dialog.locator(".secret").wait_for()
    await shoot("an address that was made")
    await dialog.locator("#hook-out-name").fill("archive")
    await dialog.locator("#hook-out-url").fill(RECEIVER)
    await dialog.get_by_role("button", name="Make webhook").click()
    await dialog.get_by_text("1 delivery given up").click()
    await dialog.get_by_role("button", name="Send again").wait_for()
    await dialog.get_by_role("button", name="Send again").scroll_into_view_if_needed()
    await shoot("what was given up")
    for field, text in (("word", "ship"), ("name", "Ship"), ("url", RECEIVER)):
        await dialog.locator(f"#hook-command-{field}").fill(text)
    await dialog.get_by_role("button", name="Make command").click()
    await dialog.get_by_role("button", name="Revoke: /ship").scroll_into_view_if_needed()
    await shoot("a command of an address")
    await page.unroute(HOOKS)
    await page.unroute(DEAD)
    await page.keyboard.press("Escape")
    await dialog.wait_for(state="detached")


async def as_whom(john: Person, name: str) -> None:
    page = john.page
    await page.get_by_label("Details").click()
    await page.get_by_role("button", name="Sign out").click()
    await page.get_by_role("button", name=f"Enter as {name}").click()
    await john.connected(name)


async def office(john: Person, shoot: Shoot) -> None:
    page = john.page
    await to_rooms(john)
    await as_whom(john, "admin")
    await to_rooms(john)
    await page.get_by_role("button", name="Office").click()
    await part(page, "Bots")
    await page.get_by_label("Tokens: HAL").click()
    await page.get_by_role("button", name="Make token").wait_for()
    await expect(page.locator(".office details .row")).to_have_count(1)
    await shoot("office bots")
    await part(page, "Webhooks")
    await expect(page.locator(".office .row")).to_have_count(3)
    await shoot("office webhooks")
    await part(page, "Connections")
    await page.get_by_role("button", name="Timeline").first.click()
    await page.locator(".office section ul.rows li").first.wait_for()
    await shoot("office connections")
    await to_rooms(john)
    await page.get_by_label("Details").click()
    await page.get_by_role("button", name="Sign out").click()
    await john.enter("john")
    await page.locator(".room-link", has_text="general").click()
    await john.in_room("general")


async def part(page: Page, name: str) -> None:
    await page.get_by_role("button", name=name, exact=True).click()
    await expect(page.locator(".office .section > *").first).to_be_visible()


PROGRAMS: tuple[Story, ...] = (commands,)
