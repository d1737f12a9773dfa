"""
Long work that a running server does for the operator: begun, asked about, called off.

One errand at a time. It goes on when the command that began it goes away; `close` calls it
off and waits for it, so that a stopping server leaves nothing half done.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from conclave.protocol.errors import Code, Reject

_log = structlog.get_logger("conclave.server")

# What is done, and of how much; raises `CalledOff` where it should end. From any thread.
Tell = Callable[[int, int], None]
Work = Callable[[Tell], Awaitable[Any]]


class CalledOff(Exception):
    """The operator does not want it any more."""


class Errands:
    """Its methods belong to one loop; *complaints* are what work says in words for people."""

    def __init__(self, *complaints: type[Exception]) -> None:
        self._complaints = complaints
        self._task: asyncio.Task[None] | None = None
        self._called_off = False
        self._done = self._of = 0
        self._result: Any = None
        self._failed: str | None = None

    def begin(self, work: Work) -> None:
        """Start *work*; raises `busy` while another one is under way."""
        if self._task is not None and not self._task.done():
            raise Reject(Code.BUSY, "The server does something else for an operator: try again")
        self._called_off, self._done, self._of = False, 0, 0
        self._result, self._failed = None, None
        self._task = asyncio.create_task(self._run(work), name="errand")

    async def state(self) -> dict[str, Any]:
        """Return how far it is: `done`, `of`, whether it is `over`, `result` or `failed`."""
        over = self._task is None or self._task.done()
        found = {"done": self._done, "of": self._of, "over": over}
        return found | {"result": self._result, "failed": self._failed}

    async def call_off(self) -> None:
        """Let it end at its next step; what it does then is its own business."""
        self._called_off = True

    async def close(self) -> None:
        self._called_off = True
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)

    def _tell(self, done: int, of: int) -> None:
        if self._called_off:
            raise CalledOff
        self._done, self._of = done, of

    async def _run(self, work: Work) -> None:
        try:
            self._result = await work(self._tell)
        except CalledOff:
            self._failed = "it was called off"
        except Reject as refused:
            self._failed = refused.message
        except self._complaints as error:
            self._failed = str(error)
        except Exception:  # noqa: BLE001 - the edge of a task; it is logged
            _log.exception("errand_failed")
            self._failed = "something went wrong: the server's log says more"
