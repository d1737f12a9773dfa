"""
What a browser is told of a message: where, by whom, and the text if its person wants it there.

It has no words of any language: the browser that shows it puts none to it either.
"""

import base64
import hashlib
from typing import Final, NamedTuple

import msgspec

from conclave.model import Called, Entry, RoomInfo, RoomKind

# A push service takes 4,096 bytes of all (RFC 8291 4); of a text its beginning is shown.
_MOST_CHARS: Final = 200
# RFC 8030 5.4: at most 32 characters of base64url.
_TOPIC_BYTES: Final = 24


class Payload(msgspec.Struct, frozen=True, omit_defaults=True):
    """As JSON, for the worker of the page."""

    room: str
    seq: int
    # Who wrote it; and where, which is left away in direct rooms.
    user: str
    title: str = ""
    mention: bool = False
    text: str = ""


class Message(NamedTuple):
    """What is pushed: it replaces one of the same *topic* that was not fetched yet."""

    room: str
    seq: int
    payload: bytes
    topic: str
    urgent: bool


def message(entry: Entry, called: Called, info: RoomInfo, *, with_text: bool) -> Message:
    """Return what a browser of the one *called* is told of *entry*."""
    direct = info.kind is RoomKind.DIRECT
    payload = Payload(
        room=entry.room,
        seq=entry.seq,
        user=entry.name,
        title="" if direct else info.title,
        mention=called.mention,
        text=entry.gist[:_MOST_CHARS] if with_text else "",
    )
    return Message(
        room=entry.room,
        seq=entry.seq,
        payload=msgspec.json.encode(payload),
        topic=_topic(called.user, entry.room),
        urgent=direct or called.mention,
    )


def _topic(user: str, room: str) -> str:
    # A service reads it: it shall not learn what rooms are called.
    digest = hashlib.sha256(f"{user}\0{room}".encode()).digest()[:_TOPIC_BYTES]
    return base64.urlsafe_b64encode(digest).decode()
