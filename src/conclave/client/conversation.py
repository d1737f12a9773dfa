"""
A client, as rules: what to send after what was heard.

The application says what it wants, the shell what happened; `take` returns what to do with
the socket, `news` what to tell the application. It may be relied on that each room's
entries are handed on once and in order, and that what was written is sent, under one id,
until it is stored or refused.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from msgspec import UNSET

from conclave.client.answers import Answers
from conclave.client.backoff import Random
from conclave.client.effects import Effect
from conclave.client.errors import ClientClosed, Lost
from conclave.client.news import Connected, Disconnected, Ended, Heard, News, Settled
from conclave.client.outbox import Outbox, size_of
from conclave.client.places import Places
from conclave.client.requests import Request, Requests
from conclave.client.session import Session
from conclave.client.telling import Decoder, Frame
from conclave.model import Position
from conclave.protocol.commanding import Offer, OfferCommands
from conclave.protocol.errors import Code, Reject
from conclave.protocol.event import Event
from conclave.protocol.events import History, Line, PresenceChanged, RoomGone
from conclave.protocol.requests import LeaveRoom

# What one request may have, until the server has said.
_MOST_BYTES: Final = 65_536
_ONLINE: Final = "online"
# Answers that are no event of the application: it asked for nothing, or they are ours.
_OURS: Final = frozenset({"hello", "auth:response", "heartbeat", "ack", "history", "rooms"})


class Conversation:
    """All rules of one client together; times are seconds of a clock that never jumps."""

    def __init__(
        self,
        *,
        random: Random,
        wall: Callable[[], int],
        make_id: Callable[[], str],
        events: Iterable[type[Event]] = (),
        user: str | None = None,
    ) -> None:
        """*user*: the only one it may speak for; None: whoever the first token is of."""
        self.session = Session(random, wall, user)
        self.outbox = Outbox(random)
        self.places = Places(self._ask_join, random)
        self._make_id = make_id
        self._decoder = Decoder(events)
        self._requests = Requests()
        self._answers = Answers(
            self.session, self.places, self.outbox, self._requests, self._settled
        )
        self._news: list[News] = []
        self._was_ready = False
        # How the user is, as last said here or on another device.
        self.presence = _ONLINE
        self._offered: list[Offer] = []

    @property
    def due(self) -> float:
        """The moment `tick` must be called at the latest."""
        if not self.session.ready:
            return self.session.due
        return min(
            self.session.due,
            self.outbox.due(self.places.attached),
            self.places.due,
            self._requests.due(self.places.attached),
        )

    def take(self) -> list[Effect]:
        """Return what the shell must do now, in this order."""
        return self.session.take()

    def news(self) -> list[News]:
        """Return what the application is to be told, in this order."""
        news, self._news = self._news, []
        return news

    # ── what the application wants ─────────────────────────────────────────────────────

    def start(self, now: float) -> None:
        self.session.start(now)

    def stop(self) -> None:
        """Close for good: whatever waits fails."""
        self.session.stop()
        self._was_ready = False
        self._answers.give_up_all(ClientClosed("the client was closed"))

    def new_id(self) -> str:
        return self._make_id()

    def reserve(self, id_: str, event: Event) -> None:
        """
        Hold a place for what `write` will be given.

        Raises `OutboxFull`, and `Reject` for what is too large for the server: it would not
        answer that, but end the connection.
        """
        self._check_size(event, id_)
        self.outbox.reserve(id_, event)

    def write(self, id_: str, room: str, event: Event, now: float, *, sent: bool = False) -> None:
        """
        Send a request that writes to the log of *room*, until it is stored or refused.

        *sent*: a process before this one may have sent it. Raises as `reserve` does.
        """
        if not sent:
            self._check_size(event, id_)
        self.outbox.add(id_, room, event, sent=sent)
        self.places.want(room)
        self._follow(now)

    def withdraw(self, id_: str) -> bool:
        """Forget a request that nobody waits for; return whether it was never sent."""
        self._requests.forget(id_)
        self.outbox.release(id_)
        return self.outbox.withdraw(id_)

    def ask(self, id_: str, event: Event | None, answer: Any, room: str | None, now: float) -> None:
        """
        Send a request once; with a *room*, as soon as it is joined.

        No event: only wait until the room is joined. Raises `Reject` for what is too large.
        """
        if event is not None:
            self._check_size(event, id_)
        self._requests.add(Request(id_, event, answer, room))
        if room is not None:
            self.places.want(room)
        self._follow(now)

    def tell(self, event: Event) -> bool:
        """Send an event that needs no answer; return False when there is no connection."""
        if self.session.ready:
            self.session.send(event.type, event)
        return self.session.ready

    def be(self, status: str) -> None:
        """
        Be so on each connection, and before any room is joined.

        A server forgets it at its restart: who is invisible must not flash up.
        """
        self.presence = status

    def offer(self, commands: Sequence[Offer]) -> None:
        """Offer these on each connection: a server forgets them at its restart."""
        self._offered = [*commands]

    def follow(self, room: str, since: Position | int | None, now: float) -> None:
        self.places.follow(room, since)
        self._follow(now)

    def leave(self, room: str) -> None:
        """Be in *room* no more; what was written there and not sent is forgotten."""
        if self.places.leave(room) and self.session.ready:
            self.tell(LeaveRoom(room))
        self._answers.give_up(room, Lost(f"{room} was left before it was sent, or answered"))

    def taken(self, room: str, now: float) -> None:
        """The application took one entry, or one reset, of *room*."""
        self.places.taken(room)
        self._follow(now)

    # ── what happens ───────────────────────────────────────────────────────────────────

    def token(self, generation: int, token: str, now: float) -> None:
        self.session.token(generation, token, now)

    def no_token(self, generation: int, why: str, now: float) -> None:
        self.session.no_token(generation, why, now)
        self._follow(now)

    def opened(self, generation: int, now: float) -> None:
        self.session.opened(generation, now)

    def heard(self, generation: int, now: float) -> None:
        self.session.heard(generation, now)

    def received(self, generation: int, text: bytes, now: float) -> None:
        self.session.heard(generation, now)
        frame = self._decoder.decode(text)
        if frame is not None and self.session.received(generation, frame, now):
            self._hear(frame, now)
        self._follow(now)

    def closed(
        self, generation: int, code: int, reason: str, now: float, advice: float = 0.0
    ) -> None:
        """The socket ended; *advice*: for so many seconds the server wants no other."""
        if generation == self.session.generation:
            self.session.advised(advice, now)
        self.session.closed(generation, code, reason, now)
        self._follow(now)

    def tick(self, now: float) -> None:
        self.session.tick(now)
        if self.session.ready:
            self.outbox.expire(now)
            self.places.expire(now)
            self._answers.expire(now)
        self._follow(now)

    # ── what comes of it ───────────────────────────────────────────────────────────────

    def _follow(self, now: float) -> None:
        """Has the connection come or gone, and what may be sent now?"""
        if self._was_ready and not self.session.ready:
            self._lose()
        if self.session.end is not None:
            self._answers.give_up_all(self.session.end)
        if self.session.ready and not self._was_ready:
            assert self.session.me is not None
            self._news.append(Heard(Connected(self.session.me)))
            if self.presence != _ONLINE:
                self.session.send("presence:set", {"status": self.presence})
            if self._offered:
                self.session.send(OfferCommands.type, OfferCommands(self._offered))
        self._was_ready = self.session.ready
        self._pass_on()
        if self.session.ready:
            self._flush(now)

    def _flush(self, now: float) -> None:
        self.places.flush(now)
        for item in self.outbox.next(self.places.attached, now):
            if item.size > self._most_bytes:
                # Kept by an earlier process, or written before the server said what it takes.
                self.outbox.settle(item.id)
                self._answers.settle(item.id, self._too_long())
            else:
                self.session.send(item.event.type, item.event, item.id)
        for request in self._requests.next(self.places.attached, now):
            if request.event is None:
                self._answers.settle(request.id, None)
            else:
                self.session.send(request.event.type, request.event, request.id)

    @property
    def _most_bytes(self) -> int:
        hello = self.session.hello
        return _MOST_BYTES if hello is None else hello.limits.message_bytes

    def _too_long(self) -> Reject:
        return Reject(Code.TOO_LONG, f"A request has at most {self._most_bytes:,} bytes")

    def _check_size(self, event: Event, id_: str) -> None:
        if size_of(event, id_) > self._most_bytes:
            raise self._too_long()

    def _ask_join(self, event: Event) -> str:
        id_ = self._make_id()
        self.session.send(event.type, event, id_)
        return id_

    def _lose(self) -> None:
        self._news.append(Heard(Disconnected(*self.session.last)))
        self.outbox.lose()
        self.places.lose()
        self._answers.lose(*self.session.last)

    def _settled(self, end: Settled) -> None:
        self._news.append(end)

    def _pass_on(self) -> None:
        for one in self.places.take():
            self._news.append(one)
            if isinstance(one, Ended):
                self._answers.shut_out(one.room, one.reject)

    # ── what was heard ─────────────────────────────────────────────────────────────────

    def _hear(self, frame: Frame, now: float) -> None:
        event = frame.event
        if frame.id is not None and self._answers.take(frame.id, frame, now):
            return
        if isinstance(event, History):
            self.places.page(event, now)
        elif isinstance(event, Line) and event.seq is not UNSET:
            self.places.hear(event)
        elif event is not None and frame.type not in _OURS:
            if isinstance(event, RoomGone):
                self.places.gone(event.room, event.reason)
            elif isinstance(event, PresenceChanged) and event.user == self.session.user:
                self.presence = event.status
            self._news.append(Heard(event))
