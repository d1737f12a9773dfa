"""What becomes of attachments with the data: copied, moved, checked, purged, erased."""

import asyncio
import os
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection

from conclave.media.attachments import Attachments
from conclave.model import Draft, Identity, Receipt, User
from conclave.model.attachments import AttachmentLimits
from conclave.protocol.errors import Reject
from conclave.storage import SqliteStore
from conclave.storage.attachments import SqlAttachments
from conclave.storage.backup import copy_database
from conclave.storage.blobs import blobs_beside, blobs_in
from conclave.storage.deleting import Deletions, delete_room
from conclave.storage.driver import raw
from conclave.storage.erase import erase
from conclave.storage.errors import CannotDo
from conclave.storage.exporting import export
from conclave.storage.files import wrong_files
from conclave.storage.importing import import_lines
from conclave.storage.purge import Keep, Purge
from conclave.storage.restore import restore
from conclave.storage.series import prune
from conclave.storage.verify import examine, verify

ANN = Identity(user="ann", name="Ann")
BEN = Identity(user="ben", name="Ben")


class Wall:
    """A clock that stands still."""

    def __init__(self) -> None:
        self.now = 1_700_000_000_000

    def wall(self) -> int:
        return self.now

    def monotonic(self) -> float:
        return self.now / 1000


@asynccontextmanager
async def opened(data: Path) -> AsyncIterator[tuple[SqliteStore, Attachments]]:
    store = await SqliteStore.open(data)
    try:
        rows = SqlAttachments(store)
        yield store, Attachments(rows, blobs_in(data), Wall(), AttachmentLimits())
    finally:
        await store.close()


async def body(data: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(data), 70_000):
        yield data[at : at + 70_000]


async def attach(
    store: SqliteStore, attachments: Attachments, data: bytes, who: Identity = ANN
) -> tuple[str, int]:
    """Let *who* send a message with *data*; return the id of that, and the message's number."""
    new = await attachments.receive("hall", "a.bin", "", body(data), who)
    extra = {"attachments": [{"id": new.id, "name": new.name}]}
    receipt = await store.append(Draft(room="hall", user=who.user, name=who.name, extra=extra))
    return new.id, receipt.seq


async def begin(store: SqliteStore) -> None:
    for who in (ANN, BEN):
        await store.put_user(User(id=who.user, name=who.name, display_name=who.name))
    await store.create_room("hall", ANN)
    await store.ensure_member("hall", BEN)


def wrong(data: Path) -> list[str]:
    """Return what `conclave verify` finds."""
    database = data / "conclave.db"
    return [*verify(database), *wrong_files(database, blobs_in(data), database)]


def exported(data: Path, of: str | None = None) -> list[bytes]:
    out = BytesIO()
    export(data / "conclave.db", out.write, of=of)
    return out.getvalue().splitlines(keepends=True)


LARGE = bytes(range(251)) * 4_000


async def test_a_backup_has_the_files_and_a_restored_one_has_them_again(data, tmp_path) -> None:
    async with opened(data) as (store, attachments):
        await begin(store)
        id_, _ = await attach(store, attachments, LARGE)
    backup = tmp_path / "kept" / "backup.db"
    backup.parent.mkdir()
    copy_database(data, backup)
    assert list(wrong_files(backup, blobs_beside(backup), backup)) == []
    elsewhere = tmp_path / "elsewhere"
    restore(elsewhere, backup, examine=examine)
    assert wrong(elsewhere) == []
    async with opened(elsewhere) as (_, attachments):
        found, blob = await attachments.open(id_, BEN, thumb=False)
        assert blob.read(0, found.size + 1) == LARGE
        blob.close()


async def test_one_without_attachments_has_no_folder_and_one_too_many_goes_with_its_own(
    data, tmp_path
) -> None:
    async with opened(data) as (store, attachments):
        await begin(store)
    empty = tmp_path / "conclave-20260101T000000Z.db"
    copy_database(data, empty)
    assert not blobs_beside(empty).path.exists()
    async with opened(data) as (store, attachments):
        _, seq = await attach(store, attachments, b"one")
        copied = tmp_path / "conclave-20260102T000000Z.db"
    copy_database(data, copied)
    assert len(blobs_beside(copied).digests()) == 1
    async with opened(data) as (store, attachments):
        target = {"target": seq}
        await store.append(
            Draft(room="hall", user="ann", name="Ann", type="message:deleted", extra=target)
        )
        await attachments.sweep()
    # What was deleted is in no backup made anew under the same name.
    copy_database(data, copied, force=True)
    assert blobs_beside(copied).digests() == []
    blobs_beside(empty).path.mkdir()
    assert prune(tmp_path, 1) == [empty]
    assert not blobs_beside(empty).path.exists()


