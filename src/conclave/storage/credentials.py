"""
Passwords and second factors, as queries and as jobs for the writer.

What must not be used twice, a code, a step, a count, is compared and changed in one
statement.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select
from sqlalchemy import update as change

from conclave.model import Factors, LinkKind, Passkey, TokenKind, Totp
from conclave.protocol.errors import Code, Reject
from conclave.storage.people import find_user
from conclave.storage.tables import identities, links, passkeys, passwords, recovery_codes, totp
from conclave.storage.tokens import revoke_tokens

# ── passwords ──────────────────────────────────────────────────────────────────────────


def password_of(connection: Connection, user: str) -> str | None:
    query = select(passwords.c.hash).where(passwords.c.user == user)
    return connection.execute(query).scalar()


def set_password(
    connection: Connection, user: str, hash_: str, now: int, keep: str | None = None
) -> list[str]:
    """
    Set it, and revoke the sessions of *user* but *keep*; return their ids.

    Links for a new password end with the old one: who has kept one is not to choose again.
    """
    if find_user(connection, user) is None:
        raise Reject(Code.NO_SUCH_USER)
    connection.execute(delete(passwords).where(passwords.c.user == user))
    connection.execute(insert(passwords).values(user=user, hash=hash_, changed_at=now))
    for_new = (links.c.user == user, links.c.kind == str(LinkKind.RESET))
    unused = links.c.revoked_at.is_(None)
    connection.execute(change(links).where(*for_new, unused).values(revoked_at=now))
    return revoke_tokens(connection, user, TokenKind.SESSION, keep, now)


def check_still(connection: Connection, user: str, hash_: str) -> None:
    """Raise `auth_failed` unless this is still what is kept of the password of *user*."""
    if password_of(connection, user) != hash_:
        raise Reject(Code.AUTH_FAILED)


def renew_password(connection: Connection, user: str, old: str, new: str) -> bool:
    which = (passwords.c.user == user, passwords.c.hash == old)
    return connection.execute(change(passwords).where(*which).values(hash=new)).rowcount == 1


# ── second factors ─────────────────────────────────────────────────────────────────────


def find_factors(connection: Connection, user: str) -> Factors:
    found = find_totp(connection, user)
    keys = select(func.count()).select_from(passkeys).where(passkeys.c.user == user)
    codes = (
        select(func.count())
        .select_from(recovery_codes)
        .where(recovery_codes.c.user == user, recovery_codes.c.used_at.is_(None))
    )
    return Factors(
        totp=found is not None and found.confirmed,
        passkeys=connection.execute(keys).scalar_one(),
        recovery_codes=connection.execute(codes).scalar_one(),
    )


def find_totp(connection: Connection, user: str) -> Totp | None:
    row = connection.execute(select(totp).where(totp.c.user == user)).first()
    if row is None:
        return None
    confirmed = row.confirmed_at is not None
    return Totp(sealed=row.secret, confirmed=confirmed, last_step=row.last_step)


def begin_totp(connection: Connection, user: str, sealed: bytes) -> None:
    found = find_totp(connection, user)
    if found is not None and found.confirmed:
        raise Reject(Code.FORBIDDEN, "There is one already: remove it first")
    connection.execute(delete(totp).where(totp.c.user == user))
    connection.execute(insert(totp).values(user=user, secret=sealed, last_step=0))


def use_totp(connection: Connection, user: str, step: int, sealed: bytes, now: int) -> bool:
    done = connection.execute(
        change(totp)
        .where(totp.c.user == user, totp.c.last_step < step)
        .values(last_step=step, secret=sealed, confirmed_at=func.coalesce(totp.c.confirmed_at, now))
    )
    return done.rowcount == 1


def remove_totp(connection: Connection, user: str) -> bool:
    return connection.execute(delete(totp).where(totp.c.user == user)).rowcount == 1


def find_sealed_totps(connection: Connection) -> list[tuple[str, bytes]]:
    rows = connection.execute(select(totp.c.user, totp.c.secret).order_by(totp.c.user))
    return [(row.user, row.secret) for row in rows]


def reseal_totp(connection: Connection, user: str, before: bytes, now: bytes) -> bool:
    done = connection.execute(
        change(totp).where(totp.c.user == user, totp.c.secret == before).values(secret=now)
    )
    return done.rowcount == 1


def set_recovery(connection: Connection, user: str, digests: Iterable[bytes]) -> None:
    connection.execute(delete(recovery_codes).where(recovery_codes.c.user == user))
    rows = [{"user": user, "digest": one, "used_at": None} for one in digests]
    if rows:
        connection.execute(insert(recovery_codes), rows)


def use_recovery(connection: Connection, user: str, digest: bytes, now: int) -> bool:
    unused = (
        recovery_codes.c.user == user,
        recovery_codes.c.digest == digest,
        recovery_codes.c.used_at.is_(None),
    )
    done = connection.execute(change(recovery_codes).where(*unused).values(used_at=now))
    return done.rowcount == 1


# ── passkeys ───────────────────────────────────────────────────────────────────────────


def add_passkey(connection: Connection, passkey: Passkey, now: int, most: int) -> Passkey:
    if len(passkeys_of(connection, passkey.user)) >= most:
        raise Reject(Code.FORBIDDEN, f"There are {most} passkeys already: remove one")
    if find_passkey(connection, passkey.id) is not None:
        raise Reject(Code.FORBIDDEN, "This passkey is known already")
    values = {
        "id": passkey.id,
        "user": passkey.user,
        "public_key": passkey.public_key,
        "sign_count": passkey.sign_count,
        "name": passkey.name,
        "created_at": now,
    }
    connection.execute(insert(passkeys).values(values))
    kept = find_passkey(connection, passkey.id)
    assert kept is not None
    return kept


def find_passkey(connection: Connection, id: bytes) -> Passkey | None:  # noqa: A002
    row = connection.execute(select(passkeys).where(passkeys.c.id == id)).first()
    return None if row is None else _passkey(row)


def passkeys_of(connection: Connection, user: str) -> list[Passkey]:
    query = select(passkeys).where(passkeys.c.user == user)
    rows = connection.execute(query.order_by(passkeys.c.created_at, passkeys.c.id))
    return [_passkey(row) for row in rows]


def use_passkey(connection: Connection, id: bytes, sign_count: int, now: int) -> bool:  # noqa: A002
    # Authenticators without a counter say 0 each time.
    goes_up = (passkeys.c.sign_count < sign_count) | (
        (passkeys.c.sign_count == 0) & (sign_count == 0)
    )
    done = connection.execute(
        change(passkeys)
        .where(passkeys.c.id == id, goes_up)
        .values(sign_count=sign_count, last_used_at=now)
    )
    return done.rowcount == 1


def remove_passkey(connection: Connection, user: str, id: bytes) -> bool:  # noqa: A002
    which = (passkeys.c.user == user, passkeys.c.id == id)
    return connection.execute(delete(passkeys).where(*which)).rowcount == 1


def _passkey(row: Row[Any]) -> Passkey:
    return Passkey(
        id=row.id,
        user=row.user,
        public_key=row.public_key,
        sign_count=row.sign_count,
        name=row.name,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
    )


def forget_credentials(connection: Connection, user: str) -> None:
    """Remove all that *user* could come in with, but tokens."""
    for table in (passwords, totp, recovery_codes, passkeys, identities):
        connection.execute(delete(table).where(table.c.user == user))
