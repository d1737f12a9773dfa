"""
The rooms a client is in, as rules: joining, resuming by position, telling each entry once.

A room that is read has a position: everything up to it was handed on. Entries come in
pages after a join, then live; each is handed on exactly when its number is the next one,
and a number too far is a gap that only a page can close. A reader who does not keep up is
handed nothing more until it has caught up; then the rest is read from the server.
"""

from collections.abc import Callable, Iterator
from math import inf
from typing import Final

from msgspec import UNSET

from conclave.client.backoff import Random, seconds, wait_at_least
from conclave.client.news import Ended, Entry, Lapse, RoomNews
from conclave.client.place import Place, Standing
from conclave.model import Position
from conclave.protocol.errors import Code, Reject
from conclave.protocol.event import Event
from conclave.protocol.events import History, Joined, Line
from conclave.protocol.requests import JoinRoom, JoinRooms, RoomSince

# Entries handed on that the application has not taken yet.
MOST_UNTAKEN: Final = 1_000
# `join:rooms` takes so many.
_MOST_AT_ONCE: Final = 128
_SHORTEST_WAIT: Final = 0.1
# Pages in a row that make no sense, before what is known is given up.
_MOST_NONSENSE: Final = 3
# A join that takes longer on a connection that lives was lost inside the server.
_ANSWER_WITHIN: Final = 30.0