async def test_verify_names_each_file_that_is_missing_or_another(data) -> None:
    async with opened(data) as (store, attachments):
        await begin(store)
        for content in (b"one", b"two", b"three"):
            await attach(store, attachments, content)
    blobs = blobs_in(data)
    first, second, _ = blobs.digests()
    blobs.place(first).write_bytes(b"other")
    blobs.place(second).unlink()
    assert wrong(data) == [
        f"the file {blobs.place(first)} is damaged",
        f"the file {blobs.place(second)} is missing",
    ]


async def test_verify_finds_what_the_log_does_not_say(data, sql) -> None:
    async with opened(data) as (store, attachments):
        await begin(store)
        id_, seq = await attach(store, attachments, b"one")
    sql("UPDATE attachments SET seq = ?", seq + 1)
    said = f"whether it has the attachment {id_!r} is not what the log says"
    assert [one for one in wrong(data) if said in one]


async def test_an_export_is_imported_with_its_files_whole_or_not_at_all(data, tmp_path) -> None:
    async with opened(data) as (store, attachments):
        await begin(store)
        await attach(store, attachments, LARGE)
        await attach(store, attachments, b"small", BEN)
    lines = exported(data)
    made = tmp_path / "made"
    import_lines(made, lines, examine=examine)
    assert wrong(made) == []
    assert blobs_in(made).digests() == blobs_in(data).digests()
    assert [one for one in exported(made) if b'"blob"' in one] == [
        one for one in lines if b'"blob"' in one
    ]
    cut = tmp_path / "cut"
    pieces = [at for at, line in enumerate(lines) if b'"line":"blob"' in line]
    for bad in (lines[: pieces[-1]], [*lines[: pieces[0]], *lines[pieces[0] + 1 :]]):
        with pytest.raises(CannotDo):
            import_lines(cut, bad, examine=examine)
        assert not (cut / "conclave.db").exists()
        assert not blobs_in(cut).path.exists()
    # One takes along what is theirs.
    hers = b"".join(exported(data, "ben"))
    assert b'"data":"c21hbGw="' in hers
    assert len(hers) < len(LARGE)


async def test_what_is_purged_deleted_or_of_an_erased_user_leaves_no_file(data) -> None:
    async with opened(data) as (store, attachments):
        await begin(store)
        await attach(store, attachments, b"anns")
        await attach(store, attachments, b"bens", BEN)
        await attachments.receive("hall", "x", "", body(b"bens, unsent"), BEN)
        assert len(blobs_in(data).digests()) == 3
        await erase(store, "ben")
        await attachments.sweep()
        assert len(blobs_in(data).digests()) == 1
        await attach(store, attachments, b"last")
        await Purge(store, Keep(messages=1)).run()
        await attachments.sweep()
        assert len(blobs_in(data).digests()) == 1
        await store.write(
            lambda rows, log: delete_room(rows, log, "hall", ANN, None, 1_800_000_000_000)
        )
        await Deletions(store).run()
        await attachments.sweep()
        assert blobs_in(data).digests() == []
        assert await store.read(_rows) == (0, 0)
    assert wrong(data) == []


def _rows(connection: Connection) -> tuple[int, int]:
    count = "SELECT (SELECT count(*) FROM attachments), (SELECT count(*) FROM loose_blobs)"
    kept, loose = raw(connection).execute(count).fetchone()
    return kept, loose


async def test_what_a_killed_process_has_left_is_gone_after_the_next_start(data) -> None:
    async with opened(data) as (store, attachments):
        await begin(store)
        await attach(store, attachments, b"kept")
        blobs = blobs_in(data)
        left = blobs.receive()
        left.write(b"half of it")
        put = blobs.receive()
        put.write(b"put, and nobodys")
        blobs.put(put, put.finish().digest)
        blobs.clear_incoming()
        await attachments.begin()
        assert len(blobs.digests()) == 1
        assert not left.path.exists()
        left.discard()
    assert wrong(data) == []


