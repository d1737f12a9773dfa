"""`ports.AttachmentRows` in the SQLite store."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from sqlalchemy import Connection

from conclave.core.reaching import reaches
from conclave.model import Act, Attachment, Identity, Role
from conclave.model.attachments import AttachmentLimits, Kept
from conclave.protocol.errors import Code, Reject
from conclave.storage import attached
from conclave.storage.driver import raw
from conclave.storage.lines import now_ms
from conclave.storage.rights import admit, check_in
from conclave.storage.sqlstore import SqlStore

# Which part of all that may be attached guests may take, all together.
_OF_GUESTS: Final = 10
_GUESTS: Final = "WHERE user IN (SELECT id FROM users WHERE role = ?)"


class SqlAttachments:
    """What is known of attachments, in *store*; *clock* gives milliseconds since 1970."""

    def __init__(self, store: SqlStore, clock: Callable[[], int] = now_ms) -> None:
        self._store = store
        self._clock = clock

    async def may_attach(self, room: str, who: Identity) -> None:
        def query(connection: Connection) -> None:
            check_in(raw(connection).execute, room, who, Act.WRITE, self._clock())

        await self._store.read(query)

    async def add(self, new: Attachment, who: Identity, limits: AttachmentLimits) -> None:
        now = self._clock()

        def job(connection: Connection, _: Any) -> None:
            execute = raw(connection).execute
            where, _known = check_in(execute, new.room, who, Act.WRITE, now)
            _check_room_left(execute, new, who, limits)
            execute(
                "INSERT INTO attachments VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, ?)",
                _row(new, where.id, now),
            )

        await self._store.write(job)

    async def find(self, id: str, reader: Identity) -> Attachment:  # noqa: A002 - of the port
        def query(connection: Connection) -> Attachment:
            found = attached.find(raw(connection).execute, id)
            if found is None or not _may_have(connection, found, reader, self._clock()):
                raise Reject(Code.NOT_FOUND)
            return found

        return await self._store.read(query)

    async def described(self, ids: Sequence[str], user: str) -> dict[str, Attachment]:
        def query(connection: Connection) -> dict[str, Attachment]:
            execute = raw(connection).execute
            found = (attached.find(execute, id_) for id_ in ids)
            return {one.id: one for one in found if one is not None and one.user == user}

        return await self._store.read(query)

    async def withdraw(self, id: str, user: str) -> None:  # noqa: A002 - of the port
        def job(connection: Connection, _: Any) -> None:
            unsent = "id = ? AND user = ? AND seq IS NULL"
            if not attached.let_go(raw(connection).cursor(), unsent, (id, user)):
                raise Reject(Code.NOT_FOUND)

        await self._store.write(job)

    async def forget_unsent(self, before: int) -> int:
        old = "seq IS NULL AND created_at < ?"

        def some(connection: Connection) -> bool:
            query = f"SELECT 1 FROM attachments WHERE {old} LIMIT 1"  # noqa: S608 - our words
            return raw(connection).execute(query, (before,)).fetchone() is not None

        # Asked first: whoever writes wakes the disk.
        if not await self._store.read(some):
            return 0
        return await self._store.write(
            lambda connection, _: attached.let_go(raw(connection).cursor(), old, (before,))
        )

    async def loose(self, limit: int) -> list[str]:
        def query(connection: Connection) -> list[str]:
            rows = raw(connection).execute("SELECT digest FROM loose_blobs LIMIT ?", (limit,))
            return [digest.hex() for (digest,) in rows]

        return await self._store.read(query)

    async def forget_loose(self, digests: Sequence[str]) -> None:
        def job(connection: Connection, _: Any) -> None:
            rows = [(bytes.fromhex(digest),) for digest in digests]
            raw(connection).cursor().executemany("DELETE FROM loose_blobs WHERE digest = ?", rows)

        await self._store.write(job)

    async def kept(self) -> Kept:
        """Return how many different bytes are attached here, small pictures too; no bytes twice."""
        query = (
            "SELECT count(*) AS count, coalesce(sum(size), 0) AS bytes FROM"
            " (SELECT digest, size FROM attachments UNION"
            " SELECT thumb_digest, thumb_size FROM attachments WHERE thumb_digest IS NOT NULL)"
            " AS kept"
        )
        count, size = await self._store.read(
            lambda connection: raw(connection).execute(query).fetchone()
        )
        return Kept(count=count, bytes=size)

    async def known(self, digests: Sequence[str]) -> set[str]:
        return await self._store.read(lambda connection: known(raw(connection).execute, digests))


def known(execute: Any, digests: Sequence[str]) -> set[str]:
    """Return those of *digests* that some attachment has."""
    query = (
        "SELECT 1 WHERE EXISTS (SELECT 1 FROM attachments WHERE digest = ?1)"
        " OR EXISTS (SELECT 1 FROM attachments WHERE thumb_digest = ?1)"
    )
    return {one for one in digests if execute(query, (bytes.fromhex(one),)).fetchone()}


def _check_room_left(
    execute: Any, new: Attachment, who: Identity, limits: AttachmentLimits
) -> None:
    """Raise where *new* would take more than its owner, or everybody together, may have."""
    of_one, of_all = limits.of_user_bytes, limits.of_all_bytes
    bounds: list[tuple[str, tuple[str, ...], int, str]] = [
        ("WHERE user = ?", (new.user,), of_one, "You have no room for more files"),
        ("", (), of_all, "The server has no room for more files"),
    ]
    if who.role is Role.GUEST:
        # Anybody may be as many guests as they like: others must find room.
        most = of_all // _OF_GUESTS
        bounds.append((_GUESTS, (str(Role.GUEST),), most, "There is no room for files of guests"))
    for which, values, most, said in bounds:
        query = f"SELECT coalesce(sum(size + thumb_size), 0) FROM attachments {which}"  # noqa: S608 - our words
        (taken,) = execute(query, values).fetchone()
        if most and int(taken) + new.stored_bytes > most:
            raise Reject(Code.NO_SPACE, said)


def _row(new: Attachment, room: int, now: int) -> tuple[Any, ...]:
    return (
        new.id,
        room,
        new.user,
        new.name,
        new.type,
        new.size,
        bytes.fromhex(new.digest),
        new.width,
        new.height,
        None if new.thumb_digest is None else bytes.fromhex(new.thumb_digest),
        new.thumb_size,
        now,
    )


def _may_have(connection: Connection, found: Attachment, reader: Identity, now: int) -> bool:
    if not reaches(reader, found.room):
        return False
    try:
        reach = admit(connection, found.room, reader.user, now)
    except Reject:
        return False
    if found.seq is None:
        return found.user == reader.user
    return found.seq >= reach.first
