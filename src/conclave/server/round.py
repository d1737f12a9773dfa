"""
The end of a tick: what all connections of a node are owed leaves, in one write for each.

What a large room is told in one tick is the same for most: it is gathered once for all of
them, its `Crowd`, instead of in the queue of each. Who is told something else as well parts
from the crowd, with what that was told so far, so that each hears everything in its order.
"""

import asyncio
import os
from collections.abc import Collection, Sequence
from typing import Any, Final, Protocol

from conclave.ports import Outlet
from conclave.protocol.codec import Packet

# Above this a transport is full: packets wait in outboxes, shared by all who wait for them,
# instead of there, copied. Transports call `Receiver.writable` when they have room again.
FULL_BYTES: Final = 65_536
# What a packet costs besides its frame: its place in the queue.
PER_PACKET: Final = 8
# So few are no crowd: most of them write themselves, and would part from it.
_FEW: Final = 32
# That something waits, for those in a crowd: how much, the crowd knows.
_OWED: Final = 1


class Owed(Protocol):
    """An outbox, as a round knows it."""

    outlet: Outlet
    owes: int
    crowd: "Crowd | None"

    def offer(self, packet: Packet, /) -> None: ...
    def part(self) -> None: ...
    def flush(self) -> None: ...
    def leave(self, data: bytes, /) -> None: ...


class Crowd:
    """Outboxes which are owed the same, and nothing else, in this tick."""

    __slots__ = ("_ears", "_size", "_together", "apart", "packets")

    def __init__(self, ears: Sequence[Owed], packet: Packet, but: Collection[Owed]) -> None:
        # Kept: as long as it is, its identity is nobody else's.
        self._ears = ears
        # Of these, those who are not apart are written to when the tick ends.
        self._together = ears
        self.packets = [packet]
        self._size = len(packet.framed)
        # Who is owed something else as well, and is told by itself.
        self.apart: list[Owed] = []
        for ear in ears:
            if ear.owes or ear.outlet.fd < 0 or ear in but:
                self.apart.append(ear)
                if ear not in but:
                    ear.offer(packet)
            else:
                ear.crowd, ear.owes = self, _OWED

    def tell(self, packet: Packet, but: Collection[Owed]) -> None:
        for ear in but:
            if ear.crowd is self:
                ear.part()
        self._size += len(packet.framed)
        if self._size > FULL_BYTES:
            self._disperse()
        self.packets.append(packet)
        for ear in self.apart:
            if ear not in but:
                ear.offer(packet)

    def _disperse(self) -> None:
        """Let each have its own queue, which knows how much it may hold."""
        for ear in self._together:
            if ear.crowd is self:
                ear.part()
        self._together = ()

    def deliver(self) -> None:
        data = b"".join([packet.framed for packet in self.packets])
        size, write = len(data), os.write
        # Flat: each object that is looked at has been pushed out of the processor's caches by
        # the system call before.
        for ear in self._together:
            if ear.crowd is not self:
                continue
            if (fd := ear.outlet.fd) < 0:
                ear.part()
                continue
            ear.crowd, ear.owes = None, 0
            try:
                sent = write(fd, data)
            except OSError:
                sent = 0
            if sent != size:
                ear.leave(data[sent:])


class Round:
    """One delivery a tick for all outboxes of a node that have something."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.waiting: list[Any] = []
        # By the identity of those who are told.
        self._crowds: dict[int, Crowd] = {}
        self._begun = False
        # How often `tell` was called in this tick, and whether it was often in the last one.
        self._told = 0
        self._busy = False

    def begin(self) -> None:
        """See that all is delivered at the end of this tick; for whoever comes first."""
        if not self._begun:
            self._begun = True
            self._loop.call_soon(self._deliver)

    def _deliver(self) -> None:
        self._begun = False
        self._busy, self._told = self._told > 1, 0
        crowds, self._crowds = self._crowds, {}
        for crowd in crowds.values():
            crowd.deliver()
        waiting = self.waiting.copy()
        self.waiting.clear()
        for outbox in waiting:
            outbox.flush()

    def tell(self, outboxes: Sequence[Owed], packet: Packet, but: Collection[Owed] = ()) -> None:
        """
        Offer *packet* to each of *outboxes*, as `core.room.Tell` asks.

        What is told alone in a tick leaves at once: the queues of a thousand members cost a
        tenth of what their sockets cost. When more is told, ticks are gathered.
        """
        self._told += 1
        self.begin()
        if self._told == 1 and not self._busy:
            _write_to_each(outboxes, packet, but)
        elif len(outboxes) <= _FEW:
            for outbox in outboxes:
                if outbox not in but:
                    outbox.offer(packet)
        elif (crowd := self._crowds.get(id(outboxes))) is not None:
            crowd.tell(packet, but)
        else:
            self._crowds[id(outboxes)] = Crowd(outboxes, packet, but)


def _write_to_each(outboxes: Sequence[Owed], packet: Packet, but: Collection[Owed]) -> None:
    # Flat, as above. Those of *but* are owed something: nobody else is looked for among them.
    data = packet.framed
    size, write = len(data), os.write
    for outbox in outboxes:
        if outbox.owes or (fd := outbox.outlet.fd) < 0:
            if outbox not in but:
                outbox.offer(packet)
            continue
        try:
            sent = write(fd, data)
        except OSError:
            sent = 0
        if sent != size:
            outbox.leave(data[sent:])
