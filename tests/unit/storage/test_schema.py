"""Making, upgrading and refusing database files."""

import os
import signal
import stat
import subprocess
import sys
import warnings
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex

from conclave.model import SYSTEM
from conclave.storage import CannotOpen, SqliteStore
from conclave.storage.driver import driver, migrating_engine
from conclave.storage.schema import MIGRATIONS, prepare
from conclave.storage.tables import metadata

NEWEST = max(file.stem for file in MIGRATIONS.glob("v*.py"))[1:5]
AFTER = f"{int(NEWEST) + 1:04}"
SHOES = f"v{AFTER}_shoes.py"

NEXT = '''
"""What a later version may do."""

import sqlalchemy as sa
from alembic import op

revision = "%AFTER%"
down_revision = "%NEWEST%"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("shoe_size", sa.Integer))
    op.create_table("shoes", sa.Column("id", sa.Integer, primary_key=True))
    for n in range(2000):
        op.execute(f"INSERT INTO shoes VALUES ({n})")
'''.replace("%NEWEST%", NEWEST).replace("%AFTER%", AFTER)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "conclave.db"


@pytest.fixture
def later(tmp_path: Path) -> tuple[Path, ...]:
    """The migrations of a version that comes after this one."""
    folder = tmp_path / "later"
    folder.mkdir()
    (folder / SHOES).write_text(NEXT)
    return (MIGRATIONS, folder)


def ask(path: Path, statement: str) -> list[tuple[object, ...]]:
    with closing(driver().connect(path)) as connection:
        return list(connection.execute(statement))


def version(path: Path) -> str:
    return str(ask(path, "SELECT version_num FROM alembic_version")[0][0])


def tables(path: Path) -> set[object]:
    return {row[0] for row in ask(path, "SELECT name FROM sqlite_schema WHERE type = 'table'")}


def _made(ddl: str) -> str:
    return " ".join(ddl.split())


def test_the_migrations_make_the_tables_that_the_code_knows(path: Path) -> None:
    prepare(path)
    with migrating_engine(path).connect() as connection:
        with warnings.catch_warnings():
            # Indexes of expressions are compared below.
            warnings.filterwarnings("ignore", ".*expression-based index")
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        inspector = inspect(connection)
        for table in metadata.tables.values():
            columns = inspector.get_columns(table.name)
            made = {one["name"]: (str(one["type"]), one["nullable"]) for one in columns}
            known = {
                one.name: (one.type.compile(connection.dialect), one.nullable)
                for one in table.columns
            }
            assert made == known
    ddl = {row[0]: str(row[1]) for row in ask(path, "SELECT name, sql FROM sqlite_schema")}
    for table in metadata.tables.values():
        without = table.dialect_options["sqlite"]["with_rowid"] is False
        assert ("WITHOUT ROWID" in ddl[table.name]) == without
        for index in table.indexes:
            wanted = str(CreateIndex(index).compile(dialect=sqlite.dialect()))
            assert _made(ddl[str(index.name)]) == _made(wanted)


