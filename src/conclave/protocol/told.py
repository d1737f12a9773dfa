"""
Everything the server tells, by its name on the wire, and what its data is.

Most are events. Some carry a value that stands elsewhere too: a line of a room's log is told
as `chat` and as `entry`, a room as its list shows it is told as `room:changed`.
"""

from typing import Final

from msgspec import Struct

from conclave.model import RoomInfo
from conclave.protocol.commanding import Asked, CommandsOf
from conclave.protocol.event import Event
from conclave.protocol.events import (
    Ack,
    AuthExpiring,
    AuthResponse,
    Error,
    HeartbeatAnswer,
    Hello,
    History,
    Line,
    Members,
    Notice,
    People,
    Presence,
    PresenceChanged,
    Profile,
    ProfileChanged,
    Read,
    RoomGone,
    Rooms,
    SearchResults,
    System,
    Typing,
)
from conclave.protocol.governing import Ignored, Links, Reports, Sanctions
from conclave.protocol.pushing import Push
from conclave.protocol.restarting import Reconnect

_EVENTS: Final[tuple[type[Event], ...]] = (
    System,
    Hello,
    AuthResponse,
    AuthExpiring,
    Reconnect,
    Ack,
    Error,
    HeartbeatAnswer,
    History,
    Presence,
    PresenceChanged,
    People,
    Profile,
    ProfileChanged,
    Typing,
    Read,
    Notice,
    Rooms,
    RoomGone,
    Members,
    SearchResults,
    Asked,
    CommandsOf,
    Sanctions,
    Links,
    Reports,
    Ignored,
    Push,
)

TOLD: Final[dict[str, type[Struct]]] = {
    **{event.type: event for event in _EVENTS},
    "chat": Line,
    "entry": Line,
    "room:changed": RoomInfo,
}
