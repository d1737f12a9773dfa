"""
The states of the page, told as stories by a real server and real tabs.

Each story takes john and admin through some states and calls `shoot` with the name of each:
the contact sheet takes a picture there (scripts/screenshots.py), tests look for what axe
finds, what is cut off, what cannot be reached. What needs a server or a browser to be played
stands in stories_rare.py.
"""

import asyncio
import signal

from tests.browser.house import Person, Server, fill, speaking
from tests.browser.shooting import Shoot, Story, on_phone, to_rooms
from tests.browser.stories_accounts import ACCOUNTS
from tests.browser.stories_files import FILES
from tests.browser.stories_govern import GOVERN, ways
from tests.browser.stories_looks import LOOKS
from tests.browser.stories_programs import PROGRAMS
from tests.browser.stories_rare import LAST, SMALL
from tests.browser.stories_writing import WRITING


async def door(john: Person, _: Person, __: Server, shoot: Shoot) -> None:
    await john.open()
    await shoot("door")
    await john.page.get_by_label("Token", exact=True).fill("cvt_not-a-token")
    await john.page.get_by_role("button", name="Sign in").click()
    await john.page.locator("#token-error").wait_for()
    await shoot("refused token")


async def rooms(john: Person, _: Person, __: Server, shoot: Shoot) -> None:
    await john.enter("john")
    await john.page.locator(".public-name").first.wait_for()
    await shoot("no rooms yet")
    await john.page.get_by_role("button", name="New room").first.click()
    await john.page.get_by_role("button", name="Create").click()
    await shoot("new room")
    await john.page.keyboard.press("Escape")
    await john.page.get_by_role("button", name="Browse").first.click()
    await john.page.get_by_role("dialog").locator(".public-name").first.wait_for()
    await shoot("browse")
    await john.page.keyboard.press("Escape")
    await john.create("plans", "What we build next, and why")
    await john.in_room("plans")
    await shoot("empty room")


async def talk(john: Person, admin: Person, server: Server, shoot: Shoot) -> None:
    await to_rooms(john)
    await john.join("general")
    await admin.enter("admin")
    await admin.join("general")
    await admin.say("Good morning. The release notes are in the shared folder.")
    await admin.say("Could somebody read the part about backups?")
    await john.sees("backups?")
    await john.say(
        "I will. A restored database gets a new epoch,\nso every client begins anew. Right?"
    )
    await john.stored()
    await admin.sees("Right?")
    await admin.say("Right. Better an explicit reset than a history with a hole in it.")
    await john.sees("hole in it")
    await admin.close_room()
    await john.page.locator(".folded", has_text="admin left").wait_for()
    await admin.join("general")
    await fill(server, "general", ["مرحبا بالجميع", "東京からこんにちは 👋"])
    await john.sees("東京")
    # The server tells that somebody is writing at most once a second.
    await asyncio.sleep(1.1)
    await admin.page.locator("#composer").fill("One more thing")
    await john.page.locator(".typing", has_text="writing").wait_for()
    await john.page.locator(".line").nth(2).hover()
    await shoot("a room")
    await admin.page.locator("#composer").fill("")
    await john.page.get_by_label("Room menu").click()
    await shoot("menu")
    await john.page.keyboard.press("Escape")
    if on_phone(john):
        await john.page.get_by_role("button", name="people here").click()
        await shoot("people")
        await john.page.get_by_role("button", name="Back to the messages").click()
    await john.page.get_by_label("Details").click()
    await shoot("details")
    await john.page.keyboard.press("Escape")


async def messages(john: Person, admin: Person, server: Server, shoot: Shoot) -> None:
    await to_rooms(john)
    await john.create("ledger", "What we build next, and why")
    await john.in_room("ledger")
    async with speaking(server, "admin", "ledger") as wire:
        first = await wire.say("ledger", "Good morning. The release notes are in the folder.")
        await wire.ask("reaction:add", {"room": "ledger", "target": first, "emoji": "👋"})
        asked = await wire.say("ledger", "@john, who writes it down?", mentions=["user1"])
        await wire.say("ledger", "An explicit reset is better than a hole.", reply_to=first)
        slip = await wire.say("ledger", "A slip of the pen.")
        await wire.ask("message:delete", {"room": "ledger", "target": slip})
        await wire.say("ledger", "First: what is an epoch?", thread=asked)
    await john.say("I do.")
    await john.line_of("I do.")
    await john.press("Good morning", "+")
    await john.page.get_by_role("button", name="heart").click()
    await john.press("Good morning", "p")
    await john.page.locator("#composer").press("ArrowUp")
    await shoot("editing")
    await john.page.locator("#composer").fill("I do, today.")
    await john.page.locator("#composer").press("Enter")
    await (await john.line_of("I do, today.")).locator(".marks").wait_for()
    await john.press("An explicit reset", "Enter")
    await shoot("message menu")
    await john.page.keyboard.press("Escape")
    await john.press("An explicit reset", "+")
    await shoot("reacting")
    await john.page.keyboard.press("Escape")
    await john.press("An explicit reset", "r")
    await john.page.locator("#composer").press_sequentially("True, @a")
    await john.page.get_by_role("option").first.wait_for()
    await shoot("replying and naming")
    await john.page.locator("#composer").fill("")
    await john.page.keyboard.press("Escape")
    await john.press("I do, today.", "Delete")
    await john.page.get_by_role("dialog").wait_for()
    await shoot("deleting")
    await john.page.keyboard.press("Escape")


