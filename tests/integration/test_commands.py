"""Slash commands: offered, asked, answered once, and what people read when that fails."""

import asyncio

import pytest
from tests.support.people import Believing

from conclave import (
    App,
    Asked,
    Controller,
    Draft,
    ForAll,
    Identity,
    Reject,
    Role,
    before_entry,
    command,
    testing,
)
from conclave.core.commands import WITHIN


class Robots(Believing):
    """The token `i-am-bot-NAME` is of a bot."""

    async def authenticate(self, token: str) -> Identity | None:
        who = await super().authenticate(token)
        if who is None or not who.user.startswith("bot-"):
            return who
        return Identity(user=who.user, name=who.name, role=Role.BOT)


class Dice(Controller):
    @command("roll", about="Rolls a die", hint="[sides]")
    async def roll(self, asked: Asked) -> str:
        if asked.text and not asked.text.isdecimal():
            raise Reject("bad_request", f"«{asked.text}» is no number")
        return f"{asked.user_name} rolled a {asked.text or '6'}"

    @command("flip", about="Flips a coin")
    async def flip(self, asked: Asked) -> ForAll:
        return ForAll(f"{asked.user_name} flipped heads")

    @command("close", least="owner")
    async def close(self, asked: Asked) -> str:
        return "closed"

    @command("break")
    async def fail(self, asked: Asked) -> str:
        raise ValueError(asked.text)


@pytest.fixture
async def server():
    app = App(Dice, authenticators=[Robots()])
    async with testing.serve(app, rate=0, demo=False) as server:
        yield server


@pytest.fixture
async def ann(server):
    async with server.client("i-am-ann") as ann:
        await ann.ask("room:create", room="hall")
        await ann.ask("join:room", room="hall")
        yield ann


@pytest.fixture
async def hal(server, ann):
    async with server.client("i-am-bot-hal") as hal:
        await hal.ask("join:room", room="hall")
        await hal.ask("command:offer", commands=[{"name": "ship", "about": "Ships it"}])
        yield hal


async def code(client: testing.Client, event: str, **data) -> str:
    try:
        await client.ask(event, **data)
    except Reject as no:
        return no.code
    return "ok"


async def names(client: testing.Client, room: str = "hall") -> dict[str, bool]:
    answer = await client.ask("command:list", room=room)
    return {one["name"]: one["here"] for one in answer["commands"]}


async def texts(client: testing.Client) -> list[tuple[str, str]]:
    page = await client.ask("get:history", room="hall")
    return [(one["user_id"], one["text"]) for one in page["messages"] if one["type"] == "message"]


async def test_the_application_answers_who_asks_alone_or_everybody(server, ann) -> None:
    assert await names(ann) == {"break": True, "close": True, "flip": True, "roll": True}
    rolled = await ann.ask("command", room="hall", name="roll", text="20")
    assert (rolled["text"], rolled["user_name"]) == ("ann rolled a 20", "system")
    assert await texts(ann) == []
    flipped = await ann.ask("command", room="hall", name="flip")
    assert "text" not in flipped
    assert await texts(ann) == [("system", "ann flipped heads")]
    with pytest.raises(Reject, match="is no number"):
        await ann.ask("command", room="hall", name="roll", text="many")
    assert await code(ann, "command", room="hall", name="break") == "internal"
    async with server.client("i-am-bob") as bob:
        await bob.ask("join:room", room="hall")
        assert await code(bob, "command", room="hall", name="close") == "forbidden"
        assert "close" not in await names(bob)


async def test_a_bot_is_asked_once_and_its_answer_comes_to_who_asked(ann, hal) -> None:
    asking = asyncio.create_task(ann.ask("command", room="hall", name="ship", text=" it ", id="k"))
    asked = await hal.expect("command:asked", user="ann", room="hall", name="ship")
    again = asyncio.create_task(ann.ask("command", room="hall", name="ship", text=" it ", id="k"))
    await asyncio.sleep(0.02)
    key = asked["command"]
    await hal.ask("command:answer", command=key, text="Shipped")
    # The first asking's place was taken by the second in the test's client.
    assert (await again)["text"] == "Shipped"
    asking.cancel()
    assert len(hal.told("command:asked")) == 1
    late = await ann.ask("command", room="hall", name="ship", text=" it ", id="k")
    assert (late["text"], late["user"]) == ("Shipped", "bot-hal")
    assert await code(ann, "command", room="hall", name="ship", text="other", id="k") == "id_reused"


