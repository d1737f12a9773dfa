"""`conclave serve --workers N`: what the workers share is opened here, once, and handed on."""

import asyncio
import sys
from collections.abc import Callable, Sequence

from conclave.server.binding import bind
from conclave.settings import Settings
from conclave.storage.datadir import DataDirectory
from conclave.workers.supervising import supervise
from conclave.workers.supervisor import GaveUp
from conclave.workers.worker import Command

__all__ = ["GaveUp", "supervised"]

Announce = Callable[[str, Sequence[str], Sequence[tuple[str, str]], str], None]


def supervised(settings: Settings, announce: Announce) -> int:
    """
    Let `settings.workers` processes serve until all are told to stop; return the exit code.

    Raises `GaveUp`, `CannotStart` and `OSError`.
    """
    directory = DataDirectory(settings.home)
    try:
        return asyncio.run(_supervised(settings, announce, directory.lock))
    finally:
        directory.release()


async def _supervised(settings: Settings, announce: Announce, lock: int) -> int:
    ports = await bind(settings.host, settings.port)
    # The same program with the same words: another version of it by then, where there is one.
    words = [sys.executable, *sys.orig_argv[1:]]
    command = Command(words=words, ports=[one.fileno() for one in ports], lock=lock)
    try:
        return await supervise(command, settings.workers, announce)
    finally:
        for one in ports:
            one.close()