async def panels(john: Person, _: Person, __: Server, shoot: Shoot) -> None:
    page = john.page
    await john.press("who writes it down", "t")
    await page.locator("#thread-composer").fill("A number that changes when history was lost.")
    await page.locator("#thread-composer").press("Enter")
    await page.locator(".thread-log .line").nth(2).wait_for()
    await shoot("thread")
    await page.keyboard.press("Escape")
    await (john.choose("Pinned") if on_phone(john) else page.get_by_label("Pinned").click())
    await page.locator(".card-line").wait_for()
    await shoot("pinned")
    await page.keyboard.press("Escape")
    await page.keyboard.press("Control+k")
    await page.locator("#palette-field").fill("led")
    await shoot("palette")
    await page.keyboard.press("Control+k")
    await page.get_by_role("log").press("?")
    await page.get_by_role("dialog", name="Keyboard").wait_for()
    await shoot("shortcuts")
    await page.keyboard.press("Escape")
    await page.get_by_role("log").press("/")
    await shoot("search")
    await page.locator("#search").fill("epoch")
    await page.locator("mark").first.wait_for()
    await shoot("found")
    await page.locator(".card-link").first.click()
    await page.locator(".stage .line[data-marked=true]").wait_for()
    await shoot("marked")
    await page.locator("#composer").press("Escape")
    if on_phone(john):
        await page.get_by_role("button", name="person here").click()
    await page.locator(".people-away").wait_for()
    await shoot("members")
    if on_phone(john):
        await page.get_by_role("button", name="Back to the messages").click()


async def room(john: Person, _: Person, __: Server, shoot: Shoot) -> None:
    dialog = john.page.get_by_role("dialog")
    await john.choose("Name and topic")
    await dialog.wait_for()
    await shoot("name and topic")
    await john.page.keyboard.press("Escape")
    await dialog.wait_for(state="detached")
    await john.choose("Leave room")
    await dialog.get_by_text("becomes owner").wait_for()
    await shoot("leaving")
    await john.page.keyboard.press("Escape")
    await dialog.wait_for(state="detached")
    await john.close_room()
    await to_rooms(john)
    await john.page.get_by_text("room closed here").click()
    await shoot("closed here")


async def unread(john: Person, admin: Person, server: Server, shoot: Shoot) -> None:
    await to_rooms(john)
    await john.page.locator(".room-link", has_text="plans").click()
    await john.in_room("plans")
    for n in range(3):
        await admin.say(f"While you were elsewhere, {n + 1}.")
    await asyncio.sleep(0.5)
    await to_rooms(john)
    await shoot("unread")
    await john.page.locator(".room-link", has_text="general").click()
    await john.page.locator(".new-rule").wait_for()
    await shoot("new since")
    await fill(server, "general", [f"Line {n} of a long afternoon." for n in range(1, 60)])
    await john.page.locator(".log").evaluate("(log) => { log.scrollTop = 500; }")
    await asyncio.sleep(0.3)
    await admin.say("And one below.")
    await john.page.locator(".jump").wait_for()
    await shoot("new below")
    await john.page.locator(".jump").click()


async def broken(john: Person, _: Person, server: Server, shoot: Shoot) -> None:
    server.signal(signal.SIGSTOP)
    await john.say("Is anybody there?")
    await asyncio.sleep(0.6)
    await shoot("sending")
    await john.page.locator(".latch-text", has_text="lost").wait_for()
    await shoot("connection lost")
    await john.page.context.set_offline(True)
    await john.page.evaluate("dispatchEvent(new Event('offline'))")
    await john.say("I keep writing.")
    await shoot("offline")
    await john.page.context.set_offline(False)
    server.signal(signal.SIGCONT)
    await john.page.evaluate("dispatchEvent(new Event('online'))")
    await john.connected("john", within=40)
    await john.stored()


# What needs nothing but a server that runs.
_ROOMS: tuple[Story, ...] = (
    *(ways, door, rooms, talk),
    *(*WRITING, *FILES, messages, panels, room, unread),
)
ALL: tuple[Story, ...] = (*ACCOUNTS, *_ROOMS, *LOOKS, broken, *GOVERN, *PROGRAMS, *SMALL, *LAST)
# Of a server that they are all told by: it notices soon that somebody is gone.
OPTIONS = ("--heartbeat-interval", "1", "--heartbeat-timeout", "1", "--rate", "0")
