"""
Looks the name of a push service up, right before it is connected to.

What is found here is what is connected to: a name that has another address a moment later
leads nowhere else.
"""

import asyncio
import socket

from aiohttp.abc import AbstractResolver, ResolveResult

from conclave.push.guard import Guard


class Resolver(AbstractResolver):
    """Finds the addresses of a name, and refuses the name where *guard* refuses one of them."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await asyncio.get_running_loop().getaddrinfo(
            host, port, family=family, type=socket.SOCK_STREAM
        )
        return [
            _result(host, family_, proto, str(address[0]), int(address[1]))
            for family_, _, proto, _, address in found
            if self._may(host, str(address[0]))
        ]

    def _may(self, host: str, address: str) -> bool:
        if self._guard.may_reach(address):
            return True
        # One that is not public is enough: such a name is no push service's.
        raise OSError(f"{host} has an address that is not public")

    async def close(self) -> None:
        pass


def _result(host: str, family: int, proto: int, address: str, port: int) -> ResolveResult:
    return ResolveResult(
        hostname=host,
        host=address,
        port=port,
        family=family,
        proto=proto,
        flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
    )
