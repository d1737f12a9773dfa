"""Who takes up a place in a room that has so many, where several nodes let people in."""

from collections.abc import Collection, Sequence
from typing import Protocol

# A room and a user.
Place = tuple[str, str]


class Places(Protocol):
    """
    The places of all nodes: a user has one in a room, by however many nodes.

    A node has its own for as long as it says now and then that it is there; of one that does
    not they are free. Each method may raise the store's `Reject`s.
    """

    async def exchange(
        self, take: Sequence[Place], give: Sequence[Place], most: int
    ) -> set[Place] | None:
        """
        Give back what this node has of *give*, then take what there is of *take*; return that.

        There are *most* in each room. None: this node was gone for too long, and has nothing:
        `begin`, and ask again.
        """

    async def keep(self) -> bool:
        """Say that this node is there; return whether it has what it took."""

    async def begin(self, held: Collection[Place]) -> None:
        """Have *held*, and nothing else, whether there are so many or not."""
