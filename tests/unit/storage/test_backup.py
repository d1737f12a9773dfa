"""A backup is of one moment and complete; a restored one begins a new epoch."""

import asyncio
import itertools
import shutil
import stat
from contextlib import closing
from pathlib import Path

import pytest
from tests.support.lived_in import ANN, log_of, make, say

from conclave.model import Position
from conclave.storage import CannotOpen, SqliteStore
from conclave.storage.backup import back_up, copy_database
from conclave.storage.driver import driver
from conclave.storage.errors import CannotDo
from conclave.storage.restore import restore
from conclave.storage.verify import examine, verify

DATA = Path(__file__).parents[2] / "data"


@pytest.fixture
async def made(data: Path) -> Path:
    await make(data)
    return data


def files(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


async def epoch_of(data: Path) -> str:
    store = await SqliteStore.open(data)
    await store.close()
    return store.epoch


def test_a_backup_is_one_file_of_the_owner_and_passes_every_check(made, tmp_path) -> None:
    target = tmp_path / "kept" / "backup.db"
    target.parent.mkdir()
    seen: list[tuple[int, int]] = []
    copy_database(made, target, tell=lambda done, of: seen.append((done, of)))
    assert files(target.parent) == {"backup.db"}
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert list(verify(target)) == []
    assert any(done == of > 0 for done, of in seen)
    assert files(made) == {"conclave.db", "conclave.lock"}


async def test_it_is_of_one_moment_while_others_write(store, data, tmp_path) -> None:
    await store.create_room("hall", ANN)
    await store.ensure_member("hall", ANN)
    for n in itertools.count():
        await say(store, 3 * n + 1)
        if n == 600:
            break
    target = tmp_path / "backup.db"
    copying = asyncio.create_task(asyncio.to_thread(back_up, data / "conclave.db", target))
    while not copying.done():
        n += 1
        await say(store, 3 * n + 1)
    await copying
    assert list(verify(target)) == []
    with closing(driver().connect(target)) as connection:
        (last,) = connection.execute("SELECT last_seq FROM rooms").fetchone()
    assert 600 < last <= (await store.heads(["hall"]))["hall"]


def test_a_file_that_is_there_is_replaced_only_by_force(made, tmp_path) -> None:
    target = tmp_path / "backup.db"
    target.write_text("mine")
    with pytest.raises(CannotDo, match="--force"):
        copy_database(made, target)
    assert target.read_text() == "mine"
    copy_database(made, target, force=True)
    assert list(verify(target)) == []


def test_neither_the_database_itself_nor_a_directory_is_replaced(made, tmp_path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "by another way").symlink_to(made)
    own = [made / name for name in ("conclave.db", "conclave.db-wal", "conclave.lock")]
    other = [tmp_path, tmp_path / "link", tmp_path / "no" / "where"]
    for target in (*own, tmp_path / "by another way" / "conclave.db-shm", *other):
        with pytest.raises(CannotDo) as refused:
            copy_database(made, target, force=True)
        assert "\n" not in str(refused.value)
    assert files(made) == {"conclave.db", "conclave.lock"}
    assert list(verify(made / "conclave.db")) == []


def test_one_that_is_called_off_leaves_nothing(made, tmp_path) -> None:
    def stop(done: int, of: int) -> None:
        raise KeyboardInterrupt

    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "backup.db").write_text("the last one")
    with pytest.raises(KeyboardInterrupt):
        copy_database(made, kept / "backup.db", force=True, tell=stop)
    assert files(kept) == {"backup.db"}
    assert (kept / "backup.db").read_text() == "the last one"


async def test_a_running_server_or_no_database_is_said(store, data, tmp_path) -> None:
    with pytest.raises(CannotOpen, match="in use"):
        copy_database(data, tmp_path / "backup.db")
    with pytest.raises(CannotOpen, match="in use"):
        restore(data, data / "conclave.db")
    with pytest.raises(CannotDo, match="no database"):
        copy_database(tmp_path / "nowhere", tmp_path / "backup.db")
    assert not (tmp_path / "nowhere").exists()


async def test_a_restored_backup_has_its_log_and_a_new_epoch(made, tmp_path) -> None:
    backup = tmp_path / "backup.db"
    copy_database(made, backup)
    store = await SqliteStore.open(made)
    then, before = store.epoch, await log_of(store, "hall")
    await say(store, 999)
    known = Position(then, len(before) + 1)
    await store.close()

    former = restore(made, backup, examine=examine)
    store = await SqliteStore.open(made)
    assert await log_of(store, "hall") == before
    assert store.epoch != then
    # Who knows what the backup does not have begins anew, as does everybody else.
    assert (await store.entries("hall", known)).reset
    assert (await store.entries("hall", Position(then, 3))).reset
    await store.close()
    assert former is not None
    with closing(driver().connect(former)) as connection:
        (last,) = connection.execute("SELECT last_seq FROM rooms WHERE name = 'hall'").fetchone()
    assert last == len(before) + 1
    assert stat.S_IMODE((made / "conclave.db").stat().st_mode) == 0o600
    assert backup.exists()


