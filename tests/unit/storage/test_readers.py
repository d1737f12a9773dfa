"""Threads that read: each who asks is answered once, and nobody waits for nothing."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection
from structlog.testing import capture_logs

from conclave.protocol.errors import Reject
from conclave.storage.driver import driver, raw, reading_engine
from conclave.storage.readers import Readers


@pytest.fixture
async def readers(tmp_path: Path) -> AsyncIterator[Readers]:
    path = tmp_path / "test.db"
    connection = driver().connect(path)
    connection.execute("CREATE TABLE kept (n INTEGER)")
    connection.executemany("INSERT INTO kept VALUES (?)", [(n,) for n in range(100)])
    connection.commit()
    connection.close()
    readers = Readers(reading_engine(path), max_waiting=2_000)
    yield readers
    await readers.close()


def find(connection: Connection, n: int) -> int:
    (found,) = raw(connection).execute("SELECT n FROM kept WHERE n = ?", (n,)).fetchone()
    return int(found)


async def test_all_who_ask_are_answered_whichever_thread_finds_it(readers: Readers) -> None:
    for _ in range(20):
        asking = [readers.look(lambda c, n=n: find(c, n % 100)) for n in range(100)]
        assert await asyncio.gather(*asking) == list(range(100))


COUNT = "SELECT count(*) FROM kept"


def by_driver(connection: Connection) -> int:
    return int(raw(connection).execute(COUNT).fetchone()[0])


def by_sqlalchemy(connection: Connection) -> int:
    return int(connection.exec_driver_sql(COUNT).scalar_one())


Counts = Callable[[Connection], int]


def write_one(path: Path) -> None:
    writing = driver().connect(path)
    writing.execute("PRAGMA journal_mode = WAL").close()
    writing.execute("INSERT INTO kept VALUES (100)")
    writing.commit()
    writing.close()


@pytest.mark.parametrize("before", [by_driver, by_sqlalchemy])
@pytest.mark.parametrize("after", [by_driver, by_sqlalchemy])
async def test_one_call_sees_one_moment(
    readers: Readers, tmp_path: Path, before: Counts, after: Counts
) -> None:
    def twice(connection: Connection) -> tuple[int, int]:
        first = before(connection)
        write_one(tmp_path / "test.db")
        return first, after(connection)

    write_one(tmp_path / "test.db")
    assert await readers.read(twice) == (101, 101)
    # And the next one the next moment.
    assert [await readers.read(before) for _ in range(4)] == [102] * 4


@pytest.mark.parametrize("count", [by_driver, by_sqlalchemy])
async def test_who_fails_leaves_no_moment_behind(
    readers: Readers, tmp_path: Path, count: Counts
) -> None:
    def fail(connection: Connection) -> None:
        count(connection)
        raise KeyError

    write_one(tmp_path / "test.db")
    for _ in range(4):
        with pytest.raises(KeyError):
            await readers.read(fail)
    write_one(tmp_path / "test.db")
    assert [await readers.read(count) for _ in range(4)] == [102] * 4


async def test_who_goes_away_while_it_is_read_leaves_the_others_their_answers(
    readers: Readers,
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(_: Connection) -> None:
        begun.set()
        assert go_on.wait(10)

    gone = asyncio.create_task(readers.look(slow))
    await asyncio.to_thread(begun.wait, 10)
    gone.cancel()
    others = [asyncio.create_task(readers.look(lambda c: find(c, 7))) for _ in range(3)]
    go_on.set()
    assert await asyncio.gather(*others) == [7, 7, 7]
    with pytest.raises(asyncio.CancelledError):
        await gone


async def test_what_the_driver_says_goes_to_the_log_and_not_to_who_asked(readers: Readers) -> None:
    with capture_logs() as logs, pytest.raises(Reject, match="unavailable"):
        await readers.look(lambda c: raw(c).execute("SELECT secret FROM nowhere"))
    assert [line["event"] for line in logs] == ["read_failed"]


async def test_after_the_end_nothing_is_read(readers: Readers) -> None:
    assert await readers.look(lambda c: find(c, 1)) == 1
    await readers.close()
    with pytest.raises(Reject, match="unavailable"):
        await readers.look(lambda c: find(c, 1))
