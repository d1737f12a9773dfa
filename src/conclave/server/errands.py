"""
Long work that a running server does for the operator: begun, asked about, called off.

One errand at a time, under a name that the command gives it, so that nobody takes another's
result for their own. It goes on when the command that began it goes away; `close` calls it
off and waits for it, so that a stopping server leaves nothing half done.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import structlog

from conclave.protocol.errors import Code, Reject

_log = structlog.get_logger("conclave.server")

# Results that are kept for commands that have not asked yet.
_MOST_KEPT: Final = 16
# When it is worth to ask again.
_ONE_AT_A_TIME_MS: Final = 2_000

# What is done, and of how much; raises `CalledOff` where it should end. From any thread.
Tell = Callable[[int, int], None]
Work = Callable[[Tell], Awaitable[Any]]


class CalledOff(Exception):
    """The operator does not want it any more."""


class _Errand:
    """One piece of work, and what became of it."""

    def __init__(self) -> None:
        self.called_off = False
        self.over = False
        self.done = self.of = 0
        self.result: Any = None
        self.failed: str | None = None

    def tell(self, done: int, of: int) -> None:
        if self.called_off:
            raise CalledOff
        self.done, self.of = done, of


class Errands:
    """Its methods belong to one loop; *complaints* are what work says in words for people."""

    def __init__(self, *complaints: type[Exception]) -> None:
        self._complaints = complaints
        self._task: asyncio.Task[None] | None = None
        # By name, the latest last.
        self._errands: dict[str, _Errand] = {}

    def begin(self, name: str, work: Work) -> None:
        """Start *work* under a *name* of its own; else `rate_limited`, while another runs."""
        if self._task is not None and not self._task.done():
            raise Reject(
                Code.RATE_LIMITED,
                "The server does something else for an operator: try again",
                retry_after_ms=_ONE_AT_A_TIME_MS,
            )
        if name in self._errands:
            raise Reject(Code.BAD_REQUEST, f"There was an errand {name!r} already")
        self._errands[name] = errand = _Errand()
        while len(self._errands) > _MOST_KEPT:
            del self._errands[next(iter(self._errands))]
        self._task = asyncio.create_task(self._run(errand, work), name="errand")

    async def state(self, errand: str) -> dict[str, Any]:
        """Return how far it is: `done`, `of`, whether it is `over`, `result` or `failed`."""
        found = self._find(errand)
        state = {"done": found.done, "of": found.of, "over": found.over}
        return state | {"result": found.result, "failed": found.failed}

    async def call_off(self, errand: str) -> None:
        """Let it end at its next step; what it does then is its own business."""
        self._find(errand).called_off = True

    async def close(self) -> None:
        for errand in self._errands.values():
            errand.called_off = True
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)

    def _find(self, name: str) -> _Errand:
        try:
            return self._errands[name]
        except KeyError:
            raise Reject(
                Code.BAD_REQUEST, "The server does not know how this ended: it was started anew"
            ) from None

    async def _run(self, errand: _Errand, work: Work) -> None:
        try:
            errand.result = await work(errand.tell)
        except CalledOff:
            errand.failed = "it was called off"
        except Reject as refused:
            errand.failed = refused.message
        except self._complaints as error:
            errand.failed = str(error)
        except Exception:  # noqa: BLE001 - the edge of a task; it is logged
            _log.exception("errand_failed")
            errand.failed = "something went wrong: the server's log says more"
        finally:
            errand.over = True
