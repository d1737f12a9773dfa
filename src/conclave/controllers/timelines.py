"""Writes down what becomes of each connection: when it came, into which rooms, why it ended."""

import structlog

from conclave.controllers.dispatch import (
    Controller,
    on_auth_failed,
    on_authenticated,
    on_connect,
    on_disconnect,
    on_join,
    on_leave,
    on_timeout,
)
from conclave.model import Identity
from conclave.ports import Connection
from conclave.protocol.errors import Close, Disconnect, Reject

log = structlog.get_logger(__name__)

# Ends that are nobody's trouble: the log has no line of them.
_ORDINARY = frozenset({Close.NORMAL, Close.GOING_AWAY, Close.NO_STATUS, Close.ABNORMAL})


class TimelineNotes(Controller):
    def _note(self, connection: Connection, what: str, about: str = "") -> None:
        self.node.timelines.note(connection.id, self.node.clock.wall(), what, about)

    @on_connect
    async def opened(self, connection: Connection) -> None:
        self._note(connection, "opened", connection.address)

    @on_authenticated
    async def authenticated(self, connection: Connection, identity: Identity) -> None:
        self._note(connection, "authenticated", identity.user)

    @on_auth_failed
    async def refused(self, connection: Connection, no: Reject) -> None:
        self._note(connection, "not authenticated", no.code)

    @on_join
    async def joined(self, connection: Connection, room: str) -> None:
        self._note(connection, "joined", room)

    @on_leave
    async def left(self, connection: Connection, room: str) -> None:
        self._note(connection, "left", room)

    @on_timeout
    async def late(self, connection: Connection, end: Disconnect) -> None:
        self._note(connection, "timed out", end.reason)

    @on_disconnect
    async def ended(self, connection: Connection, code: int, reason: str) -> None:
        self._note(connection, "ended", f"{code} {reason}".strip())
        if code not in _ORDINARY:
            log.info("connection_ended", connection=connection.id, code=code, reason=reason)
