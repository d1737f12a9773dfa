"""What is the SQLite store's own: settings of the file, the lock, checksums, purged logs."""

import asyncio
import logging
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import structlog
from sqlalchemy import Connection

from conclave.model import SYSTEM, Draft, Identity, Position
from conclave.protocol.errors import Code, Reject
from conclave.storage import CannotOpen, SqliteStore, StorageDamaged, infos
from conclave.storage import driver as drivers
from conclave.storage.demo import seed_demo
from conclave.storage.driver import driver, raw, sqlite_version
from conclave.storage.lines import ulids

ANN = Identity(user="ann", name="Ann")

Sql = Callable[..., list[Any]]


def said(text: str, **more: Any) -> Draft:
    return Draft(room="hall", user="ann", name="Ann", text=text, **more)


async def fill(store: SqliteStore, n: int) -> None:
    await store.create_room("hall", ANN)
    await asyncio.gather(*(store.append(said(str(i), client_id=f"c{i}")) for i in range(2, n + 2)))


# ── the file (I6, I10) ─────────────────────────────────────────────────────────────────


async def test_the_file_is_written_as_promised(store: SqliteStore) -> None:
    """I6 of the limits: the library, and what was asked of it."""
    assert sqlite_version(driver()) >= (3, 51, 3)

    def settings(connection: Connection) -> dict[str, Any]:
        names = ("journal_mode", "synchronous", "foreign_keys", "wal_autocheckpoint")
        execute = raw(connection).execute
        return {name: execute(f"PRAGMA {name}").fetchone()[0] for name in names}

    assert await store._writer.run(settings) == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "wal_autocheckpoint": 0,
    }
    assert (await store._readers.read(settings))["journal_mode"] == "wal"


async def test_a_reader_cannot_write(store: SqliteStore) -> None:
    with pytest.raises(Reject):
        await store._readers.read(lambda connection: connection.exec_driver_sql("DELETE FROM meta"))
    assert await store._readers.read(
        lambda connection: connection.exec_driver_sql("SELECT count(*) FROM meta").scalar()
    )


def test_an_old_or_standard_sqlite_serves_with_a_warning(monkeypatch) -> None:
    def missing(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(drivers.importlib, "import_module", missing)
    with structlog.testing.capture_logs() as lines:
        assert driver.__wrapped__() is sqlite3
    events = [line["event"] for line in lines]
    assert events[0] == "sqlite_standard"
    assert ("sqlite_old" in events) == (sqlite3.sqlite_version_info < (3, 51, 3))


def test_a_safe_sqlite_is_not_warned_of(monkeypatch) -> None:
    for version, warned in (("3.51.2", True), ("3.51.3", False), ("3.53.0", False)):
        module = SimpleNamespace(sqlite_version=version)
        monkeypatch.setattr(drivers.importlib, "import_module", lambda _, found=module: found)
        with structlog.testing.capture_logs() as lines:
            driver.__wrapped__()
        assert bool(lines) == warned, version


async def test_the_standard_sqlite_passes_for_a_store(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(drivers, "driver", lambda: sqlite3)
    store = await SqliteStore.open(tmp_path / "data")
    await fill(store, 10)
    assert len((await store.history("hall")).entries) == 10
    await store.close()


OPEN = """
import asyncio, sys
from pathlib import Path
from conclave.storage import CannotOpen, SqliteStore
try:
    asyncio.run(SqliteStore.open(Path(sys.argv[1])))
except CannotOpen as error:
    print(error)
    sys.exit(1)
"""


async def test_a_second_process_on_the_same_directory_is_refused(store, data) -> None:
    """I10 of the limits."""
    second = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", OPEN, str(data)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert second.returncode == 1
    assert second.stdout.count("\n") == 1
    assert f"in use by the process {os.getpid()}" in second.stdout
    # Nor may this process open it twice.
    with pytest.raises(CannotOpen, match="in use"):
        await SqliteStore.open(data)
    await store.create_room("hall", ANN)


async def test_the_lock_of_a_killed_process_is_no_obstacle(data) -> None:
    hold = OPEN + "\nimport os; os.kill(os.getpid(), 9)"
    await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", hold, str(data)], capture_output=True, check=False
    )
    store = await SqliteStore.open(data)
    await store.close()


async def test_a_directory_that_cannot_be_is_refused_in_one_line(tmp_path) -> None:
    (tmp_path / "file").write_text("")
    for where in (tmp_path / "file", tmp_path / "file" / "below", Path("/proc/nowhere")):
        with pytest.raises(CannotOpen) as refused:
            await SqliteStore.open(where)
        assert "\n" not in str(refused.value)


async def test_a_refused_file_leaves_the_directory_free(data) -> None:
    data.mkdir()
    (data / "conclave.db").write_bytes(b"")
    for _ in range(2):
        with pytest.raises(CannotOpen, match="is empty"):
            await SqliteStore.open(data)


# ── checksums ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "damage",
    [
        "text = 'wrong'",
        "text = text || ' '",
        "name = 'Eve'",
        "user = 'eve'",
        "type = 'message:edited'",
        "timestamp = timestamp + 1",
        "id = (SELECT id FROM entries WHERE seq = 4)",
        "extra = '{}'",
        "count = count + 1",
        "client_id = NULL",
        "checksum = checksum + 1",
    ],
)
async def test_what_was_changed_behind_our_back_is_never_shown(store, sql: Sql, damage) -> None:
    await fill(store, 5)
    sql(f"UPDATE entries SET {damage} WHERE seq = 3")
    with structlog.testing.capture_logs() as lines, pytest.raises(StorageDamaged) as refused:
        await store.after("hall", 0)
    assert refused.value.code == Code.UNAVAILABLE
    assert refused.value.message == "The server cannot read this now"
    assert "entry 3 of room 'hall'" in str(refused.value)
    assert [line["event"] for line in lines] == ["entry_damaged"]
    assert [entry.seq for entry in (await store.after("hall", 3)).entries] == [4, 5, 6]


