"""
What one connection is owed: packets wait here for the end of the tick, never longer.

`offer` is a plain call. All that came in one turn of the event loop leaves in one write
per connection. What a peer does not take is bounded in bytes and in age: a slow peer is
cut off, loses nothing (the store has it all), and the memory is free at once.
"""

from collections.abc import Callable
from typing import Final

from conclave.ports import Outlet, Transport
from conclave.protocol.codec import Packet
from conclave.server.heart import NEVER, Pulse
from conclave.server.round import FULL_BYTES, PER_PACKET, Crowd, Round

# Shared by all who wait for nothing, and therefore never changed.
_NOTHING: Final[list[Packet]] = []


class _Nowhere:
    """The outlet of who is told nothing any more."""

    fd = -1

    def leave(self, _data: bytes) -> int:
        return 0


_NOWHERE: Final = _Nowhere()


class Outbox:
    """
    The queue of one connection; the owner passes on `writable`, and says when it ends.

    *overflowed* is called once, never from within `offer`, when more than *max_bytes* wait
    (the transport's included) or no byte left for *stall* seconds while some waited. From
    then on everything is dropped; the owner closes with 4003.
    """

    __slots__ = (
        "_behind",
        "_dead",
        "_first",
        "_max_bytes",
        "_overflowed",
        "_pulse",
        "_rest",
        "_room",
        "_round",
        "_send",
        "_stall",
        "_transport",
        "_waiting",
        "crowd",
        "due",
        "outlet",
        "owes",
    )

    def __init__(
        self,
        transport: Transport,
        round_: Round,
        pulse: Pulse,
        overflowed: Callable[[], None],
        *,
        max_bytes: int = 1_048_576,
        stall: float = 10.0,
    ) -> None:
        self._transport = transport
        self._send = transport.send
        self.outlet: Outlet = transport.outlet
        self._round = round_
        self._waiting = round_.waiting
        self._pulse = pulse
        self._overflowed: Callable[[], None] | None = overflowed
        self._max_bytes = self._room = max_bytes
        self._stall = stall
        # Mostly one packet waits, for a tick: a list for each member of a room would call the
        # garbage collector with each message.
        self._first: Packet | None = None
        self._rest: list[Packet] = _NOTHING
        # The bytes that wait; above 0 as long as something does.
        self.owes = 0
        # Those with whom this one is told the same in this tick: what waits, waits there.
        self.crowd: Crowd | None = None
        self._dead = False
        # What the transport still had after the last write: less than that is progress.
        self._behind = 0
        self.due = NEVER

    @property
    def waiting_bytes(self) -> int:
        """Bytes that wait here or in the transport."""
        return self.owes + self._transport.buffered

    def offer(self, packet: Packet) -> None:
        """Queue *packet*: never wait, never raise, never call back."""
        # Flat, like `flush`: a room of thousands goes this way for each message.
        if self.owes:
            self._queue(packet)
        elif not self._dead:
            self._first = packet
            self.owes = len(packet.framed) + PER_PACKET
            waiting = self._waiting
            if not waiting:
                self._round.begin()
            waiting.append(self)

    def part(self) -> None:
        """Of a crowd, be told by itself from now on: what that was so far, and what comes."""
        crowd, self.crowd, self.owes = self.crowd, None, 0
        assert crowd is not None
        crowd.apart.append(self)
        for packet in crowd.packets:
            self.offer(packet)

    def _queue(self, packet: Packet) -> None:
        if self.crowd is not None:
            self.part()
            self.offer(packet)
            return
        if self._rest:
            self._rest.append(packet)
        else:
            self._rest = [packet]
        self.owes += len(packet.framed) + PER_PACKET
        if self.owes > self._room:
            self._give_up()
            self._join_round()

    def flush(self) -> None:
        """Hand over what waits, unless the transport is full. Called by the round."""
        if self._behind or self.owes > FULL_BYTES or self._dead:
            self._flush_slowly()
        elif self.owes:
            first = self._first
            if first is None or self._rest:
                self._behind = self._send(self._empty())
            else:
                self._first = None
                self.owes = 0
                self._behind = self._send((first,))
            if self._behind:
                self._watch()

    def _empty(self) -> list[Packet]:
        """Take all that waits."""
        if self.crowd is not None:
            self.part()
        first, rest = self._first, self._rest
        self._first, self._rest, self.owes = None, _NOTHING, 0
        return rest if first is None else [first, *rest]

    def leave(self, data: bytes) -> None:
        """Hand over what the outlet did not take of a packet."""
        # Nothing waited before: a deadline that is left was of what has gone since.
        self.due = NEVER
        self._behind = self.outlet.leave(data)
        if self._behind:
            self._watch()

    def writable(self) -> None:
        """Go on: the transport has room again."""
        self.flush()

    def close(self, code: int, reason: str) -> None:
        """Hand over the rest, full or not, then close the transport; idempotent."""
        if self.owes:
            self._transport.send(self._empty())
        self.drop()
        self._transport.close(code, reason)

    def cut(self, code: int, reason: str, within: float) -> None:
        """Forget the rest and close the transport, after *within* seconds at the latest."""
        self.drop()
        self._transport.close(code, reason, within=within)

    def drop(self) -> None:
        """Forget what waits and take nothing more; *overflowed* will not be called."""
        self._overflowed = None
        self._give_up()

    def tick(self, now: float) -> None:
        """Give up if nothing moved for as long as a peer may stall."""
        if not self._dead and self._has_room():
            self._hand_over()
        if self._behind and self.due <= now:
            self._give_up()
        if self._dead:
            self._tell_owner()

    def _flush_slowly(self) -> None:
        if not self._dead and (not self._behind or self._has_room()):
            self._hand_over()
        if self._dead:
            self._tell_owner()

    def _hand_over(self) -> None:
        if self.owes:
            self._behind = self._transport.send(self._take())
        if self._behind:
            self._watch()

    def _take(self) -> list[Packet]:
        """Take as much from the queue as fills the transport; it may be one large packet."""
        if self.crowd is not None:
            self.part()
        waiting, queue = self.owes, self._empty()
        size = count = 0
        for packet in queue:
            size += len(packet.framed) + PER_PACKET
            count += 1
            if size >= FULL_BYTES:
                break
        taken, self._rest = queue[:count], queue[count:]
        self.owes = waiting - size
        if self._rest:
            # The kernel may take all of it at once, and then nobody calls `writable`.
            self._join_round()
        return taken

    def _join_round(self) -> None:
        if not self._waiting:
            self._round.begin()
        self._waiting.append(self)

    def _watch(self) -> None:
        if self.due == NEVER:
            self.due = self._pulse.now + self._stall
            self._pulse.watch(self)

    def _has_room(self) -> bool:
        behind = self._transport.buffered
        if behind < self._behind:
            self.due = self._pulse.now + self._stall if behind else NEVER
        self._behind = behind
        self._room = self._max_bytes - behind
        if self.owes > self._room:
            self._give_up()
        return behind < FULL_BYTES and not self._dead

    def _give_up(self) -> None:
        self._dead = True
        self.outlet = _NOWHERE
        self._empty()
        self.due = NEVER
        self._pulse.forget(self)

    def _tell_owner(self) -> None:
        overflowed, self._overflowed = self._overflowed, None
        if overflowed is not None:
            overflowed()
