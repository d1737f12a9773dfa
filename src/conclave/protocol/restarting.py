"""What is told before an end that is no farewell: when to come back."""

from conclave.protocol.event import Event


class Reconnect(Event, type="reconnect"):
    """
    The server will close this connection within a second, and may be back in *after_ms*.

    Each connection is told a time of its own: who keeps to it is let in without waiting.
    """

    after_ms: int = 0
    reason: str = ""
