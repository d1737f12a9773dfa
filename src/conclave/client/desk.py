"""
What a client and its rooms share: futures for what is under way, queues for what is told,
and the file that keeps what was written. The rules themselves stand in `conversation`.
"""

import asyncio
from collections.abc import Callable, Generator
from functools import partial
from typing import Any, TypeVar

from msgspec import Struct

from conclave.client.conversation import Conversation
from conclave.client.driver import Driver
from conclave.client.errors import ClientClosed, Reset
from conclave.client.feed import Feed
from conclave.client.keeping import Keeper, Kept
from conclave.client.news import Connected, Ended, Entry, Heard, Lapse, News, Settled
from conclave.client.session import Session
from conclave.client.telling import Unknown
from conclave.model import Position
from conclave.protocol.errors import Code, Reject
from conclave.protocol.event import Event
from conclave.protocol.events import Line, Me, Stored

T = TypeVar("T")


class NotSent(Struct, frozen=True):
    """A message that an earlier process left in the outbox was refused."""

    # `Unknown`: what stood in the file is no request of this version.
    event: Event | Unknown
    reject: Reject


class Pending:
    """A message on its way: await it for its number, or for what went wrong."""

    def __init__(
        self, id_: str, future: asyncio.Future[Stored], withdraw: Callable[[str], bool]
    ) -> None:
        self.id = id_
        self._future = future
        self._withdraw = withdraw

    def __await__(self) -> Generator[Any, None, Stored]:
        return asyncio.shield(self._future).__await__()

    @property
    def done(self) -> bool:
        return self._future.done()

    def withdraw(self) -> bool:
        """Take it back if it was never sent; return whether it was. Nobody may await it then."""
        return self._withdraw(self.id)


