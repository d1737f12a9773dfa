"""The tutorial in one file works as it says: opened from the disk, without libraries."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page, WebSocket, expect
from tests.browser.conftest import Tab
from tests.browser.house import Server

FILE = Path(__file__).parent.parent.parent / "examples/client.html"


@pytest.fixture
def open_server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path, "--allow-origin", "null")
    server.start()
    yield server
    server.close()


async def enter(page: Page, server: Server, token: str) -> None:
    await page.goto(FILE.as_uri())
    await page.get_by_label("Address").fill(server.url.replace("http", "ws") + "/ws")
    await page.get_by_label("Token").fill(token)
    await page.get_by_role("button", name="Enter").click()


async def test_the_example_enters_talks_and_comes_back(tab: Tab, open_server: Server):
    john = await tab(FILE.parent.as_uri())
    admin = await tab(FILE.parent.as_uri())
    for person, token in ((john, "user-token-123"), (admin, "admin-token-456")):
        await enter(person.page, open_server, token)
        await expect(person.page.locator("#state")).to_contain_text("connected as")
    log = john.page.locator("#log")
    await expect(log).to_contain_text("Welcome to the general chat room!")
    await admin.page.get_by_label("Message", exact=True).fill("<b>from a file</b>")
    await admin.page.get_by_role("button", name="Send").click()
    await expect(log).to_contain_text("admin: <b>from a file</b>")
    await expect(admin.page.locator(".pending")).to_have_count(0)

    open_server.kill()
    await expect(john.page.locator("#state")).to_contain_text("trying again")
    await john.page.get_by_label("Message", exact=True).fill("while it was away")
    await john.page.get_by_role("button", name="Send").click()
    open_server.start()
    for person in (john, admin):
        lines = person.page.locator("#log p", has_text="while it was away")
        await expect(lines.filter(has_text="john")).to_have_count(1, timeout=30_000)
        await expect(lines.filter(has_text="(sending)")).to_have_count(0)
        person.wrong = [wrong for wrong in person.wrong if "WebSocket connection" not in wrong]
        person.wrong = [wrong for wrong in person.wrong if not wrong.startswith("request: ws")]


@pytest.mark.slow
async def test_a_wrong_token_is_said_and_not_tried_again(tab: Tab, open_server: Server):
    john = await tab(FILE.parent.as_uri())
    await enter(john.page, open_server, "wrong")
    await expect(john.page.locator("#state")).to_have_text("closed: 1008 Authentication failed")


@pytest.mark.slow
async def test_entering_elsewhere_while_it_waits_opens_one_connection_and_takes_nothing_along(
    tab: Tab, open_server: Server
):
    john = await tab(FILE.parent.as_uri())
    sockets: list[WebSocket] = []
    john.page.on("websocket", lambda socket: sockets.append(socket))
    await enter(john.page, open_server, "user-token-123")
    await expect(john.page.locator("#state")).to_contain_text("connected as")
    open_server.kill()
    await expect(john.page.locator("#state")).to_contain_text("trying again")
    await john.page.get_by_label("Message", exact=True).fill("for general alone")
    await john.page.get_by_role("button", name="Send").click()
    await expect(john.page.locator(".pending")).to_have_count(1)
    await john.page.get_by_label("Room").fill("random")
    for _ in range(3):
        await john.page.get_by_role("button", name="Enter").click()
        await expect(john.page.locator("#state")).to_contain_text("trying again")
    open_server.start()
    await expect(john.page.locator("#state")).to_contain_text("connected as", timeout=30_000)
    await john.page.wait_for_timeout(1_000)
    assert [socket.is_closed() for socket in sockets].count(False) == 1
    await expect(john.page.locator("#log")).not_to_contain_text("for general alone")
    john.wrong = [wrong for wrong in john.wrong if "WebSocket connection" not in wrong]
    john.wrong = [wrong for wrong in john.wrong if not wrong.startswith("request: ws")]
