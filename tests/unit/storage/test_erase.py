"""An erased user is nowhere, and everything else is as it was."""

import asyncio
from contextlib import closing
from pathlib import Path

import pytest
from tests.support.lived_in import ANN, BOB, TOKEN, govern, live, log_of, make

from conclave.auth.tokens import TokenAuthenticator
from conclave.model import Draft, LinkKind, Position, Role, RoomRole, User
from conclave.protocol.errors import Reject
from conclave.storage import SqliteStore
from conclave.storage.accounts import SqlAccounts
from conclave.storage.deleting import Deletions
from conclave.storage.driver import driver
from conclave.storage.erase import erase
from conclave.storage.errors import CannotDo
from conclave.storage.governing import SqlModeration
from conclave.storage.pseudonyms import NAME
from conclave.storage.verify import verify


@pytest.fixture
async def store(data: Path):
    store = await SqliteStore.open(data)
    await live(store)
    await store.append(
        Draft(
            room="hall",
            user="bob",
            name="Bob",
            text="ask ann",
            extra={"mentions": ["ann", "bob"]},
            client_id="ask",
        )
    )
    yield store
    await store.close()
    assert list(verify(data / "conclave.db")) == []


# An index of words alone cannot be read whole; it is made anew.
_TABLES = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'search_index'"


def traces(database: Path, *words: str) -> list[str]:
    """Return where any of *words* stands in any table."""
    found = []
    with closing(driver().connect(database)) as connection:
        tables = connection.execute(_TABLES)
        for (table,) in tables.fetchall():
            for row in connection.execute(f'SELECT * FROM "{table}"'):
                found += [
                    f"{table}: {row}" for value in row for word in words if word in str(value)
                ]
    return found


async def test_what_they_said_and_who_they_were_is_gone(store, data) -> None:
    assert traces(data / "conclave.db", "ann", "Ann", "word4", "secret2")
    before = {room: await log_of(store, room) for room in ("hall", "Grüße", "cellar")}
    erased = await erase(store, "ann")
    # What others wrote about them is theirs.
    left = traces(data / "conclave.db", "ann", "Ann", "word4", "secret2")
    assert [one for one in left if "ask ann" not in one] == []
    for room, was in before.items():
        now = await log_of(store, room)
        assert [e.seq for e in now] == list(range(1, len(now) + 1))
        for then, entry in zip(was, now[: len(was)], strict=True):
            assert (entry.id, entry.type, entry.timestamp) == (then.id, then.type, then.timestamp)
            if then.user == "ann":
                assert (entry.user, entry.name, entry.text) == (erased.pseudonym, NAME, "")
            else:
                assert (entry.user, entry.text) == (then.user, then.text)
    page = await store.history("hall", reader="bob")
    assert {entry.user for entry in page.entries if not entry.extra.get("deleted")} == {"bob"}


@pytest.mark.parametrize("user", ["ann", "bob", "eve", "kim"])
async def test_nothing_that_was_done_to_them_or_by_them_names_them(store, data, user) -> None:
    await govern(store)
    assert traces(data / "conclave.db", user, user.title())
    await erase(store, user)
    left = traces(data / "conclave.db", f'"{user}"', user.title())
    # What others wrote about them is theirs, and «Bob» is a name in no column.
    assert [one for one in left if "ask ann" not in one] == []
    with closing(driver().connect(data / "conclave.db")) as connection:
        for table, column in (
            ("members", "user"), ("sanctions", "user"), ("sanctions", "by"), ("reports", "user"),
            ("reports", "closed_by"), ("ignores", "user"), ("ignores", "ignored"),
            ("links", "created_by"), ("rooms", "created_by"),
        ):  # fmt: skip
            query = f'SELECT count(*) FROM {table} WHERE "{column}" = ?'
            assert connection.execute(query, (user,)).fetchone() == (0,), (table, column)


async def test_they_cannot_come_back_as_who_they_were(store) -> None:
    shut: list[bool] = []
    await erase(store, "ann", shut_out=lambda: shut.append(True))
    assert shut == [True]
    with pytest.raises(Reject):
        await TokenAuthenticator(store).authenticate(TOKEN)
    assert await store.user("ann") is None
    assert await store.rooms_of("ann") == []
    with pytest.raises(Reject):
        await store.append(Draft(room="hall", user="ann", name="Ann", text="still here"))


async def test_the_room_has_another_owner_and_reactions_still_count(store) -> None:
    erased = await erase(store, "ann")
    assert await store.member("hall", "bob") is RoomRole.OWNER
    assert await store.members("cellar") == []
    entries = {entry.seq: entry for entry in (await store.history("hall", reader="bob")).entries}
    assert entries[4].extra["deleted"]
    assert (await log_of(store, "hall"))[0].extra["member"] == erased.pseudonym


