"""An application that says all kinds of things, and the description of it."""

from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType
from scripts import tables

from conclave import Access, App, Connection, Controller, Durable, Event, Request, on
from conclave.controllers.vocabulary import vocabulary
from conclave.protocol.spec.definitions import schema_of

EXAMPLES = tables.EXAMPLES
CHAT = schema_of(vocabulary(App()), "1.2.3")


class Point(Struct, frozen=True):
    x: float
    y: float = 0.0


class Profile(Struct, frozen=True):
    """Called as one of the chat's own, and another."""

    colour: str


class Draw(Event, type="board:draw"):
    """Draws a line."""

    room: str
    # From the first to the last.
    points: Annotated[list[Point], Meta(min_length=2)]
    between: tuple[int, str]
    by: Profile
    note: str | UnsetType = UNSET


class Drawn(Event, type="board:drawn"):
    room: str
    at: Point
    # None: by nobody.
    by: Profile | None = None


class Requests(Event, type="board:requests"):
    """Called as one of the tables."""

    many: int


class Cleared(Struct, frozen=True):
    lines: int


class Clear(Event, type="board:clear"):
    room: str


class Ask(Event, type="board:ask"):
    """Needs nothing."""

    deep: bool = False


class Kept(Durable, type="board:kept"):
    """What a board looks like."""

    lines: int


class Base(Controller):
    @on(Ask)
    async def asked(self, connection: Connection, event: Ask) -> Drawn | Cleared | None:
        return None


class Board(Base):
    @on(Draw, needs=Access.ROOM)
    async def draw(self, connection: Connection, event: Draw) -> dict[str, Any]:
        return {}

    @on(Clear, answers=Cleared)
    async def clear(self, connection: Connection, event: Clear, request: Request) -> None:
        request.ack(Cleared(0))


app = App(Board)
WORDS = vocabulary(app)
SCHEMA = schema_of(WORDS, "1.2.3")
