"""Each example does what its first line says; the dice have a file of their own."""

import asyncio
import json
from contextlib import suppress
from importlib import import_module
from pathlib import Path

import httpx
import pytest
from examples.bot import count
from examples.cursors import Cursors, Gone, Point, Pointed
from examples.moderation import app as moderated
from examples.poll import Open, Polls, Standing, Vote
from examples.support_desk import Ask, Desk, Staff
from tests.support.over_asgi import listening

from conclave import App, Identity, Reject, testing
from conclave.client.wire import connect

ADMIN = "admin-token-456"
ROOT = Path(__file__).parent.parent.parent


async def both(john, admin, room="general"):
    for one in (john, admin):
        await one.ask("join:room", room=room)


async def test_a_poll_is_counted_on_after_a_restart(tmp_path):
    app = App(Polls)
    async with (
        testing.serve(app, data=tmp_path) as server,
        server.client() as john,
        server.client(ADMIN) as admin,
    ):
        await both(john, admin)
        poll = (await john.ask(Open("general", "Where to?", ["north", "south"])))["seq"]
        await john.ask(Vote("general", poll, 1))
        assert await admin.expect(Standing) == Standing("general", poll, [0, 1])
    async with testing.serve(app, data=tmp_path) as server, server.client(ADMIN) as admin:
        await admin.ask("join:room", room="general")
        await admin.ask(Vote("general", poll, 0))
        assert await admin.expect(Standing) == Standing("general", poll, [1, 1])
        with pytest.raises(Reject, match="poll:none"):
            await admin.ask(Vote("general", poll, 2))


async def test_unwanted_words_are_stored_nowhere_and_cost_a_break():
    async with testing.serve(moderated) as server, server.client() as john:
        await john.ask("join:room", room="general")
        for _ in range(3):
            with pytest.raises(Reject, match="That is not said here"):
                await john.ask("chat", room="general", text="Free SPAM!")
        assert (await john.ask("chat", room="general", text="spammer is another word"))["seq"]
        with pytest.raises(Reject, match="Take a break first"):
            await john.ask("room:create", room="more")


async def test_cursors_are_told_to_the_others_and_go_with_their_connection():
    async with (
        testing.serve(App(Cursors)) as server,
        server.client(ADMIN) as admin,
        server.client() as john,
    ):
        await both(john, admin)
        await john.ask(Point("general", 0.5, 0.25))
        assert await admin.expect(Pointed) == Pointed("general", "user1", 0.5, 0.25)
        with pytest.raises(Reject, match="bad_request"):
            await john.ask("cursor:point", room="general", x=2, y=0)
        await john.close()
        assert await admin.expect(Gone) == Gone("general", "user1")


async def test_the_desk_says_that_nobody_is_there_unless_somebody_answers():
    app = App(Desk, provide={Staff: lambda: Staff(("admin1",), patience_s=0.05)})
    async with (
        testing.serve(app) as server,
        server.client() as john,
        server.client(ADMIN) as admin,
    ):
        room = (await john.ask(Ask("Does it fly?")))["room"]
        await both(john, admin, room)
        said = await john.expect("entry", type="desk:waiting")
        assert (said["data"], said["user_id"]) == ({"minutes": 30}, "system")
        assert said["text"].startswith("Nobody is at the desk")
        await john.ask(Ask("And does it swim?"))
        await admin.ask("chat", room=room, text="It does")
        await asyncio.sleep(0.1)
        assert len(john.told("entry", type="desk:waiting")) == 1


async def test_the_bot_counts_to_who_asks():
    async with testing.serve() as server, server.client() as john:
        await john.ask("join:room", room="general")
        token = await server.token("counter", role="bot")
        bot = asyncio.create_task(count(server.url, token))
        async with asyncio.timeout(20):
            while not (await john.ask("command:list", room="general"))["commands"]:
                await asyncio.sleep(0.01)
        answer = await john.ask("command", room="general", name="count", text="three")
        assert answer["text"] == "That is no number."
        assert "text" not in await john.ask("command", room="general", name="count", text="3")
        await john.expect("chat", type="message", text="john: 1, 2, 3", bot=True)
        bot.cancel()
        with suppress(asyncio.CancelledError):
            await bot


async def test_a_fastapi_application_gains_a_chat(monkeypatch, tmp_path):
    monkeypatch.setenv("CHAT_DATA", str(tmp_path))
    fastapi_app = import_module("examples.fastapi_app")
    site, chat = fastapi_app.app, fastapi_app.chat
    async with site.router.lifespan_context(site), listening(site) as port:
        await chat.node.store.create_room("orders", Identity(user="ada", name="Ada"))
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as http:
            assert (await http.get("/chat-token")).status_code == 401
            http.cookies.set("session", "session-of-ada")
            token = (await http.get("/chat-token")).json()["token"]
            assert "<title>Conclave</title>" in (await http.get("/")).text
            async with connect(f"ws://127.0.0.1:{port}/ws") as wire:
                ada = testing.Client(wire)
                assert (await ada.ask("auth", token=token))["user"]["name"] == "Ada"
                await ada.ask("join:room", room="orders")
                told = [(await http.post("/orders/7")).json() for _ in range(2)]
                assert told[0] == told[1], "an order is told once"
                line = await ada.expect("chat", type="message")
                assert line["text"] == "Order 7 has come in"
                await ada.close()


def test_the_embedding_page_is_ten_lines_and_names_its_server_once():
    text = (ROOT / "examples/embed.html").read_text("utf-8")
    inside = text.partition("<iframe")[2]
    assert len(inside.strip().splitlines()) <= 10
    assert text.count("https://chat.example.org") == 1
    assert json.dumps("conclave:token?") in text
