"""Users, as queries and as jobs for the writer."""

import unicodedata
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from conclave.model import SYSTEM, Identity, Role, User
from conclave.protocol.errors import Code, Reject
from conclave.storage.tables import users


def fold(name: str) -> str:
    """Return what two names have in common that people would take for the same."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def find_user(connection: Connection, id: str) -> User | None:  # noqa: A002 - a user's id
    row = connection.execute(select(users).where(users.c.id == id)).first()
    return None if row is None else user_of(row)


def put_user(connection: Connection, user: User, now: int) -> User:
    """Create *user*, who claims the name, or return who has this id."""
    if (found := find_user(connection, user.id)) is not None:
        return found
    canonical = fold(user.name)
    _refuse_taken(connection, user.id, canonical)
    _insert(connection, user, canonical, now)
    return user


def add_account(connection: Connection, user: User, now: int) -> User:
    """Create *user*, who claims the name; raises `name_taken` for any who is there already."""
    if find_user(connection, user.id) is not None:
        raise Reject(Code.NAME_TAKEN)
    return put_user(connection, user, now)


def find_account(connection: Connection, name: str) -> User | None:
    row = connection.execute(select(users).where(users.c.canonical == fold(name))).first()
    return None if row is None else user_of(row)


def has_admin(connection: Connection) -> bool:
    """Return whether there is an active account of an admin."""
    query = select(users.c.id).where(
        users.c.role == str(Role.ADMIN), users.c.active == 1, users.c.canonical.is_not(None)
    )
    return connection.execute(query.limit(1)).first() is not None


def vouch_user(connection: Connection, identity: Identity, now: int) -> None:
    """Make sure there is a row for *identity*; it claims no name."""
    if find_user(connection, identity.user) is None:
        name = identity.name
        user = User(id=identity.user, name=name, display_name=name, role=identity.role)
        _insert(connection, user, None, now)


def _refuse_taken(connection: Connection, id: str, canonical: str) -> None:  # noqa: A002
    taken = select(users.c.id).where(users.c.canonical == canonical)
    if id == SYSTEM.user or canonical == SYSTEM.name or connection.execute(taken).first():
        raise Reject(Code.NAME_TAKEN)


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


def user_of(row: Row[Any]) -> User:
    return User(
        id=row.id,
        name=row.name,
        display_name=row.display_name,
        role=Role(row.role),
        active=bool(row.active),
        about=row.about,
        account=row.canonical is not None,
    )
