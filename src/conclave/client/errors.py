"""
What can go wrong with a client, besides a `Reject`: the server's own no to one request.
"""

from msgspec import Struct

from conclave.protocol.events import Line


class ClientError(Exception):
    """Something between the application and the server; each kind is a class of its own."""


class Lost(ClientError):
    """The connection broke before the answer came; whether the request was done is unknown."""


class ClientClosed(ClientError):
    """The client was closed before this was done."""


class Stopped(ClientClosed):
    """
    The server sent the client away for good, or there is no good token: it does not come back.

    `code` is the close code of the last connection, `reason` its text.
    """

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.reason or 'the server closed the connection'} ({self.code})"


class OutboxFull(ClientError):
    """Too much waits to be sent; this message was not taken."""


class OutboxUnusable(ClientError):
    """The file of an outbox is another process's, another user's, another server's, or broken."""


class Reset(Struct, frozen=True):
    """
    What was known of a room is void: its log is another one, or too far ahead to follow.

    Forget what was there and begin with `messages`, the last ones; the next entry that
    comes has the number `upto` + 1. `first_seq` and `last_seq` are what the room has.
    """

    room: str
    epoch: str
    first_seq: int
    last_seq: int
    upto: int
    messages: list[Line]


class WasReset(ClientError):
    """`async for` over a room came to a `Reset`; iterate again to go on after it."""

    def __init__(self, reset: Reset) -> None:
        super().__init__(f"what was known of {reset.room} is void")
        self.reset = reset
