"""One request and its one answer."""

from typing import Any

from msgspec import Struct

from conclave.model import Receipt
from conclave.ports import Connection
from conclave.protocol.codec import encode, encode_event, encode_reject
from conclave.protocol.errors import Reject
from conclave.protocol.event import Event
from conclave.protocol.events import Stored

# What a handler may return: an event is sent as it is, anything else is the ack's data.
Answer = Event | Struct | dict[str, Any] | None


class Request:
    """
    One request and its one answer.

    A handler that takes it as third argument may answer before it ends: see `ack`.
    """

    __slots__ = ("answered", "connection", "deferred", "event", "id")

    def __init__(self, connection: Connection, event: Event, id: str | None) -> None:  # noqa: A002 - the wire's word
        self.connection = connection
        self.event = event
        self.id = id
        self.answered = False
        self.deferred = False

    def answer(self, event: Event) -> None:
        """Send an answer that carries data; it goes out whether the request had an id or not."""
        self.connection.offer(encode_event(event, None if self.answered else self.id))
        self.answered = True

    def ack(self, data: Any = None) -> None:
        """Say now that it is done, if the request had an id; what is returned later is ignored."""
        if self.id is not None and not self.answered:
            self.connection.offer(encode("ack", data, self.id))
        self.answered = True

    def defer(self) -> None:
        """Answer later, when the handler has ended: with `ack`, or with `refuse`."""
        self.deferred = True

    def refuse(self, no: Reject) -> None:
        """Refuse a request that was deferred."""
        if not self.answered:
            self.connection.offer(encode_reject(no, self.id))
        self.answered = True

    def stored(self, receipt: Receipt) -> None:
        """Acknowledge an entry of a log."""
        self.ack(Stored(receipt.room, receipt.seq, receipt.id, receipt.timestamp))

    def finish(self, answer: Answer) -> None:
        """Answer with what the handler returned, unless it has answered before."""
        if self.answered or self.deferred:
            return
        if isinstance(answer, Event):
            self.answer(answer)
        else:
            self.ack(answer)
