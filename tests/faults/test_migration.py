"""
The server killed while it brings an old database to its schema: I8 of the limits.

strace kills it at its k-th sync, wherever that is. Afterwards the file has the old schema
or the new one, the next start completes it, and nothing is lost.
"""

import asyncio
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from tests.support.lived_in import log_of
from tests.support.long_log import grow
from tests.support.make_database import NUMBERS
from tests.support.syscalls import needs_strace

from conclave.model import Entry
from conclave.storage import CannotOpen, SqliteStore
from conclave.storage.driver import driver
from conclave.storage.schema import newest_revision, prepare
from conclave.storage.verify import verify

pytestmark = [needs_strace, pytest.mark.strace]

ROOT = Path(__file__).parents[2]
OLD = ROOT / "tests" / "data" / "conclave-v1.db"
SYNC = "fsync,fdatasync"
OPEN = """
import asyncio, sys
from pathlib import Path
from conclave.storage import SqliteStore
async def main():
    await (await SqliteStore.open(Path(sys.argv[1]))).close()
asyncio.run(main())
"""


def open_killed_at(data: Path, call: str, nth: int) -> bool:
    """Open the store and kill it at its nth such *call*; return whether it came so far."""
    fault = f"inject={call}:signal=SIGKILL:when={nth}"
    words = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", fault]
    done = subprocess.run(
        [*words, sys.executable, "-c", OPEN, str(data)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 137, -9), done.stderr
    return done.returncode != 0


def schema_of(database: Path) -> str:
    with closing(driver().connect(database)) as connection:
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def logs_of(data: Path) -> dict[str, list[Entry]]:
    async def read() -> dict[str, list[Entry]]:
        store = await SqliteStore.open(data)
        found = {room: await log_of(store, room) for room in NUMBERS}
        await store.close()
        return found

    return asyncio.run(read())


def check_kills(old: Path, call: str, steps: range, tmp_path: Path) -> int:
    """Kill at each of these calls, each time a copy of *old*; return at how many it came so far."""
    whole = tmp_path / "whole"
    whole.mkdir()
    shutil.copyfile(old, whole / "conclave.db")
    expected = logs_of(whole)
    killed = 0
    for nth in steps:
        data = tmp_path / f"killed{nth}"
        data.mkdir()
        shutil.copyfile(old, data / "conclave.db")
        killed += open_killed_at(data, call, nth)
        schema = schema_of(data / "conclave.db")
        assert schema in ("0001", newest_revision())
        assert logs_of(data) == expected
        assert schema_of(data / "conclave.db") == newest_revision()
        assert list(verify(data / "conclave.db")) == []
        shutil.rmtree(data)
    return killed


@pytest.mark.parametrize(
    ("call", "steps", "kills"),
    [
        pytest.param(SYNC, range(1, 13, 3), 3, id="some syncs"),
        pytest.param(SYNC, range(1, 13), 10, id="all syncs", marks=pytest.mark.slow),
        pytest.param("pwrite64", range(1, 101, 5), 20, id="20 writes", marks=pytest.mark.slow),
    ],
)
@pytest.mark.timeout(300)
def test_killed_at_any_step_of_the_migration_nothing_is_lost(tmp_path, call, steps, kills) -> None:
    killed = check_kills(OLD, call, steps, tmp_path)
    print(f"killed {killed} times")
    assert killed >= kills


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_million_rows_are_migrated_also_after_a_kill(tmp_path) -> None:
    old = tmp_path / "old.db"
    shutil.copyfile(OLD, old)
    grow(old, "support", 1_000_000)
    data = tmp_path / "data"
    data.mkdir()
    shutil.copyfile(old, data / "conclave.db")
    assert open_killed_at(data, SYNC, 6)
    assert len(logs_of(data)["general"]) == NUMBERS["general"]
    with closing(driver().connect(data / "conclave.db")) as connection:
        query = "SELECT last_seq FROM rooms WHERE name = 'support'"
        assert connection.execute(query).fetchone() == (1_000_000,)
    assert list(verify(data / "conclave.db")) == []


def test_an_older_version_refuses_a_newer_database_and_leaves_it(tmp_path) -> None:
    prepare(tmp_path / "conclave.db")
    with closing(driver().connect(tmp_path / "conclave.db", isolation_level=None)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0999'")
    before = (tmp_path / "conclave.db").read_bytes()
    with pytest.raises(CannotOpen, match="0999, newer than this version knows"):
        asyncio.run(SqliteStore.open(tmp_path))
    assert (tmp_path / "conclave.db").read_bytes() == before
