"""
Who is pushed to, when, and what becomes of it.

A message waits for some seconds first: who is at a device then, or has read it, is not pushed
to. Then it is asked anew whether it is wanted. Everything that waits has a bound: what is
too much is dropped and counted, and is unread all the same.
"""

import asyncio
import secrets
from collections import Counter
from collections.abc import Callable
from itertools import count
from typing import Final

import structlog

from conclave.core.hub import Hub
from conclave.core.statuses import Statuses
from conclave.model import Called, Entry, RoomInfo, Status, Subscription
from conclave.model.facts import PushCounts
from conclave.ports import Attention, Clock, Store
from conclave.push.answers import TTL_S, Answer, Answered, Service
from conclave.push.guard import Guard
from conclave.push.jobs import Job, Jobs, Pending
from conclave.push.message import message

log = structlog.get_logger(__name__)

INTERVAL: Final = 1.0
PRUNE_EVERY: Final = 60.0
_MOST_PENDING: Final = 5_000
_SENDERS: Final = 8
# Of them for one person: who answers slowly may be anybody.
_SENDERS_OF_ONE: Final = 4
_FRESH_S: Final = 2.0
_MOST_TRIES: Final = 6
_FIRST_WAIT_S: Final = 5.0


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
        self._pending: dict[tuple[str, str], Pending] = {}
        self._jobs = Jobs()
        self._sending: set[asyncio.Task[None]] = set()
        self._sending_to: Counter[str] = Counter()
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
        self._pending[key] = Pending(entry, called, due)

    def read(self, user: str, room: str, seq: int) -> None:
        waiting = self._pending.get((user, room))
        if waiting is not None and waiting.entry.seq <= seq:
            del self._pending[user, room]
        for job in self._jobs.of(user):
            if job.message.room == room and job.message.seq <= seq:
                self._jobs.remove(job)

    # ── what is due ────────────────────────────────────────────────────────────────────

    async def tick(self) -> None:
        """Push what has waited long enough."""
        now = self._clock.monotonic()
        due = [key for key, one in self._pending.items() if one.due <= now]
        for key in due:
            if (waiting := self._pending.pop(key, None)) is not None:
                await self._prepare(waiting)
        self._start()

    async def _prepare(self, waiting: Pending) -> None:
        """Make jobs of what is still wanted, one for each browser."""
        info = await self._wanted(waiting)
        if info is None:
            return
        for subscription in await self._attention.subscriptions(waiting.called.user):
            self._put(subscription, waiting, info)

    async def _wanted(self, waiting: Pending) -> RoomInfo | None:
        """Return the room of it, if its person still wants to be told."""
        user, room = waiting.called.user, waiting.entry.room
        if self._hub.awake(user) or self._statuses.of(user) is Status.DND:
            return None
        (wanted,) = await self._attention.audience([waiting.entry])
        info = await self._store.room_for(room, user)
        if user not in {one.user for one in wanted} or info is None:
            return None
        return None if info.read_seq >= waiting.entry.seq else info

    def _put(self, subscription: Subscription, waiting: Pending, info: RoomInfo) -> None:
        now = self._clock.monotonic()
        told = message(waiting.entry, waiting.called, info, with_text=subscription.with_text)
        job = Job(now, next(self._numbers), subscription, told, waiting, made=now)
        self.counts.dropped += not self._jobs.put(job)

    def _start(self) -> None:
        """Begin to send what is due, as far as there are senders for it."""
        now, later = self._clock.monotonic(), []
        due = self._jobs.due(now)
        while len(self._sending) < _SENDERS and (job := next(due, None)) is not None:
            if self._sending_to[job.user] >= _SENDERS_OF_ONE:
                later.append(job)
                continue
            self._sending_to[job.user] += 1
            task = asyncio.create_task(self._send(job), name="push")
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)
        for job in later:
            # Its turn comes when one of those ends.
            self._jobs.put(job)

    async def _send(self, job: Job) -> None:
        try:
            await self._send_once(job)
        except Exception:
            self.counts.failed += 1
            log.exception("push_failed")
        finally:
            self._sending_to -= Counter([job.user])
        # One that ends makes room for the next; this one counts no more.
        asyncio.get_running_loop().call_soon(self._start)

    async def _send_once(self, job: Job) -> None:
        if not await self._is_good(job):
            return
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

    async def _is_good(self, job: Job) -> bool:
        """Return whether it may go out: what has waited is asked about once more."""
        if self._clock.monotonic() - job.made < _FRESH_S:
            return True
        good = await self._attention.subscriptions(job.user)
        if job.subscription not in good:
            return False
        return await self._wanted(job.about) is not None

    async def _drop(self, subscription: Subscription) -> None:
        for job in self._jobs.of(subscription.user):
            if job.subscription.id == subscription.id:
                self._jobs.remove(job)
                self.counts.dropped += 1
        try:
            self.counts.gone += await self._attention.drop(subscription.id)
        except Exception:
            # It is refused again next time, and dropped then.
            log.exception("push_not_dropped")

    def _again(self, job: Job, answered: Answered) -> None:
        if self._jobs.has(job.key, job.user):
            # A newer one of the room waits: that one is enough.
            return
        # Not all at the same moment, when a service is back.
        share = 0.5 + secrets.randbelow(512) / 1_024
        wait = _FIRST_WAIT_S * 2**job.tries * share
        due = self._clock.monotonic() + max(wait, answered.after_s)
        later = job._replace(due=due, tries=job.tries + 1)
        if later.tries >= _MOST_TRIES or due >= job.made + TTL_S or not self._jobs.put(later):
            self.counts.dropped += 1
            return
        self.counts.postponed += 1

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
