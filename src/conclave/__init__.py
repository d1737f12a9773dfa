"""
Conclave: a secure, self-hosted, real-time chat, and the event framework it is written with.

What stands here is what an application needs; `docs/extending.md` shows it at work, and
`docs/client.md` the client.
"""

from typing import TYPE_CHECKING, Any

from conclave.controllers.application import App
from conclave.controllers.dispatch import (
    Access,
    Controller,
    Request,
    on,
    on_auth_failed,
    on_authenticated,
    on_connect,
    on_disconnect,
    on_error,
    on_heartbeat,
    on_join,
    on_leave,
    on_timeout,
)
from conclave.controllers.node import Node
from conclave.core.turns import Turn
from conclave.model import Draft, Identity, Role
from conclave.ports import Authenticator, Connection
from conclave.protocol.errors import Close, Code, Disconnect, Reject
from conclave.protocol.event import Event

if TYPE_CHECKING:
    from conclave.client import Client

__version__ = "0.1.0"

__all__ = [
    "Access",
    "App",
    "Authenticator",
    "Client",
    "Close",
    "Code",
    "Connection",
    "Controller",
    "Disconnect",
    "Draft",
    "Event",
    "Identity",
    "Node",
    "Reject",
    "Request",
    "Role",
    "Turn",
    "__version__",
    "on",
    "on_auth_failed",
    "on_authenticated",
    "on_connect",
    "on_disconnect",
    "on_error",
    "on_heartbeat",
    "on_join",
    "on_leave",
    "on_timeout",
]


def __getattr__(name: str) -> Any:
    # A server, and each command, would pay for a client it does not use.
    if name == "Client":
        from conclave.client import Client

        return Client
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
