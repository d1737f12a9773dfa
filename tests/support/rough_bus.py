"""
What a bad network makes of Redis's messages: for a `Proxy` in front of it, as its carrier.

Some are lost, some come twice, and each takes another time, so that they overtake each other.
What else Redis says goes its way, as it is an answer to somebody.
"""

import asyncio
from random import Random

from tests.support.proxy import Carrier

_IS_MESSAGE = b"*3\r\n$7\r\nmessage\r\n"


class RoughBus:
    """One in *every* is lost, one in *every* doubled, all are late by up to *late* seconds."""

    def __init__(self, random: Random, every: int = 20, late: float = 0.05) -> None:
        self._random = random
        self._every = every
        self._late = late
        self.messages = self.lost = self.doubled = self.overtook = 0
        self._newest = 0

    def __call__(self, carry: Carrier) -> Carrier:
        """Return what carries one connection's words, by *carry*."""
        buffered = bytearray()

        def take(data: bytes) -> None:
            buffered.extend(data)
            while (length := _first(buffered)) is not None:
                one = bytes(buffered[:length])
                del buffered[:length]
                if one.startswith(_IS_MESSAGE):
                    self._message(one, carry)
                else:
                    carry(one)

        return take

    def _message(self, one: bytes, carry: Carrier) -> None:
        self.messages += 1
        lost = self._random.randrange(self._every) == 0
        doubled = not lost and self._random.randrange(self._every) == 0
        self.lost += lost
        self.doubled += doubled
        loop = asyncio.get_running_loop()
        for _ in range(0 if lost else 1 + doubled):
            late = self._random.random() * self._late
            loop.call_later(late, self._arrive, self.messages, one, carry)

    def _arrive(self, number: int, one: bytes, carry: Carrier) -> None:
        self.overtook += number < self._newest
        self._newest = max(self._newest, number)
        carry(one)


def _first(data: bytearray, at: int = 0) -> int | None:
    """Return where the value that begins at *at* ends; None if that has not come yet."""
    end = data.find(b"\r\n", at)
    if end < 0:
        return None
    kind, rest = data[at : at + 1], data[at + 1 : end]
    if kind == b"$":
        end += 2 + max(int(rest), -2)
        return end + 2 if len(data) >= end + 2 else None
    ends: int | None = end + 2
    for _ in range(int(rest) if kind == b"*" else 0):
        if ends is None:
            return None
        ends = _first(data, ends)
    return ends
