"""What is said, and what was said."""

from conclave.controllers.dispatch import Access, Controller, Request, on
from conclave.core.text import clean_text
from conclave.core.turns import Turn
from conclave.model import Draft, Page, Position
from conclave.ports import Connection
from conclave.protocol.errors import Code, Reject
from conclave.protocol.events import GetHistory, History, Say
from conclave.protocol.lines import history


class Messages(Controller):
    @on(Say)
    async def say(self, connection: Connection, event: Say, request: Request) -> None:
        self.node.spend(connection)
        assert connection.identity is not None  # the gate has let it through
        draft = Draft(
            room=event.room,
            user=connection.identity.user,
            name=connection.identity.name,
            text=clean_text(event.text, self.node.limits),
            client_id=request.id,
        )
        if event.room in connection.rooms:
            await self.node.relay.send(draft, request.stored)
        else:
            await self._said_before(draft, request)

    async def _said_before(self, draft: Draft, request: Request) -> None:
        """Acknowledge again what was stored before its author left; refuse all else."""
        stored = await self.node.store.stored(draft) if draft.client_id else None
        if stored is None:
            raise Reject(Code.NOT_IN_ROOM)
        request.stored(stored)

    @on(GetHistory, needs=Access.ROOM, turn=Turn.READ)
    async def history(self, connection: Connection, event: GetHistory) -> History:
        numbers = [n for n in (event.before, event.after, event.around) if n is not None]
        if len(numbers) > 1:
            raise Reject(Code.BAD_REQUEST, "Give at most one of before, after, around")
        if event.as_ == "entries":
            found = await self._entries(event, connection.user)
        else:
            page = self.node.limits.page
            found = await self.node.store.history(
                event.room,
                before=event.before,
                after=event.after,
                around=event.around,
                limit=min(event.limit or page, page),
                reader=connection.user,
            )
        return history(found, connection.user)

    async def _entries(self, event: GetHistory, reader: str) -> Page:
        if event.before is not None or event.around is not None:
            raise Reject(Code.BAD_REQUEST, "Entries are read by after")
        limit = self.node.limits.entries_page
        since = Position(self.node.store.epoch, event.after or 0)
        return await self.node.store.entries(
            event.room, since, min(event.limit or limit, limit), reader=reader
        )
