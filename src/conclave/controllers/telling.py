"""What people are told when what they may in a room has changed, or the room is theirs or not."""

from collections.abc import Iterable

from conclave.controllers.node import Node
from conclave.model import Entry, Identity
from conclave.ports import Connection
from conclave.protocol.codec import encode_event
from conclave.protocol.events import RoomGone
from conclave.protocol.state import MEMBER_ADDED, MEMBER_ROLE


def who(connection: Connection) -> Identity:
    """Return who *connection* speaks for; the gate has let it through."""
    assert connection.identity is not None
    return connection.identity


async def tell_changed(node: Node, user: str, room: str) -> None:
    """
    Tell all devices of *user* what the room, which is on their list, is to them now.

    Those on other nodes too, a moment later.
    """
    await tell_changed_here(node, user, room)
    # Now: what was written before somebody looks, such as marks, is in the store.
    node.renew(user, room)


async def tell_changed_here(node: Node, user: str, room: str) -> None:
    """As `tell_changed`, on this node alone."""
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


async def tell_all_changed(node: Node, room: str) -> None:
    """Tell all who hear of *room* or are in it what it is to each now, on all nodes."""
    await node.news.tell_all(room, node.attendance.present(room))
    node.renew("", room)


async def empty(node: Node, room: str, people: Iterable[str]) -> None:
    """Let all out of *room*, which is deleted, and tell them and its *people*, on all nodes."""
    await empty_here(node, room, people)
    node.renew("", room)


async def empty_here(node: Node, room: str, people: Iterable[str] = ()) -> None:
    """As `empty`, on this node alone."""
    # Who comes in now may have been told that it is theirs.
    node.hub.seek_all()
    users = {*people} | {
        one.user for one in (*node.attendance.present(room), *node.hub.watchers(room))
    }
    await node.attendance.shut(room)
    node.news.forget(room)
    told = encode_event(RoomGone(room, "deleted"))
    for user in users:
        node.news.forget_member(room, user)
        node.offer_user(user, room, told)
