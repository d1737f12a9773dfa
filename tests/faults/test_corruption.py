"""
Damage under the store: I4 of the limits.

Either the start says it in one line, or `verify` finds it; a client is never given what was
not written, and no empty database ever takes the place of a damaged one. A bit counts if
anything that is kept is another than before: one in the free space of a page does not, nor
one in the columns of `UNTOLD`, which stand nowhere else.
"""

import asyncio
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.support.lived_in import log_of, make
from tests.support.syscalls import needs_strace

from conclave.model import Position
from conclave.protocol.errors import Reject
from conclave.storage import CannotOpen, SqliteStore
from conclave.storage.backup import copy_database
from conclave.storage.compact import compact
from conclave.storage.driver import driver
from conclave.storage.errors import CannotDo
from conclave.storage.restore import restore
from conclave.storage.verify import verify

ROOT = Path(__file__).parents[2]
PAGE = 4_096
# What nothing else tells, and no checksum covers: as the docstring of `verify` says.
UNTOLD = {
    "meta": {"key", "value"},
    "users": {"id", "display_name", "active", "created_at"},
    "members": {"joined_at", "joined_seq", "read_seq", "said_at", "favourite"},
    "tokens": {"id", "digest", "name", "created_at", "kind"},
    "rooms": {"title", "topic", "created_by", "created_at", "last_time"},
    "search_rooms": {"upto", "last_doc"},
}
OPEN = """
import asyncio, os, sys
from pathlib import Path
from conclave.storage import CannotOpen, SqliteStore
from conclave.storage.schema import newest_revision
newest_revision()  # while files of ours may still be read
os.setuid(int(sys.argv[2]))
try:
    asyncio.run(SqliteStore.open(Path(sys.argv[1])))
except CannotOpen as error:
    print(error)
    sys.exit(1)
"""
# Appends, says how far it is, and dies without a last word.
DIE = """
import asyncio, os, sys
from pathlib import Path
from conclave.model import Draft
from conclave.storage import SqliteStore
async def main():
    store = await SqliteStore.open(Path(sys.argv[1]))
    for n in range(30):
        made = await store.append(Draft(room="hall", user="ann", name="Ann", text=f"late {n}"))
    print(store.epoch, made.seq, made.id, flush=True)
    os.kill(os.getpid(), 9)
asyncio.run(main())
"""


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory) -> Path:
    data = tmp_path_factory.mktemp("lived-in") / "data"
    asyncio.run(make(data, 300))
    return data


@pytest.fixture
def data(lived_in: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(lived_in, tmp_path / "data"))


def kept(database: Path) -> Any:
    """
    Return all that is in the tables, or what is wrong with the file.

    Of the index, which is made from the log, this is SQLite's own judgement (`integrity_check`
    asks FTS5, too); its words `verify` compares with the log's, each at its place. What its
    pages hold besides, such as the marks of what was deleted, may differ and find the same.
    """
    tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'search_index%'"
    with closing(driver().connect(database)) as connection:
        connection.text_factory = bytes
        try:
            found = connection.execute("PRAGMA integrity_check").fetchall()
            for (name,) in connection.execute(tables).fetchall():
                found += _told(connection, name.decode())
        except driver().Error as error:
            return str(error)
        return found


def _told(connection: Any, table: str) -> list[Any]:
    rows = connection.execute(f'SELECT * FROM "{table}"')
    untold = UNTOLD.get(table, set())
    wanted = [at for at, column in enumerate(rows.description) if column[0] not in untold]
    return [(table, *(row[at] for at in wanted)) for row in rows.fetchall()]


async def findings(database: Path) -> list[str]:
    return await asyncio.to_thread(lambda: list(verify(database)))


