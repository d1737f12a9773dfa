"""The process of a supervisor: signals come in, workers are told, and people in a line or two."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Final

import structlog

from conclave.workers.post import READY, STOPPING
from conclave.workers.stop import Stop
from conclave.workers.supervisor import Supervisor
from conclave.workers.systemd import Systemd
from conclave.workers.worker import Command

log = structlog.get_logger(__name__)

# Where it listens, and so on: said once, by the first worker.
Announce = Callable[[str, Sequence[str], Sequence[tuple[str, str]], str], None]
_GOOD: Final = 0


async def supervise(command: Command, of: int, announce: Announce) -> int:
    """
    Run *of* workers by *command* until SIGTERM or SIGINT; return the exit code.

    A second one hurries. SIGHUP lets all read their files anew, SIGUSR2 starts them anew, one by
    one. Raises `GaveUp` when none serves, and none will.
    """
    stop, supervisor = Stop(), Supervisor(command, of)
    systemd, loop = Systemd(os.environ, os.getpid()), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.ask)
    hung_up = stop.ask if sys.stdin.isatty() else supervisor.hang_up
    loop.add_signal_handler(signal.SIGHUP, hung_up)
    rolls = _Rolls(supervisor)
    loop.add_signal_handler(signal.SIGUSR2, rolls.ask)
    try:
        async with systemd.kept_alive():
            await _until(stop.asked, _run(supervisor, rolls, announce, systemd))
    finally:
        systemd.tell(STOPPING)
        await supervisor.stop(stop.hurry)
    return _GOOD


async def _run(
    supervisor: Supervisor, rolls: "_Rolls", announce: Announce, systemd: Systemd
) -> None:
    first = await supervisor.start()
    if (said := first.announcement) is not None:
        announce(said.address, said.rooms, said.tokens, said.setup)
    systemd.tell(READY)
    rolling = asyncio.create_task(rolls.run())
    try:
        await supervisor.watch()
    finally:
        rolling.cancel()
        await asyncio.gather(rolling, return_exceptions=True)


async def _until(asked: asyncio.Event, work: Awaitable[None]) -> None:
    """Do *work* until it ends, by an exception alone, or somebody *asked* for its end."""
    working, asking = asyncio.ensure_future(work), asyncio.ensure_future(asked.wait())
    await asyncio.wait([working, asking], return_when=asyncio.FIRST_COMPLETED)
    asking.cancel()
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working


class _Rolls:
    """Rolling restarts, one after the other; those that are asked for meanwhile are one more."""

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor
        self._asked = asyncio.Event()
        self.ask = self._asked.set

    async def run(self) -> None:
        while True:
            await self._asked.wait()
            self._asked.clear()
            await self._supervisor.roll()
