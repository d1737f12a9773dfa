"""
What every test of a running node must hold besides: nothing blocks, nothing is left behind.

A test that turns it off says why.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager

import pytest
from blockbuster import BlockBuster, blockbuster_ctx
from structlog.testing import capture_logs
from structlog.typing import EventDict


@contextmanager
def no_blocking_calls() -> Iterator[BlockBuster]:
    """Raise `BlockingError` where a call below `conclave` would make the event loop wait."""
    with blockbuster_ctx("conclave") as buster:
        # The name of the working directory waits for no disk.
        buster.functions["os.path.abspath"].deactivate()
        for function in buster.functions.values():
            # Files of the page are read once, before the port is opened.
            function.can_block_in("conclave/http/pages.py", "page_files")
        yield buster


@asynccontextmanager
async def no_leaked_tasks() -> AsyncIterator[None]:
    """Raise `AssertionError` when more tasks are there at the end than at the beginning."""
    before = asyncio.all_tasks()
    yield
    left = {task for task in asyncio.all_tasks() if not task.done()} - before
    left.discard(asyncio.current_task())
    assert not left, f"tasks left behind: {sorted(repr(task) for task in left)}"


@pytest.fixture(autouse=True)
async def nothing_blocks_and_nothing_is_left() -> AsyncIterator[None]:
    """J10, for each test of a folder whose conftest has it."""
    async with no_leaked_tasks():
        with no_blocking_calls():
            yield


@pytest.fixture(autouse=True)
def logs() -> Iterator[Sequence[EventDict]]:
    """What the node in this process logs, as dicts."""
    with capture_logs() as lines:
        yield lines
