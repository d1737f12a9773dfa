"""
Of what people want to be notified, and which rooms are dear to them, as jobs for the writer: it
stands with their membership.
"""

from typing import Final

from sqlalchemy import Connection

from conclave.model import NOTIFY, Act, Identity, Notify
from conclave.storage.driver import raw
from conclave.storage.log import Log
from conclave.storage.rights import check_in

# The default is kept as no word at all.
_SET: Final = """
    UPDATE members SET notify = nullif(?3, ?4)
    WHERE room = ?1 AND user = ?2 AND coalesce(notify, ?4) <> ?3
"""


def set_notify(
    connection: Connection, _log: Log, room: str, who: Identity, notify: Notify, now: int
) -> bool:
    """Notify *who* of that in *room* from now on; return whether it was another."""
    execute = raw(connection).execute
    where, _ = check_in(execute, room, who, Act.NOTIFY, now)
    values = (where.id, who.user, str(notify), str(NOTIFY[where.kind]))
    return bool(execute(_SET, values).rowcount > 0)


_FAVOUR: Final = (
    "UPDATE members SET favourite = ?3 WHERE room = ?1 AND user = ?2 AND favourite <> ?3"
)


def set_favourite(
    connection: Connection, _log: Log, room: str, who: Identity, favourite: bool, now: int
) -> bool:
    """Keep *room* among the favourites of *who* or not; return whether it was otherwise."""
    execute = raw(connection).execute
    where, _ = check_in(execute, room, who, Act.FAVOUR, now)
    return bool(execute(_FAVOUR, (where.id, who.user, int(favourite))).rowcount > 0)
