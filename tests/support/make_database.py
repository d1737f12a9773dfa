"""
Make the database that a version of Conclave leaves behind, for later ones to open.

`python -m tests.support.make_database tests/data/conclave-v4.db`, once for each schema that was
released, with the version that has it: it opens the one before and goes on. The files are
then kept for ever. What is in them stands below, so that the test of old databases can say
what it expects.
"""

import asyncio
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

from conclave.model import Draft, Identity, RoomKind
from conclave.storage import SqliteStore

JOHN: Final = Identity(user="user1", name="john")
ANN: Final = Identity(user="ann", name="Ann")
# A token of nobody: what is kept is its digest.
TOKEN: Final = "cvt_" + "0123456789" * 4 + "abc"
TEXTS: Final = ("hello", "grüße 東京 😀 עברית", "a\nb\tc", "'; DROP TABLE entries; --", "x" * 5_000)
REQUEST: Final = Draft(
    room="Grüße", user="ann", name="Ann", text="once", extra={"reply_to": 2}, client_id="req-1"
)
NUMBERS: Final = {"general": 107, "Grüße": 4, "cellar": 1, "support": 0, "random": 0}


# What has been made of the messages of a room since version 3: a thread, an edit, a deletion …
ATTIC: Final = "attic"


async def fill(store: SqliteStore) -> None:
    """Use what the schema has that the one before had not."""
    await store.create_room(ATTIC, ANN, kind=RoomKind.PRIVATE)
    for text in ("root", "wrong", "secret"):
        await store.append(_by_ann("message", text))
    await store.append(_by_ann("message", "@Ann", thread=2, reply_to=2, mentions=["ann"]))
    await store.append(_by_ann("message:edited", "right", target=3))
    await store.append(_by_ann("message:deleted", target=4))
    await store.append(_by_ann("message:pinned", target=2))
    for emoji in ("👍", "🎉"):
        await store.append(_by_ann("reaction:added", target=2, emoji=emoji))
    await store.append(_by_ann("reaction:removed", target=2, emoji="🎉"))
    await store.append(_by_ann("room:updated", title="The attic"))
    store.mark_read(ATTIC, ANN.user, 3)
    await store.index()


def _by_ann(type_: str, text: str = "", **extra: object) -> Draft:
    return Draft(room=ATTIC, user=ANN.user, name=ANN.name, type=type_, text=text, extra=extra)


async def _make(data: Path, before: Path) -> None:
    shutil.copyfile(before, data / "conclave.db")
    store = await SqliteStore.open(data)
    await fill(store)
    await store.close()


def main(target: Path) -> None:
    if target.exists():
        sys.exit(f"{target} is there: it is kept for ever")
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_make(Path(folder), max(target.parent.glob("conclave-v*.db"))))
        shutil.copyfile(Path(folder) / "conclave.db", target)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
