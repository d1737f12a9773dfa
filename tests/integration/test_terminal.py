"""The chat in a terminal, driven by Textual's pilot against a real server."""

import asyncio

import pytest
from textual.widgets import Input, Static

from conclave import App, Asked, Controller, command
from conclave.cli.chat.app import Chat
from conclave.cli.chat.views import LogView, RoomsList, SearchCard
from conclave.client import Client, State
from conclave.protocol.errors import Close
from conclave.testing import serve

HOSTILE = "\x1b]52;c;ZXZpbA==\x07\x1b[2J\u202egnp.exe\x9b31m [bold]no markup[/]"
SIZE = (100, 30)


async def until(pilot, found, within=30.0):
    async with asyncio.timeout(within):
        while not found():
            await pilot.pause(0.02)


def text_of(widget):
    return str(widget.render())


def latch(app):
    return text_of(app.below.query_one("#latch"))


def shown(app):
    view = app.below.query_one(LogView)
    return [str(option.prompt) for option in view.options]


def chat(server, token):
    return Chat(Client(server.url, token=token, connect_within=0))


@pytest.fixture
async def server():
    async with serve(demo=False, rate=0.0) as server:
        yield server


async def test_one_reads_writes_edits_answers_searches_and_deletes(server):
    ann, bob = await server.token("ann"), await server.token("bob")
    async with Client(server.url, token=bob) as other:
        hall, attic = other.room("hall"), other.room("attic")
        for room in (hall, attic):
            await room.join()
            await server.node.store.ensure_member(room.name, identity("ann"))
        for n in range(1, 121):
            await hall.send(f"number {n} of bob")
        await hall.send(HOSTILE)
        await attic.send("something new")
        app = chat(server, ann)
        async with app.run_test(size=SIZE) as pilot:
            await until(pilot, lambda: "● Connected · ann" in latch(app))
            rooms = app.below.query_one(RoomsList)
            await until(pilot, lambda: rooms.names == ["attic", "hall"])
            await pilot.press("ctrl+n")
            await until(pilot, lambda: app.room == "hall" and len(shown(app)) > 10)
            await until(pilot, lambda: "2 here: " in text_of(app.below.query_one("#head")))
            hostile = shown(app)[-1]
            # Controls the server takes away; what turns text around is seen as its number.
            assert hostile.isprintable()
            assert "\\u202egnp.exe" in hostile
            assert "[bold]no markup[/]" in hostile
            await pages_back(app, pilot)
            await writes(app, pilot, hall)
            await searches(app, pilot)


class Dice(Controller):
    @command("roll", about="Rolls a die", hint="[sides]")
    async def roll(self, asked: Asked) -> str:
        return f"You rolled a {asked.text or 6}\nof all"


async def test_a_command_is_completed_and_its_answer_said_to_oneself_alone():
    async with serve(App(Dice), demo=False, rate=0.0) as server:
        app = chat(server, await server.token("ann"))
        await server.node.store.create_room("hall", identity("ann"))
        async with app.run_test(size=SIZE) as pilot:
            await until(pilot, lambda: app.below.query_one(RoomsList).names == ["hall"])
            app.open_room("hall")
            field = app.below.query_one(Input)
            field.focus()
            await pilot.press("/", "r")
            await until(pilot, lambda: field._suggestion == "/roll ")
            await pilot.press("right", "2", "0", "enter")
            doing = app.below.query_one("#doing", Static)
            await until(pilot, lambda: "rolled a 20 / of all (only you" in text_of(doing))
            field.value = "/none at all"
            await pilot.press("enter")
            await until(pilot, lambda: "There is no such command here" in text_of(doing))
            field.value = "//slashed"
            await pilot.press("enter")
            await until(pilot, lambda: shown(app) and shown(app)[-1].endswith("ann: /slashed"))


def identity(name):
    from conclave import Identity

    return Identity(user=name, name=name)


async def pages_back(app, pilot):
    app.below.query_one(LogView).focus()
    before = len(shown(app))
    await pilot.press("home", "home")
    await until(pilot, lambda: len(shown(app)) > before)
    while "number 1 of" not in shown(app)[0]:
        before = len(shown(app))
        await pilot.press("home", "home")
        await until(pilot, lambda known=before: len(shown(app)) > known)
    await pilot.press("end")


