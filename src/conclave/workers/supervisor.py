"""
Keeps workers running: all or none at the start, each one anew when it dies, one by one on wish.

What a worker is and how it is told anything is `worker`'s. Here are no signals and no words
for people: `run`, the command's, has them.
"""

import asyncio
import signal
from typing import Final

import structlog

from conclave.workers.worker import Command, Worker

log = structlog.get_logger(__name__)

# Seconds: without a sign of life, from its start to its readiness, and for its way out.
HANGS_AFTER: Final = 30.0
STARTS_WITHIN: Final = 120.0
LEAVES_WITHIN: Final = 30.0
_LEAVES_IN_A_HURRY: Final = 5.0
# Seconds until a worker that died is started again: at first, and in the long run.
_AGAIN_FIRST: Final = 0.5
_AGAIN_LAST: Final = 30.0
# Who served so long was well: the next one begins with the first of these.
_WELL_AFTER: Final = 60.0
# So many starts in a row come to nothing, of each worker, and nobody serves: then it gives up.
_TRIES: Final = 5
_LOOK_EVERY: Final = 1.0


class GaveUp(Exception):
    """No worker serves, or will; the message is one line for a person, *code* the worker's."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


class Supervisor:
    """Runs *of* workers by *command*: `start`, then `watch`, and `stop` when nobody watches."""

    def __init__(self, command: Command, of: int) -> None:
        self._command = command
        self._of = of
        self._workers: dict[int, Worker] = {}
        self._failures = dict.fromkeys(range(1, of + 1), 0)
        self._rolling = asyncio.Lock()

    @property
    def serving(self) -> int:
        """How many serve now."""
        return sum(worker.serves for worker in self._workers.values())

    async def start(self) -> Worker:
        """
        Return the first worker when all serve; raises `GaveUp` if one does not.

        The first one comes alone: what is made once is made before the others look for it.
        """
        first = await self._begin(1, first=True)
        others = [await self._begin(n) for n in range(2, self._of + 1) if first.serves]
        for worker in (first, *others):
            await self._until_settled(worker)
            if not worker.serves:
                raise _did_not_start(worker, await worker.end())
        return first

    async def watch(self) -> None:
        """Start each worker that dies again, for ever; raises `GaveUp`."""
        keepers = [asyncio.create_task(self._keep(number)) for number in self._workers]
        keepers.append(asyncio.create_task(self._look()))
        try:
            await asyncio.gather(*keepers)
        finally:
            for keeper in keepers:
                keeper.cancel()
            await asyncio.gather(*keepers, return_exceptions=True)

    def hang_up(self) -> None:
        """Let all read their settings, secret, certificates and keys anew."""
        for worker in self._workers.values():
            worker.hang_up()

    async def roll(self) -> bool:
        """
        Start all anew, one after the other; return whether that came to its end.

        Each sends its people to the others first. When one does not come back, the others
        stay as they are.
        """
        async with self._rolling:
            log.info("rolling_restart", workers=self._of)
            for number in range(1, self._of + 1):
                if not await self._renew(number):
                    log.error("rolling_restart_stopped", at=number)
                    return False
            log.info("rolling_restart_done", workers=self._of)
            return True

    async def stop(self, hurry: asyncio.Event) -> None:
        """Let all drain and end, in a *hurry* at once; who watches is to be cancelled before."""
        there = [worker for worker in self._workers.values() if not worker.ended]
        for worker in there:
            worker.leave(signal.SIGTERM)
        gone = asyncio.gather(*(self._ended(worker, LEAVES_WITHIN) for worker in there))
        hurried = asyncio.create_task(self._hurry(hurry, there))
        try:
            await gone
        finally:
            hurried.cancel()

    async def _hurry(self, hurry: asyncio.Event, workers: list[Worker]) -> None:
        await hurry.wait()
        for worker in workers:
            worker.send(signal.SIGTERM)
        await asyncio.sleep(_LEAVES_IN_A_HURRY)
        for worker in workers:
            worker.send(signal.SIGKILL)

    async def _begin(self, number: int, *, first: bool = False) -> Worker:
        worker = await Worker.start(self._command, number, first=first)
        former, self._workers[number] = self._workers.get(number), worker
        if former is not None:
            former.successor.set_result(worker)
        log.info("worker_started", worker=number, pid=worker.pid)
        if first:
            await worker.settled.wait()
        return worker

    async def _keep(self, number: int) -> None:
        while True:
            worker = self._workers[number]
            code = await worker.end()
            if not worker.leaves:
                await self._rest(worker, code)
            await self._until_settled(await self._begin_again(number))

    async def _begin_again(self, number: int) -> Worker:
        while True:
            try:
                return await self._begin(number)
            except OSError as error:
                log.error("cannot_start_worker", worker=number, because=error.strerror)
                await asyncio.sleep(_AGAIN_FIRST)

    async def _rest(self, worker: Worker, code: int) -> None:
        """Wait as long as is wise before *worker* is started again."""
        number, lived = worker.number, asyncio.get_running_loop().time() - worker.began
        self._failures[number] = 1 if lived > _WELL_AFTER else self._failures[number] + 1
        wait = min(_AGAIN_FIRST * 2 ** (self._failures[number] - 1), _AGAIN_LAST)
        log.error("worker_died", worker=number, pid=worker.pid, code=code, again_in_s=wait)
        if not self.serving and min(self._failures.values()) >= _TRIES:
            raise _did_not_start(worker, code)
        await asyncio.sleep(wait)

    async def _until_settled(self, worker: Worker) -> None:
        try:
            async with asyncio.timeout(STARTS_WITHIN):
                await worker.settled.wait()
        except TimeoutError:
            log.error("worker_does_not_start", worker=worker.number, within_s=STARTS_WITHIN)
            worker.send(signal.SIGKILL)

    async def _look(self) -> None:
        """End workers whose event loop hangs: nothing else does."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            for worker in self._workers.values():
                silent = loop.time() - worker.heard_at
                if worker.serves and not worker.leaves and silent > HANGS_AFTER:
                    log.error("worker_hangs", worker=worker.number, silent_s=round(silent))
                    worker.send(signal.SIGKILL)

    async def _renew(self, number: int) -> bool:
        """Let one end and come back; return whether it did."""
        old = self._workers[number]
        old.leave(signal.SIGUSR2)
        await self._ended(old, LEAVES_WITHIN)
        new = await old.successor
        await new.settled.wait()
        return new.serves

    @staticmethod
    async def _ended(worker: Worker, within: float) -> None:
        try:
            async with asyncio.timeout(within):
                await worker.end()
        except TimeoutError:
            log.error("worker_does_not_leave", worker=worker.number, within_s=within)
            worker.send(signal.SIGKILL)
            await worker.end()


def _did_not_start(worker: Worker, code: int) -> GaveUp:
    how = f"killed by signal {-code}" if code < 0 else f"exit code {code}"
    return GaveUp(f"worker {worker.number} does not start ({how}); see what it said", code)
