"""
Check one room: its log against itself, and what is kept beside it against the log.

The log is read once, from its first entry to its last; `conclave.protocol.state` says what
each makes of the room.
"""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Final

import msgspec

from conclave.model import Draft, Entry
from conclave.protocol.state import MESSAGE, RoomState
from conclave.storage.errors import StorageDamaged
from conclave.storage.lines import Row, pend, to_entry

_AT_FIRST: Final[dict[str, Any]] = {"archived": False, "slow_mode": 0, "history": "all"}
_AT_ONCE: Final = 1_000
_ID_LETTERS: Final = 26

_ROOM: Final = (
    "SELECT first_seq, last_seq, last_count, last_time, purged_count, title, topic,"
    " archived_at IS NOT NULL, slow_mode, history, deleted_at IS NOT NULL"
    " FROM rooms WHERE id = ?"
)
# The columns of `Row`, then what is known of the request.
_ENTRIES: Final = """
    SELECT e.seq, e.id, e.type, e.user, e.name, e.timestamp, e.text, e.extra, e.count, e.client_id,
        e.checksum, r.digest, r.seq, r.message_id, r.timestamp
    FROM entries e LEFT JOIN requests r
        ON r.room = e.room AND r.user = e.user AND r.client_id = e.client_id
    WHERE e.room = ? ORDER BY e.seq
"""


