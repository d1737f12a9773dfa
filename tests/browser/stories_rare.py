"""
What one seldom sees: small dialogs, and what is said where something does not go as it should.

Told for pictures and for axe: see stories.py. Some of it is a server or a browser played here:
one that is full, a file that does not come, a newer version, a disk that takes nothing.
"""

import json

from playwright.async_api import Locator, Page, Route, WebSocketRoute, expect
from tests.browser.house import Person, Server, speaking
from tests.browser.shooting import Shoot, Story, to_rooms

NO_WORKER = """async () => {
    const workers = await navigator.serviceWorker.getRegistrations();
    for (const worker of workers) await worker.unregister();
}"""
FULL = {"message": "The room is full", "code": "room_full", "retryable": False}


async def closed(dialog: Locator) -> None:
    await dialog.wait_for()
    await dialog.page.keyboard.press("Escape")
    await dialog.wait_for(state="detached")


async def small(john: Person, _: Person, __: Server, shoot: Shoot) -> None:
    """Dialogs that ask for one thing."""
    page = john.page
    dialog = page.get_by_role("dialog")
    await to_rooms(john)
    await page.locator(".room-link", has_text="general").click()
    await john.in_room("general")
    await john.choose("Go to a message or day")
    await dialog.get_by_role("button", name="Go", exact=True).click()
    await dialog.get_by_role("alert").wait_for()
    await shoot("going to")
    await closed(dialog)
    await john.choose("Notifications")
    await dialog.get_by_role("radio").first.wait_for()
    await shoot("notifications of a room")
    await closed(dialog)
    await page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(); }")
    await page.locator(".stage .line").last.press("c")
    await page.get_by_label("does not let the page copy").wait_for()
    await shoot("a link to copy")
    await closed(dialog)
    for part in ("Notifications", "Ignored people"):
        await to_rooms(john)
        section = (await john.account(part)).locator(".section")
        await expect(section.locator("> *").first).to_be_visible()
        await shoot(f"account {part.lower()}")
    await section.get_by_role("button", name="Stop ignoring").click()
    await closed(dialog)


async def many(john: Person, _: Person, server: Server, shoot: Shoot) -> None:
    """So many rooms that one looks for them, and a message that is too long."""
    page = john.page
    async with speaking(server, "john") as wire:
        for room in ("reading list", "garden", "field notes", "translations"):
            await wire.ask("room:create", {"room": room})
    await to_rooms(john)
    filter_ = page.get_by_role("searchbox", name="Filter rooms")
    await filter_.fill("es")
    await shoot("filtering rooms")
    await filter_.fill("astronomy")
    await page.locator(".rooms-none").wait_for()
    await shoot("no room found")
    await filter_.fill("")
    await page.locator(".room-link", has_text="garden").click()
    await john.in_room("garden")
    await page.locator("#composer").fill("too long " * 500)
    await shoot("too long")
    await page.locator("#composer").fill("")


class Played:
    """The server as it is, but for what is told to refuse, and a newer page that it names."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.full = False
        self.socket: WebSocketRoute | None = None

    async def begin(self) -> None:
        await self.page.route_web_socket("**/ws", self._joined)

    def _joined(self, socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        self.socket = socket

        def pass_on(text: str | bytes) -> None:
            frame = json.loads(text)
            refused = ("chat", "join:room") if self.full else ("chat",)
            if frame["type"] in refused:
                socket.send(json.dumps({"type": "error", "id": frame["id"], "data": FULL}))
            else:
                server.send(text)

        socket.on_message(pass_on)

    def complain(self) -> None:
        """Say something that answers nothing."""
        assert self.socket is not None
        wrong = {"message": "Something failed", "code": "internal_error", "retryable": True}
        self.socket.send(json.dumps({"type": "error", "id": None, "data": wrong}))

    async def drop(self) -> None:
        assert self.socket is not None
        await self.socket.close(code=1012, reason="renewed")

    async def renew(self) -> None:
        """From now on the server has another version of the page."""

        async def answer(route: Route) -> None:
            await route.fulfill(content_type="text/html", body="<!doctype html><p>Newer</p>")

        await self.page.route(lambda url: url.endswith("/"), answer)


async def unwell(john: Person, _: Person, __: Server, shoot: Shoot) -> None:
    """What the server does not take, and what does not come."""
    page = john.page
    played = Played(page)
    await played.begin()
    # A worker would have each file, and its requests do not pass by here.
    await page.evaluate(NO_WORKER)
    await page.reload()
    await page.evaluate("location.hash = '#general'")
    await john.in_room("general")
    await john.say("This one does not get through.")
    await page.locator(".failed").wait_for()
    await shoot("not sent")
    played.complain()
    await page.locator(".notes [role=alert]").wait_for()
    await shoot("something failed")
    await page.get_by_role("button", name="Dismiss").click()
    await page.get_by_role("button", name="Delete", exact=True).click()
    await page.route("**/Shortcuts.js", lambda route: route.fulfill(status=404, body=""))
    await page.get_by_role("log").press("?")
    await page.locator(".page-note").wait_for()
    await shoot("a part that did not come")
    await page.unroute("**/Shortcuts.js")
    await page.get_by_role("button", name="Try again").click()
    await closed(page.get_by_role("dialog"))
    played.full = True
    await played.renew()
    await played.drop()
    await page.locator(".notes [role=alert]").wait_for(timeout=30_000)
    await page.locator(".page-note").wait_for()
    await shoot("a newer page")


async def unkept(john: Person, _: Person, __: Server, shoot: Shoot) -> None:
    """Last: this browser keeps nothing from now on."""
    page = john.page
    await page.unroute_all()
    await page.add_init_script("Object.defineProperty(window, 'indexedDB', { value: undefined })")
    await page.reload()
    await page.evaluate("location.hash = '#garden'")
    await john.in_room("garden")
    await page.context.set_offline(True)
    await page.evaluate("dispatchEvent(new Event('offline'))")
    await john.say("I keep writing.")
    await page.locator(".unkept").wait_for()
    await shoot("offline and kept nowhere")
    await page.context.set_offline(False)


SMALL: tuple[Story, ...] = (small, many)
# Nothing comes after these: the server they play stays.
LAST: tuple[Story, ...] = (unwell, unkept)
