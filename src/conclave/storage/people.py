"""Users and their tokens, as queries and as jobs for the writer."""

import unicodedata
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from conclave.model import SYSTEM, Identity, Role, TokenInfo, User
from conclave.protocol.errors import Code, Reject
from conclave.storage.lines import ulid
from conclave.storage.tables import tokens, users


def fold(name: str) -> str:
    """Return what two names have in common that people would take for the same."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def find_user(connection: Connection, id: str) -> User | None:  # noqa: A002 - a user's id
    row = connection.execute(select(users).where(users.c.id == id)).first()
    return None if row is None else _user(row)


def put_user(connection: Connection, user: User, now: int) -> User:
    """Create *user*, who claims the name, or return who has this id."""
    if (found := find_user(connection, user.id)) is not None:
        return found
    canonical = fold(user.name)
    _refuse_taken(connection, user.id, canonical)
    _insert(connection, user, canonical, now)
    return user


def vouch_user(connection: Connection, identity: Identity, now: int) -> None:
    """Make sure there is a row for *identity*; it claims no name."""
    if find_user(connection, identity.user) is None:
        name = identity.name
        user = User(id=identity.user, name=name, display_name=name, role=identity.role)
        _insert(connection, user, None, now)


def create_token(
    connection: Connection, user: str, digest: bytes, name: str, expires_at: int | None, now: int
) -> TokenInfo:
    owner = find_user(connection, user)
    if owner is None:
        raise Reject(Code.NO_SUCH_USER)
    made = TokenInfo(id=ulid(now), user=owner, created_at=now, expires_at=expires_at)
    values = {
        "id": made.id,
        "user": user,
        "digest": digest,
        "name": name,
        "created_at": now,
        "expires_at": expires_at,
    }
    connection.execute(insert(tokens).values(values))
    return made


def find_token(connection: Connection, digest: bytes) -> TokenInfo | None:
    query = (
        select(
            users,
            tokens.c.id.label("token"),
            tokens.c.created_at.label("made_at"),
            tokens.c.expires_at,
            tokens.c.revoked_at,
        )
        .join(users)
        .select_from(tokens)
        .where(tokens.c.digest == digest)
    )
    row = connection.execute(query).first()
    if row is None:
        return None
    return TokenInfo(
        id=row.token,
        user=_user(row),
        created_at=row.made_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )


def _refuse_taken(connection: Connection, id: str, canonical: str) -> None:  # noqa: A002
    taken = select(users.c.id).where(users.c.canonical == canonical)
    if id == SYSTEM.user or canonical == SYSTEM.name or connection.execute(taken).first():
        raise Reject(Code.BAD_REQUEST, "Another user has this name")


def _insert(connection: Connection, user: User, canonical: str | None, now: int) -> None:
    values = {
        "id": user.id,
        "name": user.name,
        "canonical": canonical,
        "display_name": user.display_name,
        "role": str(user.role),
        "active": int(user.active),
        "created_at": now,
    }
    connection.execute(insert(users).values(values))


def _user(row: Row[Any]) -> User:
    return User(
        id=row.id,
        name=row.name,
        display_name=row.display_name,
        role=Role(row.role),
        active=bool(row.active),
    )
