"""What people are told when what they may in a room has changed, or the room is theirs or not."""

from collections.abc import Iterable

from conclave.controllers.node import Node
from conclave.model import Entry, Identity
from conclave.ports import Connection
from conclave.protocol.state import MEMBER_ADDED, MEMBER_ROLE


def who(connection: Connection) -> Identity:
    """Return who *connection* speaks for; the gate has let it through."""
    assert connection.identity is not None
    return connection.identity


async def tell_changed(node: Node, user: str, room: str) -> None:
    """Tell all devices of *user* what the room, which is on their list, is to them now."""
    for connection in node.hearing(user, room):
        node.hub.watch(connection, [room])
    info = await node.store.room_for(room, user)
    if info is not None and info.role is not None:
        node.tell_changed(user, info)
        return
    # They have left it meanwhile.
    node.news.forget_member(room, user)


async def tell_members(node: Node, entries: Iterable[Entry]) -> None:
    """Tell those whom *entries* made members, or gave a role, what the room is to them."""
    for entry in entries:
        if entry.type in (MEMBER_ADDED, MEMBER_ROLE):
            await tell_changed(node, entry.extra["member"], entry.room)