async def test_what_a_bot_says_to_the_room_is_its_message_and_said_once(ann, hal) -> None:
    asking = asyncio.create_task(ann.ask("command", room="hall", name="ship"))
    key = (await hal.expect("command:asked"))["command"]
    said = await hal.ask("command:answer", command=key, text="Shipped", to="room")
    again = await hal.ask("command:answer", command=key, text="Shipped", to="room")
    assert said["seq"] == again["seq"] == (await asking)["seq"]
    assert await texts(ann) == [("bot-hal", "Shipped")]


async def test_who_is_away_too_slow_or_not_there_is_said_so(server, ann, hal) -> None:
    assert await code(ann, "command", room="hall", name="nothing") == "no_such_command"
    asking = asyncio.create_task(code(ann, "command", room="hall", name="ship"))
    key = (await hal.expect("command:asked"))["command"]
    server.clock.turn(WITHIN + 1)
    assert await asking == "unanswered"
    assert await code(hal, "command:answer", command=key, text="late") == "not_found"
    await hal.close()
    async with asyncio.timeout(20):
        while (await names(ann))["ship"]:
            await asyncio.sleep(0.01)
    assert await code(ann, "command", room="hall", name="ship") == "away"


async def test_a_bot_hears_nothing_of_rooms_it_is_not_in_and_takes_no_name(server, ann, hal):
    await ann.ask("room:create", room="den", kind="private")
    await ann.ask("join:room", room="den")
    assert "ship" not in await names(ann, "den")
    assert await code(ann, "command", room="den", name="ship") == "no_such_command"
    async with server.client("i-am-bot-eve") as eve:
        ship, roll = {"name": "ship"}, {"name": "roll"}
        assert await code(eve, "command:offer", commands=[ship]) == "name_taken"
        assert await code(eve, "command:offer", commands=[roll]) == "name_taken"
        # Of one room alone it goes before what is offered everywhere.
        await eve.ask("join:room", room="hall")
        await eve.ask("command:offer", commands=[{"name": "ship", "room": "hall"}])
        asking = asyncio.create_task(ann.ask("command", room="hall", name="ship"))
        key = (await eve.expect("command:asked"))["command"]
        assert await code(hal, "command:answer", command=key, text="mine") == "not_found"
        await eve.ask("command:answer", command=key, text="ours")
        assert (await asking)["text"] == "ours"
    assert await code(ann, "command:offer", commands=[]) == "forbidden"


async def test_no_bot_stands_before_what_the_application_answers(ann, hal) -> None:
    await hal.ask("command:offer", commands=[{"name": "roll", "room": "hall"}])
    offered = (await ann.ask("command:list", room="hall"))["commands"]
    assert [one["user"] for one in offered if one["name"] == "roll"] == [None]
    assert "user" not in await ann.ask("command", room="hall", name="roll", text="6")


def test_a_command_that_no_bot_might_offer_stops_the_start() -> None:
    class Loud(Controller):
        @command("Roll It")
        async def roll(self, asked: Asked) -> str:
            return ""

    with pytest.raises(TypeError, match="«/Roll It» is no command"):
        asyncio.run(_serve(App(Loud)))


async def _serve(app: App) -> None:
    async with testing.serve(app):
        pass


async def test_what_is_said_to_the_room_is_no_answer_that_came_too_late(monkeypatch):
    class Slow(Controller):
        @before_entry
        async def judge(self, draft: Draft) -> None:
            if draft.type == "message":
                await asyncio.sleep(0.2)

    monkeypatch.setattr("conclave.controllers.commands.WITHIN", 0.1)
    async with testing.serve(App(Dice, Slow)) as server, server.client() as john:
        await john.ask("join:room", room="general")
        answered = await john.ask("command", room="general", name="flip", text="")
        told = await john.expect("chat", text="john flipped heads")
        assert answered["seq"] == told["seq"]