async def test_an_entry_in_the_wrong_place_is_damage(store, sql: Sql) -> None:
    await fill(store, 5)
    sql("UPDATE entries SET seq = -seq")
    sql("UPDATE entries SET seq = CASE seq WHEN -3 THEN 4 WHEN -4 THEN 3 ELSE -seq END")
    with pytest.raises(StorageDamaged):
        await store.history("hall")
    await store.create_room("cellar", ANN)
    sql("UPDATE entries SET room = 2 WHERE seq = 5")
    with pytest.raises(StorageDamaged):
        await store.after("cellar", 1)


# ── purged logs ────────────────────────────────────────────────────────────────────────


def purge(sql: Sql, before: int) -> None:
    """As a later version will: the oldest entries go, first_seq tells."""
    sql("DELETE FROM entries WHERE seq < ?", before)
    sql("UPDATE rooms SET first_seq = ?", before)


async def test_who_is_behind_a_purge_gets_a_reset(store, sql: Sql) -> None:
    await fill(store, 10)
    purge(sql, 6)
    epoch = store.epoch
    for seq in range(5):
        page = await store.entries("hall", Position(epoch, seq))
        assert page.reset
        assert [entry.seq for entry in page.entries] == [6, 7, 8, 9, 10, 11]
        assert (page.first_seq, page.last_seq, page.upto) == (6, 11, 11)
    # Number 5 is gone, but who has it has missed nothing; its id cannot be compared.
    page = await store.entries("hall", Position(epoch, 5, "01ARZ3NDEKTSV4RRFFQ69G5FAV"))
    assert not page.reset
    assert [entry.seq for entry in page.entries] == [6, 7, 8, 9, 10, 11]
    page = await store.after("hall", 2)
    assert (page.first_seq, page.entries[0].seq) == (6, 6)


async def test_a_room_may_be_purged_to_its_end(store, sql: Sql) -> None:
    await fill(store, 10)
    purge(sql, 12)
    page = await store.history("hall")
    assert (page.entries, page.first_seq, page.last_seq, page.upto) == ([], 12, 11, 11)
    page = await store.entries("hall", Position(store.epoch, 11))
    assert (page.entries, page.reset) == ([], False)
    assert (await store.entries("hall", Position(store.epoch, 3))).reset
    assert (await store.append(said("on"))).seq == 12


