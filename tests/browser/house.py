"""A server under test as a process of its own, and a person at a tab of the browser."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, ConsoleMessage, Locator, Page, Playwright, expect
from tests.support.ports import free_port
from websockets.asyncio.client import ClientConnection, connect

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# What is kept in the browser, whatever the database is called.
KEPT = """async () => {
    const found = {};
    for (const { name } of await indexedDB.databases()) {
        const open = await new Promise((resolve, reject) => {
            const request = indexedDB.open(name);
            request.onsuccess = () => resolve(request.result);
            request.onerror = () => reject(request.error);
        });
        for (const store of open.objectStoreNames) {
            found[store] = await new Promise((resolve) => {
                const request = open.transaction(store).objectStore(store).getAll();
                request.onsuccess = () => resolve(request.result);
            });
        }
        open.close();
    }
    return found;
}"""


SHELL = "chromium-headless-shell"
WHOLE = ("chromium", "chromium-browser", "google-chrome")


def chromium(whole: bool = False) -> str | None:
    """
    Where the browser of this machine is, if there is one.

    Without a window rather: the same engine, but nobody draws tabs and buttons around each page.
    The whole one has what belongs to a person's desk, such as notifications.
    """
    found = map(shutil.which, WHOLE if whole else (SHELL, *WHOLE))
    return next(filter(None, found), None)


async def launch(playwright: Playwright, whole: bool = False) -> Browser:
    return await playwright.chromium.launch(
        executable_path=chromium(whole),
        args=[*ARGUMENTS, "--headless=new"] if whole else ARGUMENTS,
    )


async def settled(page: Page) -> None:
    """Wait for what fades or slides in: half there it looks, and measures, differently."""
    # Not by their promises: that of a transition whose element goes is never kept.
    await page.evaluate(
        """async () => {
            const ends = ({ effect }) => effect.getTiming().iterations !== Infinity;
            const moves = (one) => one.playState !== "finished" && ends(one);
            const frame = () => new Promise(requestAnimationFrame);
            while (document.getAnimations().some(moves)) await frame();
        }"""
    )


class Server:
    """`conclave serve` on a port that stays the same when it is started again; of a demo or not."""

    def __init__(self, data: Path, *options: str, demo: bool = True) -> None:
        self.data = data
        self.port = free_port()
        self.options = ("--demo", *options) if demo else options
        self.url = f"http://localhost:{self.port}"
        self._log = (data / "serve.log").open("ab")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        return (self.data / "serve.log").read_text("utf-8", "replace")

    def start(self) -> None:
        command = [sys.executable, "-m", "conclave", "serve", "--port", str(self.port)]
        command += ["--data", str(self.data), *self.options]
        environment = {k: v for k, v in os.environ.items() if not k.startswith("CONCLAVE_")}
        self._process = subprocess.Popen(
            command, stdout=self._log, stderr=self._log, env=environment
        )
        deadline = time.monotonic() + 50
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                self.look()
                return
            except OSError:
                time.sleep(0.05)
        raise AssertionError(f"the server did not start: {self.log}")

    def look(self) -> None:
        """Raise `OSError` where it does not answer."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=2):
            pass

    def signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)

    def close(self) -> None:
        self.kill()
        self._log.close()


PASSWORD = "correct horse battery"
TOKENS = {"john": "user-token-123", "admin": "admin-token-456"}


