"""
Writes lines where writing may block: a full pipe, a stopped terminal, a slow disk.

A thread of its own waits there, and nobody else. What a line says is none of its business.
"""

import os
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Final, TextIO

# Lines that wait for a destination that takes none; those beyond are dropped and counted.
MOST_WAITING: Final = 10_000


class Lines:
    """
    Writes to *stream*, if it is a file through its descriptor; `put` never waits.

    How many lines were dropped is written afterwards, as *told* says it.
    """

    def __init__(self, stream: TextIO, told: Callable[[int], str]) -> None:
        self._stream = stream
        self._told = told
        self._descriptor = _descriptor(stream)
        self._changed = threading.Condition()
        self._waiting: deque[str] = deque()
        self._dropped = 0
        # Of all times.
        self.dropped = 0
        self._busy = self._closed = False
        if self._descriptor is not None:
            threading.Thread(target=self._run, name="log", daemon=True).start()

    def put(self, line: str) -> None:
        """Have *line* written soon, or drop it."""
        with self._changed:
            if self._descriptor is None:
                self._stream.write(f"{line}\n")
            elif self._closed or len(self._waiting) >= MOST_WAITING:
                self._dropped += 1
                self.dropped += 1
            else:
                self._waiting.append(line)
                self._changed.notify_all()

    def flush(self, within: float) -> None:
        """Wait until all is written that was put so far, for so many seconds at most."""
        with self._changed:
            self._changed.wait_for(lambda: not (self._waiting or self._busy), within)

    def close(self, within: float) -> None:
        """Write what waits, as `flush` does, and end the thread. Idempotent."""
        self.flush(within)
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _run(self) -> None:
        while lines := self._next():
            # Nobody reads it any more: there is nowhere left to complain.
            with suppress(OSError):
                self._write("".join(f"{line}\n" for line in lines))

    def _next(self) -> list[str]:
        """Return what is to be written next, when there is something; nothing at the end."""
        with self._changed:
            self._busy = False
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._waiting or self._closed)
            lines = [*self._waiting]
            if self._dropped:
                lines.append(self._told(self._dropped))
            self._waiting.clear()
            self._dropped, self._busy = 0, bool(lines)
            return lines

    def _write(self, text: str) -> None:
        assert self._descriptor is not None
        # Not through the stream: at its end the interpreter wants the lock that a blocked
        # write holds, and aborts.
        left = memoryview(text.encode("utf-8", "backslashreplace"))
        while left:
            left = left[os.write(self._descriptor, left) :]


def _descriptor(stream: TextIO) -> int | None:
    try:
        return stream.fileno()
    except (OSError, ValueError):
        return None
