"""Nodes without sockets on one real store, which hear each other by a bus, and who is there."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from conclave.app.parts import SystemClock
from conclave.core.hub import Caps, Hub
from conclave.engine.bus import Bus
from conclave.engine.cluster import ClusterEngine
from conclave.engine.sealing import Seal
from conclave.model import Draft, Identity, Page
from conclave.ports import Store
from conclave.protocol.codec import Packet
from conclave.relay import Attendance, News, Relay
from conclave.relay.halls import POLL, Halls
from conclave.server.background import Background

HALL = "hall"
KEY = b"k" * 32
CHANNEL = "conclave:hints"
# As `app.routine` has it.
SWEEP = 4.5


class RelayNode:
    """What `app` builds of one node; `running` keeps it level as a routine would."""

    def __init__(self, store: Store, bus: Bus) -> None:
        self.store = store
        self.engine = ClusterEngine(bus, Seal(lambda: [KEY], CHANNEL))
        self.hub = Hub(Caps())
        clock = SystemClock()
        self.halls = Halls(store, self.engine, 0)
        self.attendance = Attendance(store, self.halls, clock, page=50, grace=0.0)
        self.relay = Relay(store, self.engine, self.halls, self.attendance, News(store, self.hub))

    async def say(self, by: Identity, text: str) -> int:
        draft = Draft(room=HALL, user=by.user, name=by.name, text=text)
        return (await self.relay.send(draft)).seq

    def let_out(self, guest: "Listener") -> None:
        self.attendance.leave(guest, HALL)  # type: ignore[arg-type]

    async def let_in(self, who: Identity) -> "Listener":
        guest = Listener(who)
        assert await self.attendance.join(guest, who, HALL, None, guest.greet)  # type: ignore[arg-type]
        return guest


@asynccontextmanager
async def running(store: Store, bus: Bus) -> AsyncIterator[RelayNode]:
    node, background = RelayNode(store, bus), Background()
    await node.engine.start(node.relay)
    background.every(POLL, "poll", node.halls.poll)
    background.every(SWEEP, "sweep", node.halls.sweep)
    try:
        yield node
    finally:
        await background.close()
        await node.engine.close()
        await node.halls.close()


class Listener:
    """A connection that notes when it was told which number, and that none comes twice."""

    def __init__(self, identity: Identity) -> None:
        self.user = identity.user
        self.identity = identity
        self.address = "127.0.0.1"
        self.rooms: set[str] = set()
        self.known = 0
        self.at: dict[int, float] = {}
        self.texts: list[str] = []
        # Comings and goings that were told, and who was there at first.
        self.notices: list[str] = []
        self.present: list[str] = []

    @property
    def ear(self) -> "Listener":
        return self

    def greet(self, page: Page) -> None:
        self.known = page.upto

    def offer(self, packet: Packet) -> None:
        data: dict[str, Any] = json.loads(packet.text)["data"]
        if "seq" in data:
            assert data["seq"] == self.known + 1, "not once, or not in order"
            self.known = data["seq"]
            self.at[self.known] = time.monotonic()
            self.texts.append(data["text"])
        elif json.loads(packet.text)["type"] == "presence":
            self.present = sorted(one["id"] for one in data["users"])
        else:
            self.notices.append(data["text"])

    def lose(self) -> None:
        raise AssertionError("lost")

    async def told(self, seq: int, within: float) -> float:
        """Return how long it takes until *seq* is told; fails if that is longer."""
        began = time.monotonic()
        while self.known < seq:
            assert time.monotonic() - began < within, f"{self.known}, and not {seq}"
            await asyncio.sleep(0.002)
        return time.monotonic() - began
