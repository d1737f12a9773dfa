"""
Entries that change what is there: edits, deletions, reactions, pins, a room's title.

All of it runs in the writer's thread, inside the transaction that numbers the entry: what
is checked here is still so when it is written. Deleting erases: the texts a message ever
had leave the log, only its number stays.
"""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from conclave.model import Draft, Entry
from conclave.protocol.errors import Code, Reject
from conclave.protocol.state import (
    DELETED,
    EDITED,
    PINNED,
    REACTED,
    UNPINNED,
    UNREACTED,
    UPDATED,
    tombstone,
)
from conclave.storage.attached import let_go
from conclave.storage.compact import note_erasure
from conclave.storage.lines import Row, to_entry, to_row
from conclave.storage.search_index import forget

_COLUMNS: Final = ("title", "topic", "slow_mode", "history")

MOST_EMOJI: Final = 20
MOST_PINNED: Final = 100

_FIND = """
    SELECT entries.user, revised.edited_seq, revised.deleted_seq, revised.pinned_seq
    FROM entries LEFT JOIN revised ON revised.room = entries.room AND revised.seq = entries.seq
    WHERE entries.room = ? AND entries.seq = ? AND entries.type = 'message'
"""
_ROW = (
    "SELECT seq, id, type, user, name, timestamp, text, extra, count, client_id, checksum"
    " FROM entries WHERE room = ? AND seq = ?"
)
_EDITS = (
    # Without being told, SQLite reads the whole room.
    "SELECT seq FROM entries INDEXED BY entries_edits WHERE room = ?"
    " AND json_extract(extra, '$.target') = ? AND type = 'message:edited'"
)


class Target:
    """The message that a change is about, as it is before."""

    __slots__ = ("author", "deleted_seq", "edited_seq", "pinned_seq", "seq")

    def __init__(self, seq: int, row: tuple[Any, ...]) -> None:
        self.seq = seq
        self.author: str
        self.edited_seq: int | None
        self.deleted_seq: int | None
        self.pinned_seq: int | None
        self.author, self.edited_seq, self.deleted_seq, self.pinned_seq = row


def refers(cursor: Any, room: int, draft: Draft, first: int = 0) -> Reject | None:
    """
    Return why a message cannot refer to what it does, if it cannot.

    *first*: the first number that its author may read.
    """
    thread = draft.extra.get("thread")
    for seq in (thread, draft.extra.get("reply_to")):
        if seq is None:
            continue
        if seq < first or cursor.execute(_FIND, (room, seq)).fetchone() is None:
            return Reject(Code.NO_SUCH_MESSAGE)
    if thread is not None and _is_in_thread(cursor, room, thread):
        return Reject(Code.CONFLICT, "A thread begins with a message that is in none")
    return None


def _is_in_thread(cursor: Any, room: int, seq: int) -> bool:
    query = (
        "SELECT json_extract(extra, '$.thread') FROM entries"
        " WHERE room = ? AND seq = ? AND extra IS NOT NULL"
    )
    found = cursor.execute(query, (room, seq)).fetchone()
    return found is not None and found[0] is not None


def check(
    cursor: Any, room: int, draft: Draft, may_with: Callable[[bool], None], first: int = 0
) -> int | None:
    """
    Return the number of the entry that made it so already; None if there is something to do.

    *may_with* raises for who may not change a message that is their own, or is not; *first* is
    the first number that the author may read. Raises `Reject` for what may not be.
    """
    if draft.type == UPDATED:
        return None
    if draft.extra["target"] < first and not _may_unseen(draft, may_with):
        raise Reject(Code.NO_SUCH_MESSAGE)
    target = _target(cursor, room, draft.extra["target"])
    if draft.type in (EDITED, DELETED):
        may_with(target.author == draft.user)
    if draft.type == DELETED:
        return target.deleted_seq
    if target.deleted_seq is not None:
        raise Reject(Code.NO_SUCH_MESSAGE)
    if draft.type == EDITED:
        return _check_edit(cursor, room, draft, target)
    if draft.type in (REACTED, UNREACTED):
        return _check_reaction(cursor, room, draft, target)
    return _check_pin(cursor, room, draft, target)


def _may_unseen(draft: Draft, may_with: Callable[[bool], None]) -> bool:
    """Return whether the author may change what they may not read: delete what was reported."""
    if draft.type != DELETED:
        return False
    try:
        may_with(False)
    except Reject:
        return False
    return True


def _target(cursor: Any, room: int, seq: int) -> Target:
    row = cursor.execute(_FIND, (room, seq)).fetchone()
    if row is None:
        raise Reject(Code.NO_SUCH_MESSAGE)
    return Target(seq, row)


def _check_edit(cursor: Any, room: int, draft: Draft, target: Target) -> int | None:
    now = target.edited_seq or target.seq
    query = "SELECT text FROM entries WHERE room = ? AND seq = ?"
    (text,) = cursor.execute(query, (room, now)).fetchone()
    return now if text == draft.text else None


