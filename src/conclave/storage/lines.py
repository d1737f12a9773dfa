"""
One entry between its value and its row: the id, the checksum, the digest of a request.

Nothing here touches a database.
"""

import os
import time
from hashlib import blake2b
from typing import Any, Final, NamedTuple
from zlib import crc32

import msgspec
from msgspec import Struct

from conclave.model import Draft, Entry
from conclave.storage.errors import StorageDamaged

_ALPHABET: Final = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's
_BY_BYTE: Final = bytes(_ALPHABET[byte & 31] for byte in range(256))
# Letters of five bits.
_CHANCE: Final = 16
_DIGEST_BYTES: Final = 16
# What the envelope and the author's id add to an entry on the wire.
_AROUND_AN_ENTRY: Final = 40

_encoder = msgspec.json.Encoder(order="deterministic")
_objects = msgspec.json.Decoder(dict[str, Any])


class Pending(Struct, frozen=True, gc=False):
    """A draft on its way to the writer."""

    draft: Draft
    extra: str | None
    digest: bytes | None


class Row(NamedTuple):
    """A row of `entries` after the room's number: `messages` is its column `count`."""

    seq: int
    id: str
    type: str
    user: str
    name: str
    timestamp: int
    text: str
    extra: str | None
    messages: int
    client_id: str | None
    checksum: int


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def ulids(timestamp: int, n: int) -> list[str]:
    """Return *n* ids of 26 letters: 48 bits of time, by which they sort, and 80 of chance."""
    time_part = bytes(_ALPHABET[timestamp >> shift & 31] for shift in range(45, -5, -5)).decode()
    letters = os.urandom(_CHANCE * n).translate(_BY_BYTE).decode()
    return [time_part + letters[at : at + _CHANCE] for at in range(0, _CHANCE * n, _CHANCE)]


def ulid(timestamp: int) -> str:
    return ulids(timestamp, 1)[0]


def pend(draft: Draft) -> Pending:
    """
    Return *draft* with what its row needs; raise for what JSON cannot hold.

    The digest covers what the request asked for: not who the author is called today.
    """
    extra = extra_text(draft.extra)
    content = _encoder.encode((draft.type, draft.text, extra, *filter(None, [draft.besides])))
    if draft.client_id is None:
        return Pending(draft, extra, None)
    return Pending(draft, extra, blake2b(content, digest_size=_DIGEST_BYTES).digest())


def checksum(room: str, fields: tuple[object, ...]) -> int:
    """Return a number that any flipped bit of an entry changes."""
    return crc32(_encoder.encode((room, fields)))


def extra_text(extra: dict[str, Any]) -> str | None:
    """Return *extra* as its column holds it; raise for what JSON cannot hold."""
    return _encoder.encode(extra).decode() if extra else None


def to_row(
    number: int, entry: Entry, messages: int, extra: str | None = None
) -> tuple[object, ...]:
    """
    Return the row of `entries` for *entry* in the room with this *number*.

    *extra*: its `extra_text`, if that was made before.
    """
    if extra is None:
        extra = extra_text(entry.extra)
    fields = (
        entry.seq,
        entry.id,
        entry.type,
        entry.user,
        entry.name,
        entry.timestamp,
        entry.text,
        extra,
        messages,
        entry.client_id,
    )
    return (number, *fields, checksum(entry.room, fields))


def to_entry(room: str, row: Row) -> Entry:
    """Return the entry that *row* of *room* is. Raises `StorageDamaged`."""
    if checksum(room, row[:-1]) != row.checksum:
        raise StorageDamaged(f"entry {row.seq} of room {room!r}")
    return Entry(
        room=room,
        seq=row.seq,
        id=row.id,
        type=row.type,
        name=row.name,
        user=row.user,
        timestamp=row.timestamp,
        text=row.text,
        extra=_objects.decode(row.extra) if row.extra else {},
        client_id=row.client_id,
    )


def wire_size(entry: Entry) -> int:
    """Return about how many bytes *entry* will take in a page."""
    return len(_encoder.encode(entry)) + _AROUND_AN_ENTRY
