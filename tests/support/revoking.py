"""Connections of somebody whose session is revoked, in the midst of what takes long."""

import asyncio
import json

from tests.support.raw import TEXT, Raw, frame, upgrade

from conclave import testing
from conclave.auth.tokens import digest, new_token
from conclave.model import SYSTEM, Draft

ROOM = "general"


async def grant(server: testing.Server, user: str, seconds: float | None = None) -> tuple[str, str]:
    made = new_token()
    ends = None if seconds is None else server.clock.wall() + round(seconds * 1000)
    known = await server.node.store.create_token(user, digest(made), expires_at=ends)
    return made, known.id


async def say(server: testing.Server, count: int, size: int = 20) -> None:
    text = "x" * size
    drafts = [Draft(room=ROOM, user=SYSTEM.user, name=SYSTEM.name, text=text) for _ in range(count)]
    await asyncio.gather(*map(server.node.relay.send, drafts))


class Reader:
    """A connection that is in a room, or in the midst of reading all there is."""

    def __init__(self, client: testing.Client) -> None:
        self.client = client

    async def idle(self) -> None:
        await self.client.ask("join:room", room=ROOM)

    async def replay(self) -> None:
        """Be in the midst of reading all there is, again and again."""
        epoch = (await self.client.ask("join:room", room=ROOM))["epoch"]
        for _ in range(20):
            self.client.send("join:room", room=ROOM, since={"epoch": epoch, "seq": 0})
            for after in (0, 250, 500, 750):
                self.client.send("get:history", room=ROOM, after=after, **{"as": "entries"})
        await asyncio.sleep(0.02)


def stop_reading(port: int, token: str) -> Raw:
    """Join, then never read again; the kernel keeps little."""
    raw = Raw(port)
    raw.socket.setsockopt(6, 10, 1_024)  # TCP_WINDOW_CLAMP
    raw.send(upgrade())
    assert raw.read_head()[0] == 101
    for event in (
        {"type": "auth", "data": {"token": token}},
        {"type": "join:room", "data": {"room": ROOM}, "id": "j"},
    ):
        raw.send(frame(TEXT, json.dumps(event).encode()))
    while json.loads(raw.read_frame().payload)["type"] != "history":
        pass
    return raw


def rest(raw: Raw) -> int:
    """Return how many bytes are left to be read of a connection that is gone."""
    size = 0
    try:
        while chunk := raw.socket.recv(65_536):
            size += len(chunk)
    except ConnectionError:
        pass
    finally:
        raw.socket.close()
    return size
