"""
Take a picture of each state of the page, at two widths, in both themes.

Writes docs/screenshots/contact-sheet.png, all of them on one sheet, and
docs/screenshots/page.png, the one of the README. The states are made by a real server and
real tabs; only the refused message is a server played here.
"""

import asyncio
import json
import signal
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from playwright.async_api import Browser, Page, WebSocketRoute, async_playwright

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tests.browser.house import ARGUMENTS, Person, Server, fill  # noqa: E402

OUT = ROOT / "docs/screenshots"
WIDTHS = {1280: 800, 390: 780}
SCHEMES = ("light", "dark")
# Pictures on the sheet are drawn at this share of their size.
SCALE = 0.4

Shoot = Callable[[str], Awaitable[None]]
Story = Callable[[Person, Person, Server, Shoot], Awaitable[None]]


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


async def to_rooms(person: Person) -> None:
    """On a phone the rooms are a screen of their own."""
    back = person.page.get_by_role("button", name="Back to the rooms")
    if await back.is_visible():
        await back.click()


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
    await admin.leave()
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
    if john.page.viewport_size and john.page.viewport_size["width"] < 720:
        await john.page.get_by_role("button", name="people here").click()
        await shoot("people")
        await john.page.get_by_role("button", name="Back to the messages").click()
    await john.page.get_by_label("Details").click()
    await shoot("details")
    await john.page.keyboard.press("Escape")


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


async def refused(john: Person, _: Person, __: Server, shoot: Shoot) -> None:
    def refuse(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def pass_on(text: str | bytes) -> None:
            frame = json.loads(text)
            no = {"message": "The room is full", "code": "room_full", "retryable": False}
            if frame["type"] == "chat":
                socket.send(json.dumps({"type": "error", "id": frame["id"], "data": no}))
            else:
                server.send(text)

        socket.on_message(pass_on)

    await john.page.route_web_socket("**/ws", refuse)
    await john.page.reload()
    await john.in_room("general")
    await john.say("This one does not get through.")
    await john.page.locator(".failed").wait_for()
    await shoot("not sent")


STORIES: tuple[Story, ...] = (door, rooms, talk, unread, broken, refused)


async def told(browser: Browser, width: int, scheme: str, folder: Path) -> list[Path]:
    """Tell all stories once; return the pictures in order."""
    pictures: list[Path] = []
    data = folder / f"data-{width}-{scheme}"
    data.mkdir()
    options = ("--heartbeat-interval", "1", "--heartbeat-timeout", "1", "--rate", "0")
    server = Server(data, *options, "--presence-grace", "0.3")
    server.start()
    contexts = [await browser.new_context() for _ in range(2)]
    pages = [await context.new_page() for context in contexts]
    await pages[0].emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    await pages[0].set_viewport_size({"width": width, "height": WIDTHS[width]})
    john, admin = (Person(page, server.url) for page in pages)

    async def shoot(name: str) -> None:
        await pages[0].evaluate(
            "Promise.all(document.getAnimations().filter((a) => a.effect.getTiming()"
            ".iterations !== Infinity).map((a) => a.finished))"
        )
        path = folder / f"{width}-{scheme}-{len(pictures):02}-{name.replace(' ', '-')}.png"
        await pages[0].screenshot(path=path)
        pictures.append(path)

    try:
        for story in STORIES:
            await story(john, admin, server, shoot)
    finally:
        for context in contexts:
            await context.close()
        server.close()
    return pictures


def name_of(path: Path) -> str:
    width, scheme, _, *name = path.stem.split("-")
    return f"{' '.join(name)} · {width} {scheme}"


async def sheet(page: Page, groups: list[list[Path]]) -> None:
    """Put all pictures on one page, a row of states for each width and theme."""
    rows = []
    for pictures in groups:
        figures = "".join(
            f'<figure><img src="{path.as_uri()}"><figcaption>{name_of(path)}</figcaption></figure>'
            for path in pictures
        )
        rows.append(f"<section>{figures}</section>")
    html = f"""<!doctype html><style>
        body {{ margin: 24px; background: #777; font: 12px system-ui; color: #fff; width: 2600px }}
        section {{ display: flex; flex-wrap: wrap; gap: 16px; margin-bottom: 32px }}
        figure {{ margin: 0 }} img {{ zoom: {SCALE}; display: block }}
        figcaption {{ padding-top: 4px }}</style>{"".join(rows)}"""
    source = groups[0][0].parent / "sheet.html"
    source.write_text(html, "utf-8")
    await page.set_viewport_size({"width": 2650, "height": 1200})
    await page.goto(source.as_uri())
    await page.screenshot(path=OUT / "contact-sheet.png", full_page=True)


async def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path="/usr/bin/chromium", args=ARGUMENTS
            )
            groups = [
                await told(browser, width, scheme, folder) for width in WIDTHS for scheme in SCHEMES
            ]
            await sheet(await browser.new_page(), groups)
            room = next(path for path in groups[0] if "a-room" in path.stem)
            (OUT / "page.png").write_bytes(room.read_bytes())
            await browser.close()
    print(f"{sum(map(len, groups))} pictures: {OUT / 'contact-sheet.png'}")


if __name__ == "__main__":
    asyncio.run(main())
