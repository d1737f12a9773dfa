"""
The requests of one connection, from their turn to their answer.

Each has its turn, is handed to the dispatcher, and is refused for what it raises. Most are
begun without a task: that costs a tenth of a message. It knows neither what carries a
connection nor whose it is: its heir `connection` does.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

import structlog

from conclave.controllers.dispatch import Route
from conclave.core.session import Session
from conclave.core.turns import Turn, Turns
from conclave.ports import Transport
from conclave.protocol.codec import BadRequest, Packet
from conclave.protocol.errors import Close, Code, Disconnect, Reject
from conclave.server.requests import Job, TimedRequest, refusal
from conclave.server.shell import Shell

log = structlog.get_logger(__name__)

# Requests that wait: above it the socket is not read, below it is again.
_PAUSE_AT: Final = 256
_RESUME_AT: Final = 128
# What counts towards the tenth bad request: no honest client sends these often.
_BAD: Final = frozenset({Code.BAD_REQUEST, Code.UNKNOWN_TYPE, Code.AUTH_REQUIRED})


class Handling:
    """What of a connection handles requests; give it each by `_arrive`."""

    __slots__ = (
        "_paused",
        "_session",
        "_shell",
        "_tasks",
        "_transport",
        "_turns",
        "id",
        "offer",
    )

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._session = Session(shell.rules, shell.clock.monotonic())
        self._turns: Turns[Job] = Turns()
        self._tasks: list[asyncio.Task[None]] = []  # mostly none: a set takes four times as much
        self._paused = False
        self._transport: Transport
        # The outbox's own from `opened` on: one call less for each member of a room.
        self.offer: Callable[[Packet], None]
        self.id = secrets.token_hex(4)

    def disconnect(self, code: int, reason: str = "", *, at_once: bool = False) -> None:
        raise NotImplementedError

    # ── turns ──────────────────────────────────────────────────────────────────────────

    def _arrive(self, job: Job) -> None:
        if self._turns.enter(job.turn):
            self._start_job(job)
        else:
            self._turns.arrive(job.turn, job)
            self._start()
        if not self._paused and self._turns.pending >= _PAUSE_AT:
            self._paused = True
            self._transport.pause_reading()

    def _start(self) -> None:
        while (job := self._turns.start()) is not None:
            self._start_job(job)

    def _start_job(self, job: Job) -> None:
        # Behind one that has a task it has one too: they begin in the order they came.
        if self._tasks or job.begin is None:
            self._start_task(job)
        else:
            self._begin(job.begin.route, job.begin.request)

    def _start_task(self, job: Job) -> None:
        task = asyncio.ensure_future(self._run(job))
        self._tasks.append(task)
        task.add_done_callback(self._tasks.remove)

    async def _run(self, job: Job) -> None:
        try:
            await job.run()
        except Disconnect as end:
            self.disconnect(end.code, end.reason)
        except Reject as no:
            # A hook refused the connection itself.
            self.disconnect(Close.POLICY, no.message)
        finally:
            self._over(job.turn)

    def _over(self, turn: Turn) -> None:
        if self._turns.done(turn):
            self._start()
        if self._paused and self._turns.pending <= _RESUME_AT:
            self._paused = False
            self._transport.resume_reading()

    # ── without a task ─────────────────────────────────────────────────────────────────

    def _begin(self, route: Route, request: TimedRequest) -> None:
        """Handle *request* here and now, as far as that goes; its turn ends when it has ended."""
        dispatcher = self._shell.dispatcher
        try:
            begun = dispatcher.begin(route, request, request.ended)
        except Exception as error:  # noqa: BLE001 - it is the answer
            self._go_on(partial(_raise, error), request)
        else:
            if not begun:
                self._go_on(partial(dispatcher.proceed, route, request), request)

    def ended(self, request: TimedRequest, error: BaseException | None) -> None:
        """See `Carrier`."""
        if error is not None:
            self._go_on(partial(_raise, error), request)
        else:
            # Answered by now, unless the receipt failed.
            request.finish(None)
            request.told()
            self._over(Turn.WRITE)

    def _go_on(self, work: Callable[[], Awaitable[None]], request: TimedRequest) -> None:
        """Do in a task what is left to do of *request*, which has its turn."""
        self._start_task(Job(Turn.WRITE, partial(self._answer, work, request)))

    # ── answers ────────────────────────────────────────────────────────────────────────

    async def _handle(self, route: Route, request: TimedRequest) -> None:
        await self._answer(partial(self._shell.dispatcher.handle, route, request), request)

    async def _answer(self, work: Callable[[], Awaitable[None]], request: TimedRequest) -> None:
        """Do *work*; what it raises is the answer to *request*."""
        try:
            await work()
            request.told()
        except Reject as no:
            self._refuse(no, None if request.answered else request.id)
        except Disconnect:
            raise
        except Exception as error:
            log.exception("handler_failed", event_type=request.event.type, connection=self.id)
            await self._failed(error, request)

    async def _refuse_in_turn(self, no: BadRequest) -> None:
        self._refuse(no, no.id)

    def _refuse(self, no: Reject, id_: str | None) -> None:
        self.offer(refusal(self._shell.meters, no, id_))
        if no.code in _BAD:
            try:
                self._session.bad_request(self._shell.clock.monotonic())
            except Disconnect as end:
                self.disconnect(end.code, end.reason)

    async def _failed(self, error: Exception, request: TimedRequest) -> None:
        """Answer that something broke, without saying what; the log has it all."""
        id_ = None if request.answered else request.id
        self.offer(refusal(self._shell.meters, Reject(Code.INTERNAL), id_))
        await self._tell_hooks(error)
        self._session.failed()

    async def _tell_hooks(self, error: Exception) -> None:
        raise NotImplementedError


async def _raise(error: BaseException) -> None:
    raise error
