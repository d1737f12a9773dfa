"""The engine of a node that is alone: nobody needs a hint."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from conclave.model.seen import Seen
from conclave.ports.engine import Ears
from conclave.protocol.codec import Packet


class LocalEngine:
    """Never degraded: what this node stores it tells itself."""

    degraded: Final = None
    missed: Final = 0
    lost: Final = 0
    nodes: Final = ()
    packets: Final[Mapping[str, float]] = MappingProxyType({})

    async def start(self, ears: Ears) -> None:
        """There are no other nodes to hear of."""

    def hint(self, epoch: str, room: str, seq: int) -> None:
        """There are no other nodes to tell."""

    def doubt(self, user: str) -> None:
        """See `hint`."""

    def renew(self, user: str, room: str) -> None:
        """See `hint`."""

    def spend(self, cost: int, user: str, tokens: int) -> None:
        """See `hint`."""

    def whisper(self, room: str, user: str, packet: Packet, *, alone: bool = False) -> None:
        """See `hint`."""

    def come(self, room: str, seen: Seen) -> None:
        """See `hint`."""

    def go(self, room: str, user: str) -> None:
        """See `hint`."""

    async def close(self) -> None:
        """Nothing was begun."""
