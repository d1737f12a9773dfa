"""Whom providers of OpenID Connect vouch for: a `ports.Identities` in the same SQLite file."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select
from sqlalchemy import update as change

from conclave.model import Claimed, Linked, TokenKind, User
from conclave.protocol.errors import Code, Reject
from conclave.storage.lines import now_ms
from conclave.storage.people import add_account
from conclave.storage.sqlstore import SqlStore
from conclave.storage.tables import identities, tokens


class SqlIdentities:
    """Identities of *store*, by *wall* in milliseconds since 1970."""

    def __init__(self, store: SqlStore, wall: Callable[[], int] = now_ms) -> None:
        self._store = store
        self._wall = wall

    async def find(self, claimed: Claimed) -> Linked | None:
        return await self._store.read(lambda rows: _find(rows, claimed))

    async def of(self, user: str) -> list[Linked]:
        return await self._store.read(lambda rows: _of(rows, user))

    async def make(self, claimed: Claimed, user: User) -> User:
        return await self._store.write(lambda rows, _: _make(rows, claimed, user, self._wall()))

    async def link(self, claimed: Claimed, user: str) -> None:
        await self._store.write(lambda rows, _: _link(rows, claimed, user, self._wall()))

    async def unlink(self, user: str, issuer: str) -> bool:
        return await self._store.write(lambda rows, _: _unlink(rows, user, issuer))

    async def note_use(self, claimed: Claimed) -> None:
        await self._store.write(lambda rows, _: _note_use(rows, claimed, self._wall()))

    async def end_sessions(
        self, issuer: str, subject: str | None, sid: str | None
    ) -> list[tuple[str, str]]:
        return await self._store.write(
            lambda rows, _: _end_sessions(rows, issuer, subject, sid, self._wall())
        )


def _is(claimed: Claimed) -> tuple[Any, ...]:
    return identities.c.issuer == claimed.issuer, identities.c.subject == claimed.subject


def _find(connection: Connection, claimed: Claimed) -> Linked | None:
    row = connection.execute(select(identities).where(*_is(claimed))).first()
    return None if row is None else _linked(row)


def _of(connection: Connection, user: str) -> list[Linked]:
    query = select(identities).where(identities.c.user == user).order_by(identities.c.issuer)
    return [_linked(row) for row in connection.execute(query)]


def _make(connection: Connection, claimed: Claimed, user: User, now: int) -> User:
    made = add_account(connection, user, now)
    _insert(connection, claimed, user.id, now, made=True)
    return made


def _link(connection: Connection, claimed: Claimed, user: str, now: int) -> None:
    known = _find(connection, claimed)
    if known is not None and known.user == user:
        return
    if known is not None:
        raise Reject(Code.FORBIDDEN, "Another account is linked with this sign-in already")
    if any(one.claimed.issuer == claimed.issuer for one in _of(connection, user)):
        raise Reject(Code.FORBIDDEN, "Your account is linked with another sign-in there already")
    _insert(connection, claimed, user, now, made=False)


def _insert(connection: Connection, claimed: Claimed, user: str, now: int, *, made: bool) -> None:
    values = {
        "issuer": claimed.issuer,
        "subject": claimed.subject,
        "user": user,
        "made": int(made),
        "created_at": now,
    }
    connection.execute(insert(identities).values(values))


def _unlink(connection: Connection, user: str, issuer: str) -> bool:
    which = (identities.c.user == user, identities.c.issuer == issuer)
    return connection.execute(delete(identities).where(*which)).rowcount > 0


def _note_use(connection: Connection, claimed: Claimed, now: int) -> None:
    connection.execute(change(identities).where(*_is(claimed)).values(last_used_at=now))


def _end_sessions(
    connection: Connection, issuer: str, subject: str | None, sid: str | None, now: int
) -> list[tuple[str, str]]:
    which = [
        tokens.c.issuer == issuer,
        tokens.c.kind == str(TokenKind.SESSION),
        tokens.c.revoked_at.is_(None),
    ]
    if sid is not None:
        which.append(tokens.c.sid == sid)
    if subject is not None:
        theirs = _is(Claimed(issuer=issuer, subject=subject))
        which.append(tokens.c.user.in_(select(identities.c.user).where(*theirs)))
    rows = connection.execute(select(tokens.c.user, tokens.c.id).where(*which)).all()
    for row in rows:
        connection.execute(change(tokens).where(tokens.c.id == row.id).values(revoked_at=now))
    return [(row.user, row.id) for row in rows]


def _linked(row: Row[Any]) -> Linked:
    return Linked(
        claimed=Claimed(issuer=row.issuer, subject=row.subject),
        user=row.user,
        made=bool(row.made),
        created_at=row.created_at,
        last_used_at=row.last_used_at,
    )
