"""What a store in PostgreSQL does while rooms are locked, connections end and servers go."""

import asyncio
import os
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError
from tests.conformance.people import BOB, furnish, said, say
from tests.support.postgres import Postgres, running

from conclave.protocol.errors import Code, Reject
from conclave.storage.driver import raw
from conclave.storage.errors import CannotOpen
from conclave.storage.postgres import patience
from conclave.storage.postgres.connecting import named, writing_engine
from conclave.storage.postgres.schema import prepare
from conclave.storage.postgres.speaking import Spoken
from conclave.storage.postgres.store import PostgresStore
from conclave.storage.postgres.transacting import Transactions

pytestmark = pytest.mark.slow

NUMBER = "SELECT CAST(CAST(pg_current_xact_id() AS text) AS bigint)"
HOLD = "SELECT 1 FROM rooms WHERE name = %s FOR UPDATE"
# What a commit then waits for, in the server.
SLOW_COMMIT = """
    CREATE TABLE slow (n bigint);
    CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN PERFORM pg_sleep(0.5); RETURN NULL; END';
    CREATE CONSTRAINT TRIGGER waits AFTER INSERT ON slow DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION wait();
"""


@asynccontextmanager
async def held(url: str, room: str) -> AsyncIterator[None]:
    """Hold the row of *room*, as something does that has stopped."""
    other = await asyncio.to_thread(psycopg.connect, url)
    await asyncio.to_thread(other.execute, HOLD, (room,))
    try:
        yield
    finally:
        await asyncio.to_thread(other.close)


@pytest.fixture
async def url(postgresql: Postgres) -> str:
    return await asyncio.to_thread(postgresql.furnished)


@pytest.fixture
async def store(url: str, tmp_path: Path) -> AsyncIterator[PostgresStore]:
    store = await PostgresStore.open(url, tmp_path / "data")
    yield store
    await store.close()


async def test_a_locked_room_makes_itself_wait_and_no_other(url: str, store: PostgresStore) -> None:
    await furnish(store, BOB)
    await furnish(store, BOB, room="yard")
    async with held(url, "hall"):
        waiting = [asyncio.create_task(store.append(said(f"{n}"))) for n in range(20)]
        for n in range(20):
            receipt = await asyncio.wait_for(store.append(said(f"{n}", room="yard")), 1)
            assert receipt.seq == 3 + n
        assert (await store.history("hall", limit=1)).last_seq == 2
        assert not any(task.done() for task in waiting)
    assert [receipt.seq for receipt in await asyncio.gather(*waiting)] == list(range(3, 23))


async def test_who_waits_too_long_for_a_room_is_told_that_it_is_busy(
    url: str, store: PostgresStore
) -> None:
    await furnish(store)
    async with held(url, "hall"):
        began = time.monotonic()
        waiting = [store.append(said(f"{n}")) for n in range(30)]
        answers = await asyncio.gather(*waiting, return_exceptions=True)
        # Not each after the other.
        assert time.monotonic() - began < 5
        assert {one.code for one in answers if isinstance(one, Reject)} == {Code.BUSY}
        assert len(answers) == 30
        with pytest.raises(Reject) as refused:
            await store.ensure_member("hall", BOB)
        assert refused.value.code == Code.BUSY
    assert [receipt.seq for receipt in await say(store, "now")] == [2]


async def test_what_cannot_be_stored_harms_nothing_that_waits_with_it(
    url: str, store: PostgresStore
) -> None:
    await furnish(store)
    lanes: Any = store.writer
    append = lanes._append_run

    def failing(connection: Connection, pending: Any) -> Any:
        answers = append(connection, pending)
        if any(one.draft.text == "bad" for one in pending):
            raw(connection).execute("SELECT 1 / 0")
        return answers

    lanes._append_run = failing
    texts = ("first", "good", "bad", "better")
    async with held(url, "hall"):
        # While the first one waits for the room the others wait for each other.
        sent = [asyncio.create_task(store.append(said(text))) for text in texts]
        await asyncio.sleep(0.5)
    answers = await asyncio.gather(*sent, return_exceptions=True)
    assert [isinstance(one, DBAPIError) for one in answers] == [False, False, True, False]
    assert [entry.text for entry in (await store.after("hall", 1)).entries] == [
        "first",
        "good",
        "better",
    ]


