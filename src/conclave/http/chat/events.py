"""What is said in a room, as it is said: `GET /rooms/{room}/events`."""

from typing import Annotated, Final, Protocol

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import HeaderParameter

from conclave.http.callers import caller_of
from conclave.http.chat.asking import Asked, Number, RoomPath, needs, room_of, spend
from conclave.http.chat.hearing import Hearing, position_of
from conclave.http.peer import Chat
from conclave.http.stream import EventStream, Receiver
from conclave.model import Act, Caller, Position
from conclave.protocol.errors import Close
from conclave.protocol.requests import JoinRoom

_TOLD: Final = {
    200: ResponseSpec(
        str,
        generate_examples=False,
        description="Server-Sent Events, until one of both sides ends it",
        media_type="text/event-stream",
    )
}

LastEventId = Annotated[
    str | None,
    HeaderParameter(
        name="Last-Event-ID",
        pattern=r"^\d{1,16}(\.[0-9a-f]{1,64})?$",
        description="The id of the last event that was read: what follows it is told",
    ),
]


class Ears(Protocol):
    """Lets connections in that HTTP carries."""

    async def open(self, caller: Caller, stream: EventStream) -> Receiver:
        """Let *caller* hear by *stream*; raises `busy` or `rate_limited` where the door is shut."""


def event_routes(chat: Chat, ears: Ears) -> list[HTTPRouteHandler]:
    # An answer that is not the framework's: it goes on for hours.
    @get(
        "/rooms/{room:str}/events",
        opt=needs(chat, JoinRoom),
        summary="Hear a room",
        responses=_TOLD,
    )
    async def events(
        room: RoomPath,
        request: Asked,
        after: Number = None,
        last_event_id: LastEventId = None,
    ) -> EventStream:
        name, caller = room_of(room), caller_of(request)
        since = _since(chat, last_event_id, after)
        spend(chat, request, JoinRoom)
        # Reading makes nobody a member.
        await chat.node.moderation.check(Act.READ, name, caller.identity)
        hearing = Hearing(name, since)
        stream = EventStream(caller.place.address, hearing.told, hearing.ended)
        connection = await ears.open(caller, stream)
        hearing.say = connection.received
        hearing.leave = lambda: stream.close(Close.NORMAL, "")
        try:
            await hearing.joined
        except BaseException:
            stream.abandon()
            raise
        return stream

    return [events]


def _since(chat: Chat, last_event_id: str | None, after: int | None) -> Position | None:
    epoch = chat.node.store.epoch
    if last_event_id is not None:
        return position_of(last_event_id, epoch)
    return None if after is None else Position(epoch, after)
