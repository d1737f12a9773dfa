"""What a node does on its own is tried again when it fails: soon, and not too often."""

import asyncio

from structlog.testing import capture_logs
from tests.schedules.hand_time import run

from conclave.server.background import AGAIN, Background

HOUR = 3_600.0


class Task:
    """Fails until it is well; notes when it was called."""

    def __init__(self) -> None:
        self.well = False
        self.at: list[float] = []

    async def __call__(self) -> None:
        self.at.append(asyncio.get_running_loop().time())
        if not self.well:
            raise OSError("away")


async def kept(seconds: float, task: Task, fails_for: float) -> float:
    """Let *task* fail for so long; return how long it was said to fail after it was well."""
    background, loop = Background(), asyncio.get_running_loop()
    background.every(seconds, "task", task)
    await asyncio.sleep(fails_for)
    assert background.failing == {"task"}
    task.well, well = True, loop.time()
    while background.failing:
        await asyncio.sleep(0.01)
    late = loop.time() - well
    await background.close()
    return late


def test_what_is_done_often_is_well_again_in_seconds_however_long_it_failed() -> None:
    async def main() -> None:
        for fails_for in (30.0, HOUR):
            assert await kept(0.1, Task(), fails_for) <= AGAIN + 0.1

    with capture_logs():
        run(main())


def test_what_is_done_each_hour_and_failed_once_is_not_said_to_fail_for_an_hour() -> None:
    async def main() -> None:
        task = Task()
        # It is its turn in the middle of half a minute in which nothing goes.
        assert await kept(HOUR, task, HOUR + 15) <= 20
        assert len(task.at) <= 5

    with capture_logs():
        run(main())


def test_what_is_done_each_hour_and_always_fails_is_tried_no_more_often_in_the_end() -> None:
    async def main() -> None:
        task, background = Task(), Background()
        background.every(HOUR, "task", task)
        await asyncio.sleep(24 * HOUR)
        await background.close()
        # Once an hour, and ten times more on the way there.
        assert 22 <= len(task.at) <= 34

    with capture_logs() as logs:
        run(main())
    assert len(logs) <= 25
