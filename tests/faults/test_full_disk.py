"""
A disk that fills up under load, and gets space again (I1).

Where a file system may be mounted it is a small one of its own; elsewhere strace says that
there is no space.
"""

import asyncio
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from tests.support.checker import check, history_of, read_journals
from tests.support.crowd import Sender, come_in
from tests.support.probe import Pulse, ready
from tests.support.stage import Actor, Stage
from tests.support.syscalls import faults_fired, needs_strace, read_trace

from conclave.client.wire import connect
from conclave.storage.driver import driver
from conclave.storage.sqlite import SqliteStore

MIB = 1024 * 1024
ROOM = "general"


def _may_mount(place: Path) -> bool:
    """Mount a file system of 4 MiB on *place*, if this process may."""
    place.mkdir(exist_ok=True)
    words = ["mount", "-t", "tmpfs", "-o", "size=4m,mode=0700", "tmpfs", str(place)]
    try:
        return subprocess.run(words, capture_output=True, timeout=10).returncode == 0
    except OSError:
        return False


class _Small:
    """A file system that is full once half of it is written; `free` gives the other half."""

    def __init__(self, place: Path) -> None:
        self._ballast = place / "ballast"
        self._ballast.write_bytes(bytes(2 * MIB))

    def fill(self, node: Actor) -> None: ...

    def free(self) -> None:
        self._ballast.unlink()


class _Told:
    """A file system that is full because strace says so."""

    def __init__(self, place: Path, trace: Path) -> None:
        self._wal = place / "data" / "demo" / "conclave.db-wal"
        self._trace = trace

    def fill(self, node: Actor) -> None:
        fault = "pwrite64:error=ENOSPC:when=1+"
        self._strace = node.attach(self._trace, fault, only=self._wal)

    def free(self) -> None:
        self._strace.detach()
        assert faults_fired(read_trace(self._trace)) > 0


@pytest.fixture(params=["mounted", "told"])
def disk(request: pytest.FixtureRequest, tmp_path: Path):
    """Return a directory, and what fills and frees it."""
    place = tmp_path / "small"
    if request.param == "mounted" and _may_mount(place):
        yield place, _Small(place)
        subprocess.run(["umount", "--lazy", str(place)], check=True, timeout=10)
    else:
        yield place, _Told(place, tmp_path / "trace")


async def _until(holds: Callable[[], bool], within: float) -> float:
    """Wait until *holds*, and return for how many seconds."""
    began = time.monotonic()
    async with asyncio.timeout(within):
        while not holds():
            await asyncio.sleep(0.01)
    return time.monotonic() - began


@needs_strace
@pytest.mark.strace
@pytest.mark.alone
async def test_a_full_disk_refuses_writes_until_there_is_space_and_loses_nothing(disk, tmp_path):
    place, space = disk
    data, journals = place / "data", tmp_path / "journals"
    journals.mkdir()
    with Stage() as stage:
        node = await asyncio.to_thread(stage.serve, data, log=tmp_path / "server.log")
        sending = [Sender(node.url, f"s{n}", ROOM, journals, padding=3_000) for n in range(8)]
        async with asyncio.TaskGroup() as tasks:
            talking = [tasks.create_task(person.run()) for person in sending]
            await _until(lambda: min(person.acked for person in sending) > 2, 20)
            space.fill(node)
            await _until(lambda: min(person.put_off for person in sending) > 2, 30)
            pulse = Pulse(node.url, "i-am-judge")
            async with connect(node.url) as wire:
                assert len((await come_in(wire, "s0", ROOM)).data["messages"]) > 8
            await asyncio.sleep(0.5)
            await pulse.stop()
            assert pulse.p99 < 0.25
            assert {person.refused for person in sending} == {"unavailable"}
            assert ready(node.port) == (200, [])  # it reads, and it will write again
            assert "batch_refused" in node.log.read_text()

            acked = sum(person.acked for person in sending)
            space.free()
            took = await _until(lambda: sum(p.acked for p in sending) > acked + len(sending), 5)
            for person in sending:
                person.enough.set()
            await asyncio.gather(*talking)
        node.kill()
    assert "store_broken" not in node.log.read_text()
    with closing(driver().connect(data / "demo" / "conclave.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    store = await SqliteStore.open(data / "demo")
    history = await history_of(store, [ROOM])
    await store.close()
    assert check(read_journals(journals.iterdir()), history) == []
    print(f"{type(space).__name__}: wrote again {took:.2f} s after there was space")
