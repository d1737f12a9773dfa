"""Every database that a version of Conclave has left behind opens, and all of it is there."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.support.make_database import ANN, ATTIC, JOHN, NUMBERS, REQUEST, TEXTS, TOKEN

from conclave.auth.tokens import TokenAuthenticator
from conclave.model import Identity, Position, Reaction, Role, RoomKind, RoomRole, State
from conclave.storage import SqliteStore
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
    (general, greetings) = await store.rooms_of(JOHN.user)
    assert (general.room, greetings.room) == ("general", "Grüße")
    assert (greetings.title, greetings.topic) == ("Greetings", "All of them")
    assert (greetings.read_seq, greetings.unread, greetings.members) == (3, 1, 2)
    identity = await TokenAuthenticator(store).authenticate(TOKEN)
    assert identity == Identity(
        user="ann", name="Ann", role=Role.ADMIN, expires_at=4_102_444_800_000
    )


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