def test_an_answer_that_comes_while_it_is_asked_whether_there_will_be_one_is_taken(
    postgresql: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a machine is busy, the question itself may take longer than what it is about."""

    def asked_too_late(*_: object) -> bool:
        time.sleep(1.5)
        return False

    monkeypatch.setattr(patience.PatientConnection, "_works", asked_too_late)
    with patience.PatientConnection.connect(postgresql.empty()) as connection:
        assert connection.execute("SELECT 1 FROM pg_sleep(1.5)").fetchone() == (1,)
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1 FROM pg_sleep(9)")


GATHERED = pytest.mark.parametrize("gathered", [False, True])


def in_doubt(url: str, cut: Callable[[Any, int], None], *, gathered: bool) -> int:
    """Insert a row, and let *cut* end the connection while the server commits; count rows."""
    with psycopg.connect(url) as other:
        other.execute(SLOW_COMMIT)
    transactions = Transactions(writing_engine(url))
    tried = 0

    def stands(connection: Connection, n: int) -> bool:
        found = raw(connection).execute("SELECT 1 FROM slow WHERE n = ?", (n,))
        return found.fetchone() is not None

    def work(connection: Connection) -> int:
        nonlocal tried
        tried += 1
        raw(connection).execute("INSERT INTO slow VALUES (?)", (tried,))
        if tried == 1:
            own = connection.connection.dbapi_connection
            args = (own, own.info.backend_pid)
            threading.Timer(0.2, cut, args).start()
        return tried

    answer = transactions.run(work, stands, gathered=gathered)
    transactions.close()
    with psycopg.connect(url) as other:
        assert other.execute("SELECT n FROM slow").fetchall() == [(answer,)]
    return answer


@GATHERED
def test_what_was_committed_while_the_connection_ended_is_acknowledged_and_there_once(
    postgresql: Postgres, gathered: bool
) -> None:
    def hang_up(own: Any, _pid: int) -> None:
        with socket.socket(fileno=os.dup(own.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)

    assert in_doubt(postgresql.empty(), hang_up, gathered=gathered) == 1


@GATHERED
def test_what_was_undone_while_the_connection_ended_is_done_again(
    postgresql: Postgres, gathered: bool
) -> None:
    def terminate(_own: Any, pid: int) -> None:
        postgresql.run(f"SELECT pg_terminate_backend({pid})")

    assert in_doubt(postgresql.empty(), terminate, gathered=gathered) == 2


def test_what_is_wrong_is_undone_whenever_that_is_found_out(postgresql: Postgres) -> None:
    """What was sent and is not waited for may be refused when the commit is on its way, too."""
    url = postgresql.empty()
    with psycopg.connect(url) as other:
        other.execute("CREATE TABLE kept (n bigint UNIQUE)")
    transactions = Transactions(writing_engine(url))

    def work(*numbers: int, looks: bool = False) -> Callable[[Connection], int]:
        def add(connection: Connection) -> int:
            for n in numbers:
                raw(connection).execute("INSERT INTO kept VALUES (?)", (n,))
            if looks:
                raw(connection).execute("SELECT 1").fetchone()
            return len(numbers)

        return add

    def run(*numbers: int, looks: bool = False) -> int:
        return transactions.run(work(*numbers, looks=looks), lambda *_: True, gathered=True)

    assert run(1) == 1
    for looks in (False, True):
        with pytest.raises(DBAPIError):
            run(2, 1, 3, looks=looks)
    assert run(4, 5) == 2
    assert transactions.run(work(6), lambda *_: True) == 1
    transactions.close()
    with psycopg.connect(url) as other:
        assert other.execute("SELECT n FROM kept ORDER BY n").fetchall() == [(1,), (4,), (5,), (6,)]


class Numbers:
    """Crashes *server* at the first commit of *engine*, and uses up the numbers it gives again."""

    def __init__(self, server: Postgres, url: str, engine: Engine) -> None:
        self._server, self._url = server, url
        self._crashed = False
        self.first = self.given_again = 0
        self._execute = Spoken.execute
        event.listen(engine, "commit", lambda connection: self._at_commit(raw(connection)))

    def execute(self, spoken: Spoken, statement: str, values: Any = ()) -> Any:
        """As `Spoken.execute`, by which drafts are committed."""
        if statement == "COMMIT":
            self._at_commit(spoken)
        return self._execute(spoken, statement, values)

    def _at_commit(self, spoken: Spoken) -> None:
        if self._crashed:
            return
        self._crashed = True
        (self.first,) = self._execute(spoken, NUMBER).fetchone()
        self._server.kill()
        self._server.start()
        with psycopg.connect(self._url, autocommit=True) as other:
            given = 0
            while given < self.first:
                (given,) = other.execute(NUMBER).fetchone() or (0,)
                self.given_again = self.given_again or given


@pytest.mark.parametrize("work", ["append", "job"])
async def test_what_a_crash_undid_is_not_acknowledged_when_its_number_is_given_again(
    server: Postgres, tmp_path: Path, work: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is not committed must not come to the disk by itself.
    server.run("ALTER SYSTEM SET wal_writer_delay = '10s'")
    server.run("SELECT pg_reload_conf()")
    url = await asyncio.to_thread(server.furnished)
    store = await PostgresStore.open(url, tmp_path / "data")
    await furnish(store)
    await say(store, "before")
    numbers = Numbers(server, url, store._writer._engine)  # type: ignore[attr-defined]
    monkeypatch.setattr(Spoken, "execute", lambda *words: numbers.execute(*words))
    if work == "append":
        receipt = await store.append(said("once", client_id="c-1"))
        page = await store.history("hall")
        assert [(one.id, one.text) for one in page.entries[-1:]] == [(receipt.id, "once")]
    else:
        # Nobody can say: many others may have left their marks since.
        with pytest.raises(Reject) as refused:
            await store.ensure_member("hall", BOB)
        assert refused.value.code == Code.UNAVAILABLE
        await store.ensure_member("hall", BOB)
    assert 0 < numbers.given_again <= numbers.first
    await store.close()


def test_what_is_written_lasts_and_is_seen_whatever_the_database_is_set_to(
    postgresql: Postgres,
) -> None:
    url = postgresql.empty()
    name = url.partition("?")[0].rpartition("/")[2]
    for setting in ("synchronous_commit = off", "default_transaction_isolation = serializable"):
        postgresql.run(f"ALTER DATABASE {name} SET {setting}")
    transactions = Transactions(writing_engine(url))

    def settings(connection: Connection) -> list[str]:
        shown = ("synchronous_commit", "transaction_isolation")
        return [raw(connection).execute(f"SHOW {one}").fetchone()[0] for one in shown]

    found = transactions.run(settings, lambda _connection, _found: True)
    transactions.close()
    assert found == ["on", "read committed"]


def test_a_deadlock_is_tried_again_and_both_are_done(postgresql: Postgres) -> None:
    url = postgresql.empty()
    with psycopg.connect(url) as other:
        other.execute("CREATE TABLE two (id bigint, n bigint)")
        other.execute("INSERT INTO two VALUES (1, 0), (2, 0)")
    both = threading.Barrier(2)
    runs: list[int] = []

    def add(first: int, second: int) -> None:
        tried = 0

        def work(connection: Connection) -> None:
            nonlocal tried
            tried += 1
            runs.append(first)
            execute = raw(connection).execute
            execute("UPDATE two SET n = n + 1 WHERE id = ?", (first,))
            if tried == 1:
                both.wait()
            execute("UPDATE two SET n = n + 1 WHERE id = ?", (second,))

        transactions = Transactions(writing_engine(url))
        transactions.run(work, lambda _connection, _none: True)
        transactions.close()

    threads = [threading.Thread(target=add, args=order) for order in ((1, 2), (2, 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with psycopg.connect(url) as other:
        assert other.execute("SELECT n FROM two ORDER BY id").fetchall() == [(2,), (2,)]
    assert len(runs) > 2


@pytest.fixture
async def server() -> AsyncIterator[Postgres]:
    """A server that may be stopped: nobody else needs it."""
    with ExitStack() as stack:
        yield await asyncio.to_thread(stack.enter_context, running())
        await asyncio.to_thread(stack.pop_all().close)


async def test_a_server_that_is_gone_refuses_and_one_that_is_back_serves(
    server: Postgres, tmp_path: Path
) -> None:
    url = await asyncio.to_thread(server.furnished)
    store = await PostgresStore.open(url, tmp_path / "data")
    await furnish(store)
    await say(store, "before")
    await asyncio.to_thread(server.stop)
    with pytest.raises(Reject) as refused:
        await asyncio.wait_for(store.append(said("lost", client_id="c-1")), 5)
    assert refused.value.code == Code.UNAVAILABLE
    assert not store.healthy
    with pytest.raises(Reject):
        await asyncio.wait_for(store.history("hall"), 5)
    await asyncio.to_thread(server.start)
    assert (await store.append(said("lost", client_id="c-1"))).seq == 3
    assert store.healthy
    assert (await store.history("hall")).last_seq == 3
    await store.close()


async def test_of_nodes_that_start_at_once_one_makes_the_tables(postgresql: Postgres) -> None:
    url = await asyncio.to_thread(postgresql.empty)
    ready = await asyncio.gather(*(asyncio.to_thread(prepare, url) for _ in range(4)))
    assert len({one.epoch for one in ready}) == 1


async def test_two_nodes_number_one_room_without_a_gap(url: str, tmp_path: Path) -> None:
    nodes = [await PostgresStore.open(url, tmp_path / f"{n}", alone=False) for n in range(2)]
    await furnish(nodes[0], BOB)
    sent = [
        node.append(said(f"{n}", client_id=f"c-{n % 150}")) for n in range(200) for node in nodes
    ]
    receipts = await asyncio.gather(*sent, return_exceptions=True)
    made = {one.seq for one in receipts if not isinstance(one, BaseException)}
    # The last fifty have the ids of the first with other words.
    assert made == set(range(3, 153))
    assert len([one for one in receipts if isinstance(one, Reject)]) == 100
    for node in nodes:
        await node.close()


@pytest.mark.parametrize("password", ["s3cret", "s3cret%"])
def test_what_cannot_be_reached_is_said_in_one_line_without_the_password(password: str) -> None:
    url = f"postgresql://ann:{password}@127.0.0.1:1/chat?sslmode=disable"
    assert named(url) == "postgresql://ann@127.0.0.1:1/chat"
    with pytest.raises(CannotOpen) as refused:
        prepare(url)
    text = str(refused.value)
    assert "s3cret" not in text
    assert "\n" not in text
    assert "postgresql://ann@127.0.0.1:1/chat" in text
