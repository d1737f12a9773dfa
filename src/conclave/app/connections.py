"""What the operator and admins may ask of single connections: who is here, what became of one."""

from collections.abc import Awaitable, Callable
from operator import attrgetter
from typing import Any, Final

from msgspec.structs import replace

from conclave.controllers.node import Node
from conclave.model import BY_OPERATOR, OPERATOR, Action, By
from conclave.model.facts import Happened, Open, Timeline
from conclave.protocol.errors import Code, Reject
from conclave.server.connection import Connection
from conclave.storage.direct import is_direct

_MOST_LISTED: Final = 200


class Connections:
    def __init__(self, node: Node) -> None:
        self._node = node

    def listed(self, by: By) -> list[Open]:
        """Return those that are open, the newest first: as many as one looks at."""
        newest = sorted(self._node.hub.connections, key=attrgetter("since"), reverse=True)
        return [_open(one, by) for one in newest[:_MOST_LISTED] if isinstance(one, Connection)]

    def show(self, id_: str, by: By) -> Timeline:
        """Return what became of one, and write down that *by* looked; raises `not_found`."""
        found = (one for one in self._node.hub.connections if one.id == id_)
        here = next(found, None)
        now = _open(here, by) if isinstance(here, Connection) else None
        lines = [_told(line, by) for line in self._node.timelines.of(id_)]
        if now is None and not lines:
            raise Reject(Code.NOT_FOUND, f"nothing is known of a connection {id_}")
        user = None if now is None else now.user or None
        self._node.audit_log.note(by.note(Action.CONNECTION_SHOWN, target=user))
        return Timeline(id=id_, now=now, lines=lines)


def connection_commands(connections: Connections) -> dict[str, Callable[..., Awaitable[Any]]]:
    """Return what can be asked, by the names it has on the control socket."""

    async def list_() -> list[Open]:
        return connections.listed(BY_OPERATOR)

    async def show(id: str) -> Timeline:  # noqa: A002 - the word of the list
        return connections.show(id, BY_OPERATOR)

    return {"connection list": list_, "connection show": show}


def _may_know(room: str, by: By) -> bool:
    """Return whether *by* may read of *room*: of direct ones admins know nothing."""
    return by.actor == OPERATOR or not is_direct(room)


def _told(line: Happened, by: By) -> Happened:
    return line if _may_know(line.about, by) else replace(line, about="")


def _open(one: Connection, by: By) -> Open:
    return Open(
        id=one.id,
        user=one.user,
        address=one.address,
        since=one.since,
        rooms=sorted(room for room in one.rooms if _may_know(room, by)),
        waiting_bytes=one.ear.waiting_bytes,
        pings=one.session.pings,
        owes_pong=one.session.owes_pong,
    )
