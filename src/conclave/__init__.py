"""
Conclave: a secure, self-hosted, real-time chat, and the event framework it is written with.

What stands here is what an application needs; `docs/extending.md` shows it at work, and
`docs/client.md` the client.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from conclave.client import Client
    from conclave.client.publisher import Publisher
    from conclave.controllers.application import App
    from conclave.controllers.dispatch import (
        Access,
        Controller,
        Request,
        before_entry,
        on,
        on_auth_failed,
        on_authenticated,
        on_connect,
        on_disconnect,
        on_error,
        on_heartbeat,
        on_join,
        on_leave,
        on_start,
        on_stop,
        on_timeout,
    )
    from conclave.controllers.hooks import around, every
    from conclave.controllers.node import Node
    from conclave.controllers.serving import ForAll, command
    from conclave.core.ratelimit import Cost
    from conclave.core.turns import Turn
    from conclave.model import Draft, Identity, Role
    from conclave.ports import Authenticator, Connection
    from conclave.protocol.commanding import Asked
    from conclave.protocol.durable import Durable
    from conclave.protocol.errors import Close, Code, Disconnect, Reject
    from conclave.protocol.event import Event

__version__ = "0.1.0"

__all__ = [
    "Access",
    "App",
    "Asked",
    "Authenticator",
    "Client",
    "Close",
    "Code",
    "Connection",
    "Controller",
    "Cost",
    "Disconnect",
    "Draft",
    "Durable",
    "Event",
    "ForAll",
    "Identity",
    "Node",
    "Publisher",
    "Reject",
    "Request",
    "Role",
    "Turn",
    "__version__",
    "around",
    "before_entry",
    "command",
    "every",
    "on",
    "on_auth_failed",
    "on_authenticated",
    "on_connect",
    "on_disconnect",
    "on_error",
    "on_heartbeat",
    "on_join",
    "on_leave",
    "on_start",
    "on_stop",
    "on_timeout",
]

# A program that only sends does not pay for a server, nor a server for a client.
_HOMES: Final = {
    name: module
    for module, names in {
        "conclave.client": ("Client",),
        "conclave.client.publisher": ("Publisher",),
        "conclave.controllers.application": ("App",),
        "conclave.controllers.dispatch": (
            "Access",
            "Controller",
            "Request",
            "before_entry",
            "on",
            "on_auth_failed",
            "on_authenticated",
            "on_connect",
            "on_disconnect",
            "on_error",
            "on_heartbeat",
            "on_join",
            "on_leave",
            "on_start",
            "on_stop",
            "on_timeout",
        ),
        "conclave.controllers.hooks": ("around", "every"),
        "conclave.controllers.node": ("Node",),
        "conclave.controllers.serving": ("ForAll", "command"),
        "conclave.core.ratelimit": ("Cost",),
        "conclave.core.turns": ("Turn",),
        "conclave.model": ("Draft", "Identity", "Role"),
        "conclave.ports": ("Authenticator", "Connection"),
        "conclave.protocol.commanding": ("Asked",),
        "conclave.protocol.durable": ("Durable",),
        "conclave.protocol.errors": ("Close", "Code", "Disconnect", "Reject"),
        "conclave.protocol.event": ("Event",),
    }.items()
    for name in names
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
