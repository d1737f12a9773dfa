"""Users, as queries and as jobs for the writer; their tokens stand in `tokens`."""

import unicodedata
from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, func, insert, literal, select, update

from conclave.core.names import canonical_name, clean_about, clean_display_name
from conclave.model import SYSTEM, Identity, Role, User
from conclave.protocol.errors import Code, Reject
from conclave.storage.driver import raw
from conclave.storage.tables import members, users

# The function of ours that SQLite calls while it looks for people.
_BEGINS: Final = "begins_a_word"
# People that are read at once where the database cannot call it.
_LOOKED_AT: Final = 1_000
# Asked with each token and each change: see `rooms`.
_USER: Final = """
    SELECT id, name, display_name, role, active, about, canonical FROM users WHERE id = ?
"""
# And by everybody who comes in.
_COMING: Final = """
    SELECT u.id, u.name, u.display_name, u.role, u.active, u.about, u.canonical, r.name
    FROM users u LEFT JOIN members m ON m.user = u.id LEFT JOIN rooms r ON r.id = m.room
    WHERE u.id = ? ORDER BY r.folded
"""


def fold(name: str) -> str:
    """Return what two names have in common that people would take for the same."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def find_user(connection: Connection, id: str) -> User | None:  # noqa: A002 - a user's id
    row = raw(connection).execute(_USER, (id,)).fetchone()
    return None if row is None else user_from(row)


def find_users(connection: Connection, ids: Collection[str]) -> list[User]:
    return [user_of(row) for row in connection.execute(select(users).where(users.c.id.in_(ids)))]


def find_coming(connection: Connection, id: str) -> tuple[User | None, list[str]]:  # noqa: A002
    """Return the user with this id, and the names of the rooms they are in."""
    rows = raw(connection).execute(_COMING, (id,)).fetchall()
    if not rows:
        return None, []
    return user_from(rows[0][:-1]), [row[-1] for row in rows if row[-1] is not None]


def user_from(row: Sequence[Any]) -> User:
    """Return the user that *row* is, as `_USER` asks for it."""
    id, name, display_name, role, active, about, canonical = row  # noqa: A001 - a user's id
    return User(
        id=id,
        name=name,
        display_name=display_name,
        role=Role(role),
        active=bool(active),
        about=about,
        account=canonical is not None,
    )


def put_user(connection: Connection, user: User, now: int) -> User:
    """Create *user*, who claims the name, or return who has this id."""
    if (found := find_user(connection, user.id)) is not None:
        return found
    canonical = fold(user.name)
    _refuse_taken(connection, user.id, canonical)
    _insert(connection, user, canonical, now)
    return user


def add_account(connection: Connection, user: User, now: int) -> User:
    """
    Create *user*, who claims the name.

    Raises `name_taken` for any who is there already, and for who would be shown as another.
    """
    if find_user(connection, user.id) is not None:
        raise Reject(Code.NAME_TAKEN)
    refuse_mask(connection, user.id, user.display_name)
    return put_user(connection, user, now)


def create_account(
    connection: Connection, name: str, display_name: str | None, role: Role, now: int
) -> User:
    """Make the account *name*, which is its id for ever; of many who want it one gets it."""
    canonical = canonical_name(name)
    shown = canonical if display_name is None else clean_display_name(display_name)
    user = User(id=canonical, name=canonical, display_name=shown, role=role)
    return add_account(connection, user, now)


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


def change_user(
    connection: Connection,
    user: str,
    display_name: str | None,
    about: str | None,
    role: Role | None,
    active: bool | None,
) -> User:
    """Change what is given of *user*."""
    found = find_user(connection, user)
    if user == SYSTEM.user or found is None:
        raise Reject(Code.NO_SUCH_USER)
    values: dict[str, Any] = {}
    if display_name is not None:
        values["display_name"] = clean_display_name(display_name)
        refuse_mask(connection, user, values["display_name"])
    if about is not None:
        values["about"] = clean_about(about)
    if role is not None and not found.account:
        raise Reject(Code.CONFLICT, "Their role is said by who vouches for them")
    values |= {} if role is None else {"role": str(role)}
    values |= {} if active is None else {"active": int(active)}
    if values:
        connection.execute(update(users).where(users.c.id == user).values(values))
    changed = find_user(connection, user)
    assert changed is not None
    return changed


def find_people(connection: Connection, query: str, after: str, limit: int) -> list[User]:
    """
    Return active people by id, who has a word that begins with *query*.

    Names are looked through one by one: some milliseconds for a thousand people.
    """
    wanted = fold(" ".join(query.split()))
    found = (
        select(users)
        .where(users.c.active == 1, users.c.id != SYSTEM.user, users.c.id > after)
        .order_by(users.c.id)
        .limit(limit)
    )
    if wanted:
        own = raw(connection)
        if not hasattr(own, "create_function"):
            return _look_through(connection, found, wanted, limit)
        own.create_function(_BEGINS, 3, _begins_a_word, deterministic=True)
        begins = func.begins_a_word(users.c.id, users.c.display_name, literal(wanted))
        found = found.where(begins == 1)
    return [user_of(row) for row in connection.execute(found).all()]


def _look_through(
    connection: Connection, everybody: Select[Any], wanted: str, limit: int
) -> list[User]:
    """Return the first of *everybody* whose names have a word that begins so."""
    found: list[User] = []
    some = connection.execute(everybody.limit(_LOOKED_AT)).all()
    while some:
        found += [user_of(row) for row in some if _begins_a_word(row.id, row.display_name, wanted)]
        if len(found) >= limit or len(some) < _LOOKED_AT:
            break
        some = connection.execute(everybody.where(users.c.id > some[-1].id).limit(_LOOKED_AT)).all()
    return found[:limit]


def _begins_a_word(id_: str, display_name: str, wanted: str) -> int:
    # Most names are: to fold one of another script takes five times as long.
    shown = display_name.lower() if display_name.isascii() else fold(display_name)
    return int(id_.startswith(wanted) or f" {wanted}" in f" {shown}")


def share_a_room(connection: Connection, user: str, other: str) -> bool:
    theirs = members.alias("theirs")
    query = (
        select(members.c.room)
        .join(theirs, theirs.c.room == members.c.room)
        .where(members.c.user == user, theirs.c.user == other)
        .limit(1)
    )
    return connection.execute(query).first() is not None


def refuse_mask(connection: Connection, user: str, display_name: str) -> None:
    """Let nobody be shown under the name of somebody else's account."""
    taken = select(users.c.id).where(users.c.canonical == fold(display_name), users.c.id != user)
    if connection.execute(taken).first() is not None:
        raise Reject(Code.NAME_TAKEN)


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
