"""
The power fails at any moment, and the disk has kept what it liked of what was not synced (G3).

A process appends under strace; from the trace, images of its files are built as a disk may
hold them after a failure at that line. The shipped library opens each: all that was
acknowledged before is there.
"""

import asyncio
import json
import random
import sys
from pathlib import Path

import pytest
from tests.support.node_process import ENVIRONMENT
from tests.support.power import Disk, traced
from tests.support.syscalls import needs_strace

from conclave.model import Identity
from conclave.storage import SqliteStore

pytestmark = [needs_strace, pytest.mark.strace]

ROOT = Path(__file__).parents[2]
# Enough for a checkpoint to happen on the way.
MESSAGES = 1_600


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Disk:
    """A traced run on a database that was made and synced before."""
    folder = tmp_path_factory.mktemp("power")
    data, trace = folder / "data", folder / "trace"

    async def make() -> None:
        store = await SqliteStore.open(data)
        await store.create_room("hall", Identity(user="ann", name="Ann"))
        await store.close()

    async def run() -> None:
        words = [*traced(trace), sys.executable, "-m", "tests.support.appender", data, MESSAGES]
        process = await asyncio.create_subprocess_exec(
            *map(str, words), cwd=ROOT, env=ENVIRONMENT, stdout=asyncio.subprocess.DEVNULL
        )
        assert await process.wait() == 0

    asyncio.run(make())
    before = {path.name: path.read_bytes() for path in data.iterdir() if path.suffix == ".db"}
    asyncio.run(run())
    return Disk(trace, data, before)


def _acknowledged(said: bytes) -> dict[str, int]:
    lines = [json.loads(line) for line in said.splitlines() if line.startswith(b'{"ack"')]
    return {line["ack"]: line["seq"] for line in lines}


async def _texts(data: Path) -> dict[str, int]:
    """Open what is left with the shipped library; return marker and number of all messages."""
    store = await SqliteStore.open(data)
    try:
        found: list[tuple[int, str]] = []
        upto, more = 0, True
        while more:
            page = await store.after("hall", upto)
            found += [(entry.seq, entry.text) for entry in page.entries]
            upto, more = page.upto, page.more
    finally:
        await store.close()
    assert [seq for seq, _ in found] == list(range(1, len(found) + 1))
    return {text.removeprefix("text "): seq for seq, text in found}


def _lost(disk: Disk, folder: Path, cut: int, seed: int, *, honest: bool = True) -> tuple[int, int]:
    """Return how much of what was acknowledged before *cut* is lost, and how much was in doubt."""
    image, in_doubt = disk.at(cut, random.Random(seed), honest=honest)
    folder.mkdir()
    for name, data in image.items():
        (folder / name).write_bytes(data)
    found = asyncio.run(_texts(folder))
    acked = _acknowledged(disk.said(cut))
    return sum(found.get(marker) != seq for marker, seq in acked.items()), in_doubt


@pytest.mark.parametrize(
    "count",
    [pytest.param(10, id="10 cuts"), pytest.param(50, id="50 cuts", marks=pytest.mark.slow)],
)
@pytest.mark.timeout(300)
def test_a_power_failure_at_any_moment_loses_nothing_that_was_acknowledged(disk, tmp_path, count):
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    in_doubt = 0
    for n in range(count):
        cut = dice.choice(disk.cuts())
        lost, doubtful = _lost(disk, tmp_path / str(n), cut, seed + n)
        assert lost == 0, f"the power failed at line {cut}, seed {seed + n}"
        in_doubt += doubtful
    assert in_doubt > count  # else there was nothing to lose


def test_the_power_failed_also_in_a_checkpoint(disk, tmp_path):
    writes = [e for e in disk.events if e.path.endswith("conclave.db") and e.change is not None]
    assert len(writes) > 50
    for n, event in enumerate(random.Random(7).sample(writes, 5)):
        lost, in_doubt = _lost(disk, tmp_path / str(n), event.began + 1, n)
        assert in_doubt > 0
        assert lost == 0, f"the power failed at line {event.began + 1}"


def test_with_a_disk_that_lies_the_loss_is_found(disk, tmp_path):
    """Else the images would show nothing."""
    cut = disk.cuts()[-1] // 2
    lost, _ = _lost(disk, tmp_path / "lied", cut, 1, honest=False)
    assert lost > 0