def test_a_new_file_is_the_owners_only(path: Path) -> None:
    prepare(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == [path.name]


async def test_all_that_is_kept_is_the_owners_only(tmp_path: Path) -> None:
    os.umask(0)
    try:
        store = await SqliteStore.open(tmp_path / "a" / "data")
        await store.create_room("hall", SYSTEM)
        modes = {file.name: file.stat().st_mode for file in (tmp_path / "a" / "data").iterdir()}
        await store.close()
    finally:
        os.umask(0o022)
    assert {"conclave.db", "conclave.db-wal", "conclave.db-shm", "conclave.lock"} == set(modes)
    assert {stat.S_IMODE(mode) for mode in modes.values()} == {0o600}
    assert stat.S_IMODE((tmp_path / "a" / "data").stat().st_mode) == 0o700


def test_every_database_has_an_epoch_of_its_own(tmp_path: Path) -> None:
    epochs = set()
    for n in range(3):
        prepare(tmp_path / f"{n}.db")
        epochs |= set(ask(tmp_path / f"{n}.db", "SELECT value FROM meta WHERE key = 'epoch'"))
    assert len(epochs) == 3


def test_preparing_again_changes_nothing(path: Path) -> None:
    prepare(path)
    before = path.read_bytes()
    prepare(path)
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_an_older_schema_is_copied_and_upgraded(path: Path, later: tuple[Path, ...]) -> None:
    prepare(path)
    with closing(driver().connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("INSERT INTO meta VALUES ('kept', 'yes')")
        prepare(path, later)  # while the row is in the WAL only
    copy = path.with_name(f"conclave.db.before-{AFTER}")
    assert (version(path), version(copy)) == (AFTER, NEWEST)
    for file in (path, copy):
        assert ask(file, "SELECT value FROM meta WHERE key = 'kept'") == [("yes",)]
        assert ask(file, "PRAGMA integrity_check") == [("ok",)]
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert "shoes" in tables(path)
    assert "shoes" not in tables(copy)


def test_a_newer_schema_is_refused_in_one_line_and_untouched(
    path: Path, later: tuple[Path, ...]
) -> None:
    prepare(path, later)
    before = path.read_bytes()
    with pytest.raises(CannotOpen, match=f"{AFTER}, newer than this version knows") as refused:
        prepare(path)
    assert "\n" not in str(refused.value)
    assert path.read_bytes() == before
    assert not list(path.parent.glob("*.before-*"))


def test_a_migration_that_fails_leaves_the_old_schema(path: Path, later: tuple[Path, ...]) -> None:
    prepare(path)
    script = later[1] / SHOES
    script.write_text(NEXT + "    op.execute('INSERT INTO nowhere VALUES (1)')\n")
    with pytest.raises(CannotOpen, match="nowhere"):
        prepare(path, later)
    assert version(path) == NEWEST
    assert "shoes" not in tables(path)
    script.write_text(NEXT)
    prepare(path, later)
    assert version(path) == AFTER


def test_a_migration_that_leaves_rows_without_their_parents_is_undone(
    path: Path, later: tuple[Path, ...]
) -> None:
    prepare(path)
    columns = "(room, user, role, joined_at, read_seq)"
    values = "(7, 'nobody', 'member', 0, 0)"
    lose = f'    op.execute("INSERT INTO members {columns} VALUES {values}")\n'
    (later[1] / SHOES).write_text(NEXT + lose)
    with pytest.raises(CannotOpen, match="refer to nothing"):
        prepare(path, later)
    assert version(path) == NEWEST


DIE = """
import os, signal, sys
from pathlib import Path
from conclave.storage.schema import MIGRATIONS, prepare
prepare(Path(sys.argv[1]), tuple(map(Path, sys.argv[2:])))
"""


@pytest.mark.parametrize("step", [0, 1, 700, 1999])
def test_a_process_killed_in_a_migration_leaves_the_old_schema(
    path: Path, later: tuple[Path, ...], step: int
) -> None:
    prepare(path)
    script = later[1] / SHOES
    die = f"        if n == {step}:\n            import os\n            os.kill(os.getpid(), 9)\n"
    script.write_text(NEXT + die)
    ended = subprocess.run(
        [sys.executable, "-c", DIE, path, *later], check=False, capture_output=True
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert version(path) == NEWEST
    assert "shoes" not in tables(path)
    script.write_text(NEXT)
    prepare(path, later)
    assert version(path) == AFTER
    assert ask(path, "SELECT count(*) FROM shoes") == [(2000,)]


def test_a_process_killed_while_it_makes_the_file_leaves_none(tmp_path: Path) -> None:
    path, folder = tmp_path / "conclave.db", tmp_path / "only"
    folder.mkdir()
    first = next(MIGRATIONS.glob("v0001_*.py")).read_text()
    (folder / "v0001.py").write_text(
        first.replace("    _make_log()", "    _make_log()\n    import os; os.kill(os.getpid(), 9)")
    )
    ended = subprocess.run([sys.executable, "-c", DIE, path, folder], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert not path.exists()
    assert list(tmp_path.glob("conclave.db.new*"))
    prepare(path)
    assert version(path) == NEWEST
    assert not list(tmp_path.glob("conclave.db.new*"))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty: it was damaged"),
        (b"\0" * 8192, "not a database"),
        (b"# a text file of somebody else, long enough to be looked at\n" * 100, "not a database"),
    ],
)
def test_a_file_that_is_no_database_is_refused_and_kept(
    path: Path, content: bytes, says: str
) -> None:
    path.write_bytes(content)
    with pytest.raises(CannotOpen, match=says) as refused:
        prepare(path)
    assert "\n" not in str(refused.value)
    assert path.read_bytes() == content


def test_the_database_of_another_program_is_refused(path: Path) -> None:
    with closing(driver().connect(path)) as connection:
        connection.execute("CREATE TABLE recipes (id)")
    with pytest.raises(CannotOpen, match="not a database of Conclave"):
        prepare(path)
    assert tables(path) == {"recipes"}
