"""One node with a store in memory, and guests who write down what they are told."""

import json
from random import Random
from typing import Any

from tests.schedules.relay_world import EPOCH, HALL, MemoryStore, NodeOfThree, RoughEngine, identity

from conclave.model import Draft, Page, Position
from conclave.protocol.codec import Packet


class Guest:
    """A connection that keeps what it is told, in words."""

    def __init__(self, user: str) -> None:
        self.user = user
        self.identity = identity(user)
        self.address = "127.0.0.1"
        self.rooms: frozenset[str] = frozenset()
        self.got: list[str] = []
        self.lost = 0
        # Whether it owes no sign of life, and how often it was asked for one.
        self.lives = True
        self.asked = 0

    def ask_life(self) -> None:
        self.lives = False
        self.asked += 1

    def offer(self, packet: Packet) -> None:
        event = json.loads(packet.text)
        self.got.append(in_words(event["type"], event["data"]))

    def greet(self, page: Page) -> None:
        self.got.append(f"history to {page.upto}{' and more' if page.more else ''}")

    @property
    def ear(self) -> "Guest":
        return self

    def lose(self) -> None:
        self.lost += 1


def in_words(type_: str, data: dict[str, Any]) -> str:
    if type_ == "presence":
        return f"{data['count']} present"
    if "seq" in data:
        return f"entry {data['seq']}"
    return str(data.get("text") or f"{type_} {data.get('last_seq', '')}".strip())


class Quiet(Random):
    """Everything takes no time and nothing fails: each test makes its own trouble."""

    def random(self) -> float:
        return 1.0

    def randrange(self, *_: Any) -> int:  # type: ignore[override]
        return 1

    def choice(self, options: Any) -> Any:
        return options[0]


def node(capacity: int = 0, store: MemoryStore | None = None) -> Any:
    quiet = Quiet()
    return NodeOfThree(quiet, store or MemoryStore(quiet), RoughEngine(quiet, []), capacity)


async def join(at: Any, guest: Guest, since: int | None = None) -> bool:
    position = None if since is None else Position(EPOCH, since)
    attached: bool = await at.attendance.join(guest, guest.identity, HALL, position, guest.greet)
    return attached


async def come(at: Any, *users: str) -> list[Guest]:
    """Let *users* in, one after another, and forget what they were told of it."""
    guests = [Guest(user) for user in users]
    for guest in guests:
        assert await join(at, guest)
    for guest in guests:
        guest.got.clear()
    return guests


def draft(user: str, id_: str) -> Draft:
    return Draft(room=HALL, user=user, name=user, client_id=id_)
