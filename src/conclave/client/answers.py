"""
How what the application waits for ends: stored, answered, refused, or lost.

A frame that answers a request is given to what it answers; a room that is left, a
connection that breaks and a client that is closed end what waited for them. What is to be
sent, and when, is said by `conversation`.
"""

from collections.abc import Callable
from typing import Any

from msgspec import UNSET, Raw

from conclave.client.errors import ClientClosed, Lost
from conclave.client.news import Settled
from conclave.client.outbox import Outbox
from conclave.client.places import Places
from conclave.client.requests import Requests
from conclave.client.session import Session
from conclave.client.telling import Frame, read
from conclave.protocol.errors import Code, Reject
from conclave.protocol.events import Error, History, Joined, Stored


class Answers:
    """*tell* is given each end once; what has ended is in no outbox any more."""

    def __init__(
        self,
        session: Session,
        places: Places,
        outbox: Outbox,
        requests: Requests,
        tell: Callable[[Settled], None],
    ) -> None:
        self._session = session
        self._places = places
        self._outbox = outbox
        self._requests = requests
        self._tell = tell

    def take(self, id_: str, frame: Frame, now: float) -> bool:
        """Give a frame to what it answers; return whether there was something."""
        reject = _reject(frame.event) if isinstance(frame.event, Error) else None
        if self._places.joins(id_):
            self._answer_join(id_, frame, reject, now)
        elif id_ in self._outbox:
            self._answer_write(id_, frame, reject, now)
        elif id_ in self._requests:
            if reject is None:
                self.settle(id_, self._requests.answered(id_, frame))
            elif self._requests.refused(id_, reject, now):
                self.settle(id_, reject)
        else:
            return False
        return True

    def _answer_join(self, id_: str, frame: Frame, reject: Reject | None, now: float) -> None:
        if reject is not None:
            self._places.refused(id_, reject, now)
            return
        page = frame.event if isinstance(frame.event, History) else None
        self._places.answered(id_, page, _joined(frame.data) if page is None else None, now)

    def _answer_write(self, id_: str, frame: Frame, reject: Reject | None, now: float) -> None:
        if reject is None:
            try:
                stored = read(frame.data, Stored)
            except ValueError:
                # Whether it is stored the same id finds out, of a server in its right mind.
                self._session.distrust("an answer that cannot be read", now)
                return
            self._outbox.settle(id_)
            self.settle(id_, stored)
            return
        item = self._outbox.item(id_)
        again = False
        if reject.code == Code.NOT_IN_ROOM:
            again = item.outside is None and self._places.thrown_out(item.room)
            reject = item.outside or reject
        if self._outbox.refused(id_, reject, now, again=again):
            self.settle(id_, reject)

    def settle(self, id_: str, result: Any) -> None:
        """End a request that the outbox does not have: with what it asked for, or why not."""
        self._requests.forget(id_)
        self._tell(Settled(id_, result))

    def expire(self, now: float) -> None:
        for id_ in self._requests.expired(now):
            self.settle(id_, Lost("the server does not answer this request"))

    def lose(self, code: int, reason: str) -> None:
        """The connection broke: what was asked once is not asked again."""
        for id_ in self._requests.under_way():
            self.settle(id_, Lost(f"{reason or 'the connection broke'} ({code})"))

    def shut_out(self, room: str, why: Reject) -> None:
        for id_ in [*self._outbox.shut_out(room, why), *self._requests.of(room)]:
            self.settle(id_, why)

    def give_up(self, room: str, why: Exception) -> None:
        """End all that waits for *room*."""
        for id_ in [*self._outbox.give_up(room), *self._requests.of(room)]:
            self.settle(id_, why)

    def give_up_all(self, why: ClientClosed) -> None:
        for room in self._outbox.rooms:
            for id_ in self._outbox.give_up(room):
                self.settle(id_, why)
        for id_ in self._requests.all():
            self.settle(id_, why)


def _reject(error: Error) -> Reject:
    after = None if error.retry_after_ms is UNSET else error.retry_after_ms
    return Reject(error.code, error.message, retry_after_ms=after)


def _joined(data: Raw) -> Joined | None:
    try:
        found: Joined = read(data, Joined)
    except ValueError:
        return None
    return found
