"""One worker as its supervisor sees it: a process from its start to its end."""

import asyncio
import os
import signal
import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import msgspec

from conclave.workers.post import READY, VARIABLE, Announcement, Orders

_MOST_BYTES = 65_536


@dataclass(frozen=True, kw_only=True)
class Command:
    """What workers run, and what they share: descriptors that are open here."""

    words: Sequence[str]
    ports: Sequence[int] = ()
    lock: int | None = None


class Worker:
    """A process; make it by `start`. `end` waits for its exit code."""

    def __init__(self, number: int, process: asyncio.subprocess.Process, line: socket.socket):
        loop = asyncio.get_running_loop()
        self.number = number
        self.pid = process.pid
        self.began = self.heard_at = loop.time()
        self.announcement: Announcement | None = None
        # Set when it serves, or never will.
        self.settled = asyncio.Event()
        self.serves = False
        # Told to go, so that its end is no accident.
        self.leaves = False
        # Who has its place when it has ended.
        self.successor: asyncio.Future[Worker] = loop.create_future()
        self._hangup_waits = False
        self._process = process
        self._line = line
        self._hearing = asyncio.create_task(self._hear(), name="worker line")
        self._ending = asyncio.create_task(self._wait(), name="worker end")

    @classmethod
    async def start(cls, command: Command, number: int, *, first: bool = False) -> "Worker":
        """Raises `OSError` where the system has no process to give."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        ports, lock = list(command.ports), command.lock
        orders = Orders(number, ports, theirs.fileno(), lock, first)
        shared = [*ports, theirs.fileno(), *([] if lock is None else [lock])]
        try:
            process = await asyncio.create_subprocess_exec(
                *command.words,
                stdin=asyncio.subprocess.DEVNULL,
                env={**os.environ, VARIABLE: msgspec.json.encode(orders).decode()},
                pass_fds=shared,
                # What a terminal sends goes to the supervisor alone, which knows whom to tell.
                start_new_session=True,
            )
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        return cls(number, process, ours)

    async def end(self) -> int:
        """Return its exit code when it has ended; who waits no more changes nothing."""
        return await asyncio.shield(self._ending)

    @property
    def ended(self) -> bool:
        return self._ending.done()

    def send(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            self._process.send_signal(number)

    def leave(self, number: signal.Signals) -> None:
        """Tell it to go, as *number* says."""
        self.leaves = True
        self.send(number)

    def hang_up(self) -> None:
        """Let it read its files anew; one that starts has perhaps read them already."""
        if self.serves:
            self.send(signal.SIGHUP)
        else:
            # Before it listens to that signal, that would end it.
            self._hangup_waits = True

    async def _hear(self) -> None:
        loop = asyncio.get_running_loop()
        while said := await loop.sock_recv(self._line, _MOST_BYTES):
            self.heard_at = loop.time()
            self._take(said)

    def _take(self, said: bytes) -> None:
        if said.startswith(b"{"):
            self.announcement = msgspec.json.decode(said, type=Announcement)
        elif said == READY.encode():
            self.serves = True
            self.settled.set()
            if self._hangup_waits:
                self.send(signal.SIGHUP)

    async def _wait(self) -> int:
        code = await self._process.wait()
        self._hearing.cancel()
        await asyncio.gather(self._hearing, return_exceptions=True)
        self._line.close()
        self.serves = False
        self.settled.set()
        return code
