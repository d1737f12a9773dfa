"""Entries as rooms tell them: encoded once for all who are in."""

from msgspec.structs import replace

from conclave.core.room import Told
from conclave.model import Entry, RoomHistory
from conclave.protocol.lines import entry_packet, entry_packets
from conclave.protocol.state import EDITED, MESSAGE, UPDATED


def told(entry: Entry) -> Told:
    """Return *entry* encoded, once for a whole room."""
    packet, own = entry_packets(entry)
    if entry.type == MESSAGE:
        return Told(entry.seq, entry.user, packet, own)
    removes = entry.extra.get("member") if entry.type == "member:removed" else None
    if entry.type == UPDATED and (history := entry.extra.get("history")) is not None:
        return Told(entry.seq, entry.user, packet, own, hides=history == RoomHistory.JOINED)
    if entry.type != EDITED:
        return Told(entry.seq, entry.user, packet, own, removes)
    blank = entry_packet(replace(entry, text=""))
    return Told(entry.seq, entry.user, packet, own, removes, entry.extra["target"], blank)
