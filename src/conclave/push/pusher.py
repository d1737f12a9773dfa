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
from typing import Final, NamedTuple

import structlog

from conclave.core.hub import Hub
from conclave.core.statuses import Statuses
from conclave.model import Called, Entry, RoomInfo, Status, Subscription
from conclave.model.facts import PushCounts
from conclave.ports import Attention, Clock, Store
from conclave.protocol.errors import Reject
from conclave.push.answers import TTL_S, Answer, Answered, Service
from conclave.push.jobs import Job, Jobs, Pending
from conclave.push.message import Message, message
from conclave.reach.guard import Guard

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


class Wanted(NamedTuple):
    """A message as it is now, and its room as its reader sees it."""

    entry: Entry
    info: RoomInfo


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
        key: Callable[[], str],
        grace: float,
        sure_within: float,
    ) -> None:
        """
        *sure_within*: seconds after which a connection that is still there was not dead.

        *key* returns the public key; it is called in a thread.
        """
        self._key = key
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
        self._sure_within = max(grace, sure_within)
        self._pending: dict[tuple[str, str], Pending] = {}
        self._jobs = Jobs()
        self._sending: set[asyncio.Task[None]] = set()
        self._sending_to: Counter[str] = Counter()
        self._numbers = count()
        # Who has a browser to push to: all others cost nothing.
        self._subscribers: set[str] = set()
        self.counts = PushCounts()

    async def key(self) -> str:
        return await asyncio.to_thread(self._key)

    # ── what happens ───────────────────────────────────────────────────────────────────

    def check(self, endpoint: str) -> None:
        self._guard.check(endpoint)

    def subscribed(self, user: str) -> None:
        self._subscribers.add(user)

    def called(self, entry: Entry, called: Called) -> None:
        if called.user not in self._subscribers:
            return
        key, waiting = (called.user, entry.room), self._pending_of(entry, called)
        older = self._pending.get(key)
        if older is None and len(self._pending) >= _MOST_PENDING:
            self.counts.dropped += not waiting.at
        elif older is None:
            self._pending[key] = waiting
        elif not older.outweighs(waiting):
            # The last one is told, at the time of the first: else a busy room never were.
            self._pending[key] = waiting._replace(due=min(older.due, waiting.due))

    def _pending_of(self, entry: Entry, called: Called) -> Pending:
        """Return when *entry* is due: where somebody seems to be here, when that is sure."""
        now, at = self._clock.monotonic(), self._hub.awake_at(called.user)
        return Pending(entry, called, now + (self._sure_within if at else self._grace), at)

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
        wanted = await self._wanted(waiting)
        if wanted is None:
            return
        for subscription in await self._attention.subscriptions(waiting.called.user):
            self._put(subscription, waiting, wanted)

    async def _wanted(self, waiting: Pending) -> Wanted | None:
        """Return it as it is now and the room of it, if its person still wants to be told."""
        user, room = waiting.called.user, waiting.entry.room
        if self._hub.awake(user) or self._statuses.of(user) is Status.DND:
            return None
        if not waiting.at.isdisjoint(self._hub.of(user)):
            # It has answered a ping since: it was no dead one.
            return None
        (wanted,) = await self._attention.audience([waiting.entry])
        info = await self._store.room_for(room, user)
        if user not in {one.user for one in wanted} or info is None:
            return None
        if info.read_seq >= waiting.entry.seq:
            return None
        entry = await self._now(waiting.entry, user)
        return None if entry is None else Wanted(entry, info)

    async def _now(self, entry: Entry, user: str) -> Entry | None:
        """Return *entry* as it was edited by now; None: *user* may not read it any more."""
        try:
            page = await self._store.history(entry.room, around=entry.seq, limit=1, reader=user)
        except Reject:
            return None
        return next((one for one in page.entries if one.seq == entry.seq), None)

    def _put(self, subscription: Subscription, waiting: Pending, wanted: Wanted) -> None:
        now = self._clock.monotonic()
        told = _message(subscription, waiting.called, wanted)
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
        told = await self._message_of(job)
        if told is None:
            return
        self._service = self._service or self._services()
        answered = await self._service.send(job.subscription, told)
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

    async def _message_of(self, job: Job) -> Message | None:
        """Return what may go out, if it still may: what has waited is asked about once more."""
        if self._clock.monotonic() - job.made < _FRESH_S:
            return job.message
        good = await self._attention.subscriptions(job.user)
        if job.subscription not in good:
            return None
        wanted = await self._wanted(job.about)
        return None if wanted is None else _message(job.subscription, job.about.called, wanted)

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


def _message(subscription: Subscription, called: Called, wanted: Wanted) -> Message:
    return message(wanted.entry, called, wanted.info, with_text=subscription.with_text)
