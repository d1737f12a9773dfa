"""
What a process tells whoever started it: that it is ready, stops, and is alive (sd_notify(3)).

That may be systemd, or the supervisor of several workers. A node that was started by something
else has nobody to tell. The words are lines of a datagram, so no library is needed for them;
what the unit asks for stands in `deploy/`.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress

from conclave.workers.post import ALIVE, ALIVE_EVERY, Post


class Manager:
    """
    Is told by *send* how this process is.

    *alive_every*: seconds between two signs of life; 0: nobody waits for them.
    """

    def __init__(self, send: Callable[[bytes], None], alive_every: float) -> None:
        self._send = send
        self._alive_every = alive_every

    def tell(self, *words: str) -> None:
        """Say *words*; never waits and never fails, since a chat is worth more than a notice."""
        self._send("\n".join(words).encode())

    @asynccontextmanager
    async def kept_alive(self) -> AsyncIterator[None]:
        """
        Say again and again that the event loop turns, for as long as the context lasts.

        A loop that hangs cannot say so, and is ended and started anew (`WatchdogSec`).
        """
        beating = asyncio.create_task(self._beat(), name="watchdog")
        try:
            yield
        finally:
            beating.cancel()
            await asyncio.gather(beating, return_exceptions=True)

    async def _beat(self) -> None:
        while self._alive_every:
            self.tell(ALIVE)
            await asyncio.sleep(self._alive_every)


class Supervisor(Manager):
    """The one that gave a worker its *post*."""

    def __init__(self, post: Post) -> None:
        super().__init__(post.tell, ALIVE_EVERY)


class Systemd(Manager):
    """The service manager of *environ*, the environment of this process *pid*."""

    def __init__(self, environ: Mapping[str, str], pid: int) -> None:
        self._address = environ.get("NOTIFY_SOCKET", "")
        meant = environ.get("WATCHDOG_PID", str(pid)) == str(pid)
        text = environ.get("WATCHDOG_USEC", "") if meant and self._address else ""
        # Half of what is allowed, as sd_watchdog_enabled(3) advises.
        super().__init__(self._notify, int(text) / 2e6 if text.isdecimal() else 0.0)

    def _notify(self, words: bytes) -> None:
        if not self._address:
            return
        # A name in the abstract namespace begins with a NUL, written as @.
        address = "\0" + self._address[1:] if self._address[0] == "@" else self._address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as telling:
            telling.setblocking(False)
            with suppress(OSError):
                telling.sendto(words, address)
