"""
A room as it is at the moment of a page, and what of it its reader may see.

What is read of it then is said by `pages`; both are to be of one moment.
"""

from typing import Final, NamedTuple

from sqlalchemy import Connection

from conclave.model import SYSTEM, Act, Entry, Page, RoomHistory
from conclave.protocol.errors import Code, Reject
from conclave.storage.driver import raw
from conclave.storage.rights import (
    BAN,
    MUTE,
    OF_MEMBER,
    OF_ROOM,
    Known,
    Reach,
    check_act,
    known_as,
    sanctioned,
    stranger,
    where_of,
)

_NUMBERS: Final = """
    SELECT rooms.id, first_seq, last_seq, entries.id
    FROM rooms LEFT JOIN entries ON entries.room = rooms.id AND entries.seq = last_seq
    WHERE rooms.name = ? AND deleted_at IS NULL
"""
# As `rights.admit` and `_NUMBERS` say it: one statement also where there is no such room, so that
# how long the answer takes tells little of it.
_AS_READER: Final = f"""
    SELECT r.first_seq, r.last_seq, newest.id, {OF_ROOM}, u.id, {OF_MEMBER},
        {sanctioned(BAN, "r.id", "?3")}, {sanctioned(MUTE, "r.id", "?3")}
    FROM (SELECT 1) one
        LEFT JOIN rooms r ON r.name = ?1 AND r.deleted_at IS NULL
        LEFT JOIN users u ON u.id = ?2
        LEFT JOIN members m ON m.room = r.id AND m.user = u.id
        LEFT JOIN entries newest ON newest.room = r.id AND newest.seq = r.last_seq
"""  # noqa: S608 - of words that stand in the program
# Of such a row: where its numbers end, where the room does, and where the user begins.
_NUMBERS_END: Final = 3
_ROOM_END: Final = 9
_USER: Final = 10


class OpenRoom(NamedTuple):
    id: int
    name: str
    epoch: str
    first_seq: int
    last_seq: int
    last_id: str | None
    # Whose page this is; messages are read as this user sees them. For who reads only what
    # was said since they joined, the room begins there.
    reader: str | None
    reach: Reach

    def page(
        self, found: list[Entry], *, upto: int, more: bool = False, reset: bool = False
    ) -> Page:
        return Page(
            room=self.name,
            entries=found,
            epoch=self.epoch,
            first_seq=self.first_seq,
            last_seq=self.last_seq,
            upto=upto,
            more=more,
            reset=reset,
            joined_seq=self.reach.joined_seq,
            hides=self.reach.hides,
            upto_id=self.last_id if upto == self.last_seq else None,
        )


def open_room(connection: Connection, epoch: str, name: str, reader: str | None = None) -> OpenRoom:
    """Return the room *name* as it is now, for pages of all that was said, seen by *reader*."""
    found = raw(connection).execute(_NUMBERS, (name,)).fetchone()
    if found is None:
        raise Reject(Code.NO_SUCH_ROOM)
    number, first, last, last_id = found
    return OpenRoom(number, name, epoch, first, last, last_id, reader, Reach())


def open_for(
    connection: Connection, epoch: str, name: str, reader: str | None, now: int
) -> OpenRoom:
    """
    Return the room *name* for pages of what *reader* may read; None reads everything.

    Raises `not_in_room` for who is no member at this moment, or `no_such_room`.
    """
    if reader is None or reader == SYSTEM.user:
        return open_room(connection, epoch, name, reader)
    row = raw(connection).execute(_AS_READER, (name, reader, now)).fetchone()
    first, last, last_id, number = row[: _NUMBERS_END + 1]
    where = None if number is None else where_of(row[_NUMBERS_END:_ROOM_END])
    known: Known = stranger(where) if row[_ROOM_END] is None else known_as(row[_USER:], where)
    check_act(Act.READ, known.standing)
    # The table refuses all that is about a room which is not there.
    assert where is not None
    reach = Reach(known.joined_seq, where.history == RoomHistory.JOINED)
    return OpenRoom(number, name, epoch, max(first, reach.first), last, last_id, reader, reach)
