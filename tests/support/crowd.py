"""
Senders who retry and subscribers who resume, whatever happens to the server or to them.

Each keeps a journal for the checker. They know one address, or one of each node, and come back
for as long as they are wanted: not with the manners of a real client, as tests are in a hurry.
One that was killed goes on from its journal, as a client does from its disk.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.checker import Book, Journal

from conclave.client.wire import Closed, Received, Refused, Wire, connect

_AGAIN_WITHIN = 0.3


@dataclass
class Memory:
    """What one client's journal says it knew when it was last written."""

    # How many were acknowledged, and how many sent.
    number: int = 0
    sent: int = 0
    # A request that may or may not have been stored.
    pending: str | None = None
    epoch: str | None = None
    upto: int = 0
    outside: bool = False


def remember(events: Iterable[dict[str, Any]]) -> dict[str, Memory]:
    """Return what each client of these journals has to go on from."""
    found: dict[str, Memory] = {}
    for event in events:
        memory = found.setdefault(event["client"], Memory())
        match event["kind"]:
            case "sent":
                memory.sent += event["id"] != memory.pending
                memory.pending = event["id"]
            case "acked":
                memory.number, memory.pending = memory.number + 1, None
            case "entered":
                memory.epoch, memory.upto = event["epoch"], event["seq"]
                memory.outside = False
            case "left":
                memory.outside = True
            case "told":
                memory.upto = event["seq"]
    return found


class Person:
    """One user in one room, named as its token says: see `tests.support.people`."""

    def __init__(
        self,
        url: str | Sequence[str],
        name: str,
        room: str,
        journal: Book | Path,
        memory: Memory | None = None,
    ) -> None:
        self.urls = [url] if isinstance(url, str) else list(url)
        self.name = name
        self.room = room
        book = journal if isinstance(journal, Book) else journal / f"{name}.jsonl"
        self.journal = Journal(book, name, name)
        self.reconnects = 0
        self.memory = memory or Memory()

    async def _while_connected(self, live: Callable[[Wire], Awaitable[bool]]) -> None:
        """Run *live* on a connection, and on a new one each time it breaks, until it is True."""
        while True:
            try:
                async with connect(random.choice(self.urls)) as wire:
                    wire.send("auth", token=f"i-am-{self.name}")
                    if await live(wire):
                        return
            except (Closed, Refused, OSError):
                self.reconnects += 1
                await asyncio.sleep(random.uniform(0.0, _AGAIN_WITHIN))


async def answer_to(wire: Wire, id_: str) -> Received:
    while (event := await wire.receive()).id != id_:
        pass
    return event


async def come_in(wire: Wire, name: str, room: str) -> Received:
    """Say that one is *name* and join *room*; return its page. Who is busy is asked again."""
    wire.send("auth", id="auth", token=f"i-am-{name}")
    answer = await answer_to(wire, "auth")
    assert answer.data["success"], answer
    while (answer := await _joined(wire, room)).type != "history":
        assert answer.data["retryable"], answer
        await asyncio.sleep(0.05)
    return answer


async def _joined(wire: Wire, room: str) -> Received:
    wire.send("join:room", id="join", room=room)
    return await answer_to(wire, "join")


def _done(answer: Received) -> None:
    """Raise `Closed`, that it may come back, if *answer* says to try again."""
    if answer.type == "error":
        # Whose token nobody could look up is asked for it again.
        assert answer.data["retryable"] or answer.data["code"] == "auth_required", answer
        raise Closed(1006, answer.data["code"])


