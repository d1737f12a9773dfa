"""
Senders who retry and subscribers who resume, whatever happens to the server.

Each keeps a journal for the checker. They know one address and come back to it for as long
as they are wanted: not with the manners of a real client, as tests are in a hurry.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.support.checker import Journal

from conclave.client.wire import Closed, Received, Refused, Wire, connect

_AGAIN_AFTER = 0.05


class Person:
    """One user in one room, named as its token says: see `tests.support.people`."""

    def __init__(self, url: str, name: str, room: str, journals: Path) -> None:
        self.url = url
        self.name = name
        self.room = room
        self.journal = Journal(journals / f"{name}.jsonl", name, name)
        self.reconnects = 0

    async def _while_connected(self, live: Callable[[Wire], Awaitable[bool]]) -> None:
        """Run *live* on a connection, and on a new one each time it breaks, until it is True."""
        while True:
            try:
                async with connect(self.url) as wire:
                    wire.send("auth", token=f"i-am-{self.name}")
                    if await live(wire):
                        return
            except (Closed, Refused, OSError):
                self.reconnects += 1
                await asyncio.sleep(_AGAIN_AFTER)


async def _answer(wire: Wire, id_: str) -> Received:
    while (event := await wire.receive()).id != id_:
        pass
    return event


class Sender(Person):
    """Sends one message after the other, each until it is acknowledged."""

    def __init__(self, url: str, name: str, room: str, journals: Path) -> None:
        super().__init__(url, name, room, journals)
        self.enough = asyncio.Event()
        self.acked = 0
        self._number = 0

    async def run(self) -> None:
        await self._while_connected(self._send_all)
        self.journal.close()

    async def _send_all(self, wire: Wire) -> bool:
        wire.send("join:room", id="join", room=self.room)
        await _answer(wire, "join")
        while not self.enough.is_set():
            await self._send(wire, f"{self.name}-{self._number:05}")
            self._number += 1
        return True

    async def _send(self, wire: Wire, id_: str) -> None:
        text = f"I say {id_}"
        self.journal.sent(self.room, id_, text)
        wire.send("chat", id=id_, room=self.room, text=text)
        answer = await _answer(wire, id_)
        assert answer.type == "ack", answer
        self.journal.acked(self.room, id_, answer.data["seq"], answer.data["message_id"])
        self.acked += 1


class Subscriber(Person):
    """Hears everything, and after a break everything it missed."""

    def __init__(self, url: str, name: str, room: str, journals: Path) -> None:
        super().__init__(url, name, room, journals)
        self.upto = 0
        self._epoch: str | None = None
        self._heard = asyncio.Event()

    def resume_after(self, epoch: str, upto: int) -> None:
        """Begin as one who knows everything up to *upto*."""
        self._epoch, self.upto = epoch, upto
        self.journal.entered(self.room, upto)

    async def run(self) -> None:
        await self._while_connected(self._listen)

    async def settle(self, upto: int, within: float = 10.0) -> None:
        """Wait until it has been told everything up to *upto*; say so in the journal."""
        async with asyncio.timeout(within):
            while self.upto < upto:
                self._heard.clear()
                await self._heard.wait()
        self.journal.settled(self.room, upto)

    async def _listen(self, wire: Wire) -> bool:
        self._join(wire)
        async for event in wire:
            if event.type == "history":
                self._resume(wire, event)
            elif event.type in ("chat", "entry") and "seq" in event.data:
                self._told(event.data)
        raise Closed(1006, "")

    def _join(self, wire: Wire) -> None:
        since = {} if self._epoch is None else {"epoch": self._epoch, "seq": self.upto}
        wire.send("join:room", room=self.room, **({"since": since} if since else {}))

    def _resume(self, wire: Wire, page: Received) -> None:
        data = page.data
        assert not data["reset"], "nothing was lost, and yet a reset"
        if self._epoch is None:
            self.resume_after(data["epoch"], data["upto"])
            return
        for entry in data["messages"]:
            self._told(entry)
        if data["more"]:
            self._join(wire)

    def _told(self, entry: dict) -> None:
        self.journal.told(self.room, entry["seq"], entry["id"], entry["text"])
        self.upto = entry["seq"]
        self._heard.set()
