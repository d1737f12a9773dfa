"""
A whole server whose disk fails to sync, once or for good (I2).

After a failed sync the kernel may have dropped what it could not write, and calls the next
one good. So nothing is acknowledged any more until a new process has looked at the disk.
"""

import asyncio

import pytest
from tests.support.checker import check, history_of, read_journals
from tests.support.crowd import Sender, come_in
from tests.support.probe import ready
from tests.support.stage import Stage
from tests.support.syscalls import faults_fired, needs_strace, read_trace

from conclave.client.wire import connect
from conclave.storage.sqlite import SqliteStore

pytestmark = [needs_strace, pytest.mark.strace]


async def _history(url: str) -> int:
    async with connect(url) as wire:
        return len((await come_in(wire, "sender0", "general")).data["messages"])


@pytest.mark.parametrize("when", ["5", "5+"], ids=["once", "for ever"])
async def test_after_a_failed_sync_the_server_says_so_and_acknowledges_nothing(tmp_path, when):
    data, journals, trace = tmp_path / "data", tmp_path / "journals", tmp_path / "trace"
    journals.mkdir()
    with Stage() as stage:
        node = await asyncio.to_thread(stage.serve, data)
        sending = [Sender(node.url, f"sender{n}", "general", journals) for n in range(6)]
        async with asyncio.TaskGroup() as tasks:
            talking = [tasks.create_task(person.run()) for person in sending]
            while min(person.acked for person in sending) < 5:
                await asyncio.sleep(0.02)
            assert ready(node.port) == (200, [])
            wal = data / "demo" / "conclave.db-wal"
            strace = node.attach(trace, f"fsync,fdatasync:error=EIO:when={when}", only=wal)
            while min(person.put_off for person in sending) < 3:
                await asyncio.sleep(0.02)
            assert faults_fired(read_trace(trace)) >= 1
            # The disk is well again, and yet it is not believed.
            strace.detach()
            acked = [person.acked for person in sending]
            put_off = [person.put_off for person in sending]
            async with asyncio.timeout(30):
                while any(p.put_off <= was for p, was in zip(sending, put_off, strict=True)):
                    await asyncio.sleep(0.05)
            assert [person.acked for person in sending] == acked
            assert {person.refused for person in sending} == {"unavailable"}

            status, because = ready(node.port)
            assert status == 503
            assert "a sync failed" in str(because)
            said = node.log.read_text()
            assert said.count("store_broken") == 1
            assert "disk I/O error" in said
            assert await _history(node.url) >= 30

            node.kill()
            node = await asyncio.to_thread(stage.serve, data, node.port)
            for person in sending:
                person.enough.set()
            await asyncio.gather(*talking)
            assert ready(node.port) == (200, [])
        node.kill()
    store = await SqliteStore.open(data / "demo")
    history = await history_of(store, ["general"])
    await store.close()
    assert check(read_journals(journals.iterdir()), history) == []
