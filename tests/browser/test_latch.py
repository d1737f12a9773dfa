"""Each state of the latch, by a server played here: a shape, a sentence, what one can do."""

import asyncio
import json
import signal
import ssl
import urllib.request
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import trustme
from playwright.async_api import Browser, WebSocketRoute, expect
from tests.browser.conftest import Tab
from tests.browser.house import Person, Server, speaking
from tests.support.ports import free_port
from websockets.exceptions import InvalidStatus

SLOW = pytest.mark.slow
Hear = Callable[[WebSocketRoute, dict[str, Any]], None]
JOHN = {"id": "user1", "name": "john", "role": "user"}


def tell(socket: WebSocketRoute, kind: str, data: object, id_: str | None = None) -> None:
    socket.send(json.dumps({"type": kind, "data": data, "id": id_}))


def let_in(socket: WebSocketRoute, frame: dict[str, Any]) -> None:
    if frame["type"] == "auth":
        tell(socket, "auth:response", {"success": True, "user": JOHN}, frame.get("id"))
    elif frame["type"] == "room:list":
        tell(socket, "rooms", {"rooms": []}, frame["id"])


class Played:
    """A server that does as it is told; `sockets` are those that came."""

    def __init__(self, hear: Hear = let_in) -> None:
        self.hear = hear
        self.sockets: list[WebSocketRoute] = []

    def came(self, socket: WebSocketRoute) -> None:
        self.sockets.append(socket)
        socket.on_message(lambda text: self.hear(socket, json.loads(text)))

    async def end(self, code: int, reason: str = "") -> None:
        await self.sockets[-1].close(code=code, reason=reason)


async def at(person: Person, played: Played) -> None:
    """Come in as john, at *played*."""
    await person.page.route_web_socket("**/ws", played.came)
    await person.open()
    await person.page.get_by_role("button", name="Enter as john").click()


async def link_is(person: Person, shape: str, text: str) -> None:
    latch = person.page.locator(".latch")
    await expect(latch).to_have_attribute("data-link", shape)
    await expect(latch.locator(".latch-text")).to_contain_text(text)


async def test_connected_says_who_one_is(tab: Tab, server: Server):
    john = await tab()
    await at(john, Played())
    await link_is(john, "connected", "Connected · john")
    await expect(john.page.locator(".latch .facts")).to_be_hidden()
    await john.page.get_by_label("Details").click()
    await expect(john.page.locator(".latch .facts")).to_contain_text("Last round trip")


async def test_who_is_in_and_comes_back_sees_that_it_is_being_checked(tab: Tab, server: Server):
    john = await tab()
    played = Played()
    await at(john, played)
    await link_is(john, "connected", "Connected")
    played.hear = lambda _socket, _frame: None
    await played.end(1011)
    await link_is(john, "connecting", "Checking who you are…")


async def test_a_connection_that_broke_counts_down_and_can_be_hurried(tab: Tab, server: Server):
    john = await tab()
    played = Played()
    await at(john, played)
    await link_is(john, "connected", "Connected")
    tell(played.sockets[-1], "error", {"code": "busy", "message": "", "retry_after_ms": 30_000})
    await played.end(1013)
    await link_is(john, "waiting", "Connection lost. Trying again in 30 s")
    await john.page.locator(".latch").get_by_role("button", name="Now").click()
    await link_is(john, "connected", "Connected")
    assert len(played.sockets) == 2


@pytest.mark.slow
async def test_a_restart_says_when_the_server_is_back(tab: Tab, server: Server):
    john = await tab()
    played = Played()
    await at(john, played)
    await link_is(john, "connected", "Connected")
    tell(played.sockets[-1], "reconnect", {"after_ms": 9_000})
    await played.end(1012)
    await link_is(john, "waiting", "The server is restarting. Back in about")
    await expect(john.page.locator(".latch [role=status]")).to_contain_text("Connection lost")


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (1011, "Something failed on the server."),
        pytest.param(
            4003, "Your connection was too slow for all that was said.", marks=pytest.mark.slow
        ),
        pytest.param(4005, "Too much was sent in a short time.", marks=SLOW),
        pytest.param(
            4007,
            "You are connected in too many places; this was the oldest.",
            marks=pytest.mark.slow,
        ),
    ],
)
async def test_details_say_why_in_plain_words(tab: Tab, server: Server, code: int, why: str):
    john = await tab()
    played = Played()
    await at(john, played)
    await link_is(john, "connected", "Connected")
    await played.end(code, "said by the server")
    await link_is(john, "connected", "Connected")
    await john.page.get_by_label("Details").click()
    facts = john.page.locator(".latch .facts")
    await expect(facts).to_contain_text(why)
    await expect(facts).to_contain_text(f"{code} said by the server")
    await expect(facts).to_contain_text("Ended at")