class RoomCheck:
    """Checks the room with the number *id*; ask for `findings` once."""

    def __init__(self, connection: Any, id: int, name: str) -> None:  # noqa: A002
        self._execute = connection.execute
        self._id = id
        self._name = name
        self._state = RoomState()
        self.entries = 0

    def findings(self, tell: Callable[[int], None]) -> Iterator[str]:
        """Give one line for each thing that is wrong; *tell* is called with the entries read."""
        row = self._execute(_ROOM, (self._id,)).fetchone()
        (self._first, self._last, last_count, last_time, self._purged, *kept, deleted) = row
        if not 0 <= self._purged <= self._last or not 1 <= self._first <= self._last + 1:
            yield f"its numbers {self._first} … {self._last}, {self._purged} purged, cannot be"
        yield from self._log(tell)
        if self._seq != self._last:
            yield f"the log ends at {self._seq}, and should at {self._last}"
        if self._count != last_count:
            yield f"{last_count} messages are counted, and there were {self._count}"
        if self._time > last_time:
            yield f"the last entry is of {self._time}, and the room says {last_time}"
        if deleted:
            # Its log is being erased; what stood beside it went first.
            return
        yield from self._words(*kept)
        yield from self._revisions()
        yield from self._reactions()
        yield from self._mentions()
        yield from self._attachments()
        yield from self._members()

    # ── the log against itself ─────────────────────────────────────────────────────────

    def _log(self, tell: Callable[[int], None]) -> Iterator[str]:
        self._seq, self._count, self._time = self._first - 1, self._purged, 0
        rows = iter(self._execute(_ENTRIES, (self._id,)))
        while some := list(islice(rows, _AT_ONCE)):
            for *row, digest, seq, made, timestamp in some:
                yield from self._row(Row._make(row), (digest, seq, made, timestamp))
            self.entries += len(some)
            tell(self.entries)

    def _row(self, row: Row, request: tuple[Any, ...]) -> Iterator[str]:
        if row.seq != self._seq + 1:
            yield f"entry {row.seq} follows {self._seq}"
        self._seq = row.seq
        try:
            entry = to_entry(self._name, row)
        except StorageDamaged:
            yield f"entry {row.seq}: its checksum does not match"
            self._count += row.type == MESSAGE
            return
        except (msgspec.MsgspecError, ValueError, TypeError) as error:
            yield f"entry {row.seq}: cannot be read: {error}"
            return
        yield from self._line(entry, row.messages)
        if entry.client_id is not None:
            yield from _request(entry, *request)

    def _line(self, entry: Entry, count: int) -> Iterator[str]:
        self._count += entry.type == MESSAGE
        if count != self._count:
            yield f"entry {entry.seq}: counts {count} messages, and there are {self._count}"
            self._count = count
        if entry.timestamp < self._time:
            yield f"entry {entry.seq}: is earlier than the one before"
        self._time = max(entry.timestamp, self._time)
        if len(entry.id) != _ID_LETTERS:
            yield f"entry {entry.seq}: {entry.id!r} is no id"
        self._state.apply(entry)

    # ── what is kept beside it ─────────────────────────────────────────────────────────

    def _words(
        self, title: str, topic: str, archived: bool, slow_mode: int, history: str
    ) -> Iterator[str]:
        for name, said, kept in (
            ("title", self._state.title, title),
            ("topic", self._state.topic, topic),
            ("archived", self._state.archived, bool(archived)),
            ("slow_mode", self._state.slow_mode, slow_mode),
            ("history", self._state.history, history),
        ):
            if said is None and self._first == 1:
                # What a log that is whole has never said is as rooms begin.
                said = _AT_FIRST.get(name)
            if said is not None and said != kept:
                yield f"its {name} is {kept!r}, and the log says {said!r}"

    def _revisions(self) -> Iterator[str]:
        query = "SELECT seq, edited_seq, deleted_seq, pinned_seq FROM revised WHERE room = ?"
        kept = {seq: numbers for seq, *numbers in self._execute(query, (self._id,)) if any(numbers)}
        said = {
            seq: [now.edited_seq, now.deleted_seq, now.pinned_seq]
            for seq, now in self._state.revisions.items()
            if now.edited_seq or now.deleted_seq or now.pinned_seq
        }
        for seq in _different(kept, said):
            yield f"message {seq}: edited, deleted, pinned is not what the log says"

    def _reactions(self) -> Iterator[str]:
        query = "SELECT seq, emoji, user, added_seq FROM reactions WHERE room = ?"
        kept = {
            (seq, emoji, user): at for seq, emoji, user, at in self._execute(query, (self._id,))
        }
        said = {
            (seq, *key): at
            for seq, now in self._state.revisions.items()
            for key, at in now.reactions.items()
        }
        for seq, _, user in _different(kept, said):
            yield f"message {seq}: a reaction of {user!r} is not what the log says"

    def _mentions(self) -> Iterator[str]:
        query = "SELECT seq, user FROM mentions WHERE room = ?"
        kept = dict.fromkeys(self._execute(query, (self._id,)).fetchall(), True)
        said = {(seq, user): True for seq, named in self._state.mentions.items() for user in named}
        for seq, user in _different(kept, said):
            yield f"message {seq}: whether it mentions {user!r} is not what the log says"

    def _attachments(self) -> Iterator[str]:
        query = "SELECT seq, id FROM attachments WHERE room = ? AND seq IS NOT NULL"
        kept = dict.fromkeys(self._execute(query, (self._id,)).fetchall(), True)
        said = {(seq, id_): True for seq, ids in self._state.attachments.items() for id_ in ids}
        for seq, id_ in _different(kept, said):
            yield f"message {seq}: whether it has the attachment {id_!r} is not what the log says"

    def _members(self) -> Iterator[str]:
        query = "SELECT user, role, read_seq, joined_seq FROM members WHERE room = ?"
        kept = {}
        for user, role, read_seq, joined_seq in self._execute(query, (self._id,)):
            kept[user] = role
            joined = self._state.joined.get(user)
            if joined is not None and joined_seq not in (0, joined):
                yield f"member {user!r}: joined by {joined_seq}, and the log says {joined}"
            if not 0 <= read_seq <= self._last:
                yield f"member {user!r}: has read up to {read_seq}"
        said = self._state.members
        for user in sorted(said.keys() | kept.keys()):
            # Whoever came in before the first entry is known from the table alone.
            silent = user not in said and user not in self._state.gone and self._first > 1
            if said.get(user) != kept.get(user) and not silent:
                yield f"member {user!r}: is {kept.get(user)}, and the log says {said.get(user)}"


def _request(
    entry: Entry, digest: bytes | None, seq: int, made: str, timestamp: int
) -> Iterator[str]:
    """Compare *entry* with what is known of the request that it was."""
    if (seq, made, timestamp) != (entry.seq, entry.id, entry.timestamp):
        yield f"entry {entry.seq}: its request is not known: it could be made twice"
    elif digest and digest != _digest_of(entry):
        # An empty one stands for any content: what was said is erased.
        yield f"entry {entry.seq}: its request had another content"


def _digest_of(entry: Entry) -> bytes | None:
    """Return the digest of the request that *entry* was."""
    draft = Draft(
        room=entry.room,
        user=entry.user,
        name=entry.name,
        type=entry.type,
        text=entry.text,
        extra=entry.extra,
        client_id=entry.client_id,
    )
    return pend(draft).digest


def _different(kept: dict[Any, Any], said: dict[Any, Any]) -> list[Any]:
    keys = kept.keys() | said.keys()
    return sorted((key for key in keys if kept.get(key) != said.get(key)), key=str)
