"""
People who use the Python client as an application does: `async with Client(…)`.

They keep the same journals as those of `crowd`; what resumes and sends again is the client.
"""

import asyncio
from pathlib import Path

from tests.support.checker import Book, Journal
from tests.support.crowd import Memory

from conclave.client import Client
from conclave.model import Position


class Author:
    """Writes one message after the other through an outbox on disk, *every* so many seconds."""

    def __init__(
        self,
        url: str,
        name: str,
        room: str,
        book: Book,
        memory: Memory | None,
        outbox: Path,
        every: float,
    ) -> None:
        self.url, self.name, self.room = url, name, room
        self.enough = asyncio.Event()
        self.acked = memory.number if memory else 0
        self._number = memory.sent if memory else 0
        self._journal = Journal(book, name, name)
        self._outbox = outbox
        self._every = every

    async def run(self) -> None:
        token = f"i-am-{self.name}"
        async with Client(
            self.url, token=token, outbox=self._outbox, connect_within=None
        ) as client:
            room = client.room(self.room)
            # What an earlier life left is sent by the client; its answer is lost with it.
            await client.drain()
            while not self.enough.is_set():
                id_ = f"{self.name}-{self._number:05}"
                text = f"I write {id_}"
                self._number += 1
                self._journal.sent(self.room, id_, text)
                stored = await room.send(text)
                self._journal.acked(self.room, id_, stored.seq, stored.message_id)
                self.acked += 1
                await asyncio.sleep(self._every)


class Reader:
    """Reads a room's log as `async for line in room` gives it, from where its journal ends."""

    def __init__(
        self, url: str, name: str, room: str, book: Book, memory: Memory | None = None
    ) -> None:
        self.url, self.name, self.room = url, name, room
        self._journal = Journal(book, name, name)
        self._since: Position | int = 0
        self.upto = 0
        if memory is not None and memory.epoch:
            self._since, self.upto = Position(memory.epoch, memory.upto), memory.upto
        self._heard = asyncio.Event()

    async def run(self) -> None:
        async with Client(self.url, token=f"i-am-{self.name}", connect_within=None) as client:
            room = client.room(self.room).follow(self._since)
            async for line in room:
                if self.upto == 0:
                    assert room.position is not None
                    self._journal.entered(self.room, 0, room.position.epoch)
                self._journal.told(self.room, int(line.seq), str(line.id), line.text)
                self.upto = int(line.seq)
                self._heard.set()

    async def settle(self, upto: int, within: float) -> None:
        """Wait until it was told everything up to *upto*; say so in the journal."""
        async with asyncio.timeout(within):
            while self.upto < upto:
                self._heard.clear()
                await self._heard.wait()
        self._journal.settled(self.room, upto)
