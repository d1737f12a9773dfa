"""
Make a database from an export: all of it, checked, or nothing.

It is built beside its place. What the log says is read from the log by the same rules as
everywhere; then the whole is verified like any other database. It has an epoch of its own:
who knew the old server begins anew.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Table, insert
from sqlalchemy.exc import DBAPIError

from conclave.model import OPERATOR, Action, Entry, Note
from conclave.protocol.state import MESSAGE, RoomState
from conclave.storage.audit import record_at_rest
from conclave.storage.backup import (
    Progress,
    check,
    closing_directory,
    finish,
    quiet,
    unfinished,
)
from conclave.storage.blobs import blobs_in
from conclave.storage.columns import TABLES, columns_of, fields_of
from conclave.storage.datadir import sync_directory
from conclave.storage.driver import driver, raw, writing_engine
from conclave.storage.errors import CannotDo, reason
from conclave.storage.exported_bytes import TakenBytes
from conclave.storage.lines import now_ms, to_row
from conclave.storage.people import fold
from conclave.storage.schema import prepare, refuse_remains
from conclave.storage.tables import entries, mentions, reactions, revised, rooms
from conclave.storage.transfer import AuditLine, BlobLine, EntryLine, Line, RoomLine
from conclave.storage.transfer_reading import lines_of

_AT_ONCE: Final = 1_000


def import_lines(
    data: Path,
    file: Iterable[bytes],
    *,
    examine: Callable[[Path], None] = check,
    tell: Progress = quiet,
) -> int:
    """
    Make the database of *data*, which has none or an empty one, from the export *file*.

    Return how many entries it has. Raises `CannotDo`, which names the line, and `CannotOpen`;
    then, as at any moment before the end, the directory is as it was.
    """
    with closing_directory(data) as directory:
        _refuse_used(directory.database)
        with unfinished(directory.database) as growing, _taking(data) as taken:
            growing.unlink()
            prepare(growing)
            found = _fill(growing, lines_of(file), taken, tell)
            examine(growing)
            record_at_rest(growing, Note(action=Action.DATA_IMPORTED, actor=OPERATOR), now_ms())
            _clear(directory.database)
            finish(growing, directory.database)
            directory.replaced()
            return found


@contextmanager
def _taking(data: Path) -> Iterator[TakenBytes]:
    """Give what takes the bytes of attachments; none are left if it comes to nothing."""
    taken = TakenBytes(blobs_in(data))
    try:
        yield taken
    except BaseException:
        taken.undo()
        raise


def _refuse_used(database: Path) -> None:
    if not database.exists():
        refuse_remains(database)
        return
    prepare(database)
    with closing(driver().connect(database)) as connection:
        for table in ("users", "rooms"):
            if connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone():  # noqa: S608 - words of this module
                raise CannotDo(
                    f"{database} has {table}: import into an empty directory, --data names it"
                )
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()


def _clear(database: Path) -> None:
    """Leave no WAL that would be taken for the new database's."""
    for end in ("-wal", "-shm"):
        database.with_name(database.name + end).unlink(missing_ok=True)
    sync_directory(database.parent)


def _fill(database: Path, lines: Iterable[Line], taken: TakenBytes, tell: Progress) -> int:
    engine = writing_engine(database)
    with engine.connect() as connection:
        # Back to one file: it is renamed when it is done.
        raw(connection).execute("PRAGMA journal_mode = DELETE").fetchone()
        with connection.begin():
            importer = _Importer(connection)
            count = 1
            for count, line in enumerate(lines, 2):
                with _named(count):
                    taken.take(line) if isinstance(line, BlobLine) else importer.take(line)
                if count % _AT_ONCE == 0:
                    tell(importer.entries, 0)
            with _named(count):
                importer.end()
                taken.end()
    return importer.entries


@contextmanager
def _named(count: int) -> Iterator[None]:
    """Say of what cannot be taken that it is line *count*."""
    try:
        yield
    except CannotDo as wrong:
        raise CannotDo(f"line {count}: {wrong}") from None
    except OverflowError as error:
        raise CannotDo(f"line {count}: a number is too large") from error
    except DBAPIError as error:
        raise CannotDo(f"line {count}: {reason(error)}") from error