async def test_clients_begin_anew(store) -> None:
    known = Position(store.epoch, 3)
    assert not (await store.entries("hall", known)).reset
    erased = await erase(store, "ann")
    assert store.epoch == erased.epoch != known.epoch
    assert (await store.entries("hall", known)).reset


async def test_others_requests_are_still_the_same(store) -> None:
    await erase(store, "ann")
    before = await store.heads(["hall"])
    again = Draft(room="hall", user="bob", name="Bob", text="word3 and more of it", client_id="c3")
    named = {"mentions": ["ann", "bob"]}
    ask = Draft(room="hall", user="bob", name="Bob", text="ask ann", extra=named, client_id="ask")
    for request in (again, ask):
        assert (await store.append(request)).entry is None
    assert await store.heads(["hall"]) == before


async def test_a_mention_is_gone_from_the_message_of_another(store) -> None:
    await erase(store, "ann")
    (ask,) = [entry for entry in await log_of(store, "hall") if entry.text == "ask ann"]
    assert ask.extra == {"mentions": ["bob"]}


async def test_nobody_is_not_erased(store) -> None:
    for user in ("nobody", "system"):
        with pytest.raises(CannotDo, match="no user"):
            await erase(store, user)


@pytest.mark.parametrize("steps", [1, 2, 3])
async def test_one_that_was_interrupted_leaves_a_right_database_and_is_finished(
    data, steps, monkeypatch
) -> None:
    monkeypatch.setattr("conclave.storage.erase._ROWS", 10)
    await make(data)
    store = await SqliteStore.open(data)
    seen = 0

    def stop(done: int, of: int) -> None:
        nonlocal seen
        seen += 1
        if seen == steps:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await erase(store, "bob", tell=stop)
    await store.close()
    assert list(verify(data / "conclave.db")) == []
    store = await SqliteStore.open(data)
    erased = await erase(store, "bob")
    await store.close()
    assert traces(data / "conclave.db", "bob", "Bob") == []
    with closing(driver().connect(data / "conclave.db")) as connection:
        query = "SELECT count(DISTINCT user) FROM entries WHERE user LIKE 'deleted-%'"
        assert connection.execute(query).fetchone() == (1,)
    assert erased.pseudonym.startswith("deleted-")


async def test_clients_begin_anew_also_where_the_rest_never_comes(data, monkeypatch) -> None:
    monkeypatch.setattr("conclave.storage.erase._ROWS", 2)
    await make(data)
    store = await SqliteStore.open(data)
    seen = {store.epoch}
    slices = 0

    def stop(done: int, of: int) -> None:
        nonlocal slices
        slices += bool(traces(data / "conclave.db", NAME))
        if slices:
            # Whoever came in after the slice before knew what this one has changed.
            assert store.epoch not in seen
            seen.add(store.epoch)
        if slices == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await erase(store, "ann", tell=stop)
    epoch = store.epoch
    await store.close()
    store = await SqliteStore.open(data)
    assert store.epoch == epoch
    assert (await store.entries("hall", Position(min(seen - {epoch}), 3))).reset
    await store.close()


async def test_others_write_meanwhile(store) -> None:
    erasing = asyncio.create_task(erase(store, ANN.user))
    n = 0
    while not erasing.done():
        n += 1
        await store.append(Draft(room="hall", user=BOB.user, name=BOB.name, text=f"go on {n}"))
    await erasing
    assert n > 3


async def test_links_that_an_erased_user_made_let_nobody_in(store) -> None:
    accounts = SqlAccounts(store)
    await accounts.add_link(LinkKind.INVITE, b"x" * 32, created_by="ann", role=Role.ADMIN)
    assert len(await accounts.links(LinkKind)) > 0
    await erase(store, "ann")
    assert await accounts.links(LinkKind) == []
    user = User(id="eve", name="eve", display_name="Eve")
    with pytest.raises(Reject):
        await accounts.accept_account(b"x" * 32, user, "hash")
    await accounts.close()


async def test_a_room_that_is_being_deleted_stands_in_nobody_s_way(store, data) -> None:
    """Its log is still there, and nothing is written to it any more."""
    await store.create_room("ruin", BOB)
    await store.ensure_member("ruin", ANN)
    draft = Draft(room="ruin", user=ANN.user, name=ANN.name, text="rubble")
    await store.append(draft)
    await SqlModeration(store).delete_room("ruin", BOB)
    assert traces(data / "conclave.db", "rubble")
    await erase(store, "ann")
    assert traces(data / "conclave.db", "rubble") == []
    await Deletions(store).run()
