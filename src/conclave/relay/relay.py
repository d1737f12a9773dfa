"""
Send and hear: store, then acknowledge, then tell.

A message exists when the store has numbered and committed it. Telling it here and hinting
it to other nodes come after, and may fail without losing it: who missed it resumes.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from functools import partial
from typing import Any, TypeVar

import structlog
from msgspec import Struct

from conclave.model import Draft, Entry, Receipt
from conclave.model.seen import Seen
from conclave.ports import Begins, Engine, Store
from conclave.protocol.codec import Packet
from conclave.protocol.errors import Reject
from conclave.relay.attendance import Attendance
from conclave.relay.halls import Halls
from conclave.relay.judging import Judging
from conclave.relay.news import News
from conclave.relay.told import told

log = structlog.get_logger(__name__)

T = TypeVar("T")

# What went wrong, None: nothing.
Ended = BaseException | None


class _Begun(Struct, frozen=True, gc=False):
    """
    What was begun, and what is called when it has ended.

    One object, and nothing for the garbage collector, which else looks at all that is under way.
    """

    relay: "Relay"
    receipt: Callable[[Any, Receipt], None]
    about: Any
    done: Callable[[Ended], None]

    def stored(self, made: Receipt | None, no: Ended) -> None:
        self.relay.begun_ended(self, made, no)


class Relay:
    """The way of an entry, from its author to everybody."""

    def __init__(
        self, store: Store, engine: Engine, halls: Halls, attendance: Attendance, news: News
    ) -> None:
        self._store = store
        self._engine = engine
        self._halls = halls
        halls.on_removed = attendance.removed
        halls.on_read = self._note
        self._roll = attendance.roll
        self._roll.on_come, self._roll.on_go = engine.come, engine.go
        self._roll.on_whisper = engine.whisper
        self._news = news
        # Told of each entry that was stored and told here; it must not wait nor raise.
        self.on_told: Callable[[Entry], None] = lambda _entry: None
        # Told of each user whom another node doubts; it must not wait nor raise.
        self.on_doubted: Callable[[str], None] = lambda _user: None
        # Told of a user, "": all, and a room that another node changed for them; see `on_doubted`.
        self.on_renewed: Callable[[str, str], None] = lambda _user, _room: None
        # Told of each room in which another node stored something; see `on_doubted`.
        self.on_hinted: Callable[[str], None] = lambda _room: None
        # Told what somebody said of themselves on another node; it must not wait nor raise.
        self.on_said: Callable[[Seen], None] = lambda _seen: None
        # Told who said so to a node that is gone, or that keeps it no more; see `on_said`.
        self.on_unkept: Callable[[Seen], None] = lambda _seen: None
        # Told what a user spent of a cost on another node; it must not wait nor raise.
        self.on_spent: Callable[[int, str, int], None] = lambda _cost, _user, _tokens: None
        # Told what another node tells a user alone, and of which room it is; see `on_spent`.
        self.on_whisper: Callable[[str, str, Packet], None] = lambda _user, _room, _packet: None
        # Asked before a draft is stored, if set: it raises `Reject` to refuse.
        self.before: Callable[[Draft], Awaitable[None]] | None = None
        self._judging = Judging()
        self._writes: set[asyncio.Task[Any]] = set()
        # How many hints were about another database.
        self.strange_hints = 0
        # What was begun and has not ended; whoever waits until there is nothing.
        self._begun = 0
        self._nothing_begun: asyncio.Event | None = None
        # Then what was begun is told to nobody: those who tell it are closed by now.
        self._closed = False
        self._begins = store if isinstance(store, Begins) else None

    async def send(self, draft: Draft, receipt: Callable[[Receipt], None] | None = None) -> Receipt:
        """
        Store *draft*, give its *receipt*, then tell the room, here and elsewhere.

        *receipt* is called once the entry is durable and before anybody is told. Cancelling
        the caller does not cancel the send. Raises what `Store.append` raises.
        """
        return await self.guarded(self._send(draft, receipt))

    @property
    def begins(self) -> bool:
        """Whether `begin` may be called: nobody judges, and the store can do it."""
        return self._begins is not None and self.before is None

    def begin(
        self,
        draft: Draft,
        receipt: Callable[[T, Receipt], None],
        about: T,
        done: Callable[[Ended], None],
    ) -> None:
        """
        As `send` of what deletes nothing, without a task: call *done* with how it ended.

        *receipt* is given what it is *about* besides.

        Raises what refuses at once, and then never calls *done*; nor after `close`.
        """
        assert self._begins is not None
        self._begins.begin(draft, _Begun(self, receipt, about, done).stored)
        self._begun += 1

    def begun_ended(self, begun: "_Begun", made: Receipt | None, no: Ended) -> None:
        """Tell what was *begun*, unless *no* refused it; then say so to whoever began it."""
        if self._closed:
            return
        try:
            if made is not None:
                self._stored(made, partial(begun.receipt, begun.about))
        except Exception as error:  # noqa: BLE001 - whoever began it is told
            no = error
        self._begun -= 1
        if self._nothing_begun is not None and not self._begun:
            self._nothing_begun.set()
        begun.done(no)

    async def write(
        self, work: Awaitable[list[Entry]], then: Callable[[], Awaitable[None]]
    ) -> bool:
        """
        Tell the entries that *work* stores, *then* what follows from them; return whether
        there were any.

        Cancelling the caller cancels none of it: what is stored is told.
        """
        return await self.guarded(self._write(work, then))

    async def _write(
        self, work: Awaitable[list[Entry]], then: Callable[[], Awaitable[None]]
    ) -> bool:
        entries = await work
        self.tell(entries)
        if entries:
            await then()
        return bool(entries)

    async def guarded(self, work: Coroutine[Any, Any, T]) -> T:
        """Return what *work* returns; cancelling the caller cancels none of it."""
        task = asyncio.create_task(work)
        self._writes.add(task)
        task.add_done_callback(self._written)
        # Not awaited itself: cancelling the shield leaves it alone.
        return await asyncio.shield(task)

    def _written(self, task: asyncio.Task[Any]) -> None:
        self._writes.discard(task)
        if not task.cancelled():
            task.exception()  # seen: its caller may have gone

    async def _send(self, draft: Draft, receipt: Callable[[Receipt], None] | None) -> Receipt:
        if self.before is None:
            stored = await self.append(draft)
        else:
            stored = await self._judged(draft, self.before)
        self._stored(stored, receipt)
        return stored

    def _stored(self, made: Receipt, receipt: Callable[[Receipt], None] | None) -> None:
        if receipt is not None:
            try:
                receipt(made)
            except Exception:
                log.exception("receipt_failed", room=made.room)
        if made.entry is not None:
            self.tell([made.entry])

    async def _judged(self, draft: Draft, judge: Callable[[Draft], Awaitable[None]]) -> Receipt:
        """Store *draft* if it may be; what was stored before is so, whatever is said today."""
        async with self._judging.turn(draft.room, draft.user):
            try:
                await judge(draft)
            except Reject:
                before = await self._store.stored(draft)
                if before is None:
                    raise
                return before
            # Begun here, in its turn; the next of this author need not wait for the disk.
            appending = asyncio.ensure_future(self.append(draft))
            await asyncio.sleep(0)
        return await appending

    async def append(self, draft: Draft) -> Receipt:
        """Store *draft* and tell nobody yet."""
        return await self._store.append(draft)

    @property
    def deliveries(self) -> int:
        """How often an entry was handed to a connection since the start."""
        return self._halls.meters.deliveries

    def tell(self, entries: Iterable[Entry]) -> None:
        """Tell entries that the store has just returned as durable."""
        for entry in entries:
            self._halls.meters.entries.add(entry.type)
            self.hear(entry)
            self._engine.hint(self._store.epoch, entry.room, entry.seq)
            self.on_told(entry)

    def hear(self, entry: Entry) -> None:
        """Tell an entry that was stored to who is in the room here."""
        self._halls.offer(entry.room, told(entry))
        self._note(entry)

    def hinted(self, epoch: str, room: str, seq: int) -> None:
        """Read what another node stored; a hint about another database is ignored."""
        if epoch != self._store.epoch:
            self.strange_hints += 1
            return
        self._halls.hinted(room, seq)
        self._news.note(room, seq)
        self.on_hinted(room)

    def doubted(self, user: str) -> None:
        """Another node changed what lets *user* in, or who they are."""
        self.on_doubted(user)

    def renewed(self, user: str, room: str) -> None:
        """Another node changed what *room* is to *user*, "": to all."""
        self.on_renewed(user, room)

    def spent(self, cost: int, user: str, tokens: int) -> None:
        """*user* spent so much of *cost* on another node."""
        self.on_spent(cost, user, tokens)

    def whispered(self, room: str, user: str, packet: Packet, alone: bool) -> None:
        """Another node tells an event that nobody keeps."""
        if alone:
            self.on_whisper(user, room, packet)
        else:
            self._roll.whispered(room, user, packet)

    def came(self, node: str, room: str, seen: Seen) -> None:
        """*seen* is in *room* by another node, or looks otherwise there."""
        if room:
            self._roll.came(node, room, seen)
        else:
            self.on_said(seen)

    def went(self, node: str, room: str, seen: Seen) -> None:
        """*seen* is in *room* by that node no more."""
        if room:
            self._roll.went(node, room, seen)
        else:
            self.on_unkept(seen)

    def stood_still(self) -> None:
        """This process did nothing for long: who is still here is to be found out."""
        self._roll.stood_still()

    def _note(self, entry: Entry) -> None:
        if entry.type == "member:removed":
            self._news.forget_member(entry.room, entry.extra["member"])
        self._news.note(entry.room, entry.seq)

    async def finish(self) -> None:
        """Return when all that was sent before is stored and told."""
        while self._writes or self._begun:
            if self._writes:
                await asyncio.wait(self._writes)
            if self._begun:
                self._nothing_begun = asyncio.Event()
                await self._nothing_begun.wait()

    async def close(self) -> None:
        """Cancel what had no time to be finished, such as what a hook never lets go."""
        self._closed = True
        for task in self._writes:
            task.cancel()
        await asyncio.gather(*self._writes, return_exceptions=True)
