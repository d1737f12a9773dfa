"""
Check a database against its own promises, line by line; nothing is changed.

What SQLite can tell (its structure, references), what the log says of itself (numbers,
counts, times, ids, checksums), and what is kept beside it (marks of messages, members,
requests, the index of words) against what reading the log gives. Not found: a changed bit
in what nothing else tells: the name or the time of a user, a token or a room, a token's
digest, a title that the log never said, what a member has read, how far the index is.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any, Final

import msgspec
from sqlalchemy import Table
from sqlalchemy.dialects import sqlite

from conclave.model import Outcome, Role, RoomHistory, RoomKind, RoomRole, SanctionKind
from conclave.storage.backup import Progress, interruptible, quiet, reading
from conclave.storage.direct import key_of
from conclave.storage.driver import driver
from conclave.storage.errors import CannotDo
from conclave.storage.logcheck import RoomCheck
from conclave.storage.people import fold
from conclave.storage.schema import newest_revision
from conclave.storage.search_check import problems
from conclave.storage.tables import metadata

# More of one kind help nobody.
_MOST_OF_A_KIND: Final = 100

# What reading a damaged row may raise above the database.
_SENSELESS: Final = (msgspec.MsgspecError, ValueError, TypeError, LookupError, AttributeError)

_DIALECT: Final = sqlite.dialect()

Check = Callable[[Any], Iterator[str]]


def verify(database: Path, tell: Progress = quiet) -> Iterator[str]:
    """
    Give one line for each thing that is wrong with *database*; none: all is well.

    The same file must not be written to meanwhile: check a copy of a running server's.
    """
    if (unusable := unfit(database)) is not None:
        yield unusable
        return
    with closing(reading(database)) as connection:
        # A text that is no UTF-8 is damage, which its checksum tells.
        connection.text_factory = _lenient
        yield from _guard(connection, _structure(tell))
        yield from _guard(connection, _schema)
        for check in (_meta, _people, _rooms, _ids, _strays, _requests, _tokens, _governed):
            yield from _guard(connection, check)
        yield from _logs(connection, tell)
        yield from _guard(connection, _index)


def examine(database: Path, tell: Progress = quiet) -> None:
    """Raise `CannotDo` with the first thing that `verify` finds."""
    for finding in verify(database, tell):
        raise CannotDo(f"what it holds is damaged: {finding}")


def unfit(database: Path) -> str | None:
    """Return why *database* cannot even be looked at."""
    if database.is_symlink():
        return f"{database} is a symbolic link, which may be another server's database"
    if not os.path.lexists(database):
        return f"there is no {database}"
    if not database.is_file():
        return f"{database} is no file"
    if not os.access(database, os.R_OK):
        return f"{database} may not be read by this user"
    return f"{database} is empty" if not database.stat().st_size else None


def _lenient(text: bytes) -> str:
    return text.decode("utf-8", "replace")


def _guard(connection: Any, check: Check) -> Iterator[str]:
    # What SQLite says of a damaged schema may quote bytes of it that are no text.
    try:
        yield from check(connection)
    except (driver().Error, UnicodeDecodeError) as error:
        yield f"the file cannot be read: {error}"
    except _SENSELESS as error:
        yield f"a row makes no sense: {error}"


def _structure(tell: Progress) -> Check:
    def check(connection: Any) -> Iterator[str]:
        with interruptible(connection, tell):
            found = connection.execute(f"PRAGMA integrity_check({_MOST_OF_A_KIND})").fetchall()
        yield from (f"structure: {line}" for (line,) in found if line != "ok")
        for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check"):
            yield f"table {table}: row {row or '?'} refers to nothing in {parent}"

    return check


def _schema(connection: Any) -> Iterator[str]:
    (found,) = connection.execute("SELECT version_num FROM alembic_version").fetchone() or ("?",)
    if found != newest_revision():
        yield (
            f"the schema is {found}, not {newest_revision()}: what follows may be of no worth; "
            "start the server once to upgrade it"
        )
        return
    for table in metadata.tables.values():
        made = connection.execute(f'PRAGMA table_info("{table.name}")').fetchall()
        if {(name, kind) for _, name, kind, *_ in made} != _columns(table):
            yield f"the columns of table {table.name} are not those that the schema gives it"


def _columns(table: Table) -> set[tuple[str, str]]:
    return {(column.name, column.type.compile(_DIALECT)) for column in table.columns}


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
    for id_, times in connection.execute(query, (_MOST_OF_A_KIND,)):
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
    for room, seq, user in connection.execute(_UNMADE, (_MOST_OF_A_KIND,)):
        yield f"room {room!r}: a request of {user!r} names entry {seq}, which is another or missing"
    for room, seq, user in connection.execute(_BAD_DIGESTS, (_MOST_OF_A_KIND,)):
        yield f"room {room!r}: the digest of a request of {user!r}, entry {seq}, is none"


def _tokens(connection: Any) -> Iterator[str]:
    query = "SELECT id FROM tokens WHERE typeof(digest) <> 'blob' OR length(digest) <> 32"
    for (id_,) in connection.execute(query):
        yield f"token {id_!r}: its digest is none"


def _index(connection: Any) -> Iterator[str]:
    # It makes a table of its own, which is temporary.
    connection.execute("PRAGMA query_only = OFF").close()
    yield from islice(problems(connection), _MOST_OF_A_KIND)


def _logs(connection: Any, tell: Progress) -> Iterator[str]:
    try:
        names = connection.execute("SELECT id, name FROM rooms ORDER BY id").fetchall()
        (total,) = connection.execute(
            "SELECT total(last_seq - first_seq + 1) FROM rooms"
        ).fetchone()
    except (driver().Error, UnicodeDecodeError) as error:
        yield f"the rooms cannot be read: {error}"
        return
    done = 0
    for id_, name in names:
        check = RoomCheck(connection, id_, str(name))

        def told(entries: int, before: int = done) -> None:
            tell(before + entries, int(total))

        try:
            for count, finding in enumerate(check.findings(told)):
                if count == _MOST_OF_A_KIND:
                    yield f"room {name!r}: and more"
                    break
                yield f"room {name!r}: {finding}"
        except (driver().Error, UnicodeDecodeError) as error:
            yield f"room {name!r}: cannot be read: {error}"
        except _SENSELESS as error:
            yield f"room {name!r}: a row makes no sense: {error}"
        done += check.entries
