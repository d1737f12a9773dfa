"""All rooms of a server, for admins, as queries: nothing of what is said in them."""

from collections.abc import Iterable
from typing import Any, Final

import msgspec
from sqlalchemy import Connection

from conclave.model import RoomFacts, RoomKind
from conclave.protocol.errors import Code, Reject
from conclave.storage.driver import raw
from conclave.storage.people import fold

_ROOM: Final = """
    SELECT r.name, r.title, r.kind, r.archived_at IS NOT NULL, r.created_by, r.created_at,
        (SELECT count(*) FROM members WHERE room = r.id),
        (SELECT json_group_array(user) FROM
            (SELECT user FROM members WHERE room = r.id AND role = 'owner' ORDER BY user) AS own),
        r.last_seq, r.last_count - r.purged_count, r.last_time, r.slow_mode,
        (SELECT count(*) FROM reports WHERE room = r.id AND closed_at IS NULL)
    FROM rooms r WHERE r.deleted_at IS NULL
"""
_LIST: Final = f"""{_ROOM}
    AND r.name > :after AND r.kind IN (SELECT value FROM json_each(:kinds))
    AND (:query = '' OR instr(r.folded, :query) > 0 OR instr(lower(r.title), :query) > 0)
    ORDER BY r.name LIMIT :limit
"""  # noqa: S608 - our own words
_FIND: Final = f"{_ROOM} AND (r.name = :name OR r.folded = :folded)"


def list_rooms(
    connection: Connection, query: str, kinds: Iterable[RoomKind], after: str, limit: int
) -> list[RoomFacts]:
    asked = {
        "after": after,
        "query": fold(query),
        "kinds": msgspec.json.encode([str(kind) for kind in kinds]).decode(),
        "limit": limit,
    }
    return [_facts(row) for row in raw(connection).execute(_LIST, asked)]


def find_facts(connection: Connection, room: str) -> RoomFacts:
    asked = {"name": room, "folded": fold(room)}
    row = raw(connection).execute(_FIND, asked).fetchone()
    if row is None:
        raise Reject(Code.NO_SUCH_ROOM)
    return _facts(row)


def _facts(row: tuple[Any, ...]) -> RoomFacts:
    name, title, kind, archived, created_by, created_at, members, owners, *rest = row
    last_seq, messages, last_at, slow_mode, reports = rest
    return RoomFacts(
        room=name,
        title=title,
        kind=RoomKind(kind),
        archived=bool(archived),
        created_by=created_by,
        created_at=created_at,
        members=members,
        owners=msgspec.json.decode(owners, type=list[str]),
        last_seq=last_seq,
        messages=messages,
        last_at=last_at or None,
        slow_mode=slow_mode,
        reports=reports,
    )