async def test_a_request_is_remembered_longer_than_its_message(store, sql: Sql) -> None:
    await fill(store, 10)
    purge(sql, 6)
    again = await store.append(said("2", client_id="c2"))
    assert (again.seq, again.entry) == (2, None)
    with pytest.raises(Reject) as refused:
        await store.append(said("other", client_id="c2"))
    assert refused.value.code == Code.ID_REUSED


async def test_a_request_has_its_answer_also_after_its_author_was_removed(store, sql: Sql) -> None:
    await fill(store, 2)
    sql("DELETE FROM members")
    assert (await store.append(said("2", client_id="c2"))).seq == 2
    with pytest.raises(Reject) as refused:
        await store.append(said("new", client_id="new"))
    assert refused.value.code == Code.NOT_IN_ROOM


# ── the rest ───────────────────────────────────────────────────────────────────────────


async def test_times_of_a_room_never_go_back(data) -> None:
    times = iter([1_000, 5_000, 3_000, 4_000, 6_000, *[7_000] * 10])
    store = await SqliteStore.open(data, clock=lambda: next(times))
    await store.create_room("hall", SYSTEM)
    stamps = [
        (await store.append(Draft(room="hall", user="system", name="system", text="x"))).timestamp
        for _ in range(4)
    ]
    assert stamps == [5_000, 5_000, 5_000, 6_000]
    await store.close()


async def test_ids_sort_by_time_and_do_not_repeat(store) -> None:
    made = [one for now in (1, 2**20, 1_795_379_028_545, 2**48 - 1) for one in ulids(now, 500)]
    assert len(set(made)) == 2_000
    assert [one[:10] for one in made] == sorted(one[:10] for one in made)
    assert {len(one) for one in made} == {26}
    assert set("".join(made)) <= set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")


async def test_no_read_looks_through_a_whole_log_or_list(store, sql: Sql) -> None:
    position = Position(store.epoch, 1, "x")
    await store.create_room("hall", ANN)
    reads = [
        store.history("hall"),
        store.history("hall", before=5),
        store.history("hall", reader="ann"),
        store.entries("hall", position),
    ]
    reads += [store.history("hall", after=5), store.history("hall", around=5)]
    reads += [store.after("hall", 5), store.heads(["hall"]), store.stored(said("x", client_id="c"))]
    reads += [store.find_room("HALL"), store.member("hall", "ann"), store.members("hall")]
    reads += [store.rooms_of("ann"), store.user("ann"), store.token(b"x")]
    reads += [store.list_members("hall")]
    for steps in await plans(store, sql, reads):
        scans = [step for step in steps if step.startswith("SCAN")]
        # «One» is a row of constants.
        assert not set(scans) - {"SCAN CONSTANT ROW", "SCAN one"}, steps


@pytest.mark.parametrize(
    ("asked", "index"),
    [
        (lambda store: store.history("hall"), "COVERING INDEX entries_messages"),
        (lambda store: store.history("hall", thread=2), "INDEX entries_threads"),
        (lambda store: store.history("hall", thread=2, before=9), "INDEX entries_threads"),
        (lambda store: store.history("hall", pinned=True), "INDEX revised_pinned"),
        (lambda store: store.room_for("hall", "ann"), "INDEX revised_deleted"),
        (lambda store: store.room_for_each("hall", ["ann"]), "INDEX revised_deleted"),
        (lambda store: store.append(change("message:deleted")), "INDEX entries_edits"),
        (lambda store: store.append(change("message:deleted")), "INDEX mentions_by_message"),
        (lambda store: store.append(change("message:pinned")), "INDEX revised_pinned"),
    ],
)
async def test_what_concerns_few_rows_is_read_from_their_index(
    store, sql: Sql, asked: Callable[[SqliteStore], Any], index: str
) -> None:
    await fill(store, 3)
    used = await plans(store, sql, [asked(store)])
    assert any(index in step for steps in used for step in steps), used


def change(type_: str) -> Draft:
    return Draft(room="hall", user="ann", name="Ann", type=type_, extra={"target": 2})


