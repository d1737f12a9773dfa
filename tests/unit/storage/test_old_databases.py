"""Every database that a version of Conclave has left behind opens, and all of it is there."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.support.make_database import (
    ANN,
    ATTIC,
    BEN,
    COURT,
    FACTOR,
    JOHN,
    NUMBERS,
    PASSWORD,
    PUSHED,
    REQUEST,
    SECRET,
    TEXTS,
    TOKEN,
)

from conclave.auth.passwords import Passwords
from conclave.auth.sealing import Seal
from conclave.auth.secret import Secret
from conclave.auth.tokens import TokenAuthenticator, digest
from conclave.model import (
    AuditQuery,
    Factors,
    LinkKind,
    Notify,
    Outcome,
    Position,
    Reaction,
    Role,
    RoomKind,
    RoomRole,
    Scope,
    State,
)
from conclave.protocol.errors import Reject
from conclave.storage import SqliteStore
from conclave.storage.accounts import SqlAccounts
from conclave.storage.attention import SqlAttention
from conclave.storage.audit_log import AuditLog
from conclave.storage.governing import SqlModeration
from conclave.storage.verify import verify

OLD = sorted((Path(__file__).parents[2] / "data").glob("conclave-v*.db"))


@pytest.fixture(params=OLD, ids=lambda path: path.stem)
async def store(request: pytest.FixtureRequest, tmp_path: Path):
    shutil.copyfile(request.param, tmp_path / "conclave.db")
    store = await SqliteStore.open(tmp_path)
    yield store
    await store.close()


def test_the_first_version_is_among_them() -> None:
    assert OLD[0].name == "conclave-v1.db"
    for path in OLD:
        with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as connection:
            (version,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        assert f"conclave-v{int(version)}" == path.stem


async def test_rooms_and_their_logs_are_there(store: SqliteStore) -> None:
    assert await store.heads(list(NUMBERS)) == NUMBERS
    page = await store.after("general", 0)
    assert [entry.seq for entry in page.entries] == list(range(1, 108))
    texts = [entry.text for entry in page.entries if entry.type == "message"]
    welcome = "Welcome to the general chat room!"
    assert texts == [welcome, *TEXTS, *(f"number {n}" for n in range(100))]
    assert page.entries[1].extra == {"member": "user1", "member_name": "john", "role": "member"}
    assert (await store.history("general")).entries == page.entries[-100:]
    last = page.entries[-1]
    resumed = await store.entries("general", Position(store.epoch, last.seq, last.id))
    assert (resumed.entries, resumed.reset) == ([], False)
    assert await store.find_room("GRÜSSE") == ("Grüße", RoomKind.PUBLIC)


async def test_a_request_is_still_known(store: SqliteStore) -> None:
    again = await store.append(REQUEST)
    stored = (await store.after("Grüße", 2)).entries[0]
    assert (again.seq, again.id, again.entry) == (3, stored.id, None)
    assert (stored.text, stored.extra, stored.client_id) == ("once", {"reply_to": 2}, "req-1")


async def test_members_people_and_tokens_are_there(store: SqliteStore) -> None:
    assert await store.members("Grüße") == ["ann", "user1"]
    assert await store.member("cellar", "ann") is RoomRole.OWNER
    rooms = {room.room: room for room in await store.rooms_of(JOHN.user)}
    assert rooms.keys() - {COURT} == {"general", "Grüße"}
    greetings = rooms["Grüße"]
    assert (greetings.title, greetings.topic) == ("Greetings", "All of them")
    assert (greetings.read_seq, greetings.unread, greetings.members) == (3, 1, 2)
    identity = await TokenAuthenticator(store).authenticate(TOKEN)
    assert identity is not None
    assert (identity.user, identity.name, identity.role) == ("ann", "Ann", Role.ADMIN)
    assert identity.expires_at == 4_102_444_800_000


async def test_what_became_of_messages_is_there(store: SqliteStore) -> None:
    if await store.find_room(ATTIC) is None:
        assert await store.heads(list(NUMBERS)) == NUMBERS, "an older one has no such room"
        return
    root, right, gone, answer = (await store.history(ATTIC, reader="ann")).entries
    assert root.state == State(pinned=True, reactions=(Reaction("👍", 1, ("ann",), True),))
    assert right.text == "right"
    assert right.state is not None
    assert right.state.edited_at
    assert (gone.text, gone.extra) == ("", {"deleted": True})
    assert answer.extra == {"thread": 2, "reply_to": 2, "mentions": ["ann"]}
    thread = await store.history(ATTIC, thread=2)
    assert [entry.seq for entry in thread.entries] == [2, 5]
    room = await store.room_for(ATTIC, "ann")
    assert room is not None
    assert (room.title, room.read_seq, room.unread, room.mentions) == ("The attic", 3, 1, 1)


async def test_nothing_is_wrong_with_any(tmp_path: Path) -> None:
    for path in OLD:
        folder = tmp_path / path.stem
        folder.mkdir()
        shutil.copyfile(path, folder / "conclave.db")
        store = await SqliteStore.open(folder)
        await store.index()
        await store.close()
        assert list(verify(folder / "conclave.db")) == []


async def test_life_goes_on(store: SqliteStore) -> None:
    draft = REQUEST.__class__(room="general", user=ANN.user, name=ANN.name, text="on we go")
    await store.ensure_member("general", ANN)
    assert (await store.append(draft)).seq == NUMBERS["general"] + 2


async def test_what_lets_people_in_is_there(store: SqliteStore) -> None:
    if await store.find_room(COURT) is None:
        assert await store.heads(list(NUMBERS)) == NUMBERS, "an older one has no such room"
        return
    accounts = SqlAccounts(store)
    mia = await accounts.find_account("mia")
    assert mia is not None
    assert (mia.display_name, mia.about) == ("Mia", "Moderator of the court")
    passwords = Passwords()
    kept = await accounts.password_of("mia")
    assert (await passwords.verify(PASSWORD, kept)).good
    assert not (await passwords.verify(PASSWORD + "s", kept)).good
    passwords.close()
    assert await accounts.factors("mia") == Factors(totp=True, passkeys=1, recovery_codes=9)
    ((user, sealed),) = await accounts.sealed_totps()
    assert Seal(Secret(Path(), (SECRET,)), "totp").unseal(user, sealed) == FACTOR.encode()
    token = await accounts.token(digest("of mia"))
    session = await accounts.token(digest("session of mia"))
    assert token is not None
    assert session is not None
    assert (token.name, token.scopes, token.revoked_at) == ("reader", {Scope.READ}, None)
    assert (session.kind, session.address, session.agent) == ("session", "192.0.2.7", "Firefox")
    (invitation,) = await accounts.links([LinkKind.INVITE])
    assert (invitation.name, invitation.uses_left, invitation.role) == ("team", 3, Role.USER)
    kim = await store.user("kim")
    assert kim is not None
    assert not kim.active


async def test_of_what_people_are_notified_is_there(store: SqliteStore) -> None:
    if await store.find_room(COURT) is None:
        return
    attention = SqlAttention(store)
    pushed = await attention.subscriptions("mia")
    court = await store.room_for(COURT, "mia")
    assert court is not None
    if not pushed:
        assert court.notify is Notify.MENTIONS, "an older one has no such things"
        return
    assert court.notify is Notify.NONE
    (browser,) = pushed
    assert (browser.user, browser.endpoint, browser.with_text) == ("mia", PUSHED, True)
    assert (browser.p256dh, browser.auth) == (b"\4" * 65, b"a" * 16)


async def test_what_people_may_do_in_rooms_is_there(store: SqliteStore) -> None:
    if await store.find_room(COURT) is None:
        return
    moderation = SqlModeration(store)
    court = await store.room_for(COURT, "mia")
    assert court is not None
    assert (court.slow_mode, court.history, court.role) == (5, "joined", RoomRole.MODERATOR)
    ban, mute = await moderation.sanctions(COURT, ANN)
    assert (ban.user, ban.kind, ban.by, ban.until, ban.reason) == (
        "ben",
        "ban",
        "ann",
        None,
        "spam",
    )
    assert (mute.user, mute.kind, mute.by, mute.reason) == (JOHN.user, "mute", "mia", "loud")
    with pytest.raises(Reject):
        await store.ensure_member(COURT, BEN)
    (open_,) = await moderation.reports(COURT, ANN)
    (closed,) = await moderation.reports(COURT, ANN, closed=True)
    assert (open_.text, open_.author, closed.outcome) == ("bad words", "ben", Outcome.RESOLVED)
    (link,) = await moderation.links(COURT, ANN)
    assert (link.name, link.uses_left, link.created_by) == ("all", 3, "mia")
    assert [person.id for person in await moderation.ignored("mia")] == ["ben"]
    direct, written = await moderation.open_direct(ANN, ["mia"])
    assert written == []
    assert (await store.history(direct, reader="mia")).entries[-1].text == "between us"
    (line,) = await AuditLog(store).lines(AuditQuery())
    assert (line.actor, line.action, line.target) == ("ann", "user.deactivated", "kim")
