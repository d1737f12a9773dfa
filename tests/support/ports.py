"""Ports for servers that start again at the same one."""

import random
import socket

# Below those that the kernel gives to connections going out: one of these may be taken as soon
# as a server has let go of it.
_LOWEST, _HIGHEST = 10_240, 32_000


def free_port() -> int:
    """Return a port of 127.0.0.1 at which nobody listens, as at the one after it."""
    while True:
        port = random.randrange(_LOWEST, _HIGHEST)
        try:
            for wanted in (port, port + 1):
                socket.create_server(("127.0.0.1", wanted)).close()
        except OSError:
            continue
        return port
