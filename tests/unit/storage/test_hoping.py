"""What waits is taken for new and right; where it is not, all is done again with care."""

import asyncio
from collections.abc import Sequence
from sqlite3 import SQLITE_DENY, SQLITE_OK
from typing import Any

from sqlalchemy import Connection

from conclave.model import Draft, Identity, Receipt
from conclave.protocol.errors import Code, Reject
from conclave.storage import SqliteStore
from conclave.storage.driver import raw, writing_engine
from conclave.storage.hoping import CAREFUL
from conclave.storage.writer import Writer

# https://www.sqlite.org/c3ref/c_alter_table.html
SQLITE_TRANSACTION = 22

ANN = Identity(user="ann", name="Ann")


def said(id_: str, text: str = "hello", **more: Any) -> Draft:
    return Draft(room="hall", user="ann", name="Ann", text=text, client_id=id_, **more)


async def together(store: SqliteStore, *drafts: Draft) -> list[Any]:
    return await asyncio.gather(*map(store.append, drafts), return_exceptions=True)


async def test_a_request_that_comes_again_among_new_ones_is_stored_once(store, sql):
    await store.create_room("hall", ANN)
    (before,) = await together(store, said("c-1"))
    same, other, new, twin = await together(
        store, said("c-1"), said("c-1", "other"), said("c-2"), said("c-2")
    )
    assert isinstance(other, Reject)
    assert other.code == Code.ID_REUSED
    assert (same.seq, same.id, same.entry) == (before.seq, before.id, None)
    assert (new.seq, twin.seq, twin.entry) == (before.seq + 1, new.seq, None)
    kept = sql("SELECT client_id FROM entries WHERE type = 'message' ORDER BY seq")
    assert kept == [("c-1",), ("c-2",)]


async def test_a_request_that_comes_again_after_a_change_of_the_same_commit_is_known(store):
    await store.create_room("hall", ANN)
    change = Draft(room="hall", user="ann", name="Ann", type="room:updated", extra={"topic": "new"})
    first, _, again = await together(store, said("c-1"), change, said("c-1"))
    assert isinstance(again, Receipt)
    assert (again.seq, again.entry) == (first.seq, None)


async def test_who_may_write_no_more_learns_what_was_stored_before(store: SqliteStore):
    await store.create_room("hall", ANN)
    (before,) = await together(store, said("c-1"))
    await store.write(lambda connection, _: raw(connection).execute("DELETE FROM members"), pages=1)
    same, no = await together(store, said("c-1"), said("c-2"))
    assert same.seq == before.seq
    assert isinstance(no, Reject)


async def test_one_that_fails_leaves_the_others_and_is_hoped_against_for_a_while(tmp_path):
    tries: list[Sequence[str]] = []

    def careful(connection: Connection, drafts: Sequence[str]) -> list[str]:
        for draft in drafts:
            raw(connection).execute("INSERT INTO kept VALUES (?)", (draft,))
        return [*drafts]

    def hopeful(connection: Connection, drafts: Sequence[str]) -> list[str]:
        tries.append(drafts)
        return careful(connection, drafts)

    engine = writing_engine(tmp_path / "test.db")
    with engine.connect() as connection:
        raw(connection).execute("CREATE TABLE kept (text UNIQUE)")
    writer: Writer[str, str] = Writer(engine, careful, hopeful_run=hopeful)
    try:
        assert await writer.append("0") == "0"
        answers = await asyncio.gather(*map(writer.append, ("1", "0", "2")), return_exceptions=True)
        assert [answers[0], answers[2]] == ["1", "2"]
        assert isinstance(answers[1], Exception)
        count = len(tries)
        for n in range(CAREFUL):
            await writer.append(f"careful {n}")
        assert len(tries) <= count + 1
        await writer.append("hopeful")
        assert [*tries[-1]] == ["hopeful"]
        assert await writer.run(rows) == 4 + CAREFUL
    finally:
        await writer.close()


async def test_what_could_not_be_undone_is_not_stored_with_what_comes_next(store: SqliteStore, sql):
    await store.create_room("hall", ANN)
    (before,) = await together(store, said("c-0", "before"))
    refused: list[str] = []

    def refuse_to_roll_back(code: int, what: str | None, *_: Any) -> int:
        if code == SQLITE_TRANSACTION and what == "ROLLBACK" and not refused:
            refused.append(what)
            return SQLITE_DENY
        return SQLITE_OK

    await store.write(
        lambda connection, _: raw(connection).set_authorizer(refuse_to_roll_back), pages=1
    )
    # It comes again among new ones: all of it is to be undone, and that fails.
    answers = await together(store, said("c-0", "before"), said("c-1", "never"))
    assert refused == ["ROLLBACK"]
    assert all(isinstance(answer, Reject) for answer in answers)
    (after,) = await together(store, said("c-2", "after"))
    assert after.seq == before.seq + 1
    kept = sql("SELECT text FROM entries WHERE type = 'message' ORDER BY seq")
    assert kept == [("before",), ("after",)]


def rows(connection: Connection) -> int:
    (count,) = raw(connection).execute("SELECT count(*) FROM kept").fetchone()
    return int(count)
