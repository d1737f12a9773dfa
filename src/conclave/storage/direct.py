"""
Direct rooms: one for each set of people, made at first use.

Nobody owns or governs one, and nobody leaves it; it is found by who is in it.
"""

import re
import secrets
from collections.abc import Sequence
from typing import Final

import msgspec
from sqlalchemy import Connection

from conclave.model import Act, Draft, Entry, Identity, Person, RoomKind, RoomRole
from conclave.protocol.errors import Code, Reject
from conclave.storage import membership
from conclave.storage.cases import find_person
from conclave.storage.driver import raw
from conclave.storage.log import Log
from conclave.storage.people import vouch_user
from conclave.storage.rights import check_act, find_known, ignores
from conclave.storage.rooms import insert_room

# It tells nobody who is in there, and cannot be guessed.
_NAME_BYTES: Final = 12
_NAME: Final = re.compile(rf"direct-[0-9a-f]{{{2 * _NAME_BYTES}}}")
_FIND: Final = "SELECT name FROM rooms WHERE direct_key = ? AND deleted_at IS NULL"


def is_direct(room: str) -> bool:
    """Return whether *room* has a name that only a direct room is given."""
    return _NAME.fullmatch(room) is not None


def open_direct(
    connection: Connection, log: Log, by: Identity, users: Sequence[str], now: int
) -> tuple[str, list[Entry]]:
    """Return the direct room of *by* and *users*, and what making it wrote."""
    execute = raw(connection).execute
    check_act(Act.DIRECT, find_known(execute, None, by.user, now, by.role).standing)
    vouch_user(connection, by, now)
    people = {by.user: Person(id=by.user, name=by.name)}
    for named in users:
        person = _partner(connection, by, named)
        people[person.id] = person
    key = key_of(list(people))
    if (found := execute(_FIND, (key,)).fetchone()) is not None:
        return str(found[0]), []
    return _make(connection, log, by, list(people.values()), key, now)


def key_of(users: Sequence[str]) -> str:
    """Return what stands for exactly these people."""
    return msgspec.json.encode(sorted(users)).decode()


def _partner(connection: Connection, by: Identity, named: str) -> Person:
    execute = raw(connection).execute
    found = find_person(execute, named)
    if found is None or not found[1]:
        raise Reject(Code.NO_SUCH_USER)
    if ignores(execute, found[0].id, by.user):
        raise Reject(Code.FORBIDDEN, "They take no messages from you")
    return found[0]


def _make(
    connection: Connection, log: Log, by: Identity, people: list[Person], key: str, now: int
) -> tuple[str, list[Entry]]:
    name = f"direct-{secrets.token_hex(_NAME_BYTES)}"
    made = insert_room(
        connection, name, by, now, kind=str(RoomKind.DIRECT), title=name, topic="", direct_key=key
    )
    entries = [
        membership.add(connection, log, made, _added(name, by, person), now) for person in people
    ]
    return name, entries


def _added(name: str, by: Identity, person: Person) -> Draft:
    return membership.added(name, by, person, RoomRole.MEMBER)
