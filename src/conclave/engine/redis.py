"""
Redis or Valkey as a bus: one channel, and no key.

A link is two plain connections of the client library, one that hears and one that says. Its
pools, retries and subscriptions connect again by themselves, and what was lost in between
nobody would know: here nothing does, but who asks for the next link.
"""

import asyncio
import re
from collections.abc import Awaitable
from contextlib import suppress
from typing import Any, Final, TypeVar

from redis.asyncio.connection import AbstractConnection, ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from conclave.engine.bus import BusDown

# Seconds in which the bus has to answer.
_ANSWER_WITHIN: Final = 3.0
_VERSION: Final = re.compile(rb"^(?:valkey|redis)_version:([\d.]+)", re.MULTILINE)

T = TypeVar("T")


class RedisBus:
    """
    The channel of a cluster at *url*: `redis://`, `rediss://` or `unix://`.

    Needs the commands PUBLISH and SUBSCRIBE for this one channel.
    """

    def __init__(self, url: str, channel: str) -> None:
        self._pool = ConnectionPool.from_url(
            url,
            protocol=2,
            retry=Retry(NoBackoff(), 0),
            socket_connect_timeout=_ANSWER_WITHIN,
            socket_timeout=None,
            health_check_interval=0,
            # No commands but the two: neither a name nor what this library is.
            driver_info=None,
        )
        self._channel = channel

    async def connect(self) -> "RedisLink":
        ears, mouth = self._connection(), self._connection()
        link = RedisLink(ears, mouth, self._channel)
        try:
            await link.open()
        except BaseException:
            await link.close()
            raise
        return link

    async def version(self) -> str:
        """Return which one it is; "" where this account may not ask, which it need not."""
        connection = self._connection()
        try:
            await _within(connection.connect())  # type: ignore[no-untyped-call]
            await _within(connection.send_command("INFO", "server"))
            told: Any = await _within(connection.read_response())
        except BusDown:
            return ""
        finally:
            await _let_go(connection)
        found = _VERSION.search(told) if isinstance(told, bytes) else None
        return "" if found is None else found[1].decode()

    def _connection(self) -> AbstractConnection:
        made: AbstractConnection = self._pool.make_connection()  # type: ignore[no-untyped-call]
        return made


class RedisLink:
    def __init__(self, ears: AbstractConnection, mouth: AbstractConnection, channel: str) -> None:
        self._ears = ears
        self._mouth = mouth
        self._channel = channel

    async def open(self) -> None:
        for connection in (self._ears, self._mouth):
            await _within(connection.connect())  # type: ignore[no-untyped-call]
        await _within(self._ears.send_command("SUBSCRIBE", self._channel))
        await _within(self._ears.read_response())

    async def say(self, packet: bytes) -> None:
        await _within(self._mouth.send_command("PUBLISH", self._channel, packet))
        await _within(self._mouth.read_response())

    async def hear(self) -> bytes:
        while True:
            told: Any = await _or_down(self._ears.read_response())
            if isinstance(told, list) and len(told) == 3 and isinstance(told[2], bytes):
                return told[2]

    async def close(self) -> None:
        for connection in (self._ears, self._mouth):
            await _let_go(connection)


async def _let_go(connection: AbstractConnection) -> None:
    with suppress(Exception):
        await connection.disconnect(nowait=True)


async def _within(answer: Awaitable[T]) -> T:
    """Return *answer* if it comes soon; raises `BusDown`."""
    try:
        async with asyncio.timeout(_ANSWER_WITHIN):
            return await _or_down(answer)
    except TimeoutError as error:
        raise BusDown("it does not answer") from error


async def _or_down(answer: Awaitable[T]) -> T:
    try:
        return await answer
    except (RedisError, OSError, RuntimeError) as error:
        # The last is uvloop's for a transport that the other side has just ended.
        raise BusDown(str(error) or type(error).__name__) from error
