"""Where bytes lie: in files beside SQLite's, in rows of PostgreSQL; both keep the same promises."""

import asyncio
import hashlib
import os
from collections.abc import Callable

import pytest
from tests.conformance.people import furnish

from conclave.ports import Blobs
from conclave.storage.sqlstore import SqlStore

# Several pieces, and a part of one.
LONG = os.urandom(700_001)


def digest_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def keep(blobs: Blobs, data: bytes) -> str:
    incoming = blobs.receive()
    for at in range(0, len(data), 100_000):
        incoming.write(data[at : at + 100_000])
    digest, size = incoming.finish()
    assert (digest, size) == (digest_of(data), len(data))
    blobs.put(incoming, digest)
    # A second time it is there already.
    blobs.put(incoming, digest)
    incoming.discard()
    return digest


def whole(blobs: Blobs, digest: str, piece: int) -> bytes:
    blob = blobs.open(digest)
    assert blob is not None
    found = b"".join(blob.read(at, piece) for at in range(0, blob.size, piece))
    blob.close()
    return found


@pytest.fixture
async def do(store) -> Callable:
    """Do something with the blobs of a store, in a thread: all of it blocks."""
    assert isinstance(store, SqlStore)
    blobs = store.blobs()
    return lambda work, *values: asyncio.to_thread(work, blobs, *values)


@pytest.mark.parametrize("piece", [65_536, 262_144, 300_000, 1 << 20])
async def test_what_was_put_is_given_back_in_pieces_of_any_size(do, piece) -> None:
    assert await do(whole, await do(keep, LONG), piece) == LONG


async def test_any_part_is_read_and_nothing_behind_the_end(do) -> None:
    def parts(blobs: Blobs, digest: str) -> None:
        blob = blobs.open(digest)
        assert blob is not None
        assert blob.size == len(LONG)
        for at, most in [(0, 1), (262_143, 2), (262_144, 1), (524_287, 200_000), (700_000, 99)]:
            assert blob.read(at, most) == LONG[at : at + most]
        assert blob.read(len(LONG), 10) == b""
        assert blob.read(len(LONG) + 5, 10) == b""
        blob.close()

    await do(parts, await do(keep, LONG))


async def test_the_same_bytes_are_kept_once_and_what_is_not_there_is_none(do) -> None:
    first, second = await do(keep, b"some"), await do(keep, b"some")
    assert first == second
    assert await do(lambda blobs: blobs.digests()) == [first]
    assert await do(lambda blobs: blobs.open(digest_of(b"other"))) is None


async def test_what_is_nobodys_is_removed_and_what_is_not_there_passed_over(do) -> None:
    digests = [await do(keep, b"one"), await do(keep, LONG)]
    assert await do(lambda blobs: blobs.digests()) == sorted(digests)
    await do(lambda blobs: blobs.remove([digests[1], digest_of(b"nothing")]))
    assert await do(lambda blobs: blobs.digests()) == [digests[0]]
    assert await do(lambda blobs: blobs.open(digests[1])) is None


async def test_what_is_discarded_was_never_there(do) -> None:
    def begin(blobs: Blobs) -> None:
        incoming = blobs.receive()
        incoming.write(b"half of it")
        incoming.discard()
        incoming.discard()
        assert not incoming.path.exists()

    await do(begin)
    assert await do(lambda blobs: blobs.digests()) == []


async def test_they_are_there_after_the_store_was_opened_again(opened) -> None:
    async with opened() as store:
        await furnish(store)
        digest = await asyncio.to_thread(keep, store.blobs(), LONG)
    async with opened() as store:
        assert await asyncio.to_thread(whole, store.blobs(), digest, 1 << 18) == LONG


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "f" * 63])
async def test_what_is_no_digest_names_nothing(do, name) -> None:
    with pytest.raises(ValueError, match="no SHA-256"):
        await do(lambda blobs: blobs.open(name))
