"""
Look at a Redis as the operator would: does it answer, and does the channel carry anything?

It says one packet that no node believes, and hears it. Nothing is kept there.
"""

import asyncio
import secrets
from contextlib import suppress
from typing import NamedTuple

from redis.exceptions import RedisError

from conclave.engine.bus import BusDown
from conclave.engine.redis import RedisBus

_WITHIN = 5.0


class Seen(NamedTuple):
    # Why no node would hear another by it; empty: they would.
    fault: str = ""
    # Its version; empty where the account may not ask for it, which none needs.
    version: str = ""


def look(url: str, channel: str) -> Seen:
    """Return what a node would find at *url*; takes a few seconds at most."""
    return asyncio.run(_look(url, channel))


async def _look(url: str, channel: str) -> Seen:
    try:
        async with asyncio.timeout(_WITHIN):
            bus = RedisBus(url, channel)
            await _say_and_hear(bus)
            return Seen(version=await bus.version())
    except TimeoutError:
        return Seen("what is said is not heard")
    except (BusDown, RedisError, ValueError) as error:
        return Seen(str(error))


async def _say_and_hear(bus: RedisBus) -> None:
    link = await bus.connect()
    # Nodes count it among the forged, and there it ends.
    packet = b"doctor " + secrets.token_hex(8).encode()
    try:
        await link.say(packet)
        while await link.hear() != packet:
            pass
    finally:
        with suppress(BusDown):
            await link.close()
