"""
JSON text of a server to typed events.

A server can be hostile or broken: what is not of the expected shape becomes None here, so
that no other file has to ask. What it means is `session`'s and `conversation`'s business.
"""

from collections.abc import Iterable
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct

from conclave.model import RoomInfo
from conclave.protocol import events
from conclave.protocol.commanding import Asked
from conclave.protocol.event import Event
from conclave.protocol.events import Line
from conclave.protocol.restarting import Reconnect

_NOTHING: Final = Raw(b"{}")


class Unknown(Struct, frozen=True):
    """An event of a type that this client does not know; register its class to have it typed."""

    type: str
    data: dict[str, Any]


# What a server tells, or answers with. `chat` and `entry` are lines of a room.
_KNOWN: Final[dict[str, Any]] = {
    "chat": Line,
    "entry": Line,
    "room:changed": RoomInfo,
    **{
        event.type: event
        for event in (
            events.System,
            events.Hello,
            events.AuthResponse,
            events.AuthExpiring,
            events.HeartbeatAnswer,
            events.Error,
            events.History,
            events.Presence,
            events.PresenceChanged,
            events.People,
            events.Profile,
            events.ProfileChanged,
            events.Typing,
            events.Read,
            events.Notice,
            events.Rooms,
            events.RoomGone,
            events.Members,
            Asked,
            Reconnect,
        )
    },
}


class _Envelope(Struct):
    type: str
    data: Raw = _NOTHING
    id: str | None = None


class Frame(Struct, frozen=True):
    """One event as it came; `event` is None where its data are not of its type's shape."""

    type: str
    id: str | None
    event: Any
    data: Raw


class Decoder:
    """Decodes what a server says: the chat's own events, and *more* of an application's."""

    def __init__(self, more: Iterable[type[Event]] = ()) -> None:
        known = {**_KNOWN, **{event.type: event for event in more}}
        self._envelope = msgspec.json.Decoder(_Envelope)
        self._known = {type_: msgspec.json.Decoder(kind) for type_, kind in known.items()}

    def decode(self, text: bytes) -> Frame | None:
        """Return the event that *text* is; None for what is none."""
        try:
            envelope = self._envelope.decode(text)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            return None
        event = self._event(envelope.type, envelope.data)
        # A copy: what was read is only lent.
        return Frame(envelope.type, envelope.id, event, Raw(bytes(envelope.data)))

    def _event(self, type_: str, data: Raw) -> Any:
        try:
            decoder = self._known.get(type_)
            if decoder is not None:
                return decoder.decode(data)
            if type_ == events.Ack.type:
                # What it holds depends on the request.
                return None
            return Unknown(type_, msgspec.json.decode(data, type=dict[str, Any]))
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            return None


def read(data: Raw, kind: Any) -> Any:
    """Return the *data* of an answer as *kind*; ValueError if they are no such thing."""
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as wrong:
        raise ValueError(str(wrong)) from None
