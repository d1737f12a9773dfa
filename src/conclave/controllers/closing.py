"""The end of rooms: archived, to be read and not written; or deleted, with all that was said."""

from conclave.controllers.dispatch import Controller, Request, on
from conclave.controllers.sending import update_of
from conclave.controllers.telling import empty, tell_all_changed, who
from conclave.model import Act, Action
from conclave.ports import Connection
from conclave.protocol.events import Stored
from conclave.protocol.governing import ArchiveRoom, DeleteRoom


class Closing(Controller):
    @on(ArchiveRoom, act=Act.ARCHIVE, answers=Stored)
    async def archive(self, connection: Connection, event: ArchiveRoom, request: Request) -> None:
        await self.node.relay.guarded(self._archive(connection, event, request))

    async def _archive(self, connection: Connection, event: ArchiveRoom, request: Request) -> None:
        said = {"archived": event.archived}
        draft = update_of(who(connection), event.room, said, request.id)
        receipt = await self.node.relay.send(draft, request.stored)
        if receipt.entry is None:
            return
        action = Action.ROOM_ARCHIVED if event.archived else Action.ROOM_UNARCHIVED
        self.node.audit(connection, action, room=event.room)
        # What everybody may there is another now.
        await tell_all_changed(self.node, event.room)

    @on(DeleteRoom, act=Act.DELETE_ROOM)
    async def delete(self, connection: Connection, event: DeleteRoom, request: Request) -> None:
        await self.node.relay.guarded(self._delete(connection, event.room, request.id))

    async def _delete(self, connection: Connection, room: str, id: str | None) -> None:  # noqa: A002
        identity = who(connection)
        people = await self.node.moderation.delete_room(room, identity, client_id=id)
        if people is None:
            return
        await empty(self.node, room, people)
        self.node.audit(connection, Action.ROOM_DELETED, room=room)
