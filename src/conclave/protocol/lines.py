"""Entries of a log as they stand on the wire, and the notices that stand beside them."""

from typing import Any, Final

from msgspec import UNSET, Struct
from msgspec.json import Encoder

from conclave.model import Entry, Identity, Page, State
from conclave.protocol.codec import Packet, encode
from conclave.protocol.durable import DATA
from conclave.protocol.events import History, Line, ReactionSum

# Types that old clients draw as a bubble travel as `chat`, all others as `entry`.
MESSAGE = "message"

# What the chat's own entries have besides a text, each in a field of its own.
_FIELDS: Final = frozenset(
    {
        "member",
        "member_name",
        "role",
        "title",
        "topic",
        "archived",
        "slow_mode",
        "history",
        "target",
        "emoji",
        "reply_to",
        "thread",
        "mentions",
        "bot",
        "attachments",
        "deleted",
    }
)


def line(entry: Entry, reader: str) -> Line:
    """Return *entry* as *reader* may see it: authors learn their request's id."""
    own = entry.user == reader and entry.client_id is not None
    return Line(
        type=entry.type,
        text=entry.text,
        room=entry.room,
        user=entry.name,
        timestamp=entry.timestamp,
        seq=entry.seq,
        id=entry.id,
        user_id=entry.user,
        client_id=entry.client_id if own and entry.client_id else UNSET,
        **(_more(entry.extra) if entry.extra else {}),
        **(_now(entry.state) if entry.state is not None else {}),
    )


def _more(extra: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a line for *extra*: what an application put there goes into `data`."""
    if extra.keys() <= _FIELDS:
        return extra
    if DATA in extra:
        # Of a kind that an application has declared: no field of its own is one of ours.
        return {DATA: extra[DATA]}
    known = {key: value for key, value in extra.items() if key in _FIELDS}
    return {**known, "data": {key: extra[key] for key in extra if key not in _FIELDS}}


def _now(state: State) -> dict[str, Any]:
    """Return the fields of a line that say what became of a message; only those that hold."""
    sums = [ReactionSum(r.emoji, r.count, [*r.users], r.me) for r in state.reactions]
    found = {
        "edited_at": state.edited_at,
        "pinned": state.pinned,
        "reactions": sums,
    }
    return {name: value for name, value in found.items() if value}


class _Plain(Struct):
    """The line of what was said and refers to nothing: a `Line` with these fields alone."""

    type: str
    text: str
    room: str
    user: str
    timestamp: int
    seq: int
    id: str
    user_id: str


class _Said(Struct):
    type: str
    data: _Plain


_encode: Final = Encoder().encode


def entry_packets(entry: Entry) -> tuple[Packet, Packet]:
    """Return what all are told of *entry*, and what its author is told: mostly it is the same."""
    if entry.type != MESSAGE or entry.extra or entry.state is not None:
        packet = entry_packet(entry)
        own = packet if entry.client_id is None else entry_packet(entry, entry.user)
        return packet, own
    said = _Plain(
        entry.type,
        entry.text,
        entry.room,
        entry.name,
        entry.timestamp,
        entry.seq,
        entry.id,
        entry.user,
    )
    text = _encode(_Said("chat", said))
    packet = Packet(text)
    if entry.client_id is None:
        return packet, packet
    # Encoded once: what the author learns besides stands at its end.
    return packet, Packet(b'%b,"client_id":%b}}' % (text[:-2], _encode(entry.client_id)))


def entry_packet(entry: Entry, reader: str = "") -> Packet:
    return encode("chat" if entry.type == MESSAGE else "entry", line(entry, reader))


def notice_packet(type_: str, text: str, room: str, timestamp: int, who: Identity) -> Packet:
    """Return a notice about *who*: told, never stored, without a number."""
    notice = Line(
        type=type_,
        text=text,
        room=room,
        user="system",
        timestamp=timestamp,
        member=who.user,
        member_name=who.name,
        role=who.role,
    )
    return encode("chat", notice)


def history(page: Page, reader: str) -> History:
    """Return *page* as the answer to *reader*."""
    return History(
        room=page.room,
        messages=[line(entry, reader) for entry in page.entries],
        epoch=page.epoch,
        first_seq=page.first_seq,
        last_seq=page.last_seq,
        upto=page.upto,
        more=page.more,
        reset=page.reset,
        upto_id=UNSET if page.upto_id is None else page.upto_id,
    )