class Sender(Person):
    """
    Sends one message after the other, each until it is acknowledged.

    *every*: seconds from one message to the next; it makes up for time that it lost.
    *padding*: characters that each text has besides.
    """

    def __init__(self, *words: Any, every: float = 0.0, padding: int = 0) -> None:
        super().__init__(*words)
        self.enough = asyncio.Event()
        self.acked = self.memory.number
        # Requests that were answered with an error which says to try again.
        self.put_off = 0
        self._number = self.memory.number
        self._every = every
        self._padding = " " + "x" * padding if padding else ""
        # The code of the last error that says to try again.
        self.refused = ""

    async def run(self) -> None:
        await self._while_connected(self._send_all)
        self.journal.close()

    async def _send_all(self, wire: Wire) -> bool:
        wire.send("join:room", id="join", room=self.room)
        _done(await answer_to(wire, "join"))
        due = asyncio.get_running_loop().time()
        while not self._done():
            await self._send(wire, f"{self.name}-{self._number:05}")
            self._number += 1
            due = await self._wait(due + self._every)
        return True

    def _done(self) -> bool:
        return self.enough.is_set() and self.memory.pending is None

    async def _wait(self, due: float) -> float:
        now = asyncio.get_running_loop().time()
        await asyncio.sleep(max(0.0, due - now))
        return max(due, now - 1.0)

    async def _send(self, wire: Wire, id_: str) -> None:
        text = f"I say {id_}{self._padding}"
        self.memory.pending = id_
        while True:
            self.journal.sent(self.room, id_, text)
            wire.send("chat", id=id_, room=self.room, text=text)
            answer = await answer_to(wire, id_)
            if answer.type == "ack":
                break
            assert answer.data["retryable"], answer
            self.put_off += 1
            self.refused = answer.data["code"]
            await asyncio.sleep(random.uniform(0.0, _AGAIN_WITHIN))
        self.journal.acked(self.room, id_, answer.data["seq"], answer.data["message_id"])
        self.memory.pending = None
        self.acked += 1


class Subscriber(Person):
    """Hears everything, and after a break everything it missed."""

    def __init__(self, *words: Any) -> None:
        super().__init__(*words)
        self.upto = self.memory.upto
        self._epoch = self.memory.epoch
        self._heard = asyncio.Event()

    def resume_after(self, epoch: str, upto: int) -> None:
        """Begin as one who knows everything up to *upto*."""
        self._epoch, self.upto = epoch, upto
        self.journal.entered(self.room, upto, epoch)

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
            self._hear(wire, event)
        raise Closed(1006, "")

    def _hear(self, wire: Wire, event: Received) -> None:
        _done(event)
        if event.type == "history":
            self._resume(wire, event)
        elif event.type in ("chat", "entry") and "seq" in event.data:
            self._told(event.data)

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


class Wanderer(Subscriber):
    """A subscriber who leaves every *stay* seconds, must hear nothing outside, and comes back."""

    def __init__(self, *words: Any, stay: float = 0.5) -> None:
        super().__init__(*words)
        self._stay = stay
        self._outside = self.memory.outside
        self._left = asyncio.Event()
        self._settling = False

    async def settle(self, upto: int, within: float = 10.0) -> None:
        self._settling = True  # it stays from now on
        await super().settle(upto, within)

    async def _listen(self, wire: Wire) -> bool:
        wandering = asyncio.create_task(self._wander(wire))
        try:
            return await super()._listen(wire)
        finally:
            wandering.cancel()
            await asyncio.wait([wandering])

    async def _wander(self, wire: Wire) -> None:
        while not self._settling:
            await asyncio.sleep(self._stay)
            self._left.clear()
            wire.send("leave:room", id="leave", room=self.room)
            await self._left.wait()
            await asyncio.sleep(self._stay / 4)
            self._join(wire)

    def _hear(self, wire: Wire, event: Received) -> None:
        if event.id == "leave" and event.type != "error":
            self.journal.left(self.room)
            self._outside = True
            self._left.set()
        else:
            super()._hear(wire, event)

    def _join(self, wire: Wire) -> None:
        if self._outside and self._epoch is not None:
            self.journal.entered(self.room, self.upto, self._epoch)
        self._outside = False
        super()._join(wire)
