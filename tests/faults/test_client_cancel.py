"""Cancelled at every await, left while sending, interrupted: nothing is left behind (K8)."""

import asyncio
import random
import subprocess
import sys
import textwrap
import types
from collections.abc import Coroutine, Generator
from contextlib import suppress
from pathlib import Path

import pytest

from conclave import Reject, testing
from conclave.client import Client, ClientClosed, ClientError, OutboxUnusable
from conclave.client.keeping import open_keeper

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
    async with asyncio.timeout(20):
        while server.open_sockets:
            await asyncio.sleep(0.005)
    left = {task for task in asyncio.all_tasks() if not task.done()} - before
    ours = [task for task in left if "conclave/client" in repr(task.get_coro())]
    assert not ours, f"tasks left behind: {ours}"


async def _let_in(outbox: Path, server: str) -> None:
    """The file is free, at the latest when a thread has written what it was writing."""
    async with asyncio.timeout(20):
        while True:
            try:
                keeper = await open_keeper(outbox, server)
            except OutboxUnusable:
                await asyncio.sleep(0.01)
            else:
                await keeper.close()
                return


async def _all_settled(pending: list) -> None:
    for one in pending:
        assert one.done, "a future that nobody will ever resolve"
        with suppress(ClientError, Reject):
            assert (await one).seq > 0


@types.coroutine
def _cut(work: Coroutine, at: set[int]) -> Generator:
    """Run *work* and cancel its task at these of its waits; return how often it waited."""
    waits, error = 0, None
    while True:
        try:
            future = work.send(None) if error is None else work.throw(error)
        except StopIteration:
            return waits
        waits, error = waits + 1, None
        if waits in at:
            asyncio.current_task().cancel()
        try:
            yield future
        except BaseException as thrown:
            error = thrown


@pytest.mark.parametrize("rounds", ROUNDS)
@pytest.mark.timeout(900)
async def test_cancelled_at_any_await_it_leaves_nothing(rounds, tmp_path):
    async with testing.serve(**OFF) as server:
        before = asyncio.all_tasks()

        async def use(turn: int, *at: int) -> int:
            pending: list = []
            # Every other one keeps its outbox on disk; one after the other takes the same file.
            outbox = tmp_path / "outbox" if turn % 2 else None
            try:
                return await asyncio.ensure_future(_task(_use(server.url, pending, outbox), {*at}))
            finally:
                await _all_settled(pending)
                await _quiet(server, before)
                if outbox is not None:
                    await _let_in(outbox, f"ws://127.0.0.1:{server.port}")

        awaits = await use(1)
        assert awaits > 10
        cancelled = 0
        for turn in range(rounds):
            # Over all rounds each of its awaits, with a file and without; then once more while
            # it says goodbye.
            at = 1 + (turn // 2) % awaits
            try:
                await use(turn, at, *([at + 1] if turn % 3 == 0 else []))
            except asyncio.CancelledError:
                cancelled += 1
        assert cancelled > rounds // 2
        print(f"{awaits} awaits, {cancelled} of {rounds} cancelled")


async def _task(work: Coroutine, at: set[int]) -> int:
    return await _cut(work, at)


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
            async with asyncio.timeout(20):
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

    logging.basicConfig(level="ERROR")
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
@pytest.mark.timeout(900)
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
        async with asyncio.timeout(20):
            while server.open_sockets:
                await asyncio.sleep(0.01)
