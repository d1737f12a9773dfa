"""What is told and never stored: that somebody is typing."""

from typing import Final

from conclave.controllers.dispatch import Access, Controller, on
from conclave.core.ratelimit import Cost
from conclave.model import Act
from conclave.ports import Connection
from conclave.protocol.events import Typing
from conclave.protocol.requests import SetTyping

# Seconds: more often than this nobody needs to know that somebody is still typing.
_AGAIN: Final = 1.0
_KEY: Final = "conclave.typing"


class Signals(Controller):
    @on(SetTyping, needs=Access.ROOM, costs=Cost.SIGNAL, act=Act.TYPE)
    async def typing(self, connection: Connection, event: SetTyping) -> None:
        # One event of a user is told to a whole room: each change once, a start once a second.
        now = self.node.clock.monotonic()
        last: dict[str, tuple[bool, float]] = connection.data.setdefault(_KEY, {})
        was, at = last.get(event.room, (False, -_AGAIN))
        if (event.active and now - at < _AGAIN) or not (event.active or was):
            return
        last[event.room] = (event.active, now if event.active else at)
        told = Typing(event.room, connection.user, event.active)
        self.node.tell_room(event.room, told, but=connection)