@pytest.mark.parametrize(
    "flips", [20, pytest.param(400, marks=[pytest.mark.slow, pytest.mark.timeout(600)])]
)
async def test_every_flipped_bit_that_matters_is_found(lived_in, tmp_path, flips) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    good = (lived_in / "conclave.db").read_bytes()
    before = kept(lived_in / "conclave.db")
    # More than enough: a bit in free space does not count.
    pages = list(range(len(good) // PAGE)) * (flips // 10)
    dice.shuffle(pages)
    found = free = 0
    while found < flips and pages:
        at = pages.pop() * PAGE + dice.randrange(PAGE)
        database = tmp_path / "flipped.db"
        flipped = bytearray(good)
        flipped[at] ^= 1 << dice.randrange(8)
        database.write_bytes(flipped)
        if await findings(database):
            found += 1
        else:
            assert kept(database) == before, f"nobody finds a bit of byte {at}"
            free += 1
    assert found == flips
    print(f"{found} of {found} found; {free} in free space")


async def test_a_damaged_text_is_never_given_to_anybody(data) -> None:
    database = data / "conclave.db"
    database.write_bytes(database.read_bytes().replace(b"word200 and", b"word201 and"))
    store = await SqliteStore.open(data)
    try:
        with pytest.raises(Reject):
            await log_of(store, "hall")
        assert (await store.history("hall", before=150)).entries
    finally:
        await store.close()


def cut(database: Path) -> None:
    os.truncate(database, database.stat().st_size // 2)


def zero_header(database: Path) -> None:
    database.write_bytes(b"\0" * 100 + database.read_bytes()[100:])


def link(database: Path) -> None:
    database.rename(database.with_name("elsewhere.db"))
    database.symlink_to("elsewhere.db")


def link_to_nothing(database: Path) -> None:
    database.unlink()
    database.symlink_to("nowhere.db")


def leave_a_wal(database: Path) -> None:
    database.unlink()
    database.with_name("conclave.db-wal").write_bytes(b"x" * 5_000)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (cut, "is cut: less than its"),
        (zero_header, "not a database"),
        (lambda database: os.truncate(database, 0), "is empty: it was damaged"),
        (link, "is a symbolic link"),
        (link_to_nothing, "is a symbolic link"),
        (leave_a_wal, "is gone, and conclave.db-wal is still there"),
    ],
    ids=["cut", "no header", "empty", "symlink", "dangling symlink", "only a WAL"],
)
async def test_a_damaged_file_is_said_in_one_line_and_stays_as_it_is(
    data: Path, spoil: Callable[[Path], None], says: str
) -> None:
    spoil(data / "conclave.db")
    before = {file.name: file.lstat().st_size for file in data.iterdir()}
    for _ in range(2):
        with pytest.raises(CannotOpen, match=says) as refused:
            await SqliteStore.open(data)
        assert "\n" not in str(refused.value)
    assert before == {file.name: file.lstat().st_size for file in data.iterdir()}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize(
    ("directory", "file", "owner"),
    [(0o700, 0o600, 0), (0o755, 0o600, 0), (0o755, 0o644, 0), (0o700, 0o000, 65_534)],
    ids=["not our directory", "not our file", "readable only", "no rights"],
)
def test_wrong_rights_are_said_in_one_line(
    data: Path, tmp_path: Path, directory: int, file: int, owner: int
) -> None:
    for folder in (tmp_path, *list(tmp_path.parents)[:2]):
        folder.chmod(folder.stat().st_mode | 0o055)
    os.chown(data, owner, owner)
    for name in data.iterdir():
        os.chown(name, owner, owner)
        name.chmod(file)
    data.chmod(directory)
    _said_in_one_line(data, "65534")


@needs_strace
@pytest.mark.strace
def test_a_read_only_file_system_is_said_in_one_line(data: Path) -> None:
    words = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=openat"]
    words += ["-e", "inject=openat:error=EROFS", "-P", str(data / "conclave.lock")]
    _said_in_one_line(data, "0", *words)


def _said_in_one_line(data: Path, user: str, *before: str) -> None:
    contents = (data / "conclave.db").read_bytes()
    words = [*before, sys.executable, "-c", OPEN, str(data), user]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert done.stdout.count("\n") == 1
    assert str(data) in done.stdout
    assert (data / "conclave.db").read_bytes() == contents


# ── the WAL ────────────────────────────────────────────────────────────────────────────


async def _killed(data: Path) -> Position:
    """Return what a client knows of a server that was killed: all of it in the WAL."""
    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", DIE, str(data)], cwd=ROOT, capture_output=True
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    epoch, seq, id_ = done.stdout.decode().split()
    assert (data / "conclave.db-wal").stat().st_size > 10 * PAGE
    return Position(epoch, int(seq), id_)


async def test_with_its_wal_a_killed_server_has_lost_nothing(data, logs) -> None:
    known = await _killed(data)
    store = await SqliteStore.open(data)
    page = await store.entries("hall", known)
    await store.close()
    assert (page.reset, page.last_seq) == (False, known.seq)
    assert "wal_lost" not in [line["event"] for line in logs]


@pytest.mark.parametrize(
    "spoil",
    [lambda wal: wal.unlink(), lambda wal: wal.write_bytes(b"\0" * 64 + wal.read_bytes()[64:])],
    ids=["removed", "no header"],
)
async def test_a_wal_that_is_lost_is_said_and_begins_a_new_epoch(data, logs, spoil) -> None:
    known = await _killed(data)
    spoil(data / "conclave.db-wal")
    store = await SqliteStore.open(data)
    assert store.epoch != known.epoch
    assert (await store.entries("hall", known)).reset
    await store.close()
    assert "wal_lost" in [line["event"] for line in logs]
    assert await findings(data / "conclave.db") == []
    logs.clear()
    store = await SqliteStore.open(data)
    await store.close()
    assert logs == [], "it is said once"


async def test_a_command_in_between_does_not_hide_that_a_wal_is_lost(data, logs, tmp_path) -> None:
    known = await _killed(data)
    (data / "conclave.db-wal").unlink()
    for n in range(2):
        await asyncio.to_thread(copy_database, data, tmp_path / f"{n}.db")
    with pytest.raises(CannotDo):
        await asyncio.to_thread(restore, data, tmp_path / "nothing.db")
    await asyncio.to_thread(compact, data)
    store = await SqliteStore.open(data)
    assert store.epoch != known.epoch
    await store.close()
    assert "wal_lost" in [line["event"] for line in logs]


async def test_a_command_that_empties_the_wal_of_a_killed_server_loses_nothing(
    data, logs, tmp_path
) -> None:
    known = await _killed(data)
    await asyncio.to_thread(copy_database, data, tmp_path / "backup.db")
    store = await SqliteStore.open(data)
    page = await store.entries("hall", known)
    await store.close()
    assert (page.reset, page.last_seq) == (False, known.seq)
    assert "wal_lost" not in [line["event"] for line in logs]


async def test_after_a_restore_the_lost_wal_is_nobody_s_any_more(data, logs, tmp_path) -> None:
    await _killed(data)
    await asyncio.to_thread(copy_database, data, tmp_path / "backup.db")
    await _killed(data)
    (data / "conclave.db-wal").unlink()
    await asyncio.to_thread(restore, data, tmp_path / "backup.db")
    store = await SqliteStore.open(data)
    await store.close()
    assert "wal_lost" not in [line["event"] for line in logs]


@pytest.mark.parametrize("part", [0.3, 0.8])
async def test_of_a_wal_that_was_cut_a_right_beginning_is_left(data, part) -> None:
    """It looks like one that ended there; a client that knows more is reset all the same."""
    known = await _killed(data)
    wal = data / "conclave.db-wal"
    os.truncate(wal, int(wal.stat().st_size * part))
    store = await SqliteStore.open(data)
    page = await store.entries("hall", known)
    assert page.reset
    assert page.last_seq < known.seq
    await store.close()
    assert await findings(data / "conclave.db") == []
