"""Each state of the latch, by a server played here: a shape, a sentence, what one can do."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.async_api import WebSocketRoute, expect
from tests.browser.conftest import Tab
from tests.browser.house import Person, Server

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
        (4003, "Your connection was too slow for all that was said."),
        (4005, "Too much was sent in a short time."),
        (4007, "You are connected in too many places; this was the oldest."),
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


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (4002, "You were signed out: your session has ended."),
        (4501, "You were signed out on another device, or by an admin."),
        (4502, "This account is closed: an admin deactivated it."),
        (4503, "You were signed out: somebody else signed in here."),
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
