"""
Speaking to a Conclave from Python: `Client`, and what it tells and raises.

`docs/client.md` shows it at work; `conclave.client.wire` is one bare socket.
"""

from conclave.client.client import Client
from conclave.client.desk import NotSent, Pending
from conclave.client.errors import (
    ClientClosed,
    ClientError,
    Lost,
    OutboxFull,
    OutboxUnusable,
    Reset,
    Stopped,
    WasReset,
)
from conclave.client.news import Connected, Disconnected, Ended
from conclave.client.room import Room
from conclave.client.session import State
from conclave.client.telling import Unknown

__all__ = [
    "Client",
    "ClientClosed",
    "ClientError",
    "Connected",
    "Disconnected",
    "Ended",
    "Lost",
    "NotSent",
    "OutboxFull",
    "OutboxUnusable",
    "Pending",
    "Reset",
    "Room",
    "State",
    "Stopped",
    "Unknown",
    "WasReset",
]