class _Importer:
    """Takes the lines of an export in their order; `end` writes the rest."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._cursor = raw(connection).cursor()
        self._entry_sql = str(insert(entries).compile(dialect=connection.dialect))
        self._room: _Room | None = None
        self._rooms = 0
        self.entries = 0

    def take(self, line: Line) -> None:
        if isinstance(line, EntryLine):
            self._take_entry(line)
        elif isinstance(line, RoomLine):
            self._take_room(line)
        else:
            self._take_row(line)

    def _take_row(self, line: Line) -> None:
        """Take what is a row as it stands, but for the room, which is named."""
        values = columns_of(line)
        room = values.get("room")
        if room is not None and not isinstance(line, AuditLine):
            values["room"] = self._number(room)
        table = TABLES.get(type(line))
        if table is None:
            raise CannotDo(f"a {line.__struct_config__.tag} is of one server, and not imported")
        self._put(table, values)

    def end(self) -> None:
        if self._room is not None:
            self._room.end(self._connection)

    def _take_room(self, line: RoomLine) -> None:
        self.end()
        self._rooms += 1
        self._room = _Room(self._rooms, line)
        values = columns_of(line) | {"id": self._rooms, "folded": fold(line.name)}
        # Counted as the entries come.
        self._put(rooms, values | {"last_count": line.purged_count})

    def _take_entry(self, line: EntryLine) -> None:
        self._number(line.room)
        assert self._room is not None
        self._cursor.execute(self._entry_sql, self._room.row(line))
        self.entries += 1

    def _number(self, room: str) -> int:
        if self._room is None or self._room.line.name != room:
            raise CannotDo(f"of the room {room!r}, which is not the one before it")
        return self._room.number

    def _put(self, table: Table, values: dict[str, Any]) -> None:
        self._connection.execute(insert(table), values)


class _Room:
    """The room whose lines come now, and what its log says so far."""

    def __init__(self, number: int, line: RoomLine) -> None:
        self.number = number
        self.line = line
        self._next = line.first_seq
        self._count = line.purged_count
        self._state = RoomState()

    def row(self, line: EntryLine) -> tuple[object, ...]:
        if line.seq != self._next:
            raise CannotDo(f"entry {line.seq} of {line.room!r} where {self._next} should be")
        self._next += 1
        self._count += line.type == MESSAGE
        entry = Entry(**fields_of(line))
        self._state.apply(entry)
        return to_row(self.number, entry, self._count)

    def end(self, connection: Connection) -> None:
        """Write what the log has made of the room."""
        if self._next != self.line.last_seq + 1:
            raise CannotDo(f"{self.line.name!r} ends at {self._next - 1}, not {self.line.last_seq}")
        update = rooms.update().where(rooms.c.id == self.number).values(last_count=self._count)
        connection.execute(update)
        for table, rows in (
            (revised, self._revised()),
            (reactions, self._reactions()),
            (mentions, self._mentions()),
        ):
            if rows:
                connection.execute(insert(table), rows)

    def _revised(self) -> list[dict[str, Any]]:
        return [
            {
                "room": self.number,
                "seq": seq,
                "edited_seq": now.edited_seq,
                "deleted_seq": now.deleted_seq,
                "pinned_seq": now.pinned_seq,
            }
            for seq, now in self._state.revisions.items()
            if now.edited_seq or now.deleted_seq or now.pinned_seq
        ]

    def _reactions(self) -> list[dict[str, Any]]:
        return [
            {"room": self.number, "seq": seq, "emoji": emoji, "user": user, "added_seq": at}
            for seq, now in self._state.revisions.items()
            for (emoji, user), at in now.reactions.items()
        ]

    def _mentions(self) -> list[dict[str, Any]]:
        return [
            {"room": self.number, "seq": seq, "user": user}
            for seq, named in self._state.mentions.items()
            for user in named
        ]