async def take_a_seat(seats: AsyncExitStack, server: Server) -> None:
    """Connect as soon as there is a place: who left may not have been missed yet."""
    for _ in range(50):
        with suppress(InvalidStatus):
            await seats.enter_async_context(speaking(server, "admin"))
            return
        await asyncio.sleep(0.1)
    raise AssertionError("nobody went")


async def test_a_full_server_says_so_and_lets_one_in_when_somebody_goes(tab: Tab, tmp_path: Path):
    full = Server(tmp_path, "--max-connections", "2")
    full.start()
    try:
        john = await tab(full.url)
        await john.enter("john")
        await john.page.goto("about:blank")
        async with AsyncExitStack() as seats:
            for _ in range(2):
                await take_a_seat(seats, full)
            await john.open()
            await link_is(john, "waiting", "All 2 places are taken. Trying again in")
            await john.page.get_by_label("Details").click()
            facts = john.page.locator(".latch .facts")
            await expect(facts).to_contain_text("You come in as soon as somebody goes.")
        await john.page.locator(".latch").get_by_role("button", name="Now").click()
        await john.connected("john")
        john.nobody_answered()
    finally:
        full.close()


@pytest.mark.parametrize(
    ("code", "why"),
    [
        pytest.param(4002, "You were signed out: your session has ended.", marks=SLOW),
        (4501, "You were signed out on another device, or by an admin."),
        pytest.param(
            4502, "This account is closed: an admin deactivated it.", marks=pytest.mark.slow
        ),
        pytest.param(
            4503, "You were signed out: somebody else signed in here.", marks=pytest.mark.slow
        ),
    ],
)
async def test_who_is_signed_out_reads_why_and_can_sign_in(
    tab: Tab, server: Server, code: int, why: str
):
    john = await tab()
    played = Played()
    await at(john, played)
    await link_is(john, "connected", "Connected")
    await played.end(code)
    await link_is(john, "ended", why)
    await john.page.locator(".latch").get_by_role("button", name="Sign in").click()
    await expect(john.page.get_by_role("button", name="Enter as john")).to_be_visible()


# ── each state in earnest, by a server that is there, away, or behind something ──────────

SHOWN = """() => {
    const seen = [];
    globalThis.seen = seen;
    const look = () => {
        const text = document.querySelector(".latch-text");
        if (text) {
            const shown = Number(getComputedStyle(text).opacity) > 0;
            seen.push([performance.now(), text.textContent.trim(), shown]);
        }
        requestAnimationFrame(look);
    };
    look();
}"""


@pytest.mark.slow
async def test_what_is_over_in_a_moment_is_not_said(tab: Tab, server: Server):
    john = await tab()
    played = Played()
    await at(john, played)
    await link_is(john, "connected", "Connected")
    played.hear = lambda _socket, _frame: None
    await john.page.add_init_script(f"({SHOWN})()")
    await john.page.reload()
    await link_is(john, "connecting", "Checking who you are…")
    await john.page.wait_for_timeout(1_000)
    seen = await john.page.evaluate("globalThis.seen")
    began = seen[0][0]
    shown = [at for at, _, visible in seen if visible]
    assert {text for _, text, _ in seen} <= {"Connecting…", "Checking who you are…"}
    print(f"the latch spoke {shown[0] - began:.0f} ms after it came")
    assert 380 <= shown[0] - began < 800


@pytest.mark.slow
async def test_a_server_that_was_stopped_is_told_from_one_that_broke(tab: Tab, tmp_path: Path):
    mortal = Server(tmp_path)
    mortal.start()
    try:
        john = await tab(mortal.url)
        await john.enter("john")
        mortal.signal(signal.SIGTERM)
        await link_is(john, "waiting", "The server is restarting. Back in about")
        # Nor is it back when it said that it would be.
        await link_is(john, "waiting", "The server stopped. Trying again in")
        await john.page.get_by_label("Details").click()
        facts = john.page.locator(".latch .facts")
        await expect(facts).to_contain_text("The server does not answer. It is down, or")
        mortal.kill()
        mortal.start()
        await john.connected("john", within=40)
        mortal.kill()
        await link_is(john, "waiting", "Connection lost. Trying again in")
        await expect(facts).to_contain_text("The server does not answer. It is down, or")
        mortal.start()
        await john.connected("john", within=40)
        john.nobody_answered()
    finally:
        mortal.close()


