"""What the operator may ask of single connections: who is here, and what became of one."""

from collections.abc import Awaitable, Callable
from operator import attrgetter
from typing import Any, Final

from msgspec import Struct

from conclave.controllers.node import Node
from conclave.core.timelines import Happened
from conclave.model import OPERATOR, Action, Note
from conclave.protocol.errors import Code, Reject
from conclave.server.connection import Connection

_MOST_LISTED: Final = 200


class Open(Struct, kw_only=True):
    """One connection as it is now."""

    id: str
    user: str
    address: str
    since: int
    rooms: list[str]
    # Bytes that wait for it, here or in its socket.
    waiting_bytes: int
    # How often it was asked for a sign of life, and whether it owes the last one.
    pings: int
    owes_pong: bool


class Timeline(Struct, kw_only=True):
    """What is known of one connection; *now* is empty when it has ended."""

    id: str
    now: Open | None
    lines: list[Happened]


def connection_commands(node: Node) -> dict[str, Callable[..., Awaitable[Any]]]:
    """Return what can be asked, by the names it has on the control socket."""

    async def list_() -> list[Open]:
        newest = sorted(node.hub.connections, key=attrgetter("since"), reverse=True)
        return [_open(one) for one in newest[:_MOST_LISTED] if isinstance(one, Connection)]

    async def show(id: str) -> Timeline:  # noqa: A002 - the word of the list
        found = (one for one in node.hub.connections if one.id == id)
        here = next(found, None)
        now = _open(here) if isinstance(here, Connection) else None
        lines = node.timelines.of(id)
        if now is None and not lines:
            raise Reject(Code.NOT_FOUND, f"nothing is known of a connection {id}")
        user = None if now is None else now.user or None
        shown = Note(action=Action.CONNECTION_SHOWN, actor=OPERATOR, target=user)
        node.audit_log.note(shown)
        return Timeline(id=id, now=now, lines=lines)

    return {"connection list": list_, "connection show": show}


def _open(one: Connection) -> Open:
    return Open(
        id=one.id,
        user=one.user,
        address=one.address,
        since=one.since,
        rooms=sorted(one.rooms),
        waiting_bytes=one.ear.waiting_bytes,
        pings=one.session.pings,
        owes_pong=one.session.owes_pong,
    )
