"""
Check what a database of either kind holds against its own promises, table by table.

What the log says of itself (numbers, counts, times, ids, checksums), and what is kept beside it
(marks of messages, members, requests) against what reading the log gives. Nothing is changed.
How the tables themselves are, and the index of words, is of each kind: `verify` and
`postgres.verifying`.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, Final

import msgspec

from conclave.model import Outcome, Role, RoomHistory, RoomKind, RoomRole, SanctionKind
from conclave.storage.backup import Progress
from conclave.storage.direct import key_of
from conclave.storage.logcheck import RoomCheck
from conclave.storage.people import fold

# More of one kind help nobody.
MOST_OF_A_KIND: Final = 100

# What reading a damaged row may raise above the database.
_SENSELESS: Final = (msgspec.MsgspecError, ValueError, TypeError, LookupError, AttributeError)

Check = Callable[[Any], Iterator[str]]


class Guard:
    """
    Keeps what cannot be read from hiding the rest; *whole* is what all of it is called.

    *errors* are the database's own. Each check is made within *apart*, after which the
    connection is as good as before.
    """

    def __init__(
        self,
        whole: str,
        errors: tuple[type[Exception], ...],
        apart: Callable[[], AbstractContextManager[Any]],
    ) -> None:
        self._whole = whole
        self._errors = errors
        self._apart = apart

    def each(self, lines: Callable[[], Iterator[str]], of: str = "") -> Iterator[str]:
        """Give *lines*, and one more where they break off; *of* says what they are of."""
        try:
            with self._apart():
                yield from lines()
        except self._errors as error:
            said = " ".join(str(getattr(error, "orig", None) or error).split())
            yield f"{of or self._whole} cannot be read: {said}"
        except _SENSELESS as error:
            yield f"{of and of + ' '}a row makes no sense: {error}"


def check_rows(connection: Any, guard: Guard) -> Iterator[str]:
    """Give a line for each thing that is wrong beside the logs; *connection*: see `raw`."""
    for check in (_meta, _people, _rooms, _ids, _strays, _requests, _tokens, _governed):
        yield from guard.each(partial(check, connection))


def check_logs(connection: Any, guard: Guard, tell: Progress) -> Iterator[str]:
    """Give a line for each thing that is wrong with a log, or contradicts it."""
    names: list[tuple[int, str]] = []

    def rooms() -> Iterator[str]:
        names.extend(connection.execute("SELECT id, name FROM rooms ORDER BY id").fetchall())
        yield from ()

    yield from guard.each(rooms, "the rooms")
    query = "SELECT coalesce(sum(last_seq - first_seq + 1), 0) FROM rooms"
    total = int(connection.execute(query).fetchone()[0]) if names else 0
    done = 0
    for id_, name in names:
        check = RoomCheck(connection, id_, str(name))

        def told(entries: int, before: int = done) -> None:
            tell(before + entries, total)

        room = f"room {name!r}:"
        yield from guard.each(partial(_room, check, room, told), room)
        done += check.entries


def _room(check: RoomCheck, room: str, tell: Callable[[int], None]) -> Iterator[str]:
    for count, finding in enumerate(check.findings(tell)):
        if count == MOST_OF_A_KIND:
            yield f"{room} and more"
            return
        yield f"{room} {finding}"


def _meta(connection: Any) -> Iterator[str]:
    if not connection.execute("SELECT 1 FROM meta WHERE key = 'epoch' AND value <> ''").fetchone():
        yield "the database has no epoch"


def _people(connection: Any) -> Iterator[str]:
    query = "SELECT id, name, canonical, role, active FROM users"
    for id_, name, canonical, role, active in connection.execute(query):
        if role not in tuple(Role):
            yield f"user {id_!r}: {role!r} is no role"
        if active not in (0, 1):
            yield f"user {id_!r}: active is {active!r}"
        if canonical is not None and canonical != fold(str(name)):
            yield f"user {id_!r}: the name {name!r} does not fold to {canonical!r}"


def _rooms(connection: Any) -> Iterator[str]:
    query = "SELECT name, folded, kind FROM rooms"
    for name, folded, kind in connection.execute(query):
        if folded != fold(str(name)):
            yield f"room {name!r}: the name does not fold to {folded!r}"
        if kind not in tuple(RoomKind):
            yield f"room {name!r}: {kind!r} is no kind of room"
    yield from _settings(connection)
    query = "SELECT rooms.name, user, role FROM members JOIN rooms ON rooms.id = room"
    for name, user, role in connection.execute(query):
        if role not in tuple(RoomRole):
            yield f"room {name!r}: {role!r} is no role of a member, {user!r}"


def _ids(connection: Any) -> Iterator[str]:
    query = "SELECT id, count(*) FROM entries GROUP BY id HAVING count(*) > 1 LIMIT ?"
    for id_, times in connection.execute(query, (MOST_OF_A_KIND,)):
        yield f"the id {id_!r} is of {times} entries"


def _settings(connection: Any) -> Iterator[str]:
    query = "SELECT name, history, slow_mode, kind, direct_key, deleted_at, id FROM rooms"
    for name, history, slow_mode, kind, key, deleted_at, number in connection.execute(query):
        if history not in tuple(RoomHistory):
            yield f"room {name!r}: {history!r} is no rule of what is read"
        if not isinstance(slow_mode, int) or slow_mode < 0:
            yield f"room {name!r}: slow by {slow_mode!r}"
        here = "SELECT user FROM members WHERE room = ? ORDER BY user"
        people = [user for (user,) in connection.execute(here, (number,))]
        if deleted_at is not None and people:
            yield f"room {name!r}: is deleted, and has members"
        if key is not None and (kind != RoomKind.DIRECT or key_of(people) != key):
            yield f"room {name!r}: is not the direct room of {key}"


def _governed(connection: Any) -> Iterator[str]:
    query = "SELECT room, user, kind FROM sanctions"
    for room, user, kind in connection.execute(query):
        if kind not in tuple(SanctionKind):
            yield f"room {room}: {kind!r} of {user!r} is no sanction"
    query = "SELECT id, outcome, closed_at IS NULL FROM reports"
    for id_, outcome, is_open in connection.execute(query):
        if (outcome is None) != bool(is_open) or outcome not in (None, *Outcome):
            yield f"report {id_!r}: the outcome {outcome!r} cannot be"
    query = "SELECT id FROM links WHERE typeof(digest) <> 'blob' OR length(digest) <> 32"
    for (id_,) in connection.execute(query):
        yield f"link {id_!r}: its digest is none"


_OF_ROOMS: Final = (
    "entries",
    "revised",
    "reactions",
    "mentions",
    "requests",
    "members",
    "sanctions",
    "reports",
    "attachments",
)


def _strays(connection: Any) -> Iterator[str]:
    for table in _OF_ROOMS:
        query = f"SELECT DISTINCT room FROM {table} WHERE room NOT IN (SELECT id FROM rooms)"  # noqa: S608 - words of this module
        for (room,) in connection.execute(query):
            yield f"table {table}: there is no room {room!r}"


_UNMADE: Final = """
    SELECT rooms.name, requests.seq, requests.user FROM requests
    JOIN rooms ON rooms.id = requests.room
    LEFT JOIN entries ON entries.room = requests.room AND entries.seq = requests.seq
        AND entries.id = requests.message_id AND entries.timestamp = requests.timestamp
    WHERE requests.seq >= rooms.first_seq AND entries.seq IS NULL LIMIT ?
"""
_BAD_DIGESTS: Final = """
    SELECT rooms.name, requests.seq, requests.user FROM requests
    JOIN rooms ON rooms.id = requests.room
    WHERE typeof(digest) <> 'blob' OR length(digest) NOT IN (0, 16) LIMIT ?
"""


def _requests(connection: Any) -> Iterator[str]:
    for room, seq, user in connection.execute(_UNMADE, (MOST_OF_A_KIND,)):
        yield f"room {room!r}: a request of {user!r} names entry {seq}, which is another or missing"
    for room, seq, user in connection.execute(_BAD_DIGESTS, (MOST_OF_A_KIND,)):
        yield f"room {room!r}: the digest of a request of {user!r}, entry {seq}, is none"


def _tokens(connection: Any) -> Iterator[str]:
    query = "SELECT id FROM tokens WHERE typeof(digest) <> 'blob' OR length(digest) <> 32"
    for (id_,) in connection.execute(query):
        yield f"token {id_!r}: its digest is none"
