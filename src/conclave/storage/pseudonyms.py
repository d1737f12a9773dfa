"""
Name a user by a pseudonym in every entry that names them.

The rows share it and nothing else knows it. An entry that is changed is another one to
clients: whoever calls this begins an epoch with it, which is `erase`'s business.
"""

from collections.abc import Iterable
from itertools import groupby
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Connection

from conclave.model import Entry
from conclave.protocol.state import (
    DELETED,
    EDITED,
    MEMBER_ADDED,
    MEMBER_REMOVED,
    MEMBER_ROLE,
    MESSAGE,
    PINNED,
    REACTED,
    UNPINNED,
    UNREACTED,
    UPDATED,
)
from conclave.storage.changes import rewrite
from conclave.storage.driver import raw
from conclave.storage.search_index import forget

NAME: Final = "deleted user"

_REACTIONS: Final = frozenset({REACTED, UNREACTED})
_ABOUT_MEMBERS: Final = frozenset({MEMBER_ADDED, MEMBER_REMOVED, MEMBER_ROLE})
# Of these nothing is left but what they were; of an application's own types only the number.
_OURS: Final = _REACTIONS | _ABOUT_MEMBERS | {MESSAGE, EDITED, DELETED, PINNED, UNPINNED, UPDATED}


class Named(NamedTuple):
    """A row that names the user; those of one `group` are changed together."""

    room: int
    group: str
    seq: int


def naming(connection: Connection, user: str) -> list[Named]:
    """Return the rows that name *user*, those of one group one after another."""
    # What JSON writes around a text is enough to find it; what is found is looked at again.
    quoted = msgspec.json.encode(user).decode()
    query = """
        SELECT room, seq, type, json_extract(coalesce(extra, '{}'), '$.target') FROM entries
        WHERE user = ? OR instr(coalesce(extra, ''), ?) > 0
    """
    rows = raw(connection).execute(query, (user, quoted))
    return sorted(Named(room, _group(type_, seq, target), seq) for room, seq, type_, target in rows)


def _group(type_: str, seq: int, target: int | None) -> str:
    """
    Return what is changed together, so that the log always says what the tables say.

    Who came and went, and who reacted and took it back, is the same one all the time.
    """
    if type_ in _ABOUT_MEMBERS:
        return "members"
    return f"reactions {target}" if type_ in _REACTIONS else f"entry {seq}"


def whole_groups(named: list[Named], size: int) -> Iterable[tuple[int, list[Named]]]:
    """Give *named* in parts of whole groups, of *size* rows or more, and how many came before."""
    some: list[Named] = []
    done = 0
    for _, group in groupby(named, key=lambda row: (row.room, row.group)):
        some += group
        if len(some) >= size:
            yield done, some
            done, some = done + len(some), []
    if some:
        yield done, some


def rename(cursor: Any, row: Named, user: str, pseudonym: str) -> None:
    """Name *user* in *row* by the pseudonym, and in what the tables know by it."""
    room, seq = row.room, row.seq
    query = (
        "SELECT rooms.name, entries.client_id, entries.type"
        " FROM entries JOIN rooms ON rooms.id = room WHERE room = ? AND seq = ?"
    )
    found = cursor.execute(query, (room, seq)).fetchone()
    if found is None:
        return  # purged by now
    name, client_id, type_ = found
    if type_ not in _OURS:
        # Its words go, and may have been found; those of messages went before.
        forget(cursor, room, [seq])
    now: list[Entry] = []

    def change(entry: Entry) -> Entry:
        now.append(_renamed(entry, user, pseudonym))
        return now[0]

    rewrite(cursor, room, name, seq, change)
    cursor.execute(
        "UPDATE reactions SET user = ? WHERE room = ? AND user = ? AND added_seq = ?",
        (pseudonym, room, user, seq),
    )
    cursor.execute(
        "DELETE FROM mentions WHERE user = ? AND room = ? AND seq = ?", (user, room, seq)
    )
    if client_id is not None and now[0].client_id is None:
        cursor.execute(
            "DELETE FROM requests WHERE room = ? AND user = ? AND client_id = ?",
            (room, user, client_id),
        )


def _renamed(entry: Entry, user: str, pseudonym: str) -> Entry:
    """Return *entry* with nothing of *user* in it but the pseudonym."""
    extra = dict(entry.extra)
    if extra.get("member") == user:
        extra |= {"member": pseudonym, "member_name": NAME}
    if user in extra.get("mentions", ()):
        extra["mentions"] = [one for one in extra["mentions"] if one != user]
        if not extra["mentions"]:
            del extra["mentions"]
    if entry.user != user:
        return msgspec.structs.replace(entry, extra=extra)
    return msgspec.structs.replace(
        entry,
        user=pseudonym,
        name=NAME,
        text="",
        extra=extra if entry.type in _OURS else {},
        client_id=None,
    )
