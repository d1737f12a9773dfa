"""What was said in a room, by numbers: messages as they are now, or the entries of its log."""

from typing import Any

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from conclave.http.chat.asking import (
    Asked,
    Flag,
    Limit,
    Number,
    RoomPath,
    ask,
    needs,
    room_of,
)
from conclave.http.etags import tagged
from conclave.http.paging import next_link
from conclave.http.peer import Chat
from conclave.protocol.events import History
from conclave.protocol.requests import GetHistory


def history_routes(chat: Chat) -> list[HTTPRouteHandler]:
    @get("/rooms/{room:str}/messages", opt=needs(chat, GetHistory), summary="Messages, as pages")
    async def messages(
        room: RoomPath,
        request: Asked,
        before: Number = None,
        after: Number = None,
        around: Number = None,
        at: Number = None,
        thread: Number = None,
        pinned: Flag = False,
        limit: Limit = None,
    ) -> Response[History]:
        pinned = pinned and thread is None
        where = _where(around, at, before, after, alone=thread is None and not pinned)
        if pinned:
            where.pop("after", None)
        event = GetHistory(room_of(room), thread=thread, pinned=pinned, limit=limit, **where)
        page: History = (await ask(chat, request, event)).data
        return tagged(request, page, _next(request, page, where))

    @get(
        "/rooms/{room:str}/entries", opt=needs(chat, GetHistory), summary="The log, entry by entry"
    )
    async def entries(
        room: RoomPath, request: Asked, after: Number = None, limit: Limit = None
    ) -> Response[History]:
        event = GetHistory(room_of(room), after=after or 0, limit=limit, as_="entries")
        page: History = (await ask(chat, request, event)).data
        return tagged(request, page, _next(request, page, {"after": after or 0}))

    return [messages, entries]


def _where(
    around: int | None, at: int | None, before: int | None, after: int | None, *, alone: bool
) -> dict[str, Any]:
    """Return the one place that was asked for; *alone*: the messages are not narrowed."""
    middle = {"around": around, "at": at} if alone else {}
    places = {**middle, "before": before, "after": after}
    given = [(name, seq) for name, seq in places.items() if seq is not None]
    return dict(given[:1])


def _next(request: Asked, page: History, where: dict[str, Any]) -> dict[str, str]:
    """Return the link to the page that follows in the direction that was asked for."""
    if not page.more or not page.messages or {"around", "at"} & set(where):
        return {}
    if "after" in where:
        return next_link(request, after=page.upto)
    return next_link(request, before=page.messages[0].seq)
