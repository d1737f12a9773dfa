"""
What one node does for all: of several, the one that leads, as the store says.

Who leads may be another one at any time, and for a moment two may think so: what is done here
must bear to be done twice, and to be left off in the middle.
"""

from collections.abc import Awaitable, Callable
from typing import Final

from conclave.server.background import Background
from conclave.storage.sqlstore import SqlStore

# Seconds between two looks at who leads.
LOOK_EVERY: Final = 2.0


class Chores:
    """Begin each by `every`; a node that has the store alone leads."""

    def __init__(self, background: Background, store: SqlStore) -> None:
        self._background = background
        self._store = store
        self._leads = not store.is_shared

    async def begin(self) -> None:
        """Look who leads, and again from now on."""
        if self._store.is_shared:
            await self.look()
            self._background.every(LOOK_EVERY, "leading", self.look)

    async def look(self) -> None:
        self._leads = await self._store.leads()
        # Of what other nodes wrote a hint may have been lost.
        self._store.stir()

    def every(self, seconds: float, name: str, do: Callable[[], Awaitable[None]]) -> None:
        """Call *do* every so many seconds while this node leads."""

        async def if_leading() -> None:
            if self._leads:
                await do()

        self._background.every(seconds, name, if_leading)
