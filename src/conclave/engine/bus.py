"""What carries packets between nodes, as the engine needs it: some bytes, now or not at all."""

from typing import Protocol


class BusDown(Exception):
    """The bus cannot be reached, or this link to it is broken; says why, without secrets."""


class Link(Protocol):
    """One connection to the bus, which nothing mends: after `BusDown` ask for another."""

    async def say(self, packet: bytes) -> None:
        """Hand *packet* to the bus, for all nodes and this one; raises `BusDown`."""

    async def hear(self) -> bytes:
        """Return the next packet anybody said since this link was made; raises `BusDown`."""

    async def close(self) -> None:
        """Let go of it at once; never raises."""


class Bus(Protocol):
    async def connect(self) -> Link:
        """Return a link that hears from now on; raises `BusDown`."""
