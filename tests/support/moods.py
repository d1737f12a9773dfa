"""What a version to come says to other nodes and to people, and this one does not know."""

from typing import Any

from msgspec.json import decode, encode

from conclave import Access, Connection, Controller, Durable, Event, Request, on
from conclave.engine.sealing import Message

_ROWS = ("hints", "anew", "spent", "say", "here")


class Say(Event, type="mood:say"):
    room: str
    mood: str


class Said(Event, type="mood:said"):
    room: str
    user: str
    mood: str


class Kept(Durable, type="mood:kept"):
    mood: str

    def words(self) -> str:
        return f"I feel {self.mood}"


class Moods(Controller):
    """An event that an older node does not know, and an entry of the log."""

    entries = (Kept,)

    @on(Say, needs=Access.ROOM)
    async def say(self, connection: Connection, said: Say, request: Request) -> None:
        self.node.tell_room(said.room, Said(said.room, connection.user, said.mood))
        await self.publish(said.room, Kept(said.mood), request)


def enriched(message: Message) -> bytes:
    """Return *message* with more in it than this version has, in all its parts."""
    said: dict[str, Any] = decode(encode(message))
    for kind in _ROWS:
        said[kind] = [[*row, {"since": 2}] for row in said.get(kind, [])]
    for row in said["here"]:
        # How somebody looks is a row, too.
        row[2] = row[2] and [*row[2], "a mood"]
    return encode({**said, "lease": 15, "moods": [["hall", 7]], "later": {"of": ["a", {"v": 2}]}})
