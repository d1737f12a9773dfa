"""What a store reads by is there from the start."""

import asyncio
import resource
import time

from conclave.storage.sqlite import SqliteStore


async def test_a_store_that_is_open_reads_when_no_descriptor_is_left(tmp_path) -> None:
    store = await SqliteStore.open(tmp_path)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)

    def counted(connection) -> int:
        # Long enough for the other thread to be asked, too.
        time.sleep(0.05)
        return connection.exec_driver_sql("SELECT count(*) FROM rooms").scalar_one()

    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
        assert await asyncio.gather(*(store.read(counted) for _ in range(4))) == [0] * 4
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        await store.close()
