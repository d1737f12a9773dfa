"""
What a bad bus does to what is published: some of it never comes, some twice, some too late.

Between a Redis and one who has subscribed, for a `Proxy`: it knows the frames of RESP 2 well
enough to leave whole all that it does not mean to break.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from random import Random

# Seconds that what is overtaken comes later, at most.
_LATE = 0.05
_MESSAGE = b"*3\r\n$7\r\nmessage\r\n"


class Pushes:
    """
    Carries a server's words on to *write*, and of the messages in them not all as they came.

    *one_in*: so many messages there are to one that is lost, doubled or late, each.
    """

    def __init__(
        self, write: Callable[[bytes], None], random: Random, one_in: int, done: Counter[str]
    ) -> None:
        self._write = write
        self._random = random
        self._one_in = one_in
        self._done = done
        self._rest = b""

    def __call__(self, data: bytes) -> None:
        self._rest += data
        for frame in self._frames():
            if frame.startswith(_MESSAGE):
                self._carry(frame)
            else:
                self._write(frame)

    def _frames(self) -> Iterator[bytes]:
        """Take whole frames off what came."""
        with suppress(IndexError, ValueError):
            while self._rest:
                end = _end_of(self._rest, 0)
                frame, self._rest = self._rest[:end], self._rest[end:]
                yield frame

    def _carry(self, frame: bytes) -> None:
        lot = self._random.randrange(self._one_in)
        what = ("dropped", "doubled", "late", *["carried"] * self._one_in)[lot]
        self._done[what] += 1
        if what == "late":
            late = self._random.uniform(0, _LATE)
            asyncio.get_running_loop().call_later(late, self._write, frame)
        elif what != "dropped":
            self._write(frame * (2 if what == "doubled" else 1))


def _end_of(data: bytes, at: int) -> int:
    """Return where the frame at *at* ends; raises `IndexError` or `ValueError` if it does not."""
    line = data.index(b"\r\n", at) + 2
    kind, count = data[at : at + 1], data[at + 1 : line - 2]
    if kind == b"*":
        for _ in range(int(count)):
            line = _end_of(data, line)
    elif kind == b"$" and int(count) >= 0:
        line += int(count) + 2
        if line > len(data):
            raise IndexError
    return line
