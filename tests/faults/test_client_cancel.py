"""Cancelled at every await, left while sending, interrupted: nothing is left behind (K8)."""

import asyncio
import random
import subprocess
import sys
import textwrap
from contextlib import suppress

import pytest

from conclave import Reject, testing
from conclave.client import Client, ClientClosed, ClientError

JOHN = "user-token-123"
ROUNDS = [pytest.param(50, id="50"), pytest.param(500, id="500", marks=pytest.mark.slow)]
OFF = {"rate": 0.0, "burst": 0}


async def _use(url: str, pending: list, outbox) -> None:
    """Use everything that waits for something."""
    async with Client(url, token=JOHN, outbox=outbox) as client:
        general = client.room("general").follow()
        await client.join("random")
        pending.append(await general.post("one"))
        await general.send("two")
        await anext(general)
        pending.append(await client.room("support").post("three"))
        await general.history(limit=1)
        await client.rooms()
        await anext(client)
        pending.append(await general.post("four"))


async def _quiet(server: testing.Server, before: set[asyncio.Task]) -> None:
    async with asyncio.timeout(5):
        while server.open_sockets:
            await asyncio.sleep(0.005)
    left = {task for task in asyncio.all_tasks() if not task.done()} - before
    ours = [task for task in left if "conclave/client" in repr(task.get_coro())]
    assert not ours, f"tasks left behind: {ours}"


async def _all_settled(pending: list) -> None:
    for one in pending:
        assert one.done, "a future that nobody will ever resolve"
        with suppress(ClientError, Reject):
            assert (await one).seq > 0


@pytest.mark.parametrize("rounds", ROUNDS)
@pytest.mark.timeout(900)
async def test_cancelled_at_any_await_it_leaves_nothing(rounds, tmp_path):
    finished = cancelled = 0
    async with testing.serve(**OFF) as server:
        before = asyncio.all_tasks()
        for turn in range(rounds):
            pending: list = []
            # Every other one keeps its outbox on disk; one after the other takes the same file.
            outbox = tmp_path / "outbox" if turn % 2 else None
            task = asyncio.create_task(_use(server.url, pending, outbox))
            # Each round is cancelled one turn of the loop later, or some: over all of them.
            for _ in range(turn if rounds > 100 else turn * 7):
                await asyncio.sleep(0)
            task.cancel()
            try:
                await task
                finished += 1
            except asyncio.CancelledError:
                cancelled += 1
            await _all_settled(pending)
            await _quiet(server, before)
    assert cancelled > rounds // 3
    print(f"{cancelled} cancelled, {finished} finished")


@pytest.mark.parametrize("rounds", ROUNDS)
@pytest.mark.timeout(900)
async def test_left_while_sending_what_waits_fails_with_a_typed_error(rounds):
    failed = stored = 0
    async with testing.serve(**OFF) as server:
        before = asyncio.all_tasks()
        dice = random.Random(seed := random.randrange(2**32))
        print(f"seed {seed}")
        for _ in range(rounds):
            async with Client(server.url, token=JOHN) as client:
                sending = [
                    asyncio.create_task(client.room(room).send("now"))
                    for room in ("general", "random", "general")
                ]
                asking = asyncio.create_task(client.rooms())
                reading = asyncio.create_task(anext(client.room("support")))
                await asyncio.sleep(dice.random() * 0.03)
            async with asyncio.timeout(2):
                results = await asyncio.gather(*sending, asking, reading, return_exceptions=True)
            for result in results[:3]:
                failed += isinstance(result, ClientClosed)
                stored += not isinstance(result, BaseException)
            assert all(
                isinstance(one, ClientClosed | StopAsyncIteration | RuntimeError)
                for one in results
                if isinstance(one, BaseException)
            ), results
            await _quiet(server, before)
    assert min(failed, stored) > 0
    assert failed + stored == 3 * rounds
    print(f"{failed} failed, {stored} stored")


_INTERRUPTED = """
    import asyncio, gc, logging, random, signal, sys
    from conclave.client import Client

    logging.basicConfig(level="WARNING")
    url, rounds = sys.argv[1], int(sys.argv[2])

    async def use(after):
        asyncio.get_running_loop().call_later(after, signal.raise_signal, signal.SIGINT)
        async with Client(url, token="user-token-123") as client:
            while True:
                await client.room("general").send("on and on")

    interrupted = 0
    for _ in range(rounds):
        try:
            asyncio.run(use(random.random() * 0.1))
        except KeyboardInterrupt:
            interrupted += 1
    gc.collect()
    print(interrupted)
"""


@pytest.mark.parametrize("rounds", ROUNDS)
@pytest.mark.timeout(300)
async def test_interrupted_it_ends_without_a_word(rounds):
    async with testing.serve(**OFF) as server:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-X", "dev", "-W", "error", "-c", textwrap.dedent(_INTERRUPTED)),
            *(server.url, str(rounds)),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        out, err = await process.communicate()
        assert (out.decode(), err.decode()) == (f"{rounds}\n", "")
        async with asyncio.timeout(5):
            while server.open_sockets:
                await asyncio.sleep(0.01)
