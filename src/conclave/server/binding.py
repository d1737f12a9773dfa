"""The sockets that people connect to, bound for one process or for several that share them."""

import asyncio
import socket
from typing import Final

# Connections the kernel holds for us while we are busy.
_BACKLOG: Final = 2_048
# Bytes that the kernel takes for a peer beyond what is on its way: by itself it takes 4 MiB,
# which no bound of ours counts, and says nothing of a peer that does not read.
_UNSENT_BYTES: Final = 131_072


async def bind(host: str, port: int) -> list[socket.socket]:
    """
    Return what listens at *host*: a socket for each of its addresses.

    Raises `OSError` for one that is taken or not ours.
    """
    found = await asyncio.get_running_loop().getaddrinfo(
        host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    bound: list[socket.socket] = []
    try:
        for family, _, _, _, address in dict.fromkeys(found):
            bound.append(_bind(family, address))
    except OSError:
        for one in bound:
            one.close()
        raise
    return bound


def _bind(family: int, address: tuple[object, ...]) -> socket.socket:
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setblocking(False)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            # IPv4 has a socket of its own.
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        # Connections inherit these two (tcp(7)). Linux and macOS have the second.
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if (option := getattr(socket, "TCP_NOTSENT_LOWAT", None)) is not None:
            bound.setsockopt(socket.IPPROTO_TCP, option, _UNSENT_BYTES)
        bound.bind(address)
        bound.listen(_BACKLOG)
    except OSError:
        bound.close()
        raise
    return bound
