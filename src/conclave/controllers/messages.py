"""What is said, and what is made of it afterwards: edits, deletions, reactions, pins."""

from functools import partial
from typing import Any, Final

import msgspec

from conclave.controllers.dispatch import Controller, Done, Request, at_once, on
from conclave.controllers.sending import draft_of, send
from conclave.controllers.telling import who
from conclave.core.text import clean_emoji, clean_line, clean_text
from conclave.model import Act, Attachment, Draft, Receipt, Role
from conclave.ports import Connection
from conclave.protocol.attaching import attached
from conclave.protocol.errors import Code, Reject
from conclave.protocol.events import Stored
from conclave.protocol.requests import (
    AddReaction,
    Attach,
    DeleteMessage,
    EditMessage,
    PinMessage,
    RemoveReaction,
    Say,
    UnpinMessage,
)
from conclave.protocol.state import (
    DELETED,
    EDITED,
    MESSAGE,
    PINNED,
    REACTED,
    UNPINNED,
    UNREACTED,
)

# Looked up once: a look into an enum costs as much as a call.
_BOT: Final = Role.BOT


class Messages(Controller):
    @on(Say, act=Act.WRITE, answers=Stored)
    async def say(self, connection: Connection, event: Say, request: Request) -> None:
        text = clean_text(event.text, self.node.limits, may_be_empty=bool(event.attachments))
        draft = _said(request, event, text, await self._attached(connection, event))
        stored = partial(self._stored, request)
        await send(self.node, draft, stored, may=event.room in connection.rooms)

    @at_once(Say)
    def begin_to_say(
        self, connection: Connection, event: Say, request: Request, done: Done
    ) -> bool:
        relay = self.node.relay
        if event.attachments or event.room not in connection.rooms or not relay.begins:
            return False
        text = clean_text(event.text, self.node.limits)
        relay.begin(_said(request, event, text, {}), self._stored, request, done)
        return True

    def _stored(self, request: Request, receipt: Receipt) -> None:
        # Who writes has read: the mark must not wait for the page to say so.
        connection = request.connection
        user = who(connection).user
        self.node.store.mark_read(receipt.room, user, receipt.seq)
        self.node.pushes.read(user, receipt.room, receipt.seq)
        self.node.typists.spoke(receipt.room, connection)
        request.stored(receipt)

    async def _attached(self, connection: Connection, event: Say) -> dict[str, Any]:
        """Return what the entry says of what is attached; whether it may be, the store says."""
        if not event.attachments:
            return {}
        ids = [one.id for one in event.attachments]
        if len(set(ids)) < len(ids):
            raise Reject(Code.BAD_REQUEST, "What is attached is named once")
        known = await self.node.attachments.described(ids, who(connection).user)
        return {"attachments": [_described(one, known.get(one.id)) for one in event.attachments]}

    @on(EditMessage, act=Act.EDIT, answers=Stored)
    async def edit(self, connection: Connection, event: EditMessage, request: Request) -> None:
        text = clean_text(event.text, self.node.limits)
        draft = _draft(request, event.room, EDITED, text, target=event.target)
        await send(self.node, draft, request.stored, may=event.room in connection.rooms)

    @on(DeleteMessage, act=Act.DELETE, answers=Stored)
    async def delete(self, connection: Connection, event: DeleteMessage, request: Request) -> None:
        draft = _draft(request, event.room, DELETED, target=event.target)
        # Admins delete what was reported to them, also where they are not.
        may = event.room in connection.rooms or draft.role is Role.ADMIN
        await send(self.node, draft, request.stored, may=may)

    @on(PinMessage, act=Act.PIN, answers=Stored)
    async def pin(self, connection: Connection, event: PinMessage, request: Request) -> None:
        await self._change(connection, request, event, PINNED)

    @on(UnpinMessage, act=Act.PIN, answers=Stored)
    async def unpin(self, connection: Connection, event: UnpinMessage, request: Request) -> None:
        await self._change(connection, request, event, UNPINNED)

    @on(AddReaction, act=Act.REACT, answers=Stored)
    async def react(self, connection: Connection, event: AddReaction, request: Request) -> None:
        emoji = clean_emoji(event.emoji)
        await self._change(connection, request, event, REACTED, emoji=emoji)

    @on(RemoveReaction, act=Act.REACT, answers=Stored)
    async def unreact(
        self, connection: Connection, event: RemoveReaction, request: Request
    ) -> None:
        emoji = clean_emoji(event.emoji)
        await self._change(connection, request, event, UNREACTED, emoji=emoji)

    async def _change(
        self,
        connection: Connection,
        request: Request,
        event: PinMessage | UnpinMessage | AddReaction | RemoveReaction,
        type_: str,
        **extra: Any,
    ) -> None:
        draft = _draft(request, event.room, type_, target=event.target, **extra)
        await send(self.node, draft, request.stored, may=event.room in connection.rooms)


def _said(request: Request, event: Say, text: str, attached: dict[str, Any]) -> Draft:
    by = who(request.connection)
    extra = {**_references(event), **attached}
    if by.role is _BOT:
        extra["bot"] = True
    return Draft(
        room=event.room,
        user=by.user,
        name=by.name,
        role=by.role,
        type=MESSAGE,
        text=text,
        extra=extra,
        client_id=request.id,
        address=request.connection.address,
    )


def _draft(request: Request, room: str, type_: str, text: str = "", **extra: Any) -> Draft:
    connection = request.connection
    return draft_of(
        who(connection),
        room,
        type_,
        text=text,
        extra=extra,
        client_id=request.id,
        address=connection.address,
    )


def _described(attach: Attach, known: Attachment | None) -> dict[str, Any]:
    """Return what everybody is told of it: by the same request always the same."""
    if known is None:
        # The same request may have been stored before its message was deleted.
        return {"id": attach.id}
    found: dict[str, Any] = msgspec.to_builtins(attached(known, clean_line(attach.alt)))
    return found


def _references(event: Say) -> dict[str, Any]:
    """Return what a message refers to: only what it does."""
    if event.reply_to is None and event.thread is None and not event.mentions:
        return {}
    found = {
        "reply_to": event.reply_to,
        "thread": event.thread,
        "mentions": list(dict.fromkeys(event.mentions)) or None,
    }
    return {name: value for name, value in found.items() if value is not None}
