"""
Who is pushed to, when, and what becomes of it.

A message waits for some seconds first: who is at a device then, or has read it, is not pushed
to. Then it is asked anew whether it is wanted. Everything that waits has a bound: what is
too much is dropped and counted, and is unread all the same.
"""

import asyncio
import heapq
import secrets
from collections.abc import Callable, Iterator
from itertools import count
from typing import Final, NamedTuple

import structlog

from conclave.core.hub import Hub
from conclave.core.statuses import Statuses
from conclave.model import Called, Entry, RoomInfo, Status, Subscription
from conclave.model.facts import PushCounts
from conclave.ports import Attention, Clock, Store
from conclave.push.answers import TTL_S, Answer, Answered, Service
from conclave.push.guard import Guard
from conclave.push.message import Message, message

log = structlog.get_logger(__name__)

INTERVAL: Final = 1.0
PRUNE_EVERY: Final = 60.0
_MOST_PENDING: Final = 5_000
_MOST_JOBS: Final = 2_000
_SENDERS: Final = 8
_MOST_TRIES: Final = 6
_FIRST_WAIT_S: Final = 5.0


class _Pending(NamedTuple):
    entry: Entry
    called: Called
    due: float


class _Job(NamedTuple):
    """Ordered by when it is due; the number keeps those of one moment apart."""

    due: float
    number: int
    subscription: Subscription
    message: Message
    until: float
    tries: int = 0


class Pusher:
    """A `ports.Pushes`: call `tick` and `prune` now and then, end it with `close`."""

    def __init__(
        self,
        store: Store,
        attention: Attention,
        services: Callable[[], Service],
        guard: Guard,
        hub: Hub,
        statuses: Statuses,
        clock: Clock,
        *,
        key: str,
        grace: float,
    ) -> None:
        self.key = key
        self._store = store
        self._attention = attention
        # Made with the first message: most servers never push.
        self._services = services
        self._service: Service | None = None
        self._guard = guard
        self._hub = hub
        self._statuses = statuses
        self._clock = clock
        self._grace = grace
        self._pending: dict[tuple[str, str], _Pending] = {}
        self._jobs: list[_Job] = []
        self._sending: set[asyncio.Task[None]] = set()
        self._numbers = count()
        # Who has a browser to push to: all others cost nothing.
        self._subscribers: set[str] = set()
        self.counts = PushCounts()

    # ── what happens ───────────────────────────────────────────────────────────────────

    def check(self, endpoint: str) -> None:
        self._guard.check(endpoint)

    def subscribed(self, user: str) -> None:
        self._subscribers.add(user)

    def called(self, entry: Entry, called: Called) -> None:
        user, key = called.user, (called.user, entry.room)
        if user not in self._subscribers or self._hub.awake(user):
            return
        waiting = self._pending.get(key)
        if waiting is None and len(self._pending) >= _MOST_PENDING:
            self.counts.dropped += 1
            return
        # The last one is told, at the time of the first: else a busy room never were.
        due = self._clock.monotonic() + self._grace if waiting is None else waiting.due
        self._pending[key] = _Pending(entry, called, due)

    def read(self, user: str, room: str, seq: int) -> None:
        waiting = self._pending.get((user, room))
        if waiting is not None and waiting.entry.seq <= seq:
            del self._pending[user, room]
        if self._jobs:
            left = [one for one in self._jobs if not _is_about(one, user, room, seq)]
            if len(left) < len(self._jobs):
                heapq.heapify(left)
                self._jobs = left

    # ── what is due ────────────────────────────────────────────────────────────────────

    async def tick(self) -> None:
        """Push what has waited long enough."""
        now = self._clock.monotonic()
        due = [key for key, one in self._pending.items() if one.due <= now]
        for key in due:
            if (waiting := self._pending.pop(key, None)) is not None:
                await self._prepare(waiting)
        self._start()

    async def _prepare(self, waiting: _Pending) -> None:
        """Make jobs of what is still wanted, one for each browser."""
        user, room = waiting.called.user, waiting.entry.room
        if self._hub.awake(user) or self._statuses.of(user) is Status.DND:
            return
        (wanted,) = await self._attention.audience([waiting.entry])
        info = await self._store.room_for(room, user)
        if user not in {one.user for one in wanted} or info is None:
            return
        if info.read_seq >= waiting.entry.seq:
            return
        for subscription in await self._attention.subscriptions(user):
            self._put(subscription, waiting, info)

    def _put(self, subscription: Subscription, waiting: _Pending, info: RoomInfo) -> None:
        if len(self._jobs) >= _MOST_JOBS:
            self.counts.dropped += 1
            return
        now = self._clock.monotonic()
        told = message(waiting.entry, waiting.called, info, with_text=subscription.with_text)
        job = _Job(now, next(self._numbers), subscription, told, now + TTL_S)
        heapq.heappush(self._jobs, job)

    def _start(self) -> None:
        for job in self._due():
            task = asyncio.create_task(self._send(job), name="push")
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    def _due(self) -> Iterator[_Job]:
        now = self._clock.monotonic()
        while self._jobs and self._jobs[0].due <= now and len(self._sending) < _SENDERS:
            yield heapq.heappop(self._jobs)

    async def _send(self, job: _Job) -> None:
        try:
            await self._send_once(job)
        except Exception:
            self.counts.failed += 1
            log.exception("push_failed")
        # One that ends makes room for the next; this one counts no more.
        asyncio.get_running_loop().call_soon(self._start)

    async def _send_once(self, job: _Job) -> None:
        self._service = self._service or self._services()
        answered = await self._service.send(job.subscription, job.message)
        match answered.answer:
            case Answer.TAKEN:
                self.counts.sent += 1
            case Answer.REFUSED:
                self.counts.failed += 1
            case Answer.GONE:
                self.counts.failed += 1
                await self._drop(job.subscription)
            case Answer.LATER:
                self._again(job, answered)

    async def _drop(self, subscription: Subscription) -> None:
        left = [one for one in self._jobs if one.subscription.id != subscription.id]
        self.counts.dropped += len(self._jobs) - len(left)
        heapq.heapify(left)
        self._jobs = left
        try:
            self.counts.gone += await self._attention.drop(subscription.id)
        except Exception:
            # It is refused again next time, and dropped then.
            log.exception("push_not_dropped")

    def _again(self, job: _Job, answered: Answered) -> None:
        # Not all at the same moment, when a service is back.
        share = 0.5 + secrets.randbelow(512) / 1_024
        wait = _FIRST_WAIT_S * 2**job.tries * share
        due = self._clock.monotonic() + max(wait, answered.after_s)
        if job.tries + 1 >= _MOST_TRIES or due >= job.until or len(self._jobs) >= _MOST_JOBS:
            self.counts.dropped += 1
            return
        self.counts.postponed += 1
        heapq.heappush(self._jobs, job._replace(due=due, tries=job.tries + 1))

    async def prune(self) -> None:
        """Forget browsers whose token is worth nothing any more; call it every `PRUNE_EVERY`."""
        await self._attention.prune()
        self._subscribers = await self._attention.subscribers()

    async def close(self) -> None:
        """End what is under way; what waits is only unread."""
        for task in list(self._sending):
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)
        if self._service is not None:
            await self._service.close()


def _is_about(job: _Job, user: str, room: str, seq: int) -> bool:
    told = job.message
    return job.subscription.user == user and told.room == room and told.seq <= seq
