"""Writing to people directly, and ignoring them."""

from conclave.controllers.dispatch import Controller, on
from conclave.controllers.telling import tell_members, who
from conclave.core.ratelimit import Cost
from conclave.core.turns import Turn
from conclave.model import Act
from conclave.ports import Connection
from conclave.protocol.events import InRoom
from conclave.protocol.governing import Ignored, IgnoreUser, ListIgnored, OpenDirect, UnignoreUser


class Direct(Controller):
    @on(OpenDirect, act=Act.DIRECT)
    async def open(self, connection: Connection, event: OpenDirect) -> InRoom:
        return await self.node.relay.guarded(self._open(connection, event))

    async def _open(self, connection: Connection, event: OpenDirect) -> InRoom:
        room, entries = await self.node.moderation.open_direct(who(connection), event.users)
        self.node.relay.tell(entries)
        await tell_members(self.node, entries)
        return InRoom(room)

    @on(IgnoreUser, act=Act.IGNORE)
    async def ignore(self, connection: Connection, event: IgnoreUser) -> None:
        if await self.node.moderation.ignore(who(connection), event.user):
            await self._tell_others(connection)

    @on(UnignoreUser, act=Act.IGNORE)
    async def unignore(self, connection: Connection, event: UnignoreUser) -> None:
        if await self.node.moderation.unignore(who(connection), event.user):
            await self._tell_others(connection)

    @on(ListIgnored, turn=Turn.READ, costs=Cost.READ, act=Act.IGNORE)
    async def ignored(self, connection: Connection, _event: ListIgnored) -> Ignored:
        return Ignored(await self.node.moderation.ignored(connection.user))

    async def _tell_others(self, connection: Connection) -> None:
        found = Ignored(await self.node.moderation.ignored(connection.user))
        self.node.tell_user(connection.user, found, but=connection)
