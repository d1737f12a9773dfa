"""All people of a server, for admins, as queries and as jobs for the writer."""

from typing import Any, Final

from sqlalchemy import Connection, delete

from conclave.model import (
    SYSTEM,
    Action,
    By,
    Changed,
    Entry,
    PersonChange,
    PersonInfo,
    Role,
    User,
)
from conclave.protocol.errors import Code, Reject
from conclave.storage.audit import record
from conclave.storage.driver import raw
from conclave.storage.links import revoke_links_of
from conclave.storage.log import Log
from conclave.storage.membership import hand_over
from conclave.storage.people import change_user, create_account, find_user, fold, has_admin
from conclave.storage.tables import passkeys, recovery_codes, totp
from conclave.storage.tokens import revoke_any

_GOOD: Final = "(revoked_at IS NULL AND (expires_at IS NULL OR expires_at > :now))"
_PERSON: Final = f"""
    SELECT u.id, u.name, u.display_name, u.role, u.active, u.canonical IS NOT NULL, u.created_at,
        (SELECT max(last_used_at) FROM tokens WHERE user = u.id),
        (SELECT count(*) FROM tokens WHERE user = u.id AND kind = 'session' AND {_GOOD}),
        (SELECT count(*) FROM tokens WHERE user = u.id AND kind = 'token' AND {_GOOD}),
        (SELECT count(*) FROM members WHERE user = u.id),
        EXISTS (SELECT 1 FROM passwords WHERE user = u.id),
        EXISTS (SELECT 1 FROM passkeys WHERE user = u.id)
            OR EXISTS (SELECT 1 FROM totp WHERE user = u.id AND confirmed_at IS NOT NULL)
    FROM users u
"""  # noqa: S608 - our own words
_LIST: Final = f"""{_PERSON}
    WHERE u.id > :after AND u.id <> :system
    AND (:bots = 0 OR (u.role = 'bot' AND u.canonical IS NOT NULL))
    AND (:query = '' OR instr(u.id, :query) > 0
        OR instr(lower(u.display_name), :query) > 0 OR instr(u.display_name, :said) > 0)
    ORDER BY u.id LIMIT :limit
"""
_FIND: Final = f"""{_PERSON}
    WHERE (u.id = :id OR u.canonical = :canonical) AND u.id <> :system
    ORDER BY u.id = :id DESC LIMIT 1
"""


def list_people(
    connection: Connection, query: str, after: str, limit: int, bots: bool, now: int
) -> list[PersonInfo]:
    asked = {"after": after, "query": fold(query), "said": query, "limit": limit, "bots": bots}
    rows = raw(connection).execute(_LIST, asked | {"now": now, "system": SYSTEM.user})
    return [_person(row) for row in rows]


def find_person(connection: Connection, named: str, now: int) -> PersonInfo:
    """Return who has this id, or else this name; raises `no_such_user`."""
    asked = {"id": named, "canonical": fold(named), "now": now, "system": SYSTEM.user}
    row = raw(connection).execute(_FIND, asked).fetchone()
    if row is None:
        raise Reject(Code.NO_SUCH_USER)
    return _person(row)


def _person(row: tuple[Any, ...]) -> PersonInfo:
    id_, name, display_name, role, active, account, created_at, used, *counts = row
    sessions, tokens, rooms, has_password, second_factor = counts
    return PersonInfo(
        id=id_,
        name=name,
        display_name=display_name,
        role=Role(role),
        active=bool(active),
        account=bool(account),
        created_at=created_at,
        last_used_at=used,
        sessions=sessions,
        tokens=tokens,
        rooms=rooms,
        has_password=bool(has_password),
        second_factor=bool(second_factor),
    )


def create_person(
    connection: Connection,
    _log: Log,
    name: str,
    display_name: str | None,
    role: Role,
    by: By,
    now: int,
) -> User:
    made = create_account(connection, name, display_name, role, now)
    record(connection, by.note(Action.USER_CREATED, target=made.id, role=str(made.role)), now=now)
    return made


def change_person(
    connection: Connection, log: Log, named: str, change: PersonChange, by: By, now: int
) -> Changed:
    """Change who is *named*, and write down what of it is another than before."""
    id_ = find_person(connection, named, now).id
    before = find_user(connection, id_)
    assert before is not None
    user = change_user(connection, id_, change.display_name, None, change.role, change.active)
    was_admin = before.account and before.active and before.role is Role.ADMIN
    if was_admin and not has_admin(connection):
        raise Reject(Code.FORBIDDEN, "They are the last admin: make somebody else one first")
    _record_changes(connection, before, user, by, now)
    if before.role is Role.ADMIN and user.role is not Role.ADMIN:
        # With one that makes an admin, or a password of one, they would be back.
        revoke_links_of(connection, id_, now, into_rooms=False)
    entries: list[Entry] = []
    if before.active and not user.active:
        entries = _shut_out(connection, log, id_, by, now)
    return Changed(before=before, user=user, entries=tuple(entries))


def _record_changes(connection: Connection, before: User, user: User, by: By, now: int) -> None:
    if before.display_name != user.display_name:
        note = by.note(
            Action.USER_RENAMED,
            target=user.id,
            before=before.display_name,
            name=user.display_name,
        )
        record(connection, note, now=now)
    if before.role is not user.role:
        note = by.note(
            Action.USER_ROLE, target=user.id, before=str(before.role), role=str(user.role)
        )
        record(connection, note, now=now)
    if before.active is not user.active:
        action = Action.USER_ACTIVATED if user.active else Action.USER_DEACTIVATED
        record(connection, by.note(action, target=user.id), now=now)


def _shut_out(connection: Connection, log: Log, user: str, by: By, now: int) -> list[Entry]:
    """Take away what lets *user* in, and others through them; hand over what they own alone."""
    revoke_any(connection, user, None, None, now)
    revoke_links_of(connection, user, now)
    return hand_over(connection, log, by.identity, user)


def drop_factors(connection: Connection, _log: Log, named: str, by: By, now: int) -> bool:
    user = find_person(connection, named, now).id
    gone = 0
    for table in (totp, passkeys, recovery_codes):
        gone += connection.execute(delete(table).where(table.c.user == user)).rowcount
    if gone:
        record(connection, by.note(Action.FACTOR_REMOVED, target=user, how="office"), now=now)
    return bool(gone)
