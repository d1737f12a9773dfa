"""Long work for the operator: one at a time, asked about, called off."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from conclave.protocol.errors import Reject
from conclave.server.errands import Errands, Tell


class Complaint(Exception):
    """What work says in words for people."""


@pytest.fixture
async def errands() -> AsyncIterator[Errands]:
    errands = Errands(Complaint)
    yield errands
    await errands.close()


async def over(errands: Errands) -> dict[str, Any]:
    async with asyncio.timeout(5):
        while not (state := await errands.state())["over"]:
            await asyncio.sleep(0)
    return state


async def count(tell: Tell) -> str:
    for n in range(1_000_000):
        tell(n, 1_000_000)
        await asyncio.sleep(0)
    return "counted"


async def test_its_result_is_kept_until_the_next(errands) -> None:
    async def work(tell: Tell) -> int:
        tell(3, 4)
        return 42

    errands.begin(work)
    assert await over(errands) == {
        "done": 3, "of": 4, "over": True, "result": 42, "failed": None,
    }  # fmt: skip
    errands.begin(count)
    assert (await errands.state())["result"] is None


async def test_only_one_at_a_time(errands) -> None:
    errands.begin(count)
    await asyncio.sleep(0)
    with pytest.raises(Reject, match="busy"):
        errands.begin(count)
    assert not (await errands.state())["over"]


async def test_it_ends_at_the_next_step_when_it_is_called_off(errands) -> None:
    errands.begin(count)
    await errands.call_off()
    assert (await over(errands))["failed"] == "it was called off"
    errands.begin(count)
    await errands.close()
    assert (await errands.state())["over"]


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (Complaint("the disk is full"), "the disk is full"),
        (Reject("busy"), "The server is busy"),
        (RuntimeError("the insides"), "something went wrong: the server's log says more"),
    ],
)
async def test_why_it_failed_is_said_without_the_insides(errands, error, says) -> None:
    async def work(tell: Tell) -> None:
        raise error

    errands.begin(work)
    assert (await over(errands))["failed"] == says


async def test_before_the_first_one_nothing_is_under_way(errands) -> None:
    assert (await errands.state())["over"]
