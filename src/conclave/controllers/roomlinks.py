"""Links into rooms: made, listed and revoked by moderators, used by who has one."""

import hashlib
import secrets
from typing import Final

from conclave.controllers.dispatch import Controller, on
from conclave.controllers.telling import tell_members, who
from conclave.core.ratelimit import Cost
from conclave.core.text import clean_line
from conclave.core.turns import Turn
from conclave.model import Act, Action, LinkKind
from conclave.ports import Connection
from conclave.protocol.events import InRoom
from conclave.protocol.governing import AcceptLink, LinkMade, Links, ListLinks, MakeLink, RevokeLink

# Whoever finds one in a file knows what it is, and a secret scanner does.
PREFIX: Final = "cvr_"
_RANDOM_BYTES: Final = 32


class RoomLinks(Controller):
    @on(MakeLink, act=Act.LINK)
    async def make(self, connection: Connection, event: MakeLink) -> LinkMade:
        # 256 random bits need no slow hash: nobody can try them all.
        token = PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)
        link = await self.node.moderation.make_link(
            event.room,
            who(connection),
            _digest(token),
            name=clean_line(event.name),
            uses=event.uses,
            expires_at=event.expires_at,
        )
        self._note(connection, Action.LINK_CREATED, link.room, link.id)
        return LinkMade(token, link)

    @on(ListLinks, turn=Turn.READ, costs=Cost.READ, act=Act.LINK)
    async def list(self, connection: Connection, event: ListLinks) -> Links:
        return Links(event.room, await self.node.moderation.links(event.room, who(connection)))

    @on(RevokeLink, act=Act.LINK)
    async def revoke(self, connection: Connection, event: RevokeLink) -> None:
        identity = who(connection)
        if await self.node.moderation.revoke_link(event.room, identity, event.link):
            self._note(connection, Action.LINK_REVOKED, event.room, event.link)

    @on(AcceptLink, act=Act.JOIN)
    async def accept(self, connection: Connection, event: AcceptLink) -> InRoom:
        return await self.node.relay.guarded(self._accept(connection, event))

    async def _accept(self, connection: Connection, event: AcceptLink) -> InRoom:
        room, entries = await self.node.moderation.accept_link(
            who(connection), _digest(event.token)
        )
        self.node.relay.tell(entries)
        if entries:
            how = str(LinkKind.ROOM)
            self.node.audit(connection, Action.LINK_USED, room=room, how=how)
            await tell_members(self.node, entries)
        return InRoom(room)

    def _note(self, connection: Connection, action: Action, room: str, link: str) -> None:
        self.node.audit(connection, action, room=room, id=link, how=str(LinkKind.ROOM))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
