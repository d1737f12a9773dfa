"""Every test here: no blocking call in the loop, no task left behind (J10)."""

import pytest
from structlog.testing import capture_logs
from tests.support.watch import no_blocking_calls, no_leaked_tasks


@pytest.fixture(autouse=True)
async def nothing_blocks_and_nothing_is_left():
    async with no_leaked_tasks():
        with no_blocking_calls():
            yield


@pytest.fixture(autouse=True)
def logs():
    """What the node in this process logs, as dicts."""
    with capture_logs() as lines:
        yield lines
