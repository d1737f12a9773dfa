"""
Code as users write it; `make types` checks it, nobody runs it.

When a name or a type of the public API changes, this stops checking before theirs does.
"""

from typing import assert_type

from conclave import (
    Access,
    App,
    Client,
    Close,
    Code,
    Connection,
    Controller,
    Disconnect,
    Event,
    Identity,
    Reject,
    Request,
    Role,
    on,
    on_authenticated,
    on_connect,
    on_disconnect,
    on_join,
)
from conclave.client import Lost, Pending, Room, WasReset
from conclave.model import MemberInfo, Position
from conclave.protocol.events import History, Line, Stored


class Roll(Event, type="dice:roll"):
    room: str
    sides: int = 6


class Rolled(Event, type="dice:rolled"):
    room: str
    result: int


class Dice(Controller):
    @on(Roll, needs=Access.ROOM)
    async def roll(self, connection: Connection, event: Roll) -> dict[str, int]:
        assert_type(event.sides, int)
        if event.sides < 2:
            raise Reject(Code.BAD_REQUEST, "A die has two sides at least")
        self.node.tell_room(event.room, Rolled(event.room, 4), but=connection)
        return {"result": 4}

    @on_connect
    async def count(self, connection: Connection) -> None:
        assert_type(connection.identity, Identity | None)
        assert_type(connection.rooms, frozenset[str])
        connection.data["rolls"] = 0

    @on_authenticated
    async def refuse_guests(self, connection: Connection, identity: Identity) -> None:
        if identity.role is Role.GUEST:
            raise Disconnect(Close.BANNED, "No guests")

    @on_join
    async def greet(self, connection: Connection, room: str) -> None:
        connection.tell(Rolled(room, 0))

    @on_disconnect
    async def forget(self, connection: Connection, code: int, reason: str) -> None:
        connection.data.clear()


class Answering(Controller):
    @on(Roll)
    async def roll(self, connection: Connection, event: Roll, request: Request) -> Rolled:
        request.ack()
        return Rolled(event.room, event.sides)


class House:
    """An authenticator of one's own."""

    async def authenticate(self, token: str) -> Identity | None:
        return Identity(user="ada", name="Ada") if token == "open sesame" else None


app = App(Dice, authenticators=[House()], requests=[Roll])


async def fresh_token() -> str:
    return "open sesame"


async def talk(known: Position | None) -> None:
    async with Client("wss://chat.example.org", token=fresh_token, events=[Rolled]) as client:
        general = client.room("general")
        assert_type(general, Room)
        assert_type(await general.send("hi", mentions=["ada"]), Stored)
        assert_type(await general.post("later"), Pending)
        assert_type(await general.history(before=10), History)
        assert_type(await general.ask(Roll("general"), Rolled), Rolled)
        assert_type([one async for one in general.members()], list[MemberInfo])
        try:
            async for line in general.follow(known):
                assert_type(line, Line)
        except WasReset as reset:
            assert_type(reset.reset.messages, list[Line])
        except Lost:
            assert_type(general.position, Position | None)
