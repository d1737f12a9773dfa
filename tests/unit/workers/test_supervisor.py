"""Workers that serve nobody are started, watched, started again and sent away."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from conclave.workers import supervisor as supervising
from conclave.workers.supervisor import GaveUp, Supervisor
from conclave.workers.worker import Command

WITHIN = 20.0


class Crew:
    """A supervisor of workers that do as `obey` says."""

    def __init__(self, folder: Path) -> None:
        self.orders = folder / "orders"
        self.obey()
        words = [sys.executable, "-m", "tests.support.worker_process", str(self.orders)]
        self.supervisor = Supervisor(Command(words=words), 2)

    def obey(self, **wishes: dict[str, object]) -> None:
        self.orders.write_text(json.dumps({key[1:]: wish for key, wish in wishes.items()}))

    def lines(self, kind: str) -> list[list[str]]:
        path = self.orders.with_suffix(f".{kind}")
        return [line.split() for line in path.read_text().splitlines()] if path.exists() else []

    def pids(self, number: int) -> list[int]:
        return [int(pid) for who, pid, _ in self.lines("starts") if who == str(number)]

    def signals(self, pid: int) -> list[str]:
        return [name for who, name in self.lines("signals") if who == str(pid)]


@pytest.fixture
def crew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Crew:
    monkeypatch.setattr(supervising, "_AGAIN_FIRST", 0.02)
    return Crew(tmp_path)


async def eventually(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(WITHIN):
        while not is_so():
            await asyncio.sleep(0.02)


async def watched(crew: Crew, work: Callable[[], Awaitable[None]]) -> None:
    """Do *work* while the workers are watched, and stop them in good order."""
    await crew.supervisor.start()
    watching = asyncio.create_task(crew.supervisor.watch())
    try:
        await work()
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        await crew.supervisor.stop(asyncio.Event())


async def test_one_is_there_first_and_says_where_it_is_and_all_are_drained(crew) -> None:
    first = await crew.supervisor.start()
    assert first.announcement.address == "http://1"
    assert [(number, once) for number, _, once in crew.lines("starts")] == [("1", "1"), ("2", "0")]
    await crew.supervisor.stop(asyncio.Event())
    assert [crew.signals(crew.pids(n)[0]) for n in (1, 2)] == [["SIGTERM"], ["SIGTERM"]]
    assert crew.supervisor.serving == 0


async def test_one_that_dies_is_started_again_and_the_other_stays(crew) -> None:
    async def work() -> None:
        os.kill(crew.pids(2)[0], signal.SIGKILL)
        await eventually(lambda: len(crew.pids(2)) == 2 and crew.supervisor.serving == 2)
        assert len(crew.pids(1)) == 1

    await watched(crew, work)


async def test_a_hangup_is_told_to_all_and_ends_none(crew) -> None:
    async def work() -> None:
        crew.supervisor.hang_up()
        await eventually(lambda: len(crew.lines("signals")) == 2)
        assert {name for _, name in crew.lines("signals")} == {"SIGHUP"}
        assert crew.supervisor.serving == 2

    await watched(crew, work)


async def test_all_are_started_anew_one_after_the_other(crew) -> None:
    async def work() -> None:
        fewest = [2]

        async def look() -> None:
            while True:
                fewest.append(crew.supervisor.serving)
                await asyncio.sleep(0.005)

        looking = asyncio.create_task(look())
        assert await crew.supervisor.roll()
        looking.cancel()
        assert min(fewest) == 1
        assert [len(crew.pids(n)) for n in (1, 2)] == [2, 2]
        assert [crew.signals(crew.pids(n)[0]) for n in (1, 2)] == [["SIGUSR2"], ["SIGUSR2"]]

    await watched(crew, work)


@pytest.mark.slow
async def test_one_that_does_not_come_back_ends_the_round_and_is_tried_again(crew) -> None:
    async def work() -> None:
        crew.obey(_1={"exit": 3})
        assert not await crew.supervisor.roll()
        assert len(crew.pids(2)) == 1
        await eventually(lambda: len(crew.pids(1)) > 3)
        crew.obey()
        await eventually(lambda: crew.supervisor.serving == 2)

    await watched(crew, work)


@pytest.mark.parametrize("number", [1, 2])
async def test_one_that_never_starts_is_told_and_the_other_is_ended(crew, number) -> None:
    crew.obey(**{f"_{number}": {"exit": 2}})
    with pytest.raises(GaveUp, match=rf"worker {number} does not start \(exit code 2\)") as gave_up:
        await crew.supervisor.start()
    assert gave_up.value.code == 2
    await crew.supervisor.stop(asyncio.Event())
    assert len(crew.lines("starts")) == number


@pytest.mark.slow
async def test_when_none_comes_back_it_gives_up(crew) -> None:
    async def work() -> None:
        crew.obey(_1={"exit": 1}, _2={"exit": 1})
        for number in (1, 2):
            os.kill(crew.pids(number)[0], signal.SIGKILL)

    await crew.supervisor.start()
    await work()
    with pytest.raises(GaveUp, match="does not start"):
        await asyncio.wait_for(crew.supervisor.watch(), WITHIN)
    await crew.supervisor.stop(asyncio.Event())


@pytest.mark.slow
async def test_one_whose_loop_hangs_is_ended_and_started_again(crew, monkeypatch) -> None:
    monkeypatch.setattr(supervising, "HANGS_AFTER", 1.5)
    monkeypatch.setattr(supervising, "_LOOK_EVERY", 0.05)

    async def work() -> None:
        os.kill(crew.pids(1)[0], signal.SIGSTOP)
        await eventually(lambda: len(crew.pids(1)) == 2 and crew.supervisor.serving == 2)
        assert len(crew.pids(2)) == 1

    await watched(crew, work)


async def test_in_a_hurry_nobody_who_stays_is_waited_for(crew, monkeypatch) -> None:
    monkeypatch.setattr(supervising, "_LEAVES_IN_A_HURRY", 0.3)
    crew.obey(_1={"stays": True})
    await crew.supervisor.start()
    hurry = asyncio.Event()
    stopping = asyncio.create_task(crew.supervisor.stop(hurry))
    await eventually(lambda: crew.signals(crew.pids(1)[0]) == ["SIGTERM"])
    hurry.set()
    await asyncio.wait_for(stopping, WITHIN)
    assert crew.signals(crew.pids(1)[0]) == ["SIGTERM", "SIGTERM"]


async def test_workers_whose_supervisor_is_gone_end_by_themselves(crew) -> None:
    first = await crew.supervisor.start()
    first._line.close()
    assert await asyncio.wait_for(first.end(), WITHIN) == 0
    await crew.supervisor.stop(asyncio.Event())
