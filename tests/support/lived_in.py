"""A database in which people have done everything that a log can say."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from conclave.auth.tokens import digest
from conclave.model import Draft, Identity, Notify, Outcome, Role, RoomKind, RoomRole, User
from conclave.storage import SqliteStore
from conclave.storage.attention import SqlAttention
from conclave.storage.deleting import Deletions
from conclave.storage.governing import SqlModeration

ANN = Identity(user="ann", name="Ann")
BOB = Identity(user="bob", name="Bob")
EVE = Identity(user="eve", name="Eve")
KIM = Identity(user="kim", name="Kim")
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


async def govern(store: SqliteStore) -> None:
    """Do everything to a room and its people that is kept beside its log, too."""
    moderation = SqlModeration(store)
    for who in (EVE, KIM):
        await store.put_user(User(id=who.user, name=who.name, display_name=who.name))
    await store.create_room("court", ANN)
    for who in (BOB, EVE, KIM):
        await store.ensure_member("court", who)
    bad = await store.append(Draft(room="court", user="kim", name="Kim", text="bad words"))
    for extra in ({"slow_mode": 5, "history": "joined"}, {"archived": True}, {"archived": False}):
        await store.append(
            Draft(room="court", user="ann", name="Ann", type="room:updated", extra=extra)
        )
    await moderation.set_role("court", ANN, "bob", RoomRole.MODERATOR)
    await moderation.report("court", BOB, bad.seq, "rude")
    (report,) = await moderation.reports("court", ANN)
    await moderation.close_report(report.id, BOB, Outcome.RESOLVED)
    await moderation.mute("court", BOB, "eve", until=2**50, reason="loud")
    await moderation.ban("court", ANN, "kim", reason="spam")
    await moderation.make_link("court", BOB, b"link" * 8, name="all", uses=3)
    await moderation.ignore(BOB, "kim")
    await SqlAttention(store).set_notify("court", EVE, Notify.NONE)
    await SqlAttention(store).set_favourite("court", EVE, True)
    room, _ = await moderation.open_direct(ANN, ["bob"])
    await store.append(Draft(room=room, user="bob", name="Bob", text="hi, you"))
    await store.create_room("ruin", ANN)
    await moderation.delete_room("ruin", ANN, client_id="ruin")
    await Deletions(store).run()


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


async def make(data: Path, messages: int = 40, *, governed: bool = False) -> None:
    store = await SqliteStore.open(data)
    await live(store, messages)
    if governed:
        await govern(store)
    while await store.index_lag():
        await store.index()
    await store.close()
