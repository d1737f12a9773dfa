"""What people want to know of, and where to reach them: a port of its own."""

from collections.abc import Sequence
from typing import Protocol

from conclave.model import Called, Entry, Identity, Notify


class Attention(Protocol):
    """
    Of what people are notified.

    As with `Store`: what a method that writes returns is durable, failures are `Reject`.
    """

    async def set_notify(self, room: str, who: Identity, notify: Notify) -> bool:
        """
        Notify *who* of that in *room* from now on; return whether it was another.

        It ends with the membership. Raises `not_in_room` and `no_such_room`.
        """

    async def audience(self, entries: Sequence[Entry]) -> list[list[Called]]:
        """
        Return, for each of *entries*, messages that are stored, who wants to be notified of it.

        Nobody of what they wrote themselves, of what is deleted by now, of what the system
        says, or of somebody whom they ignore; and nobody who is deactivated.
        """
