"""Messages: said, edited, deleted, reacted to, pinned, reported; and how far one has read."""

from typing import Any

from litestar import Response, delete, get, patch, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody

from conclave.http.chat.asking import (
    Asked,
    EmojiPath,
    IdempotencyKey,
    RoomPath,
    SeqPath,
    ask,
    needs,
    room_of,
)
from conclave.http.etags import tagged
from conclave.http.peer import Chat, Said
from conclave.http.segments import name_of, segment_of
from conclave.protocol.api import EditedMessage, NewMessage, NewReport, ReadMark
from conclave.protocol.errors import Code, Reject
from conclave.protocol.events import Line, Stored
from conclave.protocol.governing import ReportMessage
from conclave.protocol.requests import (
    AddReaction,
    DeleteMessage,
    EditMessage,
    GetHistory,
    MarkRead,
    PinMessage,
    RemoveReaction,
    Say,
    UnpinMessage,
)

_PATH = "/rooms/{room:str}/messages"
_ONE = f"{_PATH}/{{seq:int}}"


def message_routes(chat: Chat) -> list[HTTPRouteHandler]:
    return [*_saying(chat), *_marking(chat), *_about(chat)]


def _saying(chat: Chat) -> list[HTTPRouteHandler]:
    @post(_PATH, status_code=201, opt=needs(chat, Say), summary="Say something")
    async def say(
        room: RoomPath, data: JSONBody[NewMessage], request: Asked, key: IdempotencyKey = None
    ) -> Response[Stored]:
        event = Say(data.text, room_of(room), data.reply_to, data.thread, data.mentions)
        return _said(await ask(chat, request, event, key))

    @get(_ONE, opt=needs(chat, GetHistory), summary="One message, as it is now")
    async def show(room: RoomPath, seq: SeqPath, request: Asked) -> Response[Line]:
        name = room_of(room)
        page = (await ask(chat, request, GetHistory(name, around=seq, limit=1))).data
        for line in page.messages:
            if line.seq == seq:
                return tagged(request, line)
        raise Reject(Code.NO_SUCH_MESSAGE)

    @patch(_ONE, opt=needs(chat, EditMessage), summary="Change what a message says")
    async def edit(
        room: RoomPath,
        seq: SeqPath,
        data: JSONBody[EditedMessage],
        request: Asked,
        key: IdempotencyKey = None,
    ) -> Response[Stored]:
        event = EditMessage(room_of(room), seq, data.text)
        return _stored(await ask(chat, request, event, key))

    @delete(_ONE, status_code=200, opt=needs(chat, DeleteMessage), summary="Delete a message")
    async def remove(
        room: RoomPath, seq: SeqPath, request: Asked, key: IdempotencyKey = None
    ) -> Response[Stored]:
        return _stored(await ask(chat, request, DeleteMessage(room_of(room), seq), key))

    return [say, show, edit, remove]


def _marking(chat: Chat) -> list[HTTPRouteHandler]:
    @put(f"{_ONE}/pin", status_code=200, opt=needs(chat, PinMessage), summary="Pin a message")
    async def pin(
        room: RoomPath, seq: SeqPath, request: Asked, key: IdempotencyKey = None
    ) -> Response[Stored]:
        return _stored(await ask(chat, request, PinMessage(room_of(room), seq), key))

    @delete(f"{_ONE}/pin", status_code=200, opt=needs(chat, UnpinMessage), summary="Unpin it")
    async def unpin(
        room: RoomPath, seq: SeqPath, request: Asked, key: IdempotencyKey = None
    ) -> Response[Stored]:
        return _stored(await ask(chat, request, UnpinMessage(room_of(room), seq), key))

    given = f"{_ONE}/reactions/{{emoji:str}}"

    @put(given, status_code=200, opt=needs(chat, AddReaction), summary="React to a message")
    async def react(
        room: RoomPath,
        seq: SeqPath,
        emoji: EmojiPath,
        request: Asked,
        key: IdempotencyKey = None,
    ) -> Response[Stored]:
        event = AddReaction(room_of(room), seq, _emoji(emoji))
        return _stored(await ask(chat, request, event, key))

    @delete(given, status_code=200, opt=needs(chat, RemoveReaction), summary="Take it back")
    async def unreact(
        room: RoomPath,
        seq: SeqPath,
        emoji: EmojiPath,
        request: Asked,
        key: IdempotencyKey = None,
    ) -> Response[Stored]:
        event = RemoveReaction(room_of(room), seq, _emoji(emoji))
        return _stored(await ask(chat, request, event, key))

    return [pin, unpin, react, unreact]


def _about(chat: Chat) -> list[HTTPRouteHandler]:
    @post(f"{_ONE}/report", status_code=204, opt=needs(chat, ReportMessage), summary="Report it")
    async def report(
        room: RoomPath, seq: SeqPath, data: JSONBody[NewReport], request: Asked
    ) -> None:
        await ask(chat, request, ReportMessage(room_of(room), seq, data.reason))

    @put("/rooms/{room:str}/read", status_code=204, opt=needs(chat, MarkRead), summary="Have read")
    async def read(room: RoomPath, data: JSONBody[ReadMark], request: Asked) -> None:
        await ask(chat, request, MarkRead(room_of(room), data.seq))

    return [report, read]


def _emoji(path: str) -> str:
    # What is none is refused where it is judged; what is longer would not be decoded there.
    return name_of(path)[:64]


def _said(said: Said) -> Response[Stored]:
    answer = _stored(said)
    at: Stored = said.data
    answer.headers["location"] = f"/api/v1/rooms/{segment_of(at.room)}/messages/{at.seq}"
    return answer


def _stored(said: Said) -> Response[Stored]:
    headers: dict[str, Any] = {"idempotency-replayed": "true"} if said.again else {}
    return Response(said.data, headers=headers)
