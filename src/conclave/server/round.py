"""
The end of a tick: what all connections of a node are owed leaves, in one write for each.

What a large room is told in one tick is the same for most: it is gathered once for all of
them, its `Crowd`, instead of in the queue of each. Who is told something else as well parts
from the crowd, with what that was told so far, so that each hears everything in its order.

To write to a thousand takes longer than a commit. So a crowd that large is told what is being
committed at that moment as well, if it is committed soon.
"""

import asyncio
from collections.abc import Callable, Collection, Sequence
from typing import Any, Final, Protocol

from conclave.ports import Outlet
from conclave.protocol.codec import Packet
from conclave.server.fanout import send_each

# Above this a transport is full: packets wait in outboxes, shared by all who wait for them,
# instead of there, copied. Transports call `Receiver.writable` when they have room again.
FULL_BYTES: Final = 65_536
# What a packet costs besides its frame: its place in the queue.
PER_PACKET: Final = 8
# So few are no crowd: most of them write themselves, and would part from it.
_FEW: Final = 32
# So many, and one write to each takes longer than most disks take for a commit; they wait for
# one, but no longer than they would have waited for each other.
_MANY: Final = 256
_WAIT_S: Final = 0.003
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
    """Outboxes which are owed the same, and nothing else."""

    __slots__ = ("_ears", "_size", "_together", "apart", "is_due", "packets", "waits")

    def __init__(self, ears: Sequence[Owed], packet: Packet, but: Collection[Owed]) -> None:
        # Kept: as long as it is, its identity is nobody else's.
        self._ears = ears
        # Of these, those who are not apart are written to when the tick ends.
        self._together = ears
        self.packets = [packet]
        self._size = len(packet.framed)
        # Whether it waits for more, and has waited for long enough.
        self.waits = self.is_due = False
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

    @property
    def is_large(self) -> bool:
        return len(self._together) >= _MANY

    def deliver(self) -> None:
        data = b"".join([packet.framed for packet in self.packets])
        ears: list[Owed] = []
        for ear in self._together:
            if ear.crowd is not self:
                continue
            if ear.outlet.fd < 0:
                ear.part()
                continue
            ear.crowd, ear.owes = None, 0
            ears.append(ear)
        for at, took in send_each([ear.outlet.fd for ear in ears], data).items():
            ears[at].leave(data[took:])


class Round:
    """
    One delivery a tick for all outboxes of a node that have something.

    *expecting* says whether something is being committed of which a room may be told soon.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, expecting: Callable[[], bool] = lambda: False
    ) -> None:
        self._loop = loop
        self._expecting = expecting
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
        if self._crowds:
            self._deliver_crowds()
        waiting = self.waiting.copy()
        self.waiting.clear()
        for outbox in waiting:
            outbox.flush()

    def _deliver_crowds(self) -> None:
        expecting = self._expecting()
        crowds, self._crowds = self._crowds, {}
        for key, crowd in crowds.items():
            if expecting and crowd.is_large and self._may_wait(crowd):
                self._crowds[key] = crowd
            else:
                crowd.deliver()

    def _may_wait(self, crowd: Crowd) -> bool:
        if not crowd.waits:
            crowd.waits = True
            # The timer decides, unless what is committed is told before: clocks are rounded, and
            # who looked at one when it rang might find it too early, and would not be called again.
            self._loop.call_later(_WAIT_S, self._end_wait, crowd)
        return not crowd.is_due

    def _end_wait(self, crowd: Crowd) -> None:
        crowd.is_due = True
        self.begin()

    def tell(self, outboxes: Sequence[Owed], packet: Packet, but: Collection[Owed] = ()) -> None:
        """
        Offer *packet* to each of *outboxes*, as `core.room.Tell` asks.

        What is told alone in a tick leaves at once: the queues of a thousand members cost a
        tenth of what their sockets cost. When more is told, or is about to be, it is gathered.
        """
        self._told += 1
        self.begin()
        if (crowd := self._crowds.get(id(outboxes))) is not None:
            crowd.tell(packet, but)
        elif self._told == 1 and not self._busy and not self._is_worth_waiting(outboxes):
            _write_to_each(outboxes, packet, but)
        elif len(outboxes) <= _FEW:
            for outbox in outboxes:
                if outbox not in but:
                    outbox.offer(packet)
        else:
            self._crowds[id(outboxes)] = Crowd(outboxes, packet, but)

    def _is_worth_waiting(self, outboxes: Sequence[Owed]) -> bool:
        return len(outboxes) >= _MANY and self._expecting()


def _write_to_each(outboxes: Sequence[Owed], packet: Packet, but: Collection[Owed]) -> None:
    data = packet.framed
    descriptors = [-1 if box.owes else box.outlet.fd for box in outboxes]
    for at, took in send_each(descriptors, data).items():
        outbox = outboxes[at]
        if descriptors[at] >= 0:
            outbox.leave(data[took:])
        elif outbox not in but:
            # Those of *but* are owed something: nobody else is looked for among them.
            outbox.offer(packet)
