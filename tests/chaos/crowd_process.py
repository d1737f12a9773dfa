"""
One process of clients: `python -m tests.chaos.crowd_process PLAN`.

It reads one command a line on standard input: `count`, `enough` (send nothing new, and answer
when nothing is pending), `settle {room: number}` (answer when everybody was told so much). It
answers each with one line of JSON. Killed and started again it goes on from its book.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import msgspec
import uvloop
from tests.chaos.plan import CrowdPlan
from tests.support.checker import Book, read_journals
from tests.support.client_crowd import Author, Reader
from tests.support.crowd import Sender, Subscriber, Wanderer, remember

_SETTLE_WITHIN = 60.0


class Crowd:
    """All clients of one process."""

    def __init__(self, plan: CrowdPlan) -> None:
        path = Path(plan.book)
        known = remember(read_journals([path])) if path.exists() else {}
        book = self._book = Book(path)
        self.senders: list[Sender | Author] = [
            Sender(plan.urls, name, room, book, known.get(name), every=plan.every)
            for name, room in plan.senders.items()
        ]
        self.senders += [
            Author(plan.url, name, room, book, known.get(name), path.with_name(name), plan.every)
            for name, room in plan.authors.items()
        ]
        kinds = (
            (Subscriber, plan.urls, plan.subscribers),
            (Wanderer, plan.urls, plan.wanderers),
            (Reader, plan.url, plan.readers),
        )
        self.listeners: list[Subscriber | Reader] = [
            kind(where, name, room, book, known.get(name))
            for kind, where, people in kinds
            for name, room in people.items()
        ]
        self._talking: list[asyncio.Task[None]] = []
        self._listening: list[asyncio.Task[None]] = []

    async def run(self, commands: asyncio.StreamReader) -> None:
        self._listening = [asyncio.create_task(person.run()) for person in self.listeners]
        self._talking = [asyncio.create_task(person.run()) for person in self.senders]
        async for line in commands:
            for task in (*self._listening, *self._talking):
                if task.done():
                    task.result()  # nobody ends by itself but by a defect
            word, _, rest = line.decode().partition(" ")
            print(json.dumps(await self._obey(word.strip(), rest)), flush=True)
        self._book.close()

    async def _obey(self, word: str, rest: str) -> dict[str, Any]:
        match word:
            case "enough":
                for person in self.senders:
                    person.enough.set()
                await asyncio.gather(*self._talking)
                self._talking = []
            case "settle":
                heads = msgspec.json.decode(rest, type=dict[str, int])
                everybody = (p.settle(heads[p.room], _SETTLE_WITHIN) for p in self.listeners)
                await asyncio.gather(*everybody)
        return self._counts()

    def _counts(self) -> dict[str, Any]:
        return {
            "acknowledged": sum(person.acked for person in self.senders),
            "written_by_clients": sum(p.acked for p in self.senders if isinstance(p, Author)),
            "read_by_clients": sum(p.upto for p in self.listeners if isinstance(p, Reader)),
        }


async def main(plan: Path) -> None:
    loop = asyncio.get_running_loop()
    commands = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    await Crowd(CrowdPlan.read(plan)).run(commands)


if __name__ == "__main__":
    uvloop.run(main(Path(sys.argv[1])))
