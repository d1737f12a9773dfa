"""
Browsers that want to be pushed to, as queries and as jobs for the writer.

One is good for as long as the token it came in with, and its user are. What is not good any
more is never returned; `prune` takes it out.
"""

from typing import Final

from sqlalchemy import Connection

from conclave.model import Identity, Subscription
from conclave.storage.driver import raw
from conclave.storage.lines import ulid
from conclave.storage.people import vouch_user

# Of one user: the oldest goes for a new one.
MOST: Final = 20

_GOOD: Final = """
    EXISTS (SELECT 1 FROM users WHERE id = subscriptions.user AND active = 1)
    AND (session IS NULL OR EXISTS (SELECT 1 FROM tokens WHERE id = session
        AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)))
"""
_OF: Final = f"""
    SELECT id, user, endpoint, p256dh, auth, with_text FROM subscriptions
    WHERE user = ? AND {_GOOD} ORDER BY id
"""  # noqa: S608 - words of this module
_USERS: Final = f"SELECT DISTINCT user FROM subscriptions WHERE {_GOOD}"  # noqa: S608 - the same
_PRUNE: Final = f"DELETE FROM subscriptions WHERE NOT ({_GOOD})"  # noqa: S608 - the same
_ADD: Final = "INSERT INTO subscriptions VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_TOO_MANY: Final = """
    DELETE FROM subscriptions WHERE user = ?1 AND id NOT IN
        (SELECT id FROM subscriptions WHERE user = ?1 ORDER BY id DESC LIMIT ?2)
"""


def subscribe(connection: Connection, who: Identity, wanted: Subscription, now: int) -> None:
    """Push to *wanted* for *who* from now on, and to nobody else there."""
    vouch_user(connection, who, now)
    execute = raw(connection).execute
    execute("DELETE FROM subscriptions WHERE endpoint = ?", (wanted.endpoint,))
    keys = (wanted.p256dh, wanted.auth, int(wanted.with_text))
    execute(_ADD, (ulid(now), who.user, who.session, wanted.endpoint, *keys, now))
    execute(_TOO_MANY, (who.user, MOST))


def unsubscribe(connection: Connection, user: str, endpoint: str) -> bool:
    """Push there no more; return whether it was done before."""
    query = "DELETE FROM subscriptions WHERE user = ? AND endpoint = ?"
    return bool(raw(connection).execute(query, (user, endpoint)).rowcount > 0)


def drop(connection: Connection, id_: str) -> bool:
    """Forget one; return whether there was one."""
    cursor = raw(connection).execute("DELETE FROM subscriptions WHERE id = ?", (id_,))
    return int(cursor.rowcount) > 0


def prune(connection: Connection, now: int) -> int:
    """Forget what is not good any more; return how many."""
    return int(raw(connection).execute(_PRUNE, (now,)).rowcount)


def subscriptions_of(connection: Connection, user: str, now: int) -> list[Subscription]:
    rows = raw(connection).execute(_OF, (user, now)).fetchall()
    return [
        Subscription(id_, owner, endpoint, p256dh, auth, bool(with_text))
        for id_, owner, endpoint, p256dh, auth, with_text in rows
    ]


def subscribers(connection: Connection, now: int) -> set[str]:
    """Return who has one."""
    return {user for (user,) in raw(connection).execute(_USERS, (now,))}
