"""What is told and never stored: that somebody is typing."""

from typing import Final

from conclave.controllers.dispatch import Access, Controller, on
from conclave.core.ratelimit import Cost
from conclave.model import Act
from conclave.ports import Connection
from conclave.protocol.errors import Code, Reject
from conclave.protocol.requests import SetTyping

_KEY: Final = "conclave.typing"


class Signals(Controller):
    @on(SetTyping, needs=Access.ROOM, costs=Cost.SIGNAL, act=Act.TYPE)
    async def typing(self, connection: Connection, event: SetTyping) -> None:
        # It would tell that somebody is there who wants not to be seen.
        if self.node.statuses.hidden(connection.user):
            return
        # A stop is of interest only to who heard of a start.
        typing: set[str] = connection.data.setdefault(_KEY, set())
        if not event.active and event.room not in typing:
            return
        if event.active:
            assert connection.identity is not None  # the gate has let it through
            await self.node.moderation.check(Act.TYPE, event.room, connection.identity)
            # Who was taken out meanwhile is heard of no more.
            if event.room not in connection.rooms:
                raise Reject(Code.NOT_IN_ROOM)
        (typing.add if event.active else typing.discard)(event.room)
        self.node.typists.note(event.room, connection, event.active)
