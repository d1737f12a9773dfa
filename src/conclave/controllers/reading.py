"""What was said, and how far it has been read."""

from typing import Final

from conclave.controllers.dispatch import Access, Controller, on
from conclave.controllers.telling import tell_changed, who
from conclave.core.ratelimit import Cost
from conclave.core.turns import Turn
from conclave.model import Act, Notify, Page, Position, RoomInfo
from conclave.ports import Connection
from conclave.protocol.codec import encode
from conclave.protocol.errors import Code, Reject
from conclave.protocol.events import History, Read
from conclave.protocol.governing import SetFavourite, SetNotify
from conclave.protocol.lines import history
from conclave.protocol.requests import GetHistory, MarkRead

# Reads of a page that may be overtaken by what is told meanwhile.
_READS: Final = 50


class Reading(Controller):
    @on(GetHistory, needs=Access.ROOM, turn=Turn.READ, costs=Cost.READ, act=Act.READ)
    async def history(self, connection: Connection, event: GetHistory) -> History:
        _check(event)
        for _ in range(_READS):
            page = await self._page(event, connection.user)
            # A page older than what was told since would undo it on the reader's side.
            if page.last_seq >= (self.node.attendance.head(event.room) or 0):
                return history(page, connection.user)
        raise Reject(Code.BUSY)

    async def _page(self, event: GetHistory, reader: str) -> Page:
        if event.as_ == "entries":
            return await self._entries(event, reader)
        page = self.node.limits.page
        return await self.node.store.history(
            event.room,
            before=event.before,
            after=event.after,
            around=event.around,
            at=event.at,
            thread=event.thread,
            pinned=event.pinned,
            limit=min(event.limit or page, page),
            reader=reader,
        )

    async def _entries(self, event: GetHistory, reader: str) -> Page:
        limit = self.node.limits.entries_page
        since = Position(self.node.store.epoch, event.after or 0)
        return await self.node.store.entries(
            event.room, since, min(event.limit or limit, limit), reader=reader
        )

    @on(SetNotify, costs=Cost.SIGNAL, act=Act.NOTIFY)
    async def notify(self, connection: Connection, event: SetNotify) -> None:
        notify = Notify(event.notify)
        if await self.node.attention.set_notify(event.room, who(connection), notify):
            await tell_changed(self.node, connection.user, event.room)

    @on(SetFavourite, costs=Cost.SIGNAL, act=Act.FAVOUR)
    async def favour(self, connection: Connection, event: SetFavourite) -> None:
        asked = (event.room, who(connection), event.favourite)
        if await self.node.attention.set_favourite(*asked):
            await tell_changed(self.node, connection.user, event.room)

    @on(MarkRead, costs=Cost.SIGNAL, act=Act.MARK_READ)
    async def read(self, connection: Connection, event: MarkRead) -> None:
        info = await self._info(event.room, connection.user)
        seq = min(event.seq, info.last_seq)
        if seq <= info.read_seq:
            return
        self.node.store.mark_read(event.room, connection.user, seq)
        self.node.pushes.read(connection.user, event.room, seq)
        told = Read(event.room, connection.user, seq)
        self.node.tell_user(connection.user, told, but=connection)
        if not self.node.statuses.hidden(connection.user):
            self.node.receipts.note(told)
        await self._tell_counts(event.room, connection.user)

    async def _info(self, room: str, user: str) -> RoomInfo:
        info = await self.node.store.room_for(room, user)
        if info is None or info.role is None:
            raise Reject(Code.NOT_IN_ROOM)
        return info

    async def _tell_counts(self, room: str, user: str) -> None:
        """Tell the devices that do not hear the room: they cannot count themselves."""
        outside = [one for one in self.node.hearing(user, room) if room not in one.rooms]
        if outside:
            packet = encode("room:changed", await self._info(room, user))
            for one in outside:
                one.offer(packet)


def _check(event: GetHistory) -> None:
    asked = (event.before, event.after, event.around, event.at)
    if sum(n is not None for n in asked) > 1:
        raise Reject(Code.BAD_REQUEST, "Give at most one of before, after, around, at")
    around = event.around is not None or event.at is not None
    if event.thread is not None and (event.pinned or around):
        raise Reject(Code.BAD_REQUEST, "A thread is read by before or after")
    if event.pinned and (event.after is not None or around):
        raise Reject(Code.BAD_REQUEST, "Pinned messages are read by before")
    if event.as_ == "entries" and (event.before is not None or around or event.pinned):
        raise Reject(Code.BAD_REQUEST, "Entries are read by after")
    if event.as_ == "entries" and event.thread is not None:
        raise Reject(Code.BAD_REQUEST, "A thread is read as messages")
