"""What people want to know of, and where to reach them: a port of its own."""

from typing import Protocol

from conclave.model import Identity, Notify


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