class Desk:
    """One client's requests and queues, from `start` to `close`."""

    def __init__(self, keeper: Keeper | None) -> None:
        # What is told and is no entry of a room that is read by itself.
        self.feed = Feed()
        self._feeds: dict[str, Feed] = {}
        self._futures: dict[str, asyncio.Future[Any]] = {}
        self._keeper = keeper
        self._driver: Driver
        self._closed = False
        self._came = asyncio.Event()

    # ── coming and going ───────────────────────────────────────────────────────────────

    def start(self, driver: Driver) -> None:
        self._driver = driver
        driver.act(lambda talk, now: talk.start(now))
        for kept in [*self._keeper.kept.values()] if self._keeper is not None else ():
            self._restore(kept)

    def _restore(self, kept: Kept) -> None:
        id_, event = kept.id, kept.event()
        if isinstance(event, Unknown):
            # Those behind it are good.
            self.feed.put(NotSent(event, Reject(Code.BAD_REQUEST)), lasting=True)
            self._keep_no_more(id_)
            return
        room: str = getattr(event, "room", "")
        self.act(lambda talk, now: talk.write(id_, room, event, now, sent=True))
        self._future(id_).add_done_callback(partial(self._tell_refused, event))

    def _tell_refused(self, event: Event, future: asyncio.Future[Any]) -> None:
        error = None if future.cancelled() else future.exception()
        if isinstance(error, Reject):
            self.feed.put(NotSent(event, error), lasting=True)

    @property
    def session(self) -> Session:
        return self._driver.conversation.session

    async def connected(self) -> Me:
        """Wait until the server has let the client in; return who it is there."""
        while True:
            session = self.act(lambda talk, _now: talk.session)
            if session.ready and session.me is not None:
                return session.me
            self._came.clear()
            await self._came.wait()

    async def drain(self) -> None:
        """Wait until all that was written is stored or refused."""
        outbox = self._driver.conversation.outbox
        while waiting := [future for id_, future in self._futures.items() if id_ in outbox]:
            await asyncio.wait(waiting)

    async def close(self) -> None:
        """End everything; what waits fails with `ClientClosed`. Idempotent."""
        self._closed = True
        try:
            await self._driver.close()
        finally:
            self.finish(ClientClosed("the client was closed"))
            if self._keeper is not None:
                await self._keeper.close()

    # ── requests ───────────────────────────────────────────────────────────────────────

    def act(self, what: Callable[[Conversation, float], T]) -> T:
        """Tell the rules something; raises when there is nobody to talk to any more."""
        if self.session.end is not None:
            raise self.session.end
        if self._closed:
            raise ClientClosed("the client was closed")
        return self._driver.act(what)

    def _mention(self, what: Callable[[Conversation, float], object]) -> None:
        """Tell the rules something that does not matter any more when all has ended."""
        if not self._closed:
            self._driver.act(what)

    def _future(self, id_: str) -> asyncio.Future[Any]:
        """Return the future of a request: under way, or settled and not asked for yet."""
        future = self._futures.get(id_)
        if future is None:
            future = self._futures[id_] = asyncio.get_running_loop().create_future()
            future.add_done_callback(_seen)
        elif future.done():
            del self._futures[id_]
        return future

    async def post(self, room: str, event: Event) -> Pending:
        """Give a request to the outbox, and to the disk if there is a file."""
        id_ = self.act(lambda talk, _now: talk.new_id())
        if self._keeper is None:
            self.act(lambda talk, now: talk.write(id_, room, event, now))
            return Pending(id_, self._future(id_), self.withdraw)
        self.act(lambda talk, _now: talk.reserve(id_, event))
        try:
            await self._keeper.add(id_, event)
            self.act(lambda talk, now: talk.write(id_, room, event, now))
        except BaseException:
            self._mention(lambda talk, _now: talk.outbox.release(id_))
            self._keeper.done(id_)
            raise
        return Pending(id_, self._future(id_), self.withdraw)

    def withdraw(self, id_: str) -> bool:
        """Take back what was never sent; return whether it was."""
        return not self._closed and self._driver.act(lambda talk, _now: self._withdraw(talk, id_))

    async def write(self, room: str, event: Event) -> Stored:
        """Give a request to the outbox and wait for the server."""
        pending = await self.post(room, event)
        try:
            return await pending
        except asyncio.CancelledError:
            pending.withdraw()
            raise

    def _withdraw(self, talk: Conversation, id_: str) -> bool:
        if not talk.withdraw(id_):
            return False
        self._futures.pop(id_, None)
        self._keep_no_more(id_)
        return True

    def _keep_no_more(self, id_: str) -> None:
        if self._keeper is not None:
            self._keeper.done(id_)

    async def ask(
        self, event: Event | None, answer: Any, room: str | None = None, id_: str | None = None
    ) -> Any:
        """Send a request once and return its answer as *answer*; see `Conversation.ask`."""
        key = id_ or self.act(lambda talk, _now: talk.new_id())
        self.act(lambda talk, now: talk.ask(key, event, answer, room, now))
        try:
            return await self._future(key)
        finally:
            self._futures.pop(key, None)
            self._mention(lambda talk, _now: talk.withdraw(key))

    # ── rooms ──────────────────────────────────────────────────────────────────────────

    async def join(self, room: str) -> None:
        await self.ask(None, None, room)

    def follow(self, room: str, since: Position | int | None, feed: Feed) -> None:
        """Hand on the entries of *room* to *feed*, the only one that gets them."""
        if self._feeds.get(room, feed) is not feed:
            raise RuntimeError(f"{room} is read already: by `join`, or by `async for` over it")
        self.act(lambda talk, now: talk.follow(room, since, now))
        self._feeds[room] = feed

    def position(self, room: str) -> Position | None:
        return self.act(lambda talk, _now: talk.places.position(room))

    def signal(self, room: str, event: Event) -> None:
        """Tell what only matters now, if the room is joined."""
        if self.act(lambda talk, _now: talk.places.attached(room)):
            self.act(lambda talk, _now: talk.tell(event))

    def leave(self, room: str) -> None:
        self.act(lambda talk, _now: talk.leave(room))
        feed = self._feeds.pop(room, None)
        if feed is not None and feed is not self.feed:
            feed.end()

    # ── what the rules tell ────────────────────────────────────────────────────────────

    def deliver(self, news: list[News]) -> None:
        for one in news:
            match one:
                case Entry(room, line):
                    self._hand_on(room, line)
                case Lapse(room, reset):
                    self._hand_on(room, reset)
                case Ended():
                    self._end_room(one)
                case Heard(event):
                    self._hear(event)
                case Settled(id_, result):
                    self._settle(id_, result)

    def _hand_on(self, room: str, item: Line | Reset) -> None:
        feed = self._feeds.get(room)
        if feed is not None:
            taken = partial(self._mention, lambda talk, now: talk.taken(room, now))
            feed.put(item, taken)

    def _end_room(self, ended: Ended) -> None:
        feed = self._feeds.get(ended.room)
        if feed is self.feed:
            del self._feeds[ended.room]
            feed.put(ended, lasting=True)
        elif feed is not None:
            feed.fail(ended.reject)

    def _hear(self, event: Any) -> None:
        if isinstance(event, Connected):
            if self._keeper is not None:
                self._keeper.belongs_to(event.me.id)
            self._came.set()
        self.feed.put(event)

    def _settle(self, id_: str, result: Any) -> None:
        if not isinstance(result, ClientClosed):
            self._keep_no_more(id_)
        # One that nobody asked for yet stays until somebody does.
        future = self._futures.pop(id_, None) or self._future(id_)
        if future.done():
            return
        if isinstance(result, BaseException):
            future.set_exception(result)
        else:
            future.set_result(result)

    def finish(self, why: ClientClosed) -> None:
        """Nothing comes any more: end all that waits."""
        self._came.set()
        error = None if type(why) is ClientClosed else why
        for feed in (self.feed, *self._feeds.values()):
            feed.end(error)
        for future in self._futures.values():
            if not future.done():
                future.set_exception(why)
        self._futures.clear()


def _seen(future: asyncio.Future[Any]) -> None:
    """Whoever asked may have gone: an error nobody waits for is no error of the loop."""
    if not future.cancelled():
        future.exception()
