"""What is left of an erased user in rooms besides their logs: nothing that names them."""

from typing import Final

import msgspec
from sqlalchemy import Connection

from conclave.storage.driver import raw

# What is theirs, or about them alone.
_GO: Final = (
    "DELETE FROM sanctions WHERE user = ?1",
    "DELETE FROM reports WHERE user = ?1",
    "DELETE FROM ignores WHERE user = ?1 OR ignored = ?1",
    "DELETE FROM incoming_hooks WHERE user = ?1",
    "DELETE FROM command_hooks WHERE user = ?1",
)
# What they did to others.
_RENAME: Final = (
    "UPDATE rooms SET created_by = ?2 WHERE created_by = ?1",
    'UPDATE sanctions SET "by" = ?2 WHERE "by" = ?1',
    "UPDATE reports SET closed_by = ?2 WHERE closed_by = ?1",
    "UPDATE incoming_hooks SET created_by = ?2 WHERE created_by = ?1",
    "UPDATE command_hooks SET created_by = ?2 WHERE created_by = ?1",
    "UPDATE outgoing_hooks SET created_by = ?2 WHERE created_by = ?1",
)
_DIRECT: Final = "UPDATE rooms SET direct_key = NULL WHERE instr(coalesce(direct_key, ''), ?) > 0"


def forget_in_rooms(connection: Connection, user: str, pseudonym: str) -> None:
    """Take *user* out of what is kept beside the logs."""
    execute = raw(connection).execute
    for statement in _GO:
        execute(statement, (user,))
    for statement in _RENAME:
        execute(statement, (user, pseudonym))


def forget_direct(connection: Connection, user: str) -> None:
    """Lead nobody into direct rooms with *user* any more; whoever is left there reads on."""
    raw(connection).execute(_DIRECT, (msgspec.json.encode(user).decode(),))
