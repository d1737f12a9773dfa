"""What the demo begins with: two people, three rooms, one message of welcome."""

from typing import Final

from conclave.model import SYSTEM, Draft, Role, User
from conclave.ports import Store
from conclave.protocol.errors import Code, Reject

USERS: Final = (
    User(id="user1", name="john", display_name="john"),
    User(id="admin1", name="admin", display_name="admin", role=Role.ADMIN),
)
ROOMS: Final = ("general", "support", "random")
WELCOME: Final = "Welcome to the general chat room!"


async def seed_demo(store: Store) -> None:
    """Put into *store* what the demo begins with; what is there already stays as it is."""
    for user in USERS:
        await store.put_user(user)
    for room in ROOMS:
        await _make_room(store, room)
    # The request id makes it one message, however often the demo is started.
    welcome = Draft(
        room="general", user=SYSTEM.user, name=SYSTEM.name, text=WELCOME, client_id="demo-welcome"
    )
    await store.append(welcome)


async def _make_room(store: Store, room: str) -> None:
    try:
        await store.create_room(room, SYSTEM)
    except Reject as refused:
        if refused.code != Code.ROOM_EXISTS:
            raise
