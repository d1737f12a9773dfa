"""Polls that a restart does not forget: their entries stand in the room's log, and are counted."""

from collections import Counter, defaultdict
from typing import Annotated

from msgspec import Meta

from conclave import (
    Access,
    Connection,
    Controller,
    Durable,
    Event,
    Node,
    Reject,
    Request,
    on,
    on_start,
)

Words = Annotated[str, Meta(min_length=1, max_length=200)]


class Open(Event, type="poll:open"):
    room: str
    question: Words
    choices: Annotated[list[Words], Meta(min_length=2, max_length=10)]


class Vote(Event, type="poll:vote"):
    room: str
    poll: int
    choice: Annotated[int, Meta(ge=0)]


class Opened(Durable, type="poll:opened", searchable=True):
    question: str
    choices: list[str]

    def words(self) -> str:
        return f"{self.question} {' / '.join(self.choices)}"


class Voted(Durable, type="poll:voted"):
    poll: int
    choice: int


class Standing(Event, type="poll:standing"):
    room: str
    poll: int
    votes: list[int]


class Polls(Controller):
    entries = (Opened, Voted)
    tells = (Standing,)

    def __init__(self, node: Node) -> None:
        super().__init__(node)
        # Of each room, by the number of the entry that opened it.
        self.polls: dict[str, dict[int, Opened]] = defaultdict(dict)
        self.votes: dict[str, dict[tuple[int, str], int]] = defaultdict(dict)

    @on_start
    async def remember(self) -> None:
        for room in await self.node.store.public_names():
            async for entry, said in self.replay(room, Opened, Voted):
                if isinstance(said, Opened):
                    self.polls[room][entry.seq] = said
                elif isinstance(said, Voted):
                    self.votes[room][said.poll, entry.user] = said.choice

    @on(Open, needs=Access.ROOM)
    async def open(self, _connection: Connection, event: Open, request: Request) -> None:
        opened = Opened(event.question, event.choices)
        stored = await self.publish(event.room, opened, request)
        self.polls[event.room][stored.seq] = opened

    @on(Vote, needs=Access.ROOM)
    async def vote(self, connection: Connection, event: Vote, request: Request) -> None:
        poll = self.polls[event.room].get(event.poll)
        if poll is None or event.choice >= len(poll.choices):
            raise Reject("poll:none", "There is no such poll or choice")
        await self.publish(event.room, Voted(event.poll, event.choice), request)
        self.votes[event.room][event.poll, connection.user] = event.choice
        self.node.tell_room(event.room, self.standing(event.room, event.poll))

    def standing(self, room: str, poll: int) -> Standing:
        votes = Counter(choice for (of, _), choice in self.votes[room].items() if of == poll)
        return Standing(room, poll, [votes[n] for n in range(len(self.polls[room][poll].choices))])
