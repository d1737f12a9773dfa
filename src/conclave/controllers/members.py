"""Who belongs to a room: listing members, and ceasing to be one."""

from conclave.controllers.dispatch import Access, Controller, Request, on
from conclave.controllers.telling import tell_members, who
from conclave.core.ratelimit import Cost
from conclave.core.turns import Turn
from conclave.model import Act
from conclave.ports import Connection
from conclave.protocol.events import Members as MemberList
from conclave.protocol.events import RoomGone
from conclave.protocol.requests import ListMembers, QuitRoom

_PAGE = 100


class Members(Controller):
    @on(ListMembers, needs=Access.USER, turn=Turn.READ, costs=Cost.READ, act=Act.LIST_MEMBERS)
    async def list(self, connection: Connection, event: ListMembers) -> MemberList:
        found = await self.node.store.list_members(
            event.room, after=event.after or "", limit=_PAGE + 1, reader=connection.user
        )
        return MemberList(event.room, found[:_PAGE], more=len(found) > _PAGE)

    @on(QuitRoom, turn=Turn.BARRIER, act=Act.QUIT)
    async def quit(self, connection: Connection, event: QuitRoom, request: Request) -> None:
        found = await self.node.store.find_room(event.room)
        # To end what is none changes nothing, and nobody hears of it.
        if found is not None:
            await self.node.relay.guarded(self._quit(connection, found[0], request.id))

    async def _quit(self, connection: Connection, room: str, id: str | None) -> None:  # noqa: A002
        entries = await self.node.store.quit_room(room, who(connection), client_id=id)
        self.node.relay.tell(entries)
        if entries:
            self.node.tell_user(connection.user, RoomGone(room, "quit"))
            # Who owns it now.
            await tell_members(self.node, entries)