async def writes(app, pilot, hall):
    field, view = app.below.query_one(Input), app.below.query_one(LogView)
    field.focus()
    field.value = "good mornig"
    await pilot.press("enter")
    await until(pilot, lambda: shown(app)[-1].endswith("ann: good mornig"))
    view.focus()
    await pilot.press("end", "e")
    assert field.value == "good mornig"
    field.value = "good morning"
    await pilot.press("enter")
    await until(pilot, lambda: shown(app)[-1].endswith("good morning (edited)"))
    seq = view.seqs[-1]
    await hall.react(seq, "👍")
    await until(pilot, lambda: shown(app)[-1].endswith("👍 1"))
    view.focus()
    await pilot.press("end", "r")
    field.value = "to myself"
    await pilot.press("enter")
    await until(pilot, lambda: f"↪{seq} ann: to myself" in shown(app)[-1])
    view.focus()
    await pilot.press("end", "d")
    await until(pilot, lambda: shown(app)[-1].endswith("(deleted)"))
    await pilot.press("up", "up", "e")
    await until(pilot, lambda: "not your message" in text_of(app.below.query_one("#doing", Static)))


async def searches(app, pilot):
    await pilot.press("ctrl+f")
    await until(pilot, lambda: isinstance(app.screen, SearchCard))
    card = app.screen
    card.query_one("#words", Input).value = '"number 7"'
    await asyncio.sleep(0.6)
    await pilot.press("enter")
    await until(pilot, lambda: card.query_one("#hits").option_count > 0)
    await pilot.press("enter")
    view = app.below.query_one(LogView)
    await until(pilot, lambda: view.has_focus and "number 7 of bob" in shown(app)[view.highlighted])
    await pilot.press("escape")
    await until(pilot, lambda: shown(app)[-1].endswith("(deleted)"))


async def test_who_is_not_known_or_is_sent_away_is_told_so(server):
    app = chat(server, "cvt_" + "x" * 43)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "✕ You were signed out" in latch(app))
    assert "sent you away" in app.problem
    app = chat(server, await server.token("ann"))
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "● Connected · ann" in latch(app))
        await pilot.press("f1")
        server.node.part("ann", None, code=Close.SESSION_REVOKED, reason="Session revoked")
        await until(pilot, lambda: "✕ You were signed out" in latch(app))


async def test_a_file_of_this_machine_is_sent_and_one_that_is_not_there_is_told(server, tmp_path):
    ann, notes = await server.token("ann"), tmp_path / "the notes.txt"
    notes.write_text("Paint the door.")
    async with Client(server.url, token=ann) as made:
        await made.create("hall")
    app = chat(server, ann)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: app.room == "hall" and "● Connected" in latch(app))
        field, doing = app.below.query_one(Input), app.below.query_one("#doing")
        field.value = f"/attach {notes}"
        await pilot.press("enter")
        told = "[the notes.txt, text/plain, 15 bytes]"
        await until(pilot, lambda: any(told in one for one in shown(app)))
        field.value = f"/attach {notes}.gone"
        await pilot.press("enter")
        await until(pilot, lambda: "No such file" in text_of(doing))


@pytest.mark.slow
async def test_it_comes_back_after_the_server_and_sends_what_waited(server, tmp_path):
    async with serve(demo=False, rate=0.0, data=tmp_path) as first:
        port, ann = first.port, await first.token("ann")
        async with Client(first.url, token=ann) as made:
            await made.create("hall")
        app = chat(first, ann)
        context = app.run_test(size=SIZE)
        pilot = await context.__aenter__()
        await until(pilot, lambda: app.client.state is State.READY and app.room == "hall")
        await until(pilot, lambda: app.hearing.logs["hall"].begun)
    try:
        await until(pilot, lambda: "Connection lost" in latch(app))
        app.below.query_one(Input).value = "written meanwhile"
        await pilot.press("enter")
        await until(pilot, lambda: "1 of your messages" in latch(app))
        async with serve(demo=False, rate=0.0, data=tmp_path, port=port):
            await until(pilot, lambda: any("written meanwhile" in one for one in shown(app)), 30)
            # It is drawn once a second.
            await until(pilot, lambda: "● Connected" in latch(app))
            await context.__aexit__(None, None, None)
    finally:
        await app.client.close()
