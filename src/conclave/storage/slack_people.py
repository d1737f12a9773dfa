"""
The people of Slack's export as accounts here, the same ones each time it is imported.

Nobody becomes somebody who is here already: an account of the same name may be another
person's. Nobody gets in by it either: an admin makes a link for a password.
"""

import re
from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import Connection

from conclave.core.names import canonical_name, clean_display_name
from conclave.model import Identity, Role, User
from conclave.protocol.errors import Reject
from conclave.storage.driver import raw
from conclave.storage.people import add_account, find_user

_KEY: Final = "slack:{}"
# What is known of the other side, for the next time.
REMEMBER: Final = (
    "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
)
_ODD: Final = re.compile(r"[^a-z0-9._-]+")
_MOST: Final = 26
_TRIES: Final = 1_000


class SlackPeople:
    """Finds and makes them, in the writer's transaction."""

    def __init__(self, listed: Iterable[dict[str, Any]]) -> None:
        self._listed = {str(one["id"]): one for one in listed if isinstance(one.get("id"), str)}
        self._known: dict[str, Identity] = {}
        self.made = 0

    def name_of(self, slack: str) -> str | None:
        """Return what the person is called in texts that name them."""
        found = self._known.get(slack)
        return None if found is None else found.user

    def load(self, connection: Connection, now: int) -> None:
        """Have an account for everybody who is listed."""
        for slack, one in self._listed.items():
            self.of(connection, slack, one, now)

    def of(self, connection: Connection, slack: str, one: dict[str, Any], now: int) -> Identity:
        """Return who *slack*, an id there, is here."""
        known = self._known.get(slack)
        if known is None:
            known = self._find(connection, slack) or self._make(connection, slack, one, now)
            self._known[slack] = known
        return known

    def author(self, connection: Connection, message: dict[str, Any], now: int) -> Identity:
        """Return who wrote *message*: a person, a program, or somebody the lists do not have."""
        slack = message.get("user") or message.get("bot_id") or "unknown"
        profile = message.get("user_profile")
        said = profile if isinstance(profile, dict) else {}
        name = message.get("username") or said.get("real_name") or slack
        listed = {"name": name, "is_bot": "user" not in message}
        return self.of(connection, str(slack), self._listed.get(str(slack), listed), now)

    def _find(self, connection: Connection, slack: str) -> Identity | None:
        query = "SELECT value FROM meta WHERE key = ?"
        row = raw(connection).execute(query, (_KEY.format(slack),)).fetchone()
        user = None if row is None else find_user(connection, row[0])
        return None if user is None else _identity(user)

    def _make(self, connection: Connection, slack: str, one: dict[str, Any], now: int) -> Identity:
        profile = one.get("profile")
        said = profile if isinstance(profile, dict) else {}
        shown = [
            said.get("display_name"),
            said.get("real_name"),
            one.get("real_name"),
            one.get("name"),
        ]
        role = Role.BOT if one.get("is_bot") else Role.USER
        user = _added(connection, str(one.get("name") or slack), shown, role, now)
        execute = raw(connection).execute
        execute(REMEMBER, (_KEY.format(slack), user.id))
        if one.get("deleted"):
            execute("UPDATE users SET active = 0 WHERE id = ?", (user.id,))
        self.made += 1
        return _identity(user)


def _identity(user: User) -> Identity:
    return Identity(user=user.id, name=user.display_name, role=user.role)


def _added(connection: Connection, name: str, shown: list[Any], role: Role, now: int) -> User:
    """Make an account named as *name* as may be."""
    stem = _ODD.sub("-", name.lower()).strip("._-")[:_MOST] or "slack"
    for n in range(1, _TRIES):
        try:
            id_ = canonical_name(stem if n == 1 else f"{stem}-{n}")
        except Reject:
            # Such as one of a single letter, or one that only the server gives.
            stem = f"slack-{stem}"[:_MOST]
            continue
        for display in [*shown, id_]:
            try:
                called = clean_display_name(str(display or ""))
                user = User(id=id_, name=id_, display_name=called, role=role)
                return add_account(connection, user, now)
            except Reject:
                continue
    raise AssertionError("a thousand accounts have this name")