async def test_a_refused_one_leaves_nothing_and_takes_nothing_of_others(data) -> None:
    async with opened(data) as (store, attachments):
        await begin(store)
        await attach(store, attachments, b"same")
        rows = SqlAttachments(store)
        tight = Attachments(rows, blobs_in(data), Wall(), AttachmentLimits(of_user_bytes=5))
        for content in (b"same", b"other"):
            with pytest.raises(Reject) as no:
                await tight.receive("hall", "x", "", body(content), ANN)
            assert no.value.code == "no_space"
        assert len(blobs_in(data).digests()) == 1
        assert not list((blobs_in(data).path / "incoming").iterdir())


async def test_two_messages_of_one_moment_cannot_have_the_same(data) -> None:
    async with opened(data) as (store, attachments):
        await begin(store)
        new = await attachments.receive("hall", "x", "", body(b"x"), ANN)
        drafts = [
            Draft(
                room="hall",
                user="ann",
                name="Ann",
                text=str(n),
                extra={"attachments": [{"id": new.id}]},
            )
            for n in range(5)
        ]
        answers = await asyncio.gather(*map(store.append, drafts), return_exceptions=True)
        assert sum(isinstance(one, Receipt) for one in answers) == 1
        assert {one.code for one in answers if isinstance(one, Reject)} == {"not_found"}
    assert wrong(data) == []


async def test_one_person_sends_a_few_at_a_time(data) -> None:
    async with opened(data) as (store, attachments):
        await begin(store)
        go_on = asyncio.Event()

        async def slow() -> AsyncIterator[bytes]:
            yield b"x"
            await go_on.wait()

        sending = [
            asyncio.create_task(attachments.receive("hall", "x", "", slow(), ANN)) for _ in range(4)
        ]
        await asyncio.sleep(0.1)
        with pytest.raises(Reject) as no:
            await attachments.receive("hall", "x", "", body(b"x"), ANN)
        assert no.value.code == "busy"
        await attachments.receive("hall", "x", "", body(b"x"), BEN)
        go_on.set()
        await asyncio.gather(*sending)
        await attachments.receive("hall", "x", "", body(b"x"), ANN)


async def test_a_backup_that_comes_to_nothing_leaves_an_old_one_with_its_files(
    data, tmp_path, monkeypatch
) -> None:
    kept = tmp_path / "backup.db"
    async with opened(data) as (store, attachments):
        await begin(store)
        _, seq = await attach(store, attachments, LARGE)
    copy_database(data, kept)
    async with opened(data) as (store, attachments):
        gone = Draft(room="hall", user="ann", name="Ann", type="message:deleted")
        await store.append(replace(gone, extra={"target": seq}))
        await attachments.sweep()

    def no_room(_growing: Path, _target: Path) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("conclave.storage.backup.finish", no_room)
        with pytest.raises(CannotDo):
            copy_database(data, kept, force=True)
    assert list(wrong_files(kept, blobs_beside(kept), kept)) == []
    copy_database(data, kept, force=True)
    assert blobs_beside(kept).digests() == []


async def test_one_that_is_called_off_while_it_is_noted_keeps_its_bytes(data) -> None:
    async with opened(data) as (store, attachments):
        await begin(store)
        held = threading.Event()
        holding = asyncio.create_task(store.write(lambda _rows, _log: held.wait()))
        sending = asyncio.create_task(attachments.receive("hall", "a", "", body(b"abc"), ANN))
        async with asyncio.timeout(20):
            while not blobs_in(data).digests() or store._writer.waiting < 2:
                await asyncio.sleep(0.01)
        sending.cancel()
        await asyncio.sleep(0.05)
        held.set()
        await asyncio.gather(holding, sending, return_exceptions=True)
        await store.write(lambda _rows, _log: None)
    assert wrong(data) == []


async def test_a_file_that_goes_while_it_is_copied_is_missing_and_no_failure(
    data, tmp_path, monkeypatch
) -> None:
    link = os.link

    def removed_meanwhile(source: Path, target: Path) -> None:
        source.unlink()
        link(source, target)

    async with opened(data) as (store, attachments):
        await begin(store)
        await attach(store, attachments, LARGE)
    monkeypatch.setattr("conclave.storage.blobs.os.link", removed_meanwhile)
    copy_database(data, tmp_path / "backup.db")
    assert blobs_beside(tmp_path / "backup.db").digests() == []
