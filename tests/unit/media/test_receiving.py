"""What comes too slowly, or where the disk takes no more, is refused, and nothing is left of it."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from conclave.core.media import SNIFFED_BYTES, sniff
from conclave.media import attachments as receiving
from conclave.media.attachments import Attachments
from conclave.model import Identity, User
from conclave.model.attachments import AttachmentLimits
from conclave.protocol.errors import Code, Reject
from conclave.storage import SqliteStore
from conclave.storage.attachments import SqlAttachments
from conclave.storage.blobs import blobs_in, sha256_of, share

ANN = Identity(user="ann", name="Ann")


class Wall:
    """A clock that stands still."""

    def wall(self) -> int:
        return 1_700_000_000_000

    def monotonic(self) -> float:
        return 0.0


@pytest.fixture
async def rows(tmp_path):
    store = await SqliteStore.open(tmp_path)
    await store.put_user(User(id="ann", name="ann", display_name="Ann"))
    await store.create_room("hall", ANN)
    yield SqlAttachments(store)
    await store.close()


def taking(rows, blobs) -> Attachments:
    return Attachments(rows, blobs, Wall(), AttachmentLimits())


async def text():
    yield b"some words"


async def stalling():
    yield b"some words"
    await asyncio.sleep(60)


async def refused(attachments, body) -> str:
    with pytest.raises(Reject) as no:
        await attachments.receive("hall", "a.txt", "text/plain", body, ANN)
    return no.value.code


def left_over(blobs) -> list[Path]:
    return [path for path in blobs.path.rglob("*") if path.is_file()]


async def test_who_takes_too_long_is_told_and_keeps_no_place(rows, tmp_path, monkeypatch) -> None:
    blobs = blobs_in(tmp_path)
    attachments = taking(rows, blobs)
    monkeypatch.setattr(receiving, "_WITHIN_S", 0.05)
    # More than one may send at a time.
    for _ in range(6):
        assert await refused(attachments, stalling()) == Code.TOO_LARGE
    assert left_over(blobs) == []
    monkeypatch.undo()
    assert (await attachments.receive("hall", "a.txt", "text/plain", text(), ANN)).size == 10


async def test_a_disk_that_is_for_messages_takes_no_file(rows, tmp_path) -> None:
    blobs = blobs_in(tmp_path, leave_free=1 << 60)
    assert await refused(taking(rows, blobs), text()) == Code.NO_SPACE
    assert left_over(blobs) == []


async def test_where_nothing_can_be_written_it_is_unavailable(rows, tmp_path) -> None:
    blobs = blobs_in(tmp_path)
    blobs.path.write_text("in the way")
    assert await refused(taking(rows, blobs), text()) == Code.UNAVAILABLE


async def test_what_cannot_be_linked_is_copied_and_what_is_missing_is_said(rows, tmp_path) -> None:
    source = blobs_in(tmp_path)
    kept = await taking(rows, source).receive("hall", "a.txt", "text/plain", text(), ANN)
    with TemporaryDirectory(dir="/dev/shm") as elsewhere:
        assert Path(elsewhere).stat().st_dev != tmp_path.stat().st_dev, "no other file system"
        target = blobs_in(Path(elsewhere))
        assert list(share(source, [kept.digest, "0" * 64], target)) == ["0" * 64]
        (copy,) = left_over(target)
        assert (sha256_of(copy), copy.stat().st_mode & 0o777) == (kept.digest, 0o600)
        # Once more it is there already.
        assert list(share(source, [kept.digest], target)) == []


async def test_blobs_that_are_not_there_are_none_and_their_folder_goes_when_empty(tmp_path) -> None:
    blobs = blobs_in(tmp_path)
    assert (blobs.open("0" * 64), blobs.digests()) == (None, [])
    blobs.remove(["0" * 64])
    with pytest.raises(ValueError, match="no SHA-256"):
        blobs.open("../conclave.db")
    blobs.path.mkdir()
    blobs.remove_if_empty()
    assert not blobs.path.exists()
    blobs.remove_if_empty()


@pytest.mark.parametrize("cut", range(4))
def test_a_text_is_one_wherever_its_first_piece_ends(cut) -> None:
    head = ("x" * cut + "😀" * SNIFFED_BYTES).encode()[:SNIFFED_BYTES]
    assert sniff(head, "text/plain").startswith("text/plain")
    # A broken letter in the middle is none that was cut.
    assert not sniff(head[:100] + b"\xff" + head[100:-1], "text/plain").startswith("text/plain")
