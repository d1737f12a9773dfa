"""
How people are sent away before a node stops: some at a time, each told when to come back.

Sent away at once they would come back at once, to a node that has just begun or to those that
are left; and who is not told when would try it against a closed door.
"""

import asyncio
import math
import secrets
from collections.abc import Iterator
from typing import Final

from conclave.core.hub import Hub
from conclave.ports import Connection
from conclave.protocol.errors import STOPPED_REASON, Close
from conclave.protocol.restarting import Reconnect
from conclave.server.door import FrontDoor

# So many a second are sent away, or all within so many seconds, whichever is quicker.
PER_SECOND: Final = 200
WITHIN: Final = 10.0
# Seconds between two batches; also what a batch has to be acknowledged what it sent.
TICK: Final = 0.1
# What a process takes from its end to its first connection, and how many it lets in a second.
_RESTART: Final = 1.5
_BACK_PER_SECOND: Final = 300
_DICE: Final = secrets.SystemRandom()


async def drain(
    door: FrontDoor, hub: Hub, hurry: asyncio.Event, *, elsewhere: bool = False
) -> None:
    """
    Let nobody in any more and send away who is there; return when all are, or in a *hurry*.

    They come back when all are gone and the node has begun anew, or at once if there are others
    *elsewhere*. Requests are handled to the end. Whoever is left is for `shut_down` to close.
    """
    door.shut()
    batches = list(_batches(list(hub.connections)))
    spread = max(1.0, len(hub) / _BACK_PER_SECOND)
    for number, batch in enumerate(batches):
        least = 0.0 if elsewhere else (len(batches) - number) * TICK + _RESTART
        for connection in batch:
            connection.tell(_advice(least, spread))
        if await _hurried(hurry):
            return
        for connection in batch:
            connection.disconnect(Close.GOING_AWAY, STOPPED_REASON)


def _batches(everybody: list[Connection]) -> Iterator[list[Connection]]:
    size = math.ceil(max(PER_SECOND, len(everybody) / WITHIN) * TICK)
    for at in range(0, len(everybody), size):
        yield everybody[at : at + size]


def _advice(least: float, spread: float) -> Reconnect:
    return Reconnect(round((least + _DICE.random() * spread) * 1000), STOPPED_REASON)


async def _hurried(hurry: asyncio.Event) -> bool:
    """Wait for the next batch's turn; return whether somebody is in a hurry."""
    try:
        async with asyncio.timeout(TICK):
            await hurry.wait()
    except TimeoutError:
        return False
    return True
