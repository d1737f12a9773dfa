"""Time turned by hand: an event loop that never waits, since its clock jumps to what is next."""

import asyncio
from collections.abc import Coroutine
from typing import Any


class HandLoop(asyncio.SelectorEventLoop):
    """Runs whatever is due at once, however far away in time it is."""

    def __init__(self) -> None:
        self._now = 1_000.0
        super().__init__()

    def time(self) -> float:
        return self._now

    def _run_once(self) -> None:
        if not self._ready:  # type: ignore[attr-defined]
            # Not the first of all: one that was cancelled stays, and nobody waits for it.
            coming = [one for one in self._scheduled if not one.cancelled()]  # type: ignore[attr-defined]
            self._now = max(self._now, min((one.when() for one in coming), default=self._now))
        super()._run_once()  # type: ignore[misc]


class HandClock:
    """A `ports.Clock` that goes with the running `HandLoop`."""

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    def wall(self) -> int:
        return 1_795_374_135_780 + round(self.monotonic() * 1000)


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run *main*; whatever a task left unseen is an error."""
    unseen: list[dict[str, Any]] = []
    with asyncio.Runner(loop_factory=HandLoop) as runner:
        runner.get_loop().set_exception_handler(lambda _, context: unseen.append(context))
        runner.run(main)
    assert not unseen, unseen
