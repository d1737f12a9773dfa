"""The engine of a node that is alone: nobody needs a hint."""

from conclave.model import Entry


class LocalEngine:
    async def subscribe(self, room: str) -> None:
        """Nothing to listen to: what this node stores it tells itself."""

    async def unsubscribe(self, room: str) -> None:
        """See `subscribe`."""

    def publish(self, entry: Entry) -> None:
        """There are no other nodes."""
