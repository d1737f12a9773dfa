"""
Tells people on all their devices of the messages they want to be notified of.

It comes after a message was stored, acknowledged and told, from a queue that has a bound:
nobody waits for it, and what is too much is not notified of, only unread. Who is not to be
disturbed hears nothing. Of many messages in one room somebody is told the last one.
"""

from collections import deque
from collections.abc import Callable, Iterator
from typing import Final

from conclave.core.hub import Hub
from conclave.core.permissions import may_hear
from conclave.core.reaching import reaches
from conclave.core.statuses import Statuses
from conclave.model import Called, Entry, Status
from conclave.ports import Attention
from conclave.protocol.codec import Packet, encode_event
from conclave.protocol.events import Notice
from conclave.protocol.state import MESSAGE

INTERVAL: Final = 0.25
# Messages that wait to be looked at: some seconds of more than anybody reads.
_MOST_WAITING: Final = 10_000
_AT_ONCE: Final = 500
# Of a long message its beginning is enough.
_MOST_CHARS: Final = 300

Notified = Callable[[Entry, Called], None]


class Notices:
    """Give it what was stored by `note`; call `tell` every `INTERVAL` seconds."""

    def __init__(self, attention: Attention, hub: Hub, statuses: Statuses) -> None:
        self._attention = attention
        self._hub = hub
        self._statuses = statuses
        self._waiting: deque[Entry] = deque()
        # Tells those of a user on other nodes what is about a room; neither waits nor raises.
        self.on_whisper: Callable[[str, str, Packet], None] = lambda _room, _user, _packet: None
        # Told of each after those who are connected.
        self.on_called: Notified = lambda _entry, _called: None
        # Messages nobody was notified of, as too much waited.
        self.dropped = 0

    def note(self, entry: Entry) -> None:
        """Notify people of *entry* soon, if it is a message; never waits."""
        if entry.type != MESSAGE:
            return
        if len(self._waiting) >= _MOST_WAITING:
            self.dropped += 1
            return
        self._waiting.append(entry)

    async def tell(self) -> None:
        """Tell what was noted since the last call."""
        while self._waiting:
            entries = list(self._take())
            called = await self._attention.audience(entries)
            self._tell(dict(_last(entries, called)))

    def _take(self) -> Iterator[Entry]:
        for _ in range(min(_AT_ONCE, len(self._waiting))):
            yield self._waiting.popleft()

    def _tell(self, told: dict[tuple[str, str], tuple[Entry, Called]]) -> None:
        packets: dict[tuple[str, bool], Packet] = {}
        for entry, called in told.values():
            if self._statuses.of(called.user) is Status.DND:
                continue
            key = (entry.id, called.mention)
            if key not in packets:
                packets[key] = encode_event(notice(entry, called))
            for connection in self._hub.of(called.user):
                identity = connection.identity
                if may_hear(identity) and reaches(identity, entry.room):
                    connection.offer(packets[key])
            self.on_whisper(entry.room, called.user, packets[key])
            self.on_called(entry, called)


def _last(
    entries: list[Entry], called: list[list[Called]]
) -> Iterator[tuple[tuple[str, str], tuple[Entry, Called]]]:
    """Give what each is told of each room: the last message, or the last that names them."""
    named: set[tuple[str, str]] = set()
    for entry, people in zip(entries, called, strict=True):
        for one in people:
            key = (one.user, entry.room)
            if one.mention or key not in named:
                yield key, (entry, one)
            if one.mention:
                named.add(key)


def notice(entry: Entry, called: Called) -> Notice:
    """Return what somebody is told of *entry*."""
    return Notice(
        room=entry.room,
        seq=entry.seq,
        user=entry.name,
        user_id=entry.user,
        timestamp=entry.timestamp,
        text=entry.gist[:_MOST_CHARS],
        mention=called.mention,
    )
