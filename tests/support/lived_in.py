"""A database in which people have done everything that a log can say."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from conclave.auth.tokens import digest
from conclave.model import Draft, Identity, Role, RoomKind, User
from conclave.storage import SqliteStore

ANN = Identity(user="ann", name="Ann")
BOB = Identity(user="bob", name="Bob")
# Of ann.
TOKEN = "cvt_" + "9876543210" * 4 + "xyz"
ROOMS = ("hall", "Grüße", "cellar")


async def live(store: SqliteStore, messages: int = 40) -> None:
    """Talk in three rooms, change what was said, and mark what was read."""
    for who in (ANN, BOB):
        await store.put_user(User(id=who.user, name=who.name, display_name=who.name))
    await store.create_token("ann", digest(TOKEN), name="laptop")
    await store.put_user(User(id="root", name="root", display_name="Root", role=Role.ADMIN))
    await store.create_room("hall", ANN, title="The hall")
    await store.create_room("Grüße", BOB, topic="東京 😀")
    await store.create_room("cellar", ANN, kind=RoomKind.PRIVATE)
    await store.ensure_member("hall", BOB)
    for n in range(2):
        await say(store, n)
    await asyncio.gather(*(say(store, n) for n in range(2, messages)))
    await change(store)
    store.mark_read("hall", "bob", 20)
    await store.room_for("hall", "bob")  # marks are written when somebody looks


async def say(store: SqliteStore, n: int, room: str = "hall") -> None:
    who = ANN if n % 3 else BOB
    extra: dict[str, Any] = {"mentions": ["bob"]} if n % 10 == 1 else {}
    if n % 10 == 5 and room == "hall":
        extra = {"reply_to": 4, "thread": 4}
    text = f"word{n} and more of it"
    await store.append(
        Draft(room=room, user=who.user, name=who.name, text=text, extra=extra, client_id=f"c{n}")
    )


async def change(store: SqliteStore) -> None:
    """Edit, delete, react and pin, and undo some of it; the first message of the hall is 3."""
    steps: Sequence[tuple[str, str, str, dict[str, Any]]] = (
        ("ann", "message:edited", "once", {"target": 4}),
        ("ann", "message:edited", "secret2", {"target": 5}),
        ("ann", "message:edited", "twice", {"target": 4}),
        ("bob", "reaction:added", "", {"target": 4, "emoji": "👍"}),
        ("ann", "reaction:added", "", {"target": 4, "emoji": "👍"}),
        ("ann", "reaction:added", "", {"target": 4, "emoji": "🎉"}),
        ("ann", "reaction:removed", "", {"target": 4, "emoji": "👍"}),
        ("bob", "reaction:added", "", {"target": 5, "emoji": "👀"}),
        ("ann", "message:deleted", "", {"target": 5}),
        ("bob", "message:pinned", "", {"target": 6}),
        ("bob", "message:pinned", "", {"target": 7}),
        ("bob", "message:unpinned", "", {"target": 7}),
        ("ann", "room:updated", "", {"title": "The great hall", "topic": "echoes"}),
    )
    for at, (user, type_, text, extra) in enumerate(steps):
        await store.append(
            Draft(
                room="hall",
                user=user,
                name=user.title(),
                type=type_,
                text=text,
                extra=extra,
                client_id=f"change{at}",
            )
        )


async def log_of(store: SqliteStore, room: str) -> list[Any]:
    """Return all entries that there are."""
    found: list[Any] = []
    upto, more = 0, True
    while more:
        page = await store.after(room, upto)
        found += page.entries
        upto, more = page.upto, page.more
    return found


async def make(data: Path, messages: int = 40) -> None:
    store = await SqliteStore.open(data)
    await live(store, messages)
    while await store.index_lag():
        await store.index()
    await store.close()
