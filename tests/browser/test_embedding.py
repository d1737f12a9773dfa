"""One room inside of another page, in a real browser: ten lines, a token by message, no cookie."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import expect
from tests.browser.conftest import Tab
from tests.browser.house import Server

EXAMPLE = Path(__file__).parent.parent.parent / "examples/embed.html"


@asynccontextmanager
async def site(answers: dict[str, tuple[str, str]]) -> AsyncIterator[int]:
    """Serve *answers*, each a media type and a body, on a port of `localhost`."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode()
        kind, body = answers.get(line, ("text/plain", ""))
        head = f"HTTP/1.1 {200 if body else 404} OK\r\nContent-Type: {kind}\r\n"
        head += f"Content-Length: {len(body.encode())}\r\nConnection: close\r\n\r\n"
        writer.write((head + body).encode())
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "localhost", 0) as listening:
        yield listening.sockets[0].getsockname()[1]


@pytest.mark.slow
async def test_a_page_shows_a_room_in_ten_lines_and_another_page_shows_nothing(
    tab: Tab, tmp_path: Path
):
    answers = {"/chat-token": ("application/json", '{"token": "user-token-123"}')}
    async with site(answers) as port, site(answers) as other:
        chat = Server(tmp_path, "--embed-origins", f"http://localhost:{port}")
        chat.start()
        try:
            page = EXAMPLE.read_text("utf-8").replace("https://chat.example.org", chat.url)
            answers["/"] = ("text/html", page)
            ada = await tab(f"http://localhost:{port}/")
            await ada.page.goto(f"http://localhost:{port}/")
            room = ada.page.frame_locator("iframe")
            await expect(room.get_by_role("log")).to_contain_text("Welcome to the general chat")
            await room.get_by_label("Write a message").fill("<b>from a frame</b>")
            await room.get_by_role("button", name="Send").click()
            await expect(room.get_by_role("log")).to_contain_text("<b>from a frame</b>")
            await expect(room.locator(".waiting")).to_have_count(0)
            assert await ada.page.context.cookies() == []
            # The frame is of another origin than its page: that alone is noted of it.
            asked = ("request: " + chat.url, "request: " + chat.url.replace("http", "ws", 1))
            assert [wrong for wrong in ada.wrong if not wrong.startswith(asked)] == []
            await ada.page.goto("about:blank")

            stranger = await tab(f"http://localhost:{other}/")
            await stranger.page.goto(f"http://localhost:{other}/")
            await stranger.page.wait_for_timeout(1_000)
            shown = stranger.page.frame_locator("iframe").get_by_role("log")
            await expect(shown).to_have_count(0)
            assert any("frame-ancestors" in wrong for wrong in stranger.wrong)
            await stranger.page.goto("about:blank")
        finally:
            chat.close()
        # What a frame that was refused or left still asked for.
        for one in (ada, stranger):
            one.wrong.clear()
