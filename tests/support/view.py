"""
A room as a client sees it who applies what it is told to what it had.

The rules are those of `conclave.protocol.state`; what they give must be what the server
shows when it is asked anew. Everything here is what stands on the wire.
"""

from typing import Any

import msgspec

from conclave.model import Entry
from conclave.protocol.events import Line
from conclave.protocol.lines import line
from conclave.protocol.state import MESSAGE, RoomState, as_now

_EXTRA = (
    "member", "member_name", "role", "title", "topic", "archived", "target", "emoji", "reply_to",
    "thread", "mentions", "deleted",
)  # fmt: skip


def entry_of(told: dict[str, Any]) -> Entry:
    """Return what an entry on the wire says."""
    return Entry(
        room=told["room"],
        seq=told["seq"],
        id=told["id"],
        type=told["type"],
        name=told["user"],
        user=told["user_id"],
        timestamp=told["timestamp"],
        text=told["text"],
        extra={name: told[name] for name in _EXTRA if name in told},
    )


class View:
    """What *reader* knows of one room, from its first entry on."""

    def __init__(self, reader: str) -> None:
        self._reader = reader
        self._entries: dict[int, Entry] = {}
        self.state = RoomState()

    def apply(self, told: dict[str, Any]) -> None:
        entry = entry_of(told)
        self._entries[entry.seq] = entry
        self.state.apply(entry)

    @property
    def seq(self) -> int:
        return self.state.seq

    def messages(self) -> list[dict[str, Any]]:
        """Return the messages as they are now, as a page of history shows them."""
        return [self._shown(seq) for seq in sorted(self.state.messages)]

    def _shown(self, seq: int) -> dict[str, Any]:
        message = self._entries[seq]
        revision = self.state.revisions.get(seq)
        if revision is not None:
            edit = self._entries.get(revision.edited_seq or 0)
            message = as_now(message, revision, edit, self._reader)
        shown: dict[str, Any] = msgspec.to_builtins(line(message, self._reader))
        return shown

    def of_type(self, type_: str) -> list[int]:
        return [seq for seq, entry in self._entries.items() if entry.type == type_]

    @property
    def types(self) -> set[str]:
        return {entry.type for entry in self._entries.values()}


def as_shown(message: dict[str, Any]) -> dict[str, Any]:
    """Return a message of a page without what only its author is told."""
    shown: dict[str, Any] = msgspec.to_builtins(msgspec.convert(message, Line))
    shown.pop("client_id", None)
    return shown


__all__ = ["MESSAGE", "View", "as_shown", "entry_of"]
