"""
Thousands who lose the same server at once and come back to it, each by the rules of the client.

They wait as the client does, with full jitter and no less than the server advised, and join all
their rooms by one request. Each keeps a journal for the checker.
"""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.support.checker import Book, Journal

from conclave.client.backoff import seconds, wait_at_least
from conclave.client.wire import Closed, Received, Refused, Wire, connect

# Of a room that says it has no place for the moment.
_AGAIN_WITHIN = 0.5


@dataclass
class Herd:
    """What all of them have in common: where they go, and how it went."""

    urls: list[str]
    book: Book
    epoch: str
    # How many are in all their rooms, and how often each had to try since `scatter`.
    inside: int = 0
    attempts: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    at: list[float] = field(default_factory=list)

    def scatter(self) -> None:
        """Count anew: from here on they come back."""
        self.attempts.clear()
        self.refused.clear()
        self.at.clear()

    def note_refused(self, why: str) -> None:
        self.refused[why] = self.refused.get(why, 0) + 1


class Returner:
    """One client in some rooms; *known* says up to where it knows each."""

    def __init__(self, herd: Herd, name: str, token: str, known: dict[str, int]) -> None:
        self._herd = herd
        self._token = token
        self.name = name
        self.known = known
        self._journal = Journal(herd.book, name, name)
        for room, seq in known.items():
            self._journal.entered(room, seq, herd.epoch)
        self._missing = set(known)
        self._heard = asyncio.Event()

    async def run(self) -> None:
        attempt = 0
        while True:
            advice = 0.0
            # A proxy in front would send them to the nodes in turn.
            url = self._herd.urls[attempt % len(self._herd.urls)]
            attempts = self._herd.attempts
            attempts[self.name] = attempts.get(self.name, 0) + 1
            try:
                async with connect(url) as wire:
                    await self._live(wire)
            except Refused as no:
                advice = no.retry_after
                self._herd.note_refused(str(no.status))
            except Closed as end:
                # Who was in begins anew; who was not goes on to wait longer.
                attempt = 0 if not self._missing else attempt
                self._herd.note_refused(f"closed {end.code}")
            except OSError as error:
                self._herd.note_refused(type(error).__name__)
            self._herd.inside -= not self._missing
            self._missing = set(self.known)
            await asyncio.sleep(wait_at_least(advice, attempt, random.random))
            attempt += 1

    async def _live(self, wire: Wire) -> None:
        self._missing = set(self.known)
        wire.send("auth", token=self._token)
        self._join(wire, self.known)
        async for event in wire:
            await self._hear(wire, event)
        raise Closed(1006, "")

    def _join(self, wire: Wire, rooms: Sequence[str] | dict[str, int]) -> None:
        epoch = self._herd.epoch
        wishes = [{"room": r, "since": {"epoch": epoch, "seq": self.known[r]}} for r in rooms]
        wire.send("join:rooms", id="join", rooms=wishes)

    async def _hear(self, wire: Wire, event: Received) -> None:
        data = event.data
        if event.type == "error":
            assert data["retryable"], event
            self._herd.note_refused(data["code"])
            raise Closed(1013, data["code"])
        if event.type == "history":
            assert not data["reset"], "nothing was lost, and yet a reset"
            for entry in data["messages"]:
                self._told(data["room"], entry)
            if data["more"]:
                self._join(wire, [data["room"]])
            else:
                self._attached(data["room"])
        elif event.type == "ack" and event.id == "join":
            await self._again(wire, data["refused"])
        elif event.type in ("chat", "entry") and "seq" in data:
            self._told(data["room"], data)

    async def _again(self, wire: Wire, refused: list[dict]) -> None:
        if not refused:
            return
        for one in refused:
            assert one["retryable"], one
            self._herd.note_refused(one["code"])
        await asyncio.sleep(max(seconds(refused[0].get("retry_after_ms")), _AGAIN_WITHIN))
        self._join(wire, [one["room"] for one in refused])

    def _attached(self, room: str) -> None:
        self._missing.discard(room)
        if not self._missing:
            self._herd.inside += 1
            self._herd.at.append(time.monotonic())

    def _told(self, room: str, entry: dict) -> None:
        if entry["seq"] <= self.known[room]:
            return
        self._journal.told(room, entry["seq"], entry["id"], entry["text"])
        self.known[room] = entry["seq"]
        self._heard.set()

    async def settle(self, heads: dict[str, int], within: float) -> None:
        """Wait until it was told all of its rooms; say so in the journal."""
        async with asyncio.timeout(within):
            while any(self.known[room] < heads[room] for room in self.known):
                self._heard.clear()
                await self._heard.wait()
        for room in self.known:
            self._journal.settled(room, heads[room])
