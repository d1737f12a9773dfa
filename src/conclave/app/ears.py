"""Connections of the chat that HTTP carries: let in by the same door, known by a ticket."""

from conclave.auth.tickets import Tickets
from conclave.http.stream import EventStream, Receiver
from conclave.model import Caller
from conclave.protocol.account import Shut
from conclave.protocol.codec import encode
from conclave.protocol.errors import Code, Reject
from conclave.server.door import FrontDoor


class HttpEars:
    """
    Opens them for callers that HTTP knows already.

    A ticket stands for the caller: so whoever lost their session in between is refused where
    sockets are, and a stream counts among the connections of its user.
    """

    def __init__(self, door: FrontDoor, tickets: Tickets) -> None:
        self._door = door
        self._tickets = tickets

    async def open(self, caller: Caller, stream: EventStream) -> Receiver:
        """Let *caller* hear by *stream*; raises `busy` or `rate_limited` where the door is shut."""
        address = caller.place.address
        ticket = await self._tickets.give(caller.identity, address)
        found = self._door.info(address)
        if not found.open:
            code = Code.RATE_LIMITED if found.why is Shut.CROWDED else Code.BUSY
            raise Reject(code, retry_after_ms=found.retry_after_ms)
        connection = self._door.receiver(address, None)
        stream.open(connection)
        connection.received(encode("auth", {"token": ticket}).text)
        return connection
