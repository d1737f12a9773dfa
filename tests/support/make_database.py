"""
Make the database that a version of Conclave leaves behind, for later ones to open.

`python -m tests.support.make_database tests/data/conclave-v1.db`, once for each schema, with the
version that has it; the files are then kept for ever. What is in them stands below, so
that the test of old databases can say what it expects.
"""

import asyncio
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

from conclave.auth.tokens import digest
from conclave.model import SYSTEM, Draft, Identity, Role, RoomKind, User
from conclave.storage import SqliteStore
from conclave.storage.demo import seed_demo

JOHN: Final = Identity(user="user1", name="john")
ANN: Final = Identity(user="ann", name="Ann")
# A token of nobody: what is kept is its digest.
TOKEN: Final = "cvt_" + "0123456789" * 4 + "abc"
TEXTS: Final = ("hello", "grüße 東京 😀 עברית", "a\nb\tc", "'; DROP TABLE entries; --", "x" * 5_000)
REQUEST: Final = Draft(
    room="Grüße", user="ann", name="Ann", text="once", extra={"reply_to": 2}, client_id="req-1"
)
NUMBERS: Final = {"general": 107, "Grüße": 4, "cellar": 1, "support": 0, "random": 0}


async def fill(store: SqliteStore) -> None:
    """Use all that the schema has."""
    await seed_demo(store)
    await store.put_user(User(id="ann", name="ann", display_name="Ann", role=Role.ADMIN))
    await store.create_token("ann", digest(TOKEN), name="laptop", expires_at=4_102_444_800_000)
    await store.ensure_member("general", JOHN)
    for text in TEXTS:
        await store.append(Draft(room="general", user=JOHN.user, name=JOHN.name, text=text))
    for n in range(100):
        text = f"number {n}"
        await store.append(Draft(room="general", user="system", name="system", text=text))
    await store.create_room("Grüße", ANN, title="Greetings", topic="All of them")
    await store.ensure_member("Grüße", JOHN)
    await store.append(REQUEST)
    await store.append(Draft(room="Grüße", user=SYSTEM.user, name=SYSTEM.name, text="two"))
    await store.create_room("cellar", ANN, kind=RoomKind.PRIVATE)
    store.mark_read("Grüße", JOHN.user, 3)


async def _make(data: Path) -> None:
    store = await SqliteStore.open(data)
    await fill(store)
    await store.close()


def main(target: Path) -> None:
    if target.exists():
        sys.exit(f"{target} is there: it is kept for ever")
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_make(Path(folder)))
        shutil.copyfile(Path(folder) / "conclave.db", target)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
