"""
What of a node is traced, if its operator wants traces: its connections, and its relay.

Without traces these are the plain ones: nothing asks at each message whether there are any.
"""

from functools import partial
from typing import Any

from conclave.relay import Relay
from conclave.server.door import FrontDoor
from conclave.server.shell import Shell
from conclave.telemetry.tracing import Tracing


def make_relay(tracing: Tracing | None, *parts: Any) -> Relay:
    """Return the relay of *parts*, as `Relay` takes them."""
    if tracing is None:
        return Relay(*parts)
    from conclave.relay.traced import TracedRelay

    return TracedRelay(tracing.tracer, *parts)


def make_door(tracing: Tracing | None, shell: Shell) -> FrontDoor:
    if tracing is None:
        return FrontDoor(shell)
    from conclave.server.traced import TracedConnection

    return FrontDoor(shell, partial(TracedConnection, tracing.tracer))
