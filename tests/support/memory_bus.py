"""
A bus in memory that does wrong what it is told to: for rules, and for a clock turned by hand.

It carries packets between the links that are open, as a real one does: a link that is cut
raises, one that is in the dark takes everything and brings nothing.
"""

import asyncio
from random import Random

from conclave.engine.bus import BusDown


class MemoryLink:
    def __init__(self, bus: "MemoryBus", name: str) -> None:
        self.bus = bus
        self.name = name
        self.dark = False
        self._heard: asyncio.Queue[bytes | None] = asyncio.Queue()

    async def say(self, packet: bytes) -> None:
        await asyncio.sleep(0)
        if self not in self.bus.links:
            raise BusDown("cut")
        if not self.dark:
            self.bus.carry(packet)

    async def hear(self) -> bytes:
        packet = await self._heard.get()
        if packet is None:
            raise BusDown("cut")
        return packet

    def deliver(self, packet: bytes) -> None:
        if self in self.bus.links and not self.dark:
            self._heard.put_nowait(packet)

    def cut(self) -> None:
        self.bus.links.discard(self)
        self._heard.put_nowait(None)

    async def close(self) -> None:
        self.bus.links.discard(self)


class MemoryBus:
    """`port` gives each node its own way to it, which one can cut by its name."""

    def __init__(self, random: Random | None = None) -> None:
        self.random = random
        self.links: set[MemoryLink] = set()
        # Whoever is named here gets no link, or one that stays dark.
        self.refused: set[str] = set()
        self.darkened: set[str] = set()
        # Shares of what is lost and doubled, and the seconds by which packets overtake others.
        self.loses = self.doubles = self.delays = 0.0
        self.connects = 0

    def port(self, name: str) -> "MemoryPort":
        return MemoryPort(self, name)

    def carry(self, packet: bytes) -> None:
        for link in sorted(self.links, key=lambda one: one.name):
            for _ in range(self._copies()):
                self._later(link, packet)

    def _copies(self) -> int:
        if self.random is None:
            return 1
        return (self.random.random() >= self.loses) + (self.random.random() < self.doubles)

    def _later(self, link: MemoryLink, packet: bytes) -> None:
        if self.random is None or not self.delays:
            link.deliver(packet)
            return
        after = self.random.random() * self.delays
        asyncio.get_running_loop().call_later(after, link.deliver, packet)

    def of(self, name: str) -> list[MemoryLink]:
        return [link for link in self.links if link.name == name]


class MemoryPort:
    def __init__(self, bus: MemoryBus, name: str) -> None:
        self._bus = bus
        self._name = name

    async def connect(self) -> MemoryLink:
        self._bus.connects += 1
        await asyncio.sleep(0)
        if self._name in self._bus.refused:
            raise BusDown("refused")
        link = MemoryLink(self._bus, self._name)
        link.dark = self._name in self._bus.darkened
        self._bus.links.add(link)
        return link