async def test_restored_twice_the_epochs_differ_and_no_former_one_is_lost(made, tmp_path) -> None:
    backup = tmp_path / "backup.db"
    copy_database(made, backup)
    formers = [restore(made, backup) for _ in range(3)]
    assert len(set(formers)) == 3
    assert all(former is not None and former.exists() for former in formers)
    epochs = {await epoch_of(made)}
    restore(made, backup)
    assert await epoch_of(made) not in epochs


async def test_it_may_be_restored_where_nothing_was(made, tmp_path) -> None:
    copy_database(made, tmp_path / "backup.db")
    assert restore(tmp_path / "other", tmp_path / "backup.db") is None
    assert await epoch_of(tmp_path / "other") != await epoch_of(made)


async def test_the_wal_of_a_killed_server_goes_with_its_database(made, tmp_path) -> None:
    backup = tmp_path / "backup.db"
    copy_database(made, backup)
    (made / "conclave.db").write_bytes(b"no database" * 1000)
    (made / "conclave.db-wal").write_bytes(b"nor this" * 1000)
    former = restore(made, backup)
    assert former is not None
    assert former.read_bytes().startswith(b"no database")
    assert former.with_name(former.name + "-wal").read_bytes().startswith(b"nor this")
    assert list(verify(made / "conclave.db")) == []


async def test_the_wal_of_a_database_that_is_gone_is_not_read_into_the_backup(
    made, tmp_path
) -> None:
    backup, lost = tmp_path / "backup.db", tmp_path / "lost"
    copy_database(made, backup)
    lost.mkdir()
    store = await SqliteStore.open(made)
    before = await log_of(store, "hall")
    await say(store, 999)
    for end in ("-wal", "-shm"):
        shutil.copy(made / f"conclave.db{end}", lost)
    await store.close()
    wal = (lost / "conclave.db-wal").read_bytes()

    former = restore(lost, backup)
    assert former is not None
    assert former.read_bytes() == wal
    assert list(verify(lost / "conclave.db")) == []
    store = await SqliteStore.open(lost)
    assert await log_of(store, "hall") == before
    await store.close()
    assert files(lost) == {"conclave.db", "conclave.lock", former.name}


async def test_a_restore_cut_off_before_its_end_is_no_beginning(
    made, tmp_path, monkeypatch
) -> None:
    back_up(made / "conclave.db", tmp_path / "kept")
    lost = tmp_path / "lost"
    lost.mkdir()
    (lost / "conclave.db-wal").write_bytes(b"what was said last")

    def die(_growing: Path, _target: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("conclave.storage.restore.finish", die)
        with pytest.raises(KeyboardInterrupt):
            restore(lost, tmp_path / "kept")
    with pytest.raises(CannotOpen, match="a restore was cut off"):
        await SqliteStore.open(lost)
    assert not (lost / "conclave.db").exists()
    restore(lost, tmp_path / "kept")
    await (await SqliteStore.open(lost)).close()


async def test_an_older_backup_is_brought_to_this_schema(tmp_path) -> None:
    restore(tmp_path / "data", DATA / "conclave-v1.db", examine=examine)
    assert files(tmp_path / "data") == {"conclave.db", "conclave.lock"}
    store = await SqliteStore.open(tmp_path / "data")
    assert (await store.heads(["general"]))["general"] == 107
    await store.close()


async def test_what_somebody_who_was_killed_left_is_removed_at_the_next_start(made) -> None:
    before = files(made)
    for name in (".conclave.db.ab12.new", ".conclave.db.ab12.new-journal", ".conclave.db.c.copy"):
        (made / name).write_bytes(b"all that people said")
    await epoch_of(made)
    assert files(made) == before


def newer(path: Path) -> None:
    with closing(driver().connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")


def forged(path: Path) -> None:
    with closing(driver().connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE entries SET text = 'x' WHERE seq = 4")


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (newer, "newer than this version knows"),
        (forged, "its checksum does not match"),
        (lambda path: path.write_bytes(b""), "is empty"),
        (lambda path: path.write_bytes(path.read_bytes()[:30_000]), "is cut"),
        (lambda path: path.write_bytes(b"\0" * 100 + path.read_bytes()[100:]), "not a database"),
        (lambda path: path.write_text("a letter to my aunt\n" * 500), "not a database"),
        (lambda path: path.unlink(), "is no file"),
    ],
    ids=["newer", "forged", "empty", "cut", "no header", "a text", "gone"],
)
def test_what_is_no_good_backup_is_refused_and_nothing_changes(made, tmp_path, spoil, says) -> None:
    backup = tmp_path / "backup.db"
    copy_database(made, backup)
    spoil(backup)
    before = (made / "conclave.db").read_bytes()
    with pytest.raises((CannotDo, CannotOpen), match=says) as refused:
        restore(made, backup, examine=examine)
    assert "\n" not in str(refused.value)
    assert ".new" not in str(refused.value), "a name that nobody knows"
    assert (made / "conclave.db").read_bytes() == before
    assert files(made) == {"conclave.db", "conclave.lock"}
