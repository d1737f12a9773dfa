"""
One request of a connection: what waits for its turn, how long it took, how it is refused.

What is counted here is counted for all connections of a node together.
"""

from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from msgspec import Struct

from conclave.controllers.dispatch import Request, Route
from conclave.core.ratelimit import Cost
from conclave.core.turns import Turn
from conclave.model import Receipt
from conclave.model.meters import OTHER, Meters
from conclave.ports import Connection
from conclave.protocol.codec import Decoded, Packet, encode_reject
from conclave.protocol.errors import AUTH_TIMEOUT_REASON, Close, Code, Disconnect, Reject

# What is counted by name; a peer may close with any of two thousand numbers.
_CLOSES: Final = {int(close): str(int(close)) for close in Close}
_CODES: Final = frozenset(Code)


class Carrier(Connection, Protocol):
    """A connection as its requests see it."""

    def ended(self, request: "TimedRequest", error: BaseException | None) -> None:
        """A request that was begun without a task has ended, and so."""


class Begin(Struct, frozen=True):
    """A request that may be handled without a task, and its row of the table."""

    route: Route
    request: "TimedRequest"


class Job(Struct, frozen=True):
    turn: Turn
    run: Callable[[], Awaitable[None]]
    costs: Cost = Cost.FREE
    # What may be possible without a task.
    begin: Begin | None = None


class TimedRequest(Request):
    """A request that knows when it came; call `told` when it has been handled."""

    __slots__ = ("_came", "_is_stored", "_meters", "_now")
    connection: Carrier

    def __init__(
        self, connection: Carrier, decoded: Decoded, meters: Meters, now: Callable[[], float]
    ) -> None:
        # Flat: one is made for each request.
        self.connection = connection
        self.event = decoded.event
        self.id = decoded.id
        self.answered = self.deferred = False
        self._meters = meters
        self._now = now
        self._came = now()
        self._is_stored = False
        meters.requests.add(decoded.event.type)

    def stored(self, receipt: Receipt) -> None:
        super().stored(receipt)
        self._is_stored = True
        self._meters.acked.add(self._now() - self._came)

    def ended(self, error: BaseException | None) -> None:
        """It was begun without a task, and has ended; *error*: what it raised."""
        self.connection.ended(self, error)

    def told(self) -> None:
        """All who are in the room have been told of what it wrote, if it wrote something."""
        if self._is_stored:
            self._meters.told.add(self._now() - self._came)


def refusal(meters: Meters, no: Reject, id_: str | None) -> Packet:
    """Return the answer that refuses a request, and count it."""
    meters.refused.add(no.code if no.code in _CODES else OTHER)
    return encode_reject(no, id_)


def count_end(meters: Meters, code: int, late: Disconnect | None) -> None:
    """Count that a connection ends; *late*: a deadline has passed."""
    meters.closed.add(_CLOSES.get(code, OTHER))
    if late is not None and late.reason == AUTH_TIMEOUT_REASON:
        meters.auth_failures.add("timeout")
