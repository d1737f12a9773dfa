"""Who belongs to a room: listing members, and ceasing to be one."""

from functools import partial

from conclave.controllers.dispatch import Access, Controller, Request, on
from conclave.core.ratelimit import Cost
from conclave.core.turns import Turn
from conclave.model import Act
from conclave.ports import Connection
from conclave.protocol.events import Members as MemberList
from conclave.protocol.events import RoomGone
from conclave.protocol.requests import ListMembers, QuitRoom

_PAGE = 100


class Members(Controller):
    @on(ListMembers, needs=Access.USER, turn=Turn.READ, costs=Cost.READ, act=Act.READ)
    async def list(self, connection: Connection, event: ListMembers) -> MemberList:
        found = await self.node.store.list_members(
            event.room, after=event.after or "", limit=_PAGE + 1, reader=connection.user
        )
        return MemberList(event.room, found[:_PAGE], more=len(found) > _PAGE)

    @on(QuitRoom, turn=Turn.BARRIER, act=Act.QUIT)
    async def quit(self, connection: Connection, event: QuitRoom, request: Request) -> None:
        assert connection.identity is not None  # the gate has let it through
        found = await self.node.store.find_room(event.room)
        if found is None:
            return
        # To end what is none changes nothing, and nobody hears of it.
        await self.node.relay.write(
            self.node.store.quit_room(found[0], connection.identity, client_id=request.id),
            partial(self._gone, connection.user, found[0]),
        )

    async def _gone(self, user: str, room: str) -> None:
        self.node.tell_user(user, RoomGone(room, "quit"))
