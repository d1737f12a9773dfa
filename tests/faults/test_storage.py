"""
The store when the disk refuses, fills up or the process dies: G2, I1, I2 of the limits in small.

A process of its own appends; strace makes its system calls fail. Afterwards the file is opened
without faults, and what was acknowledged must be there, once, under its number. A test
whose fault never fired fails.
"""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.support.syscalls import faults_fired, needs_strace, read_trace, told_too_early, traced

from conclave.model import Identity
from conclave.protocol.errors import Code
from conclave.storage import SqliteStore

pytestmark = [needs_strace, pytest.mark.strace]

ROOT = Path(__file__).parents[2]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A directory whose database is made already, so that faults meet appends."""

    async def make() -> None:
        store = await SqliteStore.open(tmp_path / "data")
        await store.create_room("hall", Identity(user="ann", name="Ann"))
        await store.close()

    asyncio.run(make())
    return tmp_path / "data"


def run(data: Path, count: int, *before: str, first: int = 0) -> list[dict[str, Any]]:
    words = [*before, sys.executable, "-m", "tests.support.appender", data, count, first]
    process = subprocess.run(
        list(map(str, words)), cwd=ROOT, capture_output=True, text=True, check=False, timeout=50
    )
    said = [json.loads(line) for line in process.stdout.splitlines()]
    return [*said, {"exit": process.returncode, "stderr": process.stderr}]


def acks(said: list[dict[str, Any]]) -> dict[str, int]:
    return {line["ack"]: line["seq"] for line in said if "ack" in line}


def refusals(said: list[dict[str, Any]]) -> list[str]:
    return [line["refused"] for line in said if "refused" in line]


def answers(said: list[dict[str, Any]]) -> list[str]:
    return [kind for line in said for kind in ("ack", "refused") if kind in line]


def stored(data: Path) -> dict[str, int]:
    """Return marker and number of every message; number and marker must be unique, no gaps."""

    async def read() -> list[tuple[int, str]]:
        store = await SqliteStore.open(data)
        found: list[tuple[int, str]] = []
        upto, more = 0, True
        while more:
            page = await store.after("hall", upto)
            found += [(entry.seq, entry.text.removeprefix("text ")) for entry in page.entries]
            upto, more = page.upto, page.more
        await store.close()
        return found

    found = asyncio.run(read())
    assert [seq for seq, _ in found] == list(range(1, len(found) + 1))
    assert len({marker for _, marker in found}) == len(found)
    return {marker: seq for seq, marker in found}


def assert_nothing_is_lost(data: Path, *runs: list[dict[str, Any]]) -> None:
    found = stored(data)
    for said in runs:
        for marker, seq in acks(said).items():
            assert found.get(marker) == seq


def test_no_ack_leaves_before_the_sync_after_its_write(data: Path, tmp_path: Path) -> None:
    said = run(data, 64, *traced(tmp_path / "trace"))
    assert len(acks(said)) == 64
    assert told_too_early(read_trace(tmp_path / "trace"), acks(said)) == []


@pytest.mark.parametrize("when", ["3", "5+"])
def test_after_a_failed_sync_nothing_is_acknowledged_for_good(
    data: Path, tmp_path: Path, when: str
) -> None:
    """I2: also where only one sync failed, for the next one's word is worth nothing."""
    trace = tmp_path / "trace"
    fault = f"fsync,fdatasync:error=EIO:when={when}"
    said = run(data, 200, *traced(trace, fault, only=data / "conclave.db-wal"))
    calls = read_trace(trace)
    assert faults_fired(calls) >= 1
    assert acks(said)
    assert set(refusals(said)) == {Code.UNAVAILABLE}
    kinds = [
        "ack" if "ack" in line else "refused" for line in said if "seq" in line or "marker" in line
    ]
    assert kinds == sorted(kinds), "acknowledged after a refusal"
    assert not any(line["healthy"] for line in said if "marker" in line)
    # It says why, reads go on, and it ends in good order.
    assert "store_broken" in said[-1]["stderr"]
    assert "disk I/O error" in said[-1]["stderr"]
    (read,) = [line for line in said if "read" in line]
    assert read["read"] >= min(len(acks(said)), 100)
    assert said[-1]["exit"] == 0
    assert_nothing_is_lost(data, said)
    # A new process goes on, and finds out what became of the rest.
    again = run(data, 200)
    assert len(acks(again)) == 200
    assert_nothing_is_lost(data, said, again)


def test_a_failed_sync_of_a_checkpoint_breaks_the_store_too(data: Path, tmp_path: Path) -> None:
    """SQLite's own checkpoints swallow it, and then forget the WAL."""
    trace = tmp_path / "trace"
    words = traced(trace, "fsync,fdatasync:error=EIO:when=1", only=data / "conclave.db")
    said = run(data, 3_000, *words)
    assert faults_fired(read_trace(trace)) == 1
    assert acks(said)
    assert set(refusals(said)) == {Code.UNAVAILABLE}
    assert "store_broken" in said[-1]["stderr"]
    assert_nothing_is_lost(data, said)


def test_a_full_disk_is_unavailable_until_there_is_room(data: Path, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    words = traced(trace, "pwrite64:error=ENOSPC:when=30..40", only=data / "conclave.db-wal")
    said = run(data, 200, *words)
    assert faults_fired(read_trace(trace)) >= 1
    assert set(refusals(said)) == {Code.UNAVAILABLE}
    assert all(line["healthy"] for line in said if "marker" in line)
    kinds = [
        "ack" if "ack" in line else "refused" for line in said if "seq" in line or "marker" in line
    ]
    assert kinds[0] == kinds[-1] == "ack", "did not recover"
    assert_nothing_is_lost(data, said)
    assert stored(data).keys() >= acks(said).keys()


def kill_and_check(data: Path, trace: Path, call: str, when: int) -> None:
    words = traced(trace, f"{call}:signal=SIGKILL:when={when}", only=data / "conclave.db-wal")
    said = run(data, 120, *words)
    assert "SIGKILL" in trace.read_text()
    assert said[-1]["exit"] not in (0, 1)
    assert {"closed": True} not in said
    assert_nothing_is_lost(data, said)
    again = run(data, 120)
    assert len(acks(again)) == 120
    assert_nothing_is_lost(data, said, again)
    # What was acknowledged is known as the same request.
    assert all(not line["new"] for line in again if line.get("ack") in acks(said))


@pytest.mark.parametrize(("call", "when"), [("fsync,fdatasync", 4), ("pwrite64", 6)])
def test_a_process_killed_in_a_system_call_loses_nothing(
    data: Path, tmp_path: Path, call: str, when: int
) -> None:
    kill_and_check(data, tmp_path / "trace", call, when)


@pytest.mark.slow
@pytest.mark.parametrize("when", range(1, 16))
@pytest.mark.parametrize("call", ["fsync,fdatasync", "pwrite64"])
def test_a_process_killed_in_any_system_call_loses_nothing(
    data: Path, tmp_path: Path, call: str, when: int
) -> None:
    kill_and_check(data, tmp_path / "trace", call, when)
