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


async def over(errands: Errands, name: str = "one") -> dict[str, Any]:
    async with asyncio.timeout(20):
        while not (state := await errands.state(name))["over"]:
            await asyncio.sleep(0)
    return state


async def count(tell: Tell) -> str:
    for n in range(1_000_000):
        tell(n, 1_000_000)
        await asyncio.sleep(0)
    return "counted"


async def test_its_result_is_kept_beside_that_of_the_next(errands) -> None:
    async def work(tell: Tell) -> int:
        tell(3, 4)
        return 42

    errands.begin("one", work)
    known = {"done": 3, "of": 4, "over": True, "result": 42, "failed": None}
    assert await over(errands) == known
    errands.begin("two", count)
    assert await over(errands) == known
    assert not (await errands.state("two"))["over"]


async def test_calling_one_off_that_is_over_leaves_the_next_alone(errands) -> None:
    async def work(tell: Tell) -> None:
        tell(1, 1)

    errands.begin("one", work)
    await over(errands)
    errands.begin("two", count)
    await errands.call_off("one")
    for _ in range(10):
        await asyncio.sleep(0)
    assert not (await errands.state("two"))["over"]


async def test_only_one_at_a_time_and_none_twice(errands) -> None:
    errands.begin("one", count)
    await asyncio.sleep(0)
    with pytest.raises(Reject, match="rate_limited"):
        errands.begin("two", count)
    assert not (await errands.state("one"))["over"]
    await errands.call_off("one")
    await over(errands)
    with pytest.raises(Reject, match="bad_request"):
        errands.begin("one", count)


async def test_it_ends_at_the_next_step_when_it_is_called_off(errands) -> None:
    errands.begin("one", count)
    await errands.call_off("one")
    assert (await over(errands))["failed"] == "it was called off"
    errands.begin("two", count)
    await errands.close()
    assert (await errands.state("two"))["over"]


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

    errands.begin("one", work)
    assert (await over(errands))["failed"] == says


async def test_the_last_ones_are_remembered_and_no_others(errands) -> None:
    async def work(tell: Tell) -> None:
        tell(1, 1)

    for n in range(20):
        errands.begin(f"number {n}", work)
        await over(errands, f"number {n}")
    assert (await errands.state("number 4"))["over"]
    for ask in (errands.state, errands.call_off):
        with pytest.raises(Reject, match="bad_request"):
            await ask("number 3")
