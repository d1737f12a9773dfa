"""
What systemd is told of this node: that it is ready, stops, and is alive (sd_notify(3)).

A node that was started by something else has nobody to tell. The words are lines of a
datagram, so no library is needed for them; what the unit asks for stands in `deploy/`.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Final

READY: Final = "READY=1"
STOPPING: Final = "STOPPING=1"
ALIVE: Final = "WATCHDOG=1"


class Systemd:
    """Tells the service manager of *environ*, the environment of this process *pid*."""

    def __init__(self, environ: Mapping[str, str], pid: int) -> None:
        self._address = environ.get("NOTIFY_SOCKET", "")
        meant = environ.get("WATCHDOG_PID", str(pid)) == str(pid)
        text = environ.get("WATCHDOG_USEC", "") if meant else ""
        # Half of what is allowed, as sd_watchdog_enabled(3) advises; 0: nobody waits for it.
        self._alive_every = int(text) / 2e6 if text.isdecimal() else 0.0

    def tell(self, *words: str) -> None:
        """Say *words*; never waits and never fails, since a chat is worth more than a notice."""
        if not self._address:
            return
        # A name in the abstract namespace begins with a NUL, written as @.
        address = "\0" + self._address[1:] if self._address[0] == "@" else self._address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as telling:
            telling.setblocking(False)
            with suppress(OSError):
                telling.sendto("\n".join(words).encode(), address)

    @asynccontextmanager
    async def kept_alive(self) -> AsyncIterator[None]:
        """
        Say again and again that the event loop turns, for as long as the context lasts.

        A loop that hangs cannot say so, and systemd starts the node anew (`WatchdogSec`).
        """
        beating = asyncio.create_task(self._beat(), name="watchdog")
        try:
            yield
        finally:
            beating.cancel()
            await asyncio.gather(beating, return_exceptions=True)

    async def _beat(self) -> None:
        while self._address and self._alive_every:
            self.tell(ALIVE)
            await asyncio.sleep(self._alive_every)
