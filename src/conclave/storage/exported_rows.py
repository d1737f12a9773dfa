"""Read the tables as the lines of an export: which columns of which table a line has."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, TypeVar

import msgspec

from conclave.storage.columns import TABLES
from conclave.storage.errors import CannotDo
from conclave.storage.transfer import (
    AttachmentLine,
    AuditLine,
    EntryLine,
    IdentityLine,
    IgnoreLine,
    Line,
    LinkLine,
    MemberLine,
    PasskeyLine,
    PasswordLine,
    RecoveryLine,
    ReportLine,
    RequestLine,
    RoomLine,
    SanctionLine,
    TokenLine,
    TotpLine,
    UserLine,
)

L = TypeVar("L", bound=Line)

# So that the same database gives the same lines.
_ORDERS: Final[dict[type[Line], str]] = {
    UserLine: "id",
    TokenLine: "id",
    IdentityLine: "issuer, subject",
    PasswordLine: "user",
    PasskeyLine: "id",
    TotpLine: "user",
    RecoveryLine: "user, digest",
    IgnoreLine: "user, ignored",
    RoomLine: "id",
    MemberLine: "user",
    EntryLine: "seq",
    RequestLine: "seq, user, client_id",
    SanctionLine: "user, kind",
    ReportLine: "id",
    LinkLine: "id",
    AttachmentLine: "id",
    AuditLine: "id",
}


def _columns(kind: type[Line]) -> list[str]:
    # They are called as the fields, but for the room. Words such as «by» and «at» are SQL's, too.
    return [name for name in kind.__struct_fields__ if name != "room" or kind is AuditLine]


def _select(kind: type[Line], which: str, more: str = "") -> str:
    columns = ", ".join(f'"{name}"' for name in _columns(kind))
    return f"SELECT {more}{columns} FROM {TABLES[kind].name} {which} ORDER BY {_ORDERS[kind]}"  # noqa: S608 - words of this module


def lines(connection: Any, kind: type[L], which: str = "", *values: str) -> Iterator[L]:
    """Give the lines of a *kind*, those alone that *which*, an SQL clause, lets through."""
    for row in connection.execute(_select(kind, which), values):
        yield _made(kind, _columns(kind), row)


def rooms(connection: Any) -> list[tuple[int, RoomLine]]:
    """Return all rooms with their numbers in the tables; of one that is deleted nothing is kept."""
    query = _select(RoomLine, "WHERE deleted_at IS NULL", "id, ")
    rows = connection.execute(query).fetchall()
    return [(number, _made(RoomLine, _columns(RoomLine), row)) for number, *row in rows]


def of_room(
    connection: Any, kind: type[L], number: int, room: str, which: str = "", *values: str
) -> Iterator[L]:
    """Give the lines of a *kind* that are of the room *number*, which is called *room*."""
    query = _select(kind, f"WHERE room = ? {which}")
    for row in connection.execute(query, (number, *values)):
        yield _made(kind, _columns(kind), row, room=room)


def _made(kind: type[L], names: list[str], row: Iterable[Any], **more: str) -> L:
    """Return the line that *row* is; a database that does not fit is damaged."""
    values = dict(zip(names, row, strict=True)) | more
    for name, value in values.items():
        if isinstance(value, bytes):
            values[name] = value.hex()
    for name, read in _READ.items():
        if name in values:
            values[name] = read(values[name])
    try:
        return msgspec.convert(values, kind)
    except msgspec.ValidationError as error:
        raise CannotDo(f"the database is damaged, verify it: {error}") from error


_READ: Final[dict[str, Callable[[Any], Any]]] = {
    "active": bool,
    "extra": lambda extra: msgspec.json.decode(extra) if extra else {},
}
