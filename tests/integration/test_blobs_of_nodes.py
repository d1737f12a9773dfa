"""What one node took in another gives, and nobody removes what somebody attaches meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.conformance.people import ANN, BOB, furnish
from tests.support.postgres import Postgres

from conclave.app.parts import SystemClock
from conclave.media.attachments import Attachments
from conclave.model.attachments import AttachmentLimits
from conclave.protocol.errors import Reject
from conclave.storage import SqliteStore
from conclave.storage.attachments import SqlAttachments
from conclave.storage.blobs import blobs_in
from conclave.storage.errors import CannotDo
from conclave.storage.postgres.moving import move
from conclave.storage.postgres.store import PostgresStore
from conclave.storage.sqlstore import SqlStore

pytestmark = pytest.mark.slow

WORDS = b"the same words, wherever they are\n" * 20_000


def attaching(store: SqlStore, rows: SqlAttachments | None = None) -> Attachments:
    rows = rows or SqlAttachments(store)
    return Attachments(rows, store.blobs(), SystemClock(), AttachmentLimits())


async def send(attachments: Attachments, data: bytes = WORDS) -> str:
    async def body() -> AsyncIterator[bytes]:
        yield data

    return (await attachments.receive("hall", "a.txt", "text/plain", body(), ANN)).id


async def fetch(attachments: Attachments, id_: str) -> bytes:
    _, blob = await attachments.open(id_, ANN, thumb=False)
    return await asyncio.to_thread(blob.read, 0, blob.size)


@pytest.fixture
async def nodes(postgresql: Postgres, tmp_path: Path) -> AsyncIterator[list[PostgresStore]]:
    url = await asyncio.to_thread(postgresql.furnished)
    made = [await PostgresStore.open(url, tmp_path / f"{n}", alone=False) for n in range(2)]
    await furnish(made[0], BOB)
    yield made
    for one in made:
        await one.close()


async def test_what_one_node_took_in_the_other_gives_until_it_is_nobodys(nodes) -> None:
    one, other = map(attaching, nodes)
    first = await send(one)
    assert await fetch(other, first) == WORDS
    second = await send(other)
    await one.withdraw(first, ANN)
    await other.sweep()
    # The same bytes are somebody's still.
    assert await fetch(one, second) == WORDS
    await other.withdraw(second, ANN)
    await one.sweep()
    assert await asyncio.to_thread(nodes[0].blobs().digests) == []


async def test_what_another_node_removes_while_it_is_attached_is_there(nodes) -> None:
    other = attaching(nodes[1])
    lost = 0

    class Rows(SqlAttachments):
        async def add(self, *what) -> None:
            nonlocal lost
            # Just now the other node finds that it is nobody's.
            await other.begin()
            lost += not await asyncio.to_thread(nodes[1].blobs().digests)
            await super().add(*what)

    one = attaching(nodes[0], Rows(nodes[0]))
    assert await fetch(other, await send(one)) == WORDS
    assert lost == 1


async def test_two_nodes_that_attach_and_sweep_at_once_lose_nothing(nodes) -> None:
    one, other = map(attaching, nodes)

    async def again_and_again(attachments: Attachments, digit: int) -> list[str]:
        sent = []
        for n in range(20):
            sent.append(await send(attachments, b"%d" % (n % 5) * 300_000))
            if n % 3 == digit:
                await attachments.withdraw(sent.pop(0), ANN)
            await attachments.sweep()
        return sent

    kept = await asyncio.gather(again_and_again(one, 0), again_and_again(other, 1))
    for ids, attachments in zip(kept, (other, one), strict=True):
        for id_ in ids:
            assert len(await fetch(attachments, id_)) == 300_000


@pytest.fixture
async def file(tmp_path: Path) -> tuple[Path, str]:
    """A data directory with an attachment in it."""
    store = await SqliteStore.open(tmp_path / "file")
    await furnish(store)
    sent = await send(attaching(store))
    await store.close()
    return tmp_path / "file", sent


async def test_a_move_takes_the_files_along(file, postgresql: Postgres, tmp_path: Path) -> None:
    data, sent = file
    url = await asyncio.to_thread(postgresql.empty)
    await asyncio.to_thread(move, data, url)
    store = await PostgresStore.open(url, tmp_path / "moved")
    assert await fetch(attaching(store), sent) == WORDS
    assert len(await asyncio.to_thread(blobs_in(data).digests)) == 1
    await store.close()


async def test_a_damaged_file_is_not_moved_and_nothing_else_is(
    file, postgresql: Postgres, tmp_path: Path
) -> None:
    data, sent = file
    url = await asyncio.to_thread(postgresql.empty)
    (digest,) = await asyncio.to_thread(blobs_in(data).digests)
    place = blobs_in(data).place(digest)
    await asyncio.to_thread(place.write_bytes, b"others")
    with pytest.raises(CannotDo, match="is damaged: nothing was moved"):
        await asyncio.to_thread(move, data, url)
    await asyncio.to_thread(place.write_bytes, WORDS)
    await asyncio.to_thread(move, data, url)
    store = await PostgresStore.open(url, tmp_path / "moved")
    with pytest.raises(Reject):
        await attaching(store).open("unknown", ANN, thumb=False)
    assert await fetch(attaching(store), sent) == WORDS
    await store.close()