@pytest.mark.slow
async def test_without_a_network_one_keeps_writing(tab: Tab, server: Server):
    john = await tab()
    await john.enter("john")
    await john.create("offline")
    await john.in_room("offline")
    await john.page.context.set_offline(True)
    await john.page.evaluate("() => globalThis.dispatchEvent(new Event('offline'))")
    for text in ("one", "two", "three"):
        await john.say(text)
    await link_is(john, "offline", "You are offline. Keep writing: 3 messages wait here.")
    await expect(john.page.locator("#composer")).to_be_enabled()
    await john.page.context.set_offline(False)
    await john.connected("john", within=40)
    await john.stored()
    john.nobody_answered()


class Secured(Server):
    """A server with a certificate of an authority that nobody knows."""

    def __init__(self, folder: Path) -> None:
        cert, key, data = folder / "cert.pem", folder / "key.pem", folder / "data"
        self.authority = trustme.CA()
        issued = self.authority.issue_cert("localhost")
        issued.cert_chain_pems[0].write_to_path(cert)
        issued.private_key_pem.write_to_path(key)
        data.mkdir()
        super().__init__(data, "--tls-cert", str(cert), "--tls-key", str(key))
        self.url = f"https://localhost:{self.port}"

    def look(self) -> None:
        context = ssl.create_default_context()
        self.authority.configure_trust(context)
        with urllib.request.urlopen(f"{self.url}/health", timeout=2, context=context):
            pass


@pytest.mark.slow
async def test_a_certificate_that_does_not_fit_is_said_not_to_answer(
    browser: Browser, tmp_path: Path
):
    secured = Secured(tmp_path)
    context = await browser.new_context(ignore_https_errors=True)
    try:
        secured.start()
        john = Person(await context.new_page(), secured.url)
        await john.enter("john")
        session = await context.new_cdp_session(john.page)
        await session.send("Security.setIgnoreCertificateErrors", {"ignore": False})
        secured.kill()
        secured.start()
        await link_is(john, "waiting", "Connection lost. Trying again in")
        await john.page.get_by_label("Details").click()
        facts = john.page.locator(".latch .facts")
        await expect(facts).to_contain_text("a certificate that does not fit")
        john.nobody_answered()
        assert john.wrong == []
    finally:
        await context.close()
        secured.close()


@asynccontextmanager
async def without_upgrades(upstream: int) -> AsyncIterator[int]:
    """A proxy that knows no WebSockets, as one whose administrator forgot them; give its port."""

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while piece := await reader.read(65_536):
                writer.write(piece)
                await writer.drain()
        writer.close()

    async def came(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            if b"upgrade: websocket" in head.lower():
                writer.write(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
                writer.close()
                return
            there, here = await asyncio.open_connection("127.0.0.1", upstream)
            here.write(head.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n"))
            await asyncio.gather(carry(reader, here), carry(there, writer))

    proxy = await asyncio.start_server(came, "127.0.0.1", free_port())
    async with proxy:
        yield proxy.sockets[0].getsockname()[1]


@pytest.mark.slow
async def test_a_proxy_that_lets_no_socket_through_is_told_from_a_server_that_is_away(
    tab: Tab, server: Server
):
    async with without_upgrades(server.port) as port:
        john = await tab(f"http://localhost:{port}")
        await john.open()
        await john.page.get_by_role("button", name="Enter as john").click()
        door = john.page.locator(".door-link")
        await expect(door).to_contain_text("Connection refused. Trying again", timeout=20_000)
        john.nobody_answered()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("act", "text"),
    [("room:kick", "You were removed from"), ("room:ban", "You were banned from")],
)
async def test_who_is_put_out_of_a_room_reads_it_in_the_latch_until_they_have_seen_it(
    tab: Tab, server: Server, act: str, text: str
):
    room = act.replace(":", " ")
    john = await tab()
    await john.enter("john")
    async with speaking(server, "admin") as admin:
        await admin.ask("room:create", {"room": room})
        await john.join(room)
        await admin.ask(act, {"room": room, "user": "user1", "reason": "said aloud"})
        await link_is(john, "ended", f"{text} {room}.")
        await john.page.locator(".latch").get_by_role("button", name="Dismiss").click()
        await link_is(john, "connected", "Connected · john")
        await expect(john.page.get_by_role("alert")).to_have_count(0)
