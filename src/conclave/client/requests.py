"""
Requests that are sent once, as rules: asked, answered, or lost with their connection.

What must be repeated is the outbox's. Only `rate_limited` is waited for here, as then
nothing was done.
"""

from collections.abc import Callable
from math import inf
from typing import Any, Final

from msgspec import Struct

from conclave.client.errors import ClientError
from conclave.client.telling import Frame, read
from conclave.protocol.errors import Code, Reject
from conclave.protocol.event import Event

_SHORTEST_WAIT: Final = 0.1


class Request(Struct):
    """One request, and what its answer is to be read as."""

    id: str
    # None: it only waits until its room is joined.
    event: Event | None
    answer: Any
    # Sent only while attached there.
    room: str | None
    not_before: float = 0.0
    sent: bool = False


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
            request.sent = True
        return due

    def due(self, attached: Callable[[str], bool]) -> float:
        return min((r.not_before for r in self._unsent(attached)), default=inf)

    def _unsent(self, attached: Callable[[str], bool]) -> list[Request]:
        return [
            request
            for request in self._waiting.values()
            if not request.sent and (request.room is None or attached(request.room))
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
        request.sent = False
        request.not_before = now + max(_SHORTEST_WAIT, (reject.retry_after_ms or 0) / 1000)
        return False

    def under_way(self) -> list[str]:
        """Return those that a broken connection takes along."""
        return [request.id for request in self._waiting.values() if request.sent]

    def of(self, room: str) -> list[str]:
        return [request.id for request in self._waiting.values() if request.room == room]

    def all(self) -> list[str]:
        return list(self._waiting)