def _check_reaction(cursor: Any, room: int, draft: Draft, target: Target) -> int | None:
    emoji = draft.extra["emoji"]
    query = "SELECT added_seq FROM reactions WHERE room = ? AND seq = ? AND emoji = ? AND user = ?"
    found = cursor.execute(query, (room, target.seq, emoji, draft.user)).fetchone()
    if draft.type == UNREACTED:
        return target.seq if found is None else None
    if found is not None:
        return int(found[0])
    query = "SELECT DISTINCT emoji FROM reactions WHERE room = ? AND seq = ?"
    given = {row[0] for row in cursor.execute(query, (room, target.seq))}
    if emoji not in given and len(given) >= MOST_EMOJI:
        raise Reject(Code.FORBIDDEN, "This message has as many different reactions as it may")
    return None


def _check_pin(cursor: Any, room: int, draft: Draft, target: Target) -> int | None:
    if draft.type == UNPINNED:
        return target.seq if target.pinned_seq is None else None
    if target.pinned_seq is None:
        query = (
            "SELECT count(*) FROM revised INDEXED BY revised_pinned"
            " WHERE room = ? AND pinned_seq IS NOT NULL"
        )
        (pinned,) = cursor.execute(query, (room,)).fetchone()
        if pinned >= MOST_PINNED:
            raise Reject(Code.FORBIDDEN, "As many messages are pinned as may be: unpin one first")
    return target.pinned_seq


def write(cursor: Any, room: int, entry: Entry) -> None:
    """Make what *entry*, which has just been numbered, says: it was checked before."""
    if entry.type == UPDATED:
        _update_room(cursor, room, entry)
        return
    seq = entry.extra["target"]
    if entry.type == EDITED:
        _revise(cursor, room, seq, "edited_seq", entry.seq)
    elif entry.type == DELETED:
        _erase(cursor, room, entry.room, seq)
        _revise(cursor, room, seq, "deleted_seq", entry.seq)
    elif entry.type in (PINNED, UNPINNED):
        pinned = entry.seq if entry.type == PINNED else None
        _revise(cursor, room, seq, "pinned_seq", pinned)
    elif entry.type == REACTED:
        row = (room, seq, entry.extra["emoji"], entry.user, entry.seq)
        cursor.execute("INSERT INTO reactions VALUES (?, ?, ?, ?, ?)", row)
    elif entry.type == UNREACTED:
        cursor.execute(
            "DELETE FROM reactions WHERE room = ? AND seq = ? AND emoji = ? AND user = ?",
            (room, seq, entry.extra["emoji"], entry.user),
        )


def _revise(cursor: Any, room: int, seq: int, column: str, value: int | None) -> None:
    # The column is one of three words of this module.
    cursor.execute(
        f"INSERT INTO revised (room, seq, {column}) VALUES (?, ?, ?)"  # noqa: S608 - one of three words
        f" ON CONFLICT (room, seq) DO UPDATE SET {column} = excluded.{column}",
        (room, seq, value),
    )
    if value is None:
        cursor.execute(
            "DELETE FROM revised WHERE room = ? AND seq = ?"
            " AND coalesce(edited_seq, deleted_seq, pinned_seq) IS NULL",
            (room, seq),
        )


def _update_room(cursor: Any, room: int, entry: Entry) -> None:
    for column in _COLUMNS:
        if column in entry.extra:
            cursor.execute(
                f"UPDATE rooms SET {column} = ? WHERE id = ?",  # noqa: S608 - one of four words
                (entry.extra[column], room),
            )
    if "archived" in entry.extra:
        archived_at = entry.timestamp if entry.extra["archived"] else None
        cursor.execute("UPDATE rooms SET archived_at = ? WHERE id = ?", (archived_at, room))


def _erase(cursor: Any, room: int, name: str, seq: int) -> None:
    """Leave nothing of the message *seq* but its number, and of what was made of it."""
    note_erasure(cursor)
    forget(cursor, room, [seq])
    rewrite(cursor, room, name, seq, tombstone)
    for (edit,) in cursor.execute(_EDITS, (room, seq)).fetchall():
        rewrite(cursor, room, name, edit, emptied)
    for table in ("reactions", "mentions"):
        cursor.execute(f"DELETE FROM {table} WHERE room = ? AND seq = ?", (room, seq))  # noqa: S608 - two words of this module
    let_go(cursor, "room = ? AND seq = ?", (room, seq))
    cursor.execute("DELETE FROM revised WHERE room = ? AND seq = ?", (room, seq))


def emptied(entry: Entry) -> Entry:
    """Return what is left of an edit when its message is deleted."""
    return msgspec.structs.replace(entry, text="")


def rewrite(cursor: Any, room: int, name: str, seq: int, change: Callable[[Entry], Entry]) -> None:
    """
    Put *change* of the entry *seq* in its place, with a checksum of its own.

    Whatever its request comes again with is the same request from now on.
    """
    row = Row(*cursor.execute(_ROW, (room, seq)).fetchone())
    changed = to_row(room, change(to_entry(name, row)), row.messages)
    number, seq_, *values = changed
    if row.client_id is not None:
        # What was said could be guessed from its digest.
        cursor.execute(
            "UPDATE requests SET digest = ? WHERE room = ? AND user = ? AND client_id = ?",
            (b"", room, row.user, row.client_id),
        )
    cursor.execute(
        "UPDATE entries SET id = ?, type = ?, user = ?, name = ?, timestamp = ?, text = ?,"
        " extra = ?, count = ?, client_id = ?, checksum = ? WHERE room = ? AND seq = ?",
        (*values, number, seq_),
    )
