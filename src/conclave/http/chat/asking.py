"""What the routes of the chat share: how one asks, and what may stand in a path or a query."""

import re
from typing import Annotated, Any, Final

from litestar import Request
from litestar.params import HeaderParameter, PathParameter, QueryParameter

from conclave.http.callers import caller_of
from conclave.http.peer import Chat, Said
from conclave.http.rates import note
from conclave.http.segments import name_of
from conclave.protocol.errors import Code, Reject
from conclave.protocol.event import Event

Asked = Request[Any, Any, Any]

# What a client in JavaScript can say exactly.
_MOST: Final = 2**53 - 1
_MOST_NAME: Final = 64

RoomPath = Annotated[str, PathParameter(description="The room's name; `%2F` for a slash in it")]
UserPath = Annotated[str, PathParameter(description="An id, or else a name")]
SeqPath = Annotated[int, PathParameter(ge=0, le=_MOST, description="The number of a message")]
EmojiPath = Annotated[
    str, PathParameter(description="One emoji", schema_extra={"format": "conclave-emoji"})
]
KeyPath = Annotated[str, PathParameter(description="An id")]
Number = Annotated[int | None, QueryParameter(ge=0, le=_MOST)]
After = Annotated[str | None, QueryParameter(min_length=1, max_length=_MOST_NAME)]
Limit = Annotated[int | None, QueryParameter(ge=1, le=500)]
Flag = Annotated[bool, QueryParameter()]
NameQuery = Annotated[str, QueryParameter(name="query", max_length=128)]
ReasonQuery = Annotated[str, QueryParameter(max_length=500)]
# 1 to 64 of these characters, bare or as the quoted string that the draft asks for.
IdempotencyKey = Annotated[
    str | None,
    HeaderParameter(
        name="Idempotency-Key",
        pattern=r'^("[A-Za-z0-9_.:-]{1,64}"|[A-Za-z0-9_.:-]{1,64})$',
        description="The same one again is the same request: it is done once, and answered again",
    ),
]
_KEY: Final = re.compile(r'("?)([A-Za-z0-9_.:-]{1,64})\1')


def needs(chat: Chat, event: type[Event]) -> dict[str, Any]:
    """Return the `opt` of a route that asks what *event* asks."""
    return {"act": chat.act(event), "event": event.type}


def room_of(path: str) -> str:
    """Return the room's name that a path has; raises `no_such_room` for what can be none."""
    name = name_of(path)
    if len(name) > _MOST_NAME:
        raise Reject(Code.NO_SUCH_ROOM)
    return name


def user_of(path: str) -> str:
    """Return the user that a path has; raises `no_such_user` for what can be none."""
    name = name_of(path)
    if len(name) > _MOST_NAME:
        raise Reject(Code.NO_SUCH_USER)
    return name


def key_of(path: str) -> str:
    """Return the id of a link or a report that a path has; raises `not_found`."""
    if len(path) > _MOST_NAME:
        raise Reject(Code.NOT_FOUND)
    return name_of(path)


def spend(chat: Chat, request: Asked, event: type[Event]) -> None:
    """Take what *event* costs from the caller, for a route that asks the store itself."""
    caller, node = caller_of(request), chat.node
    now = node.clock.monotonic()
    try:
        node.allowances.spend(chat.cost(event), caller.identity.user, caller.place.address, now)
    finally:
        _note_left(chat, request, event)


async def ask(chat: Chat, request: Asked, event: Event, key: str | None = None) -> Said:
    """Ask *event* for the caller of *request*, whose header *key* is."""
    try:
        return await chat.ask(caller_of(request), event, _bare(key))
    finally:
        _note_left(chat, request, type(event))


def _note_left(chat: Chat, request: Asked, event: type[Event]) -> None:
    cost, node, user = chat.cost(event), chat.node, caller_of(request).identity.user
    left = node.allowances.left(cost, user, node.clock.monotonic())
    note(request.scope["state"], cost.name.lower(), left)


def _bare(key: str | None) -> str | None:
    if key is None:
        return None
    found = _KEY.fullmatch(key)
    if found is None:
        raise Reject(Code.BAD_REQUEST, "An Idempotency-Key has 1 to 64 of A-Z a-z 0-9 _ . : -")
    return found[2]