async def plans(store: SqliteStore, sql: Sql, asked: list[Any]) -> list[list[str]]:
    """Return how SQLite carries out each statement that is run for what is *asked*."""
    said: list[str] = []
    await trace(store, said.append)
    await asyncio.gather(*asked)
    await trace(store, None)
    rows = [text for text in said if text.split()[0] in ("SELECT", "UPDATE", "DELETE")]
    assert rows
    return [[row[3] for row in sql("EXPLAIN QUERY PLAN " + text)] for text in rows]


async def trace(store: SqliteStore, told: Callable[[str], None] | None) -> None:
    """Let *told* hear of each statement, by whichever connection."""
    all_here = threading.Barrier(store._readers._threads)

    def look(connection: Connection) -> None:
        # A thread that has one waits until all have.
        all_here.wait()
        raw(connection).set_trace_callback(told)

    await asyncio.gather(*(store._readers.read(look) for _ in range(store._readers._threads)))
    await store._writer.run(lambda connection: raw(connection).set_trace_callback(told))


async def test_too_many_reads_at_once_are_busy(store, monkeypatch) -> None:
    monkeypatch.setattr(store._readers, "_max_waiting", 5)
    calls = [asyncio.create_task(store.heads([])) for _ in range(20)]
    answers = await asyncio.gather(*calls, return_exceptions=True)
    codes = [answer.code for answer in answers if isinstance(answer, Reject)]
    assert codes == [Code.BUSY] * 15
    assert await store.heads([]) == {}


async def test_the_demo_is_seeded_once_and_spoils_nothing(store) -> None:
    await seed_demo(store)
    john = Identity(user="user1", name="john")
    await store.ensure_member("general", john)
    await store.append(Draft(room="general", user="user1", name="john", text="hello"))
    await seed_demo(store)
    page = await store.history("general")
    texts = [(entry.name, entry.text) for entry in page.entries]
    assert texts == [("system", "Welcome to the general chat room!"), ("john", "hello")]
    rooms = [room.room for room in await store.public_rooms("user1")]
    assert rooms == ["general", "random", "support"]
    admin = await store.user("admin1")
    assert admin is not None
    assert (admin.name, str(admin.role)) == ("admin", "admin")


async def test_nothing_said_is_in_the_logs(store, sql: Sql, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    await fill(store, 3)
    await store.append(said("a secret text"))
    sql("UPDATE entries SET name = 'x' WHERE seq = 5")
    with structlog.testing.capture_logs() as lines, pytest.raises(StorageDamaged):
        await store.after("hall", 0)
    assert "a secret text" not in str(lines) + caplog.text


async def test_what_is_reported_makes_nobody_s_list_slow_who_may_not_see_it(
    store: SqliteStore,
) -> None:
    """In steps of SQLite's machine: who floods a room with reports slows down its keepers alone."""
    bob = Identity(user="bob", name="Bob")
    await store.create_room("court", ANN)
    await store.ensure_member("court", bob)

    def steps_of(user: str) -> int:
        def count(connection: Connection) -> int:
            steps: list[int] = []
            # What is said may not be None, or it stops.
            raw(connection).set_progress_handler(lambda: steps.append(1) or 0, 10)
            try:
                info = infos.room_for(connection, "court", user, infos.Asking({}, 0))
            finally:
                raw(connection).set_progress_handler(None, 0)
            assert info is not None
            return len(steps) * 10

        return count

    def flood(connection: Connection, _log: Any) -> None:
        room = raw(connection).execute("SELECT id FROM rooms WHERE name = 'court'").fetchone()[0]
        rows = [(f"r{n}", room, n, "bob", "", 0) for n in range(2_000)]
        raw(connection).executemany(
            'INSERT INTO reports (id, room, seq, user, reason, "at") VALUES (?, ?, ?, ?, ?, ?)',
            rows,
        )

    before = await store.read(steps_of("bob"))
    await store.write(flood)
    assert await store.read(steps_of("bob")) < before + 200
    assert await store.read(steps_of("ann")) > before + 2_000, "a keeper's are counted"