class Wire:
    """Somebody who speaks the protocol without a browser: quicker than typing."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket

    async def send(self, kind: str, data: object) -> str:
        """Send a request; return its id."""
        # Ids are for ever: those of an earlier run would be taken for the same messages.
        id_ = uuid.uuid4().hex
        await self._socket.send(json.dumps({"type": kind, "data": data, "id": id_}))
        return id_

    async def answers(self, ids: set[str]) -> dict[str, Any]:
        """Wait for the answers to the requests *ids*."""
        found: dict[str, Any] = {}
        while len(found) < len(ids):
            frame = json.loads(await self._socket.recv())
            if frame.get("id") in ids:
                found[frame["id"]] = frame
        return found

    async def receive(self) -> dict[str, Any]:
        """Return what comes next."""
        frame: dict[str, Any] = json.loads(await self._socket.recv())
        return frame

    async def ask(self, kind: str, data: object) -> Any:
        """Send a request and return what was answered; it must not be refused."""
        id_ = await self.send(kind, data)
        answer = (await self.answers({id_}))[id_]
        assert answer["type"] != "error", answer
        return answer["data"]

    async def say(self, room: str, text: str, **more: object) -> int:
        """Say *text*; return its number."""
        return int((await self.ask("chat", {"room": room, "text": text, **more}))["seq"])


@asynccontextmanager
async def speaking(server: Server, name: str, *rooms: str) -> AsyncIterator[Wire]:
    """Be *name* of a demo, in *rooms*, without a browser."""
    async with let_in(server, TOKENS[name], *rooms) as wire:
        yield wire


@asynccontextmanager
async def let_in(server: Server, token: str, *rooms: str) -> AsyncIterator[Wire]:
    """Be whoever *token* is of, in *rooms*, without a browser."""
    async with connect(
        server.url.replace("http", "ws") + "/ws", proxy=None, open_timeout=30
    ) as socket:
        wire = Wire(socket)
        await socket.send(json.dumps({"type": "auth", "data": {"token": token}}))
        for room in rooms:
            await wire.ask("join:room", {"room": room})
        yield wire
        for room in rooms:
            await wire.ask("leave:room", {"room": room})


async def fill(server: Server, room: str, texts: list[str]) -> None:
    """Say *texts* in *room* as admin."""
    async with speaking(server, "admin", room) as admin:
        ids = {await admin.send("chat", {"room": room, "text": text}) for text in texts}
        await admin.answers(ids)


async def read_by_john(server: Server, room: str) -> None:
    """Wait until the server knows that john has read all of *room*: he tells it once a second."""
    async with speaking(server, "john") as john:
        for _ in range(100):
            rooms = (await john.ask("room:list", {}))["rooms"]
            if {info["room"]: info["unread"] for info in rooms}[room] == 0:
                return
            await asyncio.sleep(0.1)
    raise AssertionError(f"{room} is not read")


class Person:
    """One tab, and what its person does and sees there."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        # Everything that must not happen: dialogs, errors, requests to elsewhere.
        self.wrong: list[str] = []
        page.on("dialog", self._dialog)
        page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        page.on("console", self._said)
        page.on("request", self._requested)

    async def _dialog(self, dialog: object) -> None:
        self.wrong.append("a dialog opened")
        await dialog.dismiss()  # type: ignore[attr-defined]

    def _said(self, said: ConsoleMessage) -> None:
        # That the API refused something the browser always says.
        refused = "/api/v1/" in said.location.get("url", "") and "status of 4" in said.text
        if not refused:
            self.wrong.append(f"console: {said.text}")

    def _requested(self, request: object) -> None:
        url: str = request.url  # type: ignore[attr-defined]
        if not url.startswith((self.url, "data:", "blob:")):
            self.wrong.append(f"request: {url}")

    async def open(self, place: str = "/") -> None:
        await self.page.goto(self.url + place)

    async def enter(self, name: str) -> None:
        await self.open()
        await self.page.get_by_role("button", name=f"Enter as {name}").click()
        await self.connected(name)

    async def sign_in(self, name: str, password: str = PASSWORD) -> None:
        """Fill in the card at the door."""
        await self.page.get_by_label("Name", exact=True).fill(name)
        await self.page.get_by_label("Password", exact=True).fill(password)
        await self.page.get_by_role("button", name="Sign in", exact=True).click()

    async def sign_out(self) -> None:
        await self.page.get_by_label("Details").click()
        await self.page.get_by_role("button", name="Sign out").click()

    async def account(self, part: str) -> Locator:
        """Open a part of «Your account»."""
        dialog = self.page.get_by_role("dialog", name="Your account")
        if not await dialog.is_visible():
            await self.page.get_by_role("button", name="Your account").click()
        await dialog.get_by_role("button", name=part, exact=True).click()
        return dialog

    async def connected(self, name: str, within: float = 15) -> None:
        latch = self.page.locator(".latch-text")
        await expect(latch).to_have_text(f"Connected · {name}", timeout=within * 1000)

    async def join(self, room: str) -> None:
        """Join a public room by way of «Browse»."""
        await self.page.get_by_role("button", name="Browse").first.click()
        dialog = self.page.get_by_role("dialog")
        await dialog.get_by_role("button", name=f"Join {room}", exact=True).click()
        await self.in_room(room)

    async def in_room(self, room: str) -> None:
        await expect(self.page.locator(".stage h1")).to_have_text(room)
        await expect(self.page.locator("#composer")).to_be_visible()
        await expect(self.page.locator(".log .skeleton")).to_have_count(0)

    async def create(self, room: str, topic: str = "") -> None:
        await self.page.get_by_role("button", name="New room").first.click()
        dialog = self.page.get_by_role("dialog")
        await dialog.get_by_label("Name").fill(room)
        await dialog.get_by_label("Topic").fill(topic)
        await dialog.get_by_role("button", name="Create").click()

    async def in_new_room(self, room: str, *texts: str) -> None:
        """Come in as john, make *room*, and say *texts* there."""
        await self.enter("john")
        await self.create(room)
        await self.in_room(room)
        for text in texts:
            await self.say(text)
            await self.line_of(text)

    async def choose(self, item: str) -> None:
        """Choose *item* of the room's menu."""
        await self.page.get_by_label("Room menu").click()
        await self.page.locator(".room-head .menu-item", has_text=item).click()

    async def close_room(self) -> None:
        await self.choose("Close here")

    async def quit(self) -> None:
        """Give up one's membership of the open room."""
        await self.choose("Leave room")
        await self.page.get_by_role("dialog").get_by_role("button", name="Leave room").click()

    async def say(self, text: str) -> None:
        await self.page.locator("#composer").fill(text)
        await self.page.locator("#composer").press("Enter")

    def line(self, text: str) -> Locator:
        return self.page.locator(".line .text", has_text=text)

    async def sees(self, text: str, within: float = 10) -> None:
        await expect(self.line(text)).to_have_count(1, timeout=within * 1000)

    async def texts(self) -> list[str]:
        return await self.page.locator(".line .text").all_inner_texts()

    async def line_of(self, text: str) -> Locator:
        """The whole line of the message *text*, once it has its number."""
        line = self.page.locator(".stage .line", has=self.page.locator(".text", has_text=text))
        await expect(line.locator(".number")).to_have_count(1)
        return line

    async def press(self, text: str, key: str) -> None:
        """Press *key* on the line of the message *text*."""
        await (await self.line_of(text)).press(key)

    async def stored(self) -> None:
        """Wait until nothing of one's own is on its way."""
        await expect(self.page.locator(".line[data-state]")).to_have_count(0)

    def nobody_answered(self) -> None:
        """Forget what a browser says on its console of a server that is away: it is meant."""
        said = ("WebSocket connection to", "net::ERR_", "when fetching the script")
        self.wrong = [wrong for wrong in self.wrong if not any(word in wrong for word in said)]

    async def latch_says(self, text: str, within: float = 15.0) -> float:
        """Wait for the latch to say *text*; return the seconds it took."""
        begun = asyncio.get_running_loop().time()
        await expect(self.page.locator(".latch-text")).to_contain_text(text, timeout=within * 1000)
        return asyncio.get_running_loop().time() - begun
