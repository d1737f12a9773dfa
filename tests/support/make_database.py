"""
Make the database that a version of Conclave leaves behind, for later ones to open.

`python -m tests.support.make_database tests/data/conclave-v7.db`, once for each schema that was
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

from conclave.model import Draft, Identity, Notify, Subscription
from conclave.storage import SqliteStore
from conclave.storage.attention import SqlAttention

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
# Who may what since version 4: rules, roles, bans, links, reports, and what people come in with.
COURT: Final = "court"
PASSWORD: Final = "four words of mine"
FACTOR: Final = "JBSWY3DPEHPK3PXP"
# Where mia is pushed to, who is notified of nothing in the court, since version 6.
PUSHED: Final = "https://push.example.net/wpush/v2/mia"
# The server's secret that is beside it, under which the second factor is encrypted.
SECRET: Final = bytes(range(128, 160))
MIA, BEN, KIM = (Identity(user=name.lower(), name=name) for name in ("Mia", "Ben", "Kim"))


async def fill(store: SqliteStore) -> None:
    """Use what the schema has that the one before had not."""
    attention = SqlAttention(store)
    await attention.set_notify(COURT, MIA, Notify.NONE)
    await attention.subscribe(MIA, Subscription("", "mia", PUSHED, b"\4" * 65, b"a" * 16, True))


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
