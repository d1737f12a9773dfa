"""
Make the database that a version of Conclave leaves behind, for later ones to open.

`python -m tests.support.make_database tests/data/conclave-v5.db`, once for each schema that was
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

from conclave.auth.passwords import Passwords
from conclave.auth.sealing import Seal
from conclave.auth.secret import Secret
from conclave.auth.tokens import digest
from conclave.model import (
    Action,
    Draft,
    Identity,
    LinkKind,
    Note,
    Outcome,
    Passkey,
    Place,
    Role,
    RoomRole,
    Scope,
)
from conclave.storage import SqliteStore
from conclave.storage.accounts import SqliteAccounts
from conclave.storage.audit_log import AuditLog
from conclave.storage.governing import SqliteModeration

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
# The server's secret that is beside it, under which the second factor is encrypted.
SECRET: Final = bytes(range(128, 160))
MIA, BEN, KIM = (Identity(user=name.lower(), name=name) for name in ("Mia", "Ben", "Kim"))


async def fill(store: SqliteStore) -> None:
    """Use what the schema has that the one before had not."""
    for who in (MIA, BEN, KIM):
        await store.people.create_account(who.user, display_name=who.name)
    await store.people.change("mia", about="Moderator of the court")
    await store.people.change("kim", active=False)
    await _let_in(SqliteAccounts(store))
    await _hold_court(store, SqliteModeration(store))
    audit = AuditLog(store)
    audit.note(Note(action=Action.USER_DEACTIVATED, actor="ann", target="kim", address="192.0.2.1"))
    await audit.write(last=True)
    await store.index()


async def _let_in(accounts: SqliteAccounts) -> None:
    """Give mia all that one can come in with, and ann an invitation to hand out."""
    passwords = Passwords()
    await accounts.set_password("mia", await passwords.hash(PASSWORD))
    passwords.close()
    sealed = Seal(Secret(Path(), (SECRET,)), "totp").seal("mia", FACTOR.encode())
    await accounts.begin_totp("mia", sealed)
    await accounts.use_totp("mia", 1, sealed)
    await accounts.set_recovery("mia", [digest(f"code {n}") for n in range(10)])
    await accounts.use_recovery("mia", digest("code 3"))
    passkey = Passkey(id=b"credential", user="mia", public_key=b"cose", sign_count=7, name="key")
    await accounts.add_passkey(passkey, most=10)
    scopes = frozenset({Scope.READ})
    await accounts.add_token(
        "mia", digest("of mia"), name="reader", scopes=scopes, expires_at=None, most=10
    )
    place = Place(address="192.0.2.7", agent="Firefox")
    await accounts.open_session(
        "mia", digest("session of mia"), expires_at=_LATE, place=place, most=10
    )
    await accounts.add_link(
        LinkKind.INVITE, digest("invitation"), created_by="ann", name="team", uses=3, role=Role.USER
    )


async def _hold_court(store: SqliteStore, moderation: SqliteModeration) -> None:
    await store.create_room(COURT, ANN)
    for who in (MIA, BEN, JOHN):
        await store.ensure_member(COURT, who)
    bad = await store.append(_by(BEN, "bad words"))
    for extra in ({"slow_mode": 5, "history": "joined"}, {"archived": True}, {"archived": False}):
        await store.append(_by(ANN, type_="room:updated", **extra))
    await moderation.set_role(COURT, ANN, "mia", RoomRole.MODERATOR)
    await moderation.report(COURT, MIA, bad.seq, "rude")
    await moderation.report(COURT, JOHN, bad.seq, "very rude")
    (first, _) = await moderation.reports(COURT, ANN)
    await moderation.close_report(first.id, MIA, Outcome.RESOLVED)
    await moderation.mute(COURT, MIA, JOHN.user, until=_LATE, reason="loud")
    await moderation.ban(COURT, ANN, "ben", reason="spam")
    await moderation.make_link(COURT, MIA, digest("into the court"), name="all", uses=3)
    await moderation.ignore(MIA, "ben")
    direct, _ = await moderation.open_direct(ANN, ["mia"])
    await store.append(Draft(room=direct, user="ann", name="Ann", text="between us"))


# In the year 2100, as milliseconds.
_LATE: Final = 4_102_444_800_000


def _by(who: Identity, text: str = "", *, type_: str = "message", **extra: object) -> Draft:
    return Draft(room=COURT, user=who.user, name=who.name, type=type_, text=text, extra=extra)


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
