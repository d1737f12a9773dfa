"""What a node hears of the others: that there is something new, never what it is."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from conclave.model.seen import Seen
from conclave.protocol.codec import Packet


class Ears(Protocol):
    """Who is told what other nodes hint at. None of it waits or raises."""

    def hinted(self, epoch: str, room: str, seq: int) -> None:
        """Another node says that it stored entries of *room* up to *seq* in *epoch*."""

    def doubted(self, user: str) -> None:
        """What lets *user* in, or what they may and are called, was changed by another node."""

    def renewed(self, user: str, room: str) -> None:
        """What *room* is to *user*, "": to all, was changed by another node; it may be gone."""

    def spent(self, cost: int, user: str, tokens: int) -> None:
        """*user* spent so much of *cost* on another node; a newer one may know other costs."""

    def whispered(self, room: str, user: str, packet: Packet, alone: bool) -> None:
        """Another node tells an event that nobody keeps: see `Engine.whisper`."""

    def came(self, node: str, room: str, seen: Seen) -> None:
        """
        *seen* is in *room* by another node, or looks otherwise there than before.

        "" is no room: there is whoever said of themselves how they are.
        """

    def went(self, node: str, room: str, seen: Seen) -> None:
        """*seen* is in *room* by that node no more: they left, or the node is dead."""

    def stood_still(self) -> None:
        """
        This process did nothing for so long that the others took it for dead.

        Nobody is told to be in a room any more, until `Engine.come` says so anew.
        """


class Engine(Protocol):
    """
    Between nodes: hints only, which may be lost, doubled, late or in another order.

    Whoever hears one asks the store, which alone knows what is true. A node that hears
    nothing is late and nothing else.
    """

    @property
    def degraded(self) -> str | None:
        """Why hints may not arrive at the moment, in words for an operator; None: they do."""

    @property
    def nodes(self) -> Sequence[str]:
        """The other nodes that are there."""

    @property
    def packets(self) -> Mapping[str, float]:
        """How many packets came since the start, by what became of them."""

    @property
    def lost(self) -> int:
        """How many packets of other nodes never came."""

    @property
    def missed(self) -> int:
        """Grows whenever hints may have been lost: look at the store for what they said."""

    async def start(self, ears: Ears) -> None:
        """Tell *ears* from now on; returns soon, also while other nodes cannot be reached."""

    def hint(self, epoch: str, room: str, seq: int) -> None:
        """Tell all nodes but this one that *room* has entries up to *seq*; never waits."""

    def doubt(self, user: str) -> None:
        """Let all nodes but this one look again at who speaks for *user*; never waits."""

    def renew(self, user: str, room: str) -> None:
        """Let all nodes but this one tell *user*, "": all, what *room* is now; never waits."""

    def spend(self, cost: int, user: str, tokens: int) -> None:
        """Let all nodes but this one know that *user* spent so much of *cost*; never waits."""

    def whisper(self, room: str, user: str, packet: Packet, *, alone: bool = False) -> None:
        """
        Tell the event *packet*, which nobody keeps, on all nodes but this one; never waits.

        To all who are in *room* except *user*, "": to all; or to the connections of *user*
        *alone*, if it may know of *room*, "": of none. It may be lost.
        """

    def come(self, room: str, seen: Seen) -> None:
        """Let all nodes but this one know that *seen* is in *room* here; never waits."""

    def go(self, room: str, user: str) -> None:
        """… and is there no more."""

    async def close(self) -> None:
        """Say what was hinted before, if that can be done soon, and be silent."""
