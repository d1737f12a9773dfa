"""
Looks a name up, right before it is connected to.

What is found here is what is connected to: a name that has another address a moment later
leads nowhere else. A look-up that hangs holds up its own request, and no thread that others
wait for.
"""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final

from aiohttp.abc import AbstractResolver, ResolveResult

from conclave.reach.guard import Guard

# A resolver of the system that gets no answer goes on asking for half a minute.
_WITHIN_S: Final = 5.0
_AT_ONCE: Final = 8


class Resolver(AbstractResolver):
    """Finds the addresses of a name, and refuses the name where *guard* refuses one of them."""

    def __init__(self, guard: Guard, within: float = _WITHIN_S) -> None:
        self._guard = guard
        self._within = within
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="resolver")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            _result(host, family_, proto, str(address[0]), int(address[1]))
            for family_, _, proto, _, address in await self._look_up(host, port, family)
            if self._may(host, port, str(address[0]))
        ]

    async def _look_up(self, host: str, port: int, family: socket.AddressFamily) -> list[Any]:
        ask = partial(socket.getaddrinfo, host, port, family, socket.SOCK_STREAM)
        try:
            async with asyncio.timeout(self._within):
                return await asyncio.get_running_loop().run_in_executor(self._threads, ask)
        except TimeoutError:
            raise OSError(f"{host} was not found in time") from None

    def _may(self, host: str, port: int, address: str) -> bool:
        if self._guard.may_reach(host, port, address):
            return True
        # One that is not public is enough: such a name is nobody's outside.
        raise OSError(f"{host} has an address that is not public")

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _result(host: str, family: int, proto: int, address: str, port: int) -> ResolveResult:
    return ResolveResult(
        hostname=host,
        host=address,
        port=port,
        family=family,
        proto=proto,
        flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
    )
