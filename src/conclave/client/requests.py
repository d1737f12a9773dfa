"""
Requests that are sent once, as rules: asked, answered, or lost with their connection.

What must be repeated is the outbox's. Only `rate_limited` is waited for here, as then
nothing was done.
"""

from collections.abc import Callable
from math import inf
from typing import Any, Final

from msgspec import Struct

from conclave.client.backoff import seconds
from conclave.client.errors import ClientError
from conclave.client.telling import Frame, read
from conclave.protocol.errors import Code, Reject
from conclave.protocol.event import Event

_SHORTEST_WAIT: Final = 0.1
# Whoever waits longer on a connection that lives waits for what was lost inside the server.
_ANSWER_WITHIN: Final = 30.0


class Request(Struct):
    """One request, and what its answer is to be read as."""

    id: str
    # None: it only waits until its room is joined.
    event: Event | None
    answer: Any
    # Sent only while attached there.
    room: str | None
    not_before: float = 0.0
    # Set while it is under way.
    sent_at: float | None = None


class Requests:
    """Those of one client that have no answer yet."""

    def __init__(self) -> None:
        self._waiting: dict[str, Request] = {}

    def __contains__(self, id_: str) -> bool:
        return id_ in self._waiting

    def add(self, request: Request) -> None:
        self._waiting[request.id] = request

    def forget(self, id_: str) -> None:
        self._waiting.pop(id_, None)

    def next(self, attached: Callable[[str], bool], now: float) -> list[Request]:
        """Return what is due now; the caller must send it, or settle what has no event."""
        due = [r for r in self._unsent(attached) if r.not_before <= now]
        for request in due:
            request.sent_at = now
        return due

    def due(self, attached: Callable[[str], bool]) -> float:
        """Return when `next` or `expired` has something to do without any other event."""
        starts = [request.not_before for request in self._unsent(attached)]
        ends = [r.sent_at + _ANSWER_WITHIN for r in self._waiting.values() if r.sent_at is not None]
        return min([*starts, *ends], default=inf)

    def expired(self, now: float) -> list[str]:
        """Return those whose answer does not come any more."""
        return [
            request.id
            for request in self._waiting.values()
            if request.sent_at is not None and now >= request.sent_at + _ANSWER_WITHIN
        ]

    def _unsent(self, attached: Callable[[str], bool]) -> list[Request]:
        return [
            request
            for request in self._waiting.values()
            if request.sent_at is None and (request.room is None or attached(request.room))
        ]

    def answered(self, id_: str, frame: Frame) -> Any:
        """Return what a request asked for, or the exception that says why not."""
        try:
            return read(frame.data, self._waiting[id_].answer)
        except ValueError as wrong:
            return ClientError(f"an answer that cannot be read: {wrong}")

    def refused(self, id_: str, reject: Reject, now: float) -> bool:
        """Take a refusal; return whether it is the last word."""
        if reject.code != Code.RATE_LIMITED:
            return True
        request = self._waiting[id_]
        request.sent_at = None
        request.not_before = now + max(_SHORTEST_WAIT, seconds(reject.retry_after_ms))
        return False

    def under_way(self) -> list[str]:
        """Return those that a broken connection takes along."""
        return [request.id for request in self._waiting.values() if request.sent_at is not None]

    def of(self, room: str) -> list[str]:
        return [request.id for request in self._waiting.values() if request.room == room]

    def all(self) -> list[str]:
        return list(self._waiting)
