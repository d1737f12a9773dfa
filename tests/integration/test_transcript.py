"""
The golden transcript: clients that know part 1 of the protocol only, byte for byte.

`part1.txt` is played against a server, scene by scene, by a WebSocket library that is not
ours. A frame must be the very bytes that stand there, after taking out what part 1 allows
to differ: times, and the fields and events that were added.
"""

import asyncio
import json
import re
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from conclave import testing

_LINE = ("type", "text", "room", "user", "timestamp")
# What each event of part 1 has; presence is drawn whole, it has no older form.
FIELDS = {
    "system": ("message", "rooms"),
    "auth:response": ("success",),
    "heartbeat": ("timestamp", "server_time"),
    "history": ("room", "messages"),
    "presence": ("room", "count", "users"),
    "chat": _LINE,
    "error": ("message",),
}
NOT_EMPTY = re.compile(r"\S")


def scenes() -> list[Any]:
    text = (Path(__file__).parent / "part1.txt").read_text(encoding="utf-8")
    found = []
    for scene in text.split("\n== ")[1:]:
        title, _, body = scene.partition("\n")
        title, _, settings = title.rstrip("]").partition(" [")
        lines = [line for line in body.splitlines() if NOT_EMPTY.search(line)]
        wishes = {k: int(v) for k, v in (s.split("=") for s in settings.split() if s)}
        found.append(pytest.param(lines, wishes, id=title))
    return found


def as_part_1_has_it(frame: str) -> str | None:
    """Return *frame* without what part 1 does not know; None if it knows nothing of it."""
    event = json.loads(frame)
    assert _compact(event) == frame, "not as compact as it can be"
    if event["type"] not in FIELDS:
        return None
    data = {name: event["data"][name] for name in FIELDS[event["type"]] if name in event["data"]}
    for line in [data, *data.get("messages", [])]:
        for time in {"timestamp", "server_time"} & line.keys():
            if time == "server_time" or event["type"] != "heartbeat":
                assert isinstance(line[time], int)
                line[time] = "TIME"
    if "messages" in data:
        data["messages"] = [{name: line[name] for name in _LINE} for line in data["messages"]]
    # In the order in which they came.
    data = {name: data[name] for name in event["data"] if name in data}
    return _compact({"type": event["type"], "data": data}).replace('"TIME"', "TIME")


def _compact(event: object) -> str:
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"))


class Player:
    """Plays one scene."""

    def __init__(self, server: testing.Server, stack: AsyncExitStack, shut_down: Any) -> None:
        self._server = server
        self._stack = stack
        self._shut_down = shut_down
        self._clients: dict[str, ClientConnection | int] = {}

    async def play(self, line: str) -> None:
        who, _, rest = line.partition(" ")
        if who == "-":
            await self._pass_time(rest)
            return
        what, _, rest = rest.partition(" ")
        match what:
            case ">":
                await self._act(who, rest)
            case "<":
                assert await self._next(who) == rest
            case "x":
                assert await self._end(who) == rest

    async def _pass_time(self, what: str) -> None:
        if what == "shutdown":
            self._shut_down()
        else:
            await self._server.turn(float(what))

    async def _act(self, who: str, what: str) -> None:
        verb, _, token = what.partition(" ")
        match verb:
            case "connect":
                await self._connect(who)
            case "enter":
                await self._connect(who)
                await self._send(who, _compact({"type": "auth", "data": {"token": token}}))
                for _ in ("welcome", "you", "response"):
                    await self._next(who)
            case "deaf":
                self._clients[who].transport.pause_reading()
            case "hear":
                self._clients[who].transport.resume_reading()
            case "close":
                await self._clients[who].close()
            case _:
                await self._send(who, what)

    async def _connect(self, who: str) -> None:
        opening = connect(self._server.url, ping_interval=None, compression=None, proxy=None)
        try:
            self._clients[who] = await self._stack.enter_async_context(opening)
        except InvalidStatus as refused:
            self._clients[who] = refused.response.status_code

    async def _send(self, who: str, text: str) -> None:
        await self._clients[who].send(text)

    async def _next(self, who: str) -> str:
        """Return the next frame; raises `ConnectionClosed`."""
        async with asyncio.timeout(20):
            while True:
                if (frame := as_part_1_has_it(await self._clients[who].recv())) is not None:
                    return frame

    async def _end(self, who: str) -> str:
        client = self._clients[who]
        if isinstance(client, int):
            del self._clients[who]
            return f"HTTP {client}"
        with pytest.raises(ConnectionClosed):
            pytest.fail(f"{who} was told {await self._next(who)} instead")
        del self._clients[who]
        return f"{client.close_code} {client.close_reason}".rstrip()

    async def check_that_nothing_else_came(self) -> None:
        for who in self._clients:
            await self._send(who, '{"type":"heartbeat","data":{"timestamp":999}}')
            told = '{"type":"heartbeat","data":{"timestamp":999,"server_time":TIME}}'
            assert await self._next(who) == told, who


@pytest.mark.parametrize(("lines", "settings"), scenes())
async def test_part_1_is_as_it_was(lines, settings):
    over = asyncio.Event()
    ready: asyncio.Future[testing.Server] = asyncio.get_running_loop().create_future()

    async def serve() -> None:
        async with testing.serve(**settings) as server:
            ready.set_result(server)
            await over.wait()

    async with asyncio.TaskGroup() as tasks, AsyncExitStack() as stack:
        tasks.create_task(serve())
        player = Player(await ready, stack, over.set)
        for line in lines:
            await player.play(line)
        await player.check_that_nothing_else_came()
        over.set()


async def test_who_never_authenticates_hears_nothing_of_a_busy_room():
    async with (
        testing.serve() as server,
        server.client(None) as silent,
        server.client("user-token-123") as john,
        server.client("admin-token-456") as admin,
    ):
        for client in (john, admin):
            await client.ask("join:room", room="general")
        for n in range(20):
            await john.ask("chat", room="general", text=f"secret {n}")
        await admin.ask("typing", room="general", active=True)
        await john.ask("leave:room", room="general")
        await server.turn(10)

        assert await silent.ended() == (1008, "Authentication timeout")
        assert [event.type for event in silent.events] == ["system", "hello"]
        assert len(admin.told("chat", type="message")) == 20