class Places:
    """
    All rooms of one client.

    *ask* sends a request and returns its id; what is answered comes back by `answered`,
    `refused` or `lost` with it.
    """

    def __init__(self, ask: Callable[[Event], str], random: Random) -> None:
        self._ask = ask
        self._random = random
        self._places: dict[str, Place] = {}
        # Joins under way: the request's id, and its rooms; and until when each is waited for.
        self._joins: dict[str, tuple[str, ...]] = {}
        self._until: dict[str, float] = {}
        self._news: list[RoomNews] = []

    def take(self) -> list[RoomNews]:
        news, self._news = self._news, []
        return news

    def attached(self, room: str) -> bool:
        place = self._places.get(room)
        return place is not None and place.standing is Standing.ATTACHED

    def position(self, room: str) -> Position | None:
        place = self._places.get(room)
        return None if place is None else place.position

    @property
    def due(self) -> float:
        """When `flush` has something to do without any other event."""
        away = min((place.not_before for place in self._away()), default=inf)
        return min([away, *self._until.values()])

    # ── what the application wants ─────────────────────────────────────────────────────

    def want(self, room: str) -> None:
        """Be in *room* from now on, also after reconnects."""
        place = self._places.setdefault(room, Place(room))
        if place.standing is Standing.REFUSED:
            place.standing = Standing.AWAY

    def follow(self, room: str, since: Position | int | None) -> None:
        """
        Hand on the entries of *room* after *since*; None: on from where it was, or from now on.

        With a number only, the epoch is what the room has now.
        """
        self.want(room)
        place = self._places[room]
        place.read = True
        if since is None and not (place.position is None and place.after is None):
            # It goes on where it was, or where it was to begin.
            return
        place.position = since if isinstance(since, Position) else None
        place.after = since if isinstance(since, int) else None
        if since is not None and place.standing is Standing.ATTACHED:
            place.standing = Standing.AWAY

    def taken(self, room: str) -> None:
        """The reader took one entry."""
        place = self._places.get(room)
        if place is None:
            return
        place.untaken -= 1
        if place.behind and place.untaken <= MOST_UNTAKEN // 2:
            place.behind = False
            # A join that is under way finds out by itself that something is missing.
            if place.standing is Standing.ATTACHED:
                place.standing = Standing.AWAY

    def leave(self, room: str) -> bool:
        """Forget *room*; return whether the server must be told."""
        place = self._places.pop(room, None)
        return place is not None and place.standing in (Standing.JOINING, Standing.ATTACHED)

    # ── what happens ───────────────────────────────────────────────────────────────────

    def flush(self, now: float) -> None:
        """There is a connection: join what is due."""
        due = [place for place in self._away() if place.not_before <= now]
        # Only the name of a room that was joined before is known to be the server's.
        known = [place for place in due if place.position is not None]
        together = known if len(known) > 1 else []
        for at in range(0, len(together), _MOST_AT_ONCE):
            batch = together[at : at + _MOST_AT_ONCE]
            rooms = [RoomSince(place.name, place.since) for place in batch]
            self._begin(self._ask(JoinRooms(rooms)), batch, now)
        for place in [place for place in due if place not in together]:
            self._begin(self._ask(JoinRoom(place.name, place.since)), [place], now)

    def expire(self, now: float) -> None:
        """Join anew what was not answered in time."""
        for id_ in [id_ for id_, until in self._until.items() if until <= now]:
            for room in self._ended(id_):
                if (place := self._joining(room, id_)) is not None:
                    self._later(place, 0.0, now)

    def lose(self) -> None:
        """The connection ended: what is known stays, and will be joined again."""
        self._joins.clear()
        self._until.clear()
        for place in self._places.values():
            if place.standing is not Standing.REFUSED:
                place.standing = Standing.AWAY
            place.not_before = 0.0
            place.tries = 0

    def joins(self, id_: str) -> bool:
        return id_ in self._joins

    def answered(
        self, id_: str, history: History | None, joined: Joined | None, now: float
    ) -> None:
        """A join was answered: one by its page, several by what was refused, after their pages."""
        rooms = self._ended(id_)
        if history is not None and len(rooms) == 1:
            self._paged(rooms[0], id_, history, now)
        for no in joined.refused if joined is not None else ():
            after = None if no.retry_after_ms is UNSET else no.retry_after_ms
            self._refused(no.room, id_, Reject(no.code, no.message, retry_after_ms=after), now)
        for room in rooms:
            if (place := self._joining(room, id_)) is not None:
                self._later(place, 0.0, now)

    def refused(self, id_: str, reject: Reject, now: float) -> None:
        for room in self._ended(id_):
            self._refused(room, id_, reject, now)

    def page(self, history: History, now: float) -> None:
        """A page that answers no request: one of several that were joined at once."""
        for id_, rooms in list(self._joins.items()):
            if len(rooms) > 1 and history.room in rooms:
                self._paged(history.room, id_, history, now)

    def hear(self, line: Line) -> None:
        """A line was told live."""
        place = self._places.get(line.room)
        if place is None or place.standing is not Standing.ATTACHED or line.seq is UNSET:
            return
        known = place.position
        if known is None or place.behind or line.seq <= known.seq:
            return
        if line.seq != known.seq + 1:
            place.standing = Standing.AWAY
        elif place.read and place.untaken >= MOST_UNTAKEN:
            place.behind = True
        else:
            self._hand_on(place, line)

    def gone(self, room: str, reason: str) -> None:
        """The room is no longer on one's list."""
        place = self._places.get(room)
        if place is not None:
            self._end(place, Reject(Code.NOT_IN_ROOM, f"No longer in {room}: {reason}"))

    def thrown_out(self, room: str) -> bool:
        """The server says that one is not in *room*; return whether it is joined again."""
        place = self._places.get(room)
        if place is None or place.standing is Standing.REFUSED:
            return False
        if place.standing is Standing.ATTACHED:
            place.standing = Standing.AWAY
        return True

    # ── decisions ──────────────────────────────────────────────────────────────────────

    def _away(self) -> Iterator[Place]:
        return (place for place in self._places.values() if place.standing is Standing.AWAY)

    def _begin(self, id_: str, batch: list[Place], now: float) -> None:
        for place in batch:
            place.standing, place.join, place.asked = Standing.JOINING, id_, place.since
        self._joins[id_] = tuple(place.name for place in batch)
        self._until[id_] = now + _ANSWER_WITHIN

    def _ended(self, id_: str) -> tuple[str, ...]:
        """Forget a join; return its rooms."""
        del self._until[id_]
        return self._joins.pop(id_)

    def _joining(self, room: str, id_: str) -> Place | None:
        """Return the place that waits for the answer of the join *id_*, if it still does."""
        place = self._places.get(room)
        waits = place is not None and place.standing is Standing.JOINING and place.join == id_
        return place if waits else None

    def _paged(self, room: str, id_: str, page: History, now: float) -> None:
        place = self._joining(room, id_)
        if place is None:
            return
        if page.room != room:
            # One room, one name: positions and entries are told by it.
            self._end(place, Reject(Code.NO_SUCH_ROOM, f"The room is called {page.room!r}"))
        elif page.upto >= 0 and (page.reset or place.asked is None):
            self._attach(place, page)
        elif place.is_continued_by(page):
            self._go_on(place, page)
        else:
            self._doubt(place, now)

    def _attach(self, place: Place, page: History) -> None:
        if (reset := place.attach(page)) is not None:
            self._news.append(Lapse(place.name, reset))

    def _go_on(self, place: Place, page: History) -> None:
        for line in page.messages:
            self._hand_on(place, line)
        if not page.more:
            place.joined()
            return
        # With a full reader it joins without reading on: it may want to write meanwhile.
        place.behind = place.untaken >= MOST_UNTAKEN
        place.standing = Standing.AWAY

    def _hand_on(self, place: Place, line: Line) -> None:
        if place.go_on_to(line):
            self._news.append(Entry(place.name, line))

    def _doubt(self, place: Place, now: float) -> None:
        """A page has a hole, or does not follow: never hand it on."""
        place.nonsense += 1
        if place.nonsense >= _MOST_NONSENSE:
            # The last messages, then, and an explicit reset.
            place.void = True
            place.nonsense = 0
        self._later(place, 0.0, now)

    def _refused(self, room: str, id_: str, reject: Reject, now: float) -> None:
        place = self._joining(room, id_)
        if place is None:
            return
        if reject.retryable:
            self._later(place, seconds(reject.retry_after_ms), now)
        else:
            self._end(place, reject)

    def _later(self, place: Place, advice: float, now: float) -> None:
        place.standing = Standing.AWAY
        place.not_before = now + _SHORTEST_WAIT + wait_at_least(advice, place.tries, self._random)
        place.tries += 1

    def _end(self, place: Place, reject: Reject) -> None:
        place.standing = Standing.REFUSED
        self._news.append(Ended(place.name, reject))
