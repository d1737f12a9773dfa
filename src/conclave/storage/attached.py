"""
Attachments as rows: whose they are, what message has them, and what became of nobody's bytes.

All of it runs inside a transaction of somebody else's. Whatever takes a row away goes by
`let_go`, so that its bytes are not forgotten on the disk.
"""

from collections.abc import Sequence
from typing import Any, Final

from conclave.model import Attachment, Draft
from conclave.protocol.errors import Code, Reject

_FIELDS: Final = (
    "a.id, r.name, a.user, a.name, a.type, a.size, a.digest, a.width, a.height,"
    " a.thumb_digest, a.thumb_size, a.seq"
)
_FROM: Final = "FROM attachments a JOIN rooms r ON r.id = a.room AND r.deleted_at IS NULL"
# While its message is being numbered: nobody else can have it.
_CLAIMED: Final = 0


def ids_of(extra: dict[str, Any]) -> list[str]:
    """Return the ids of what the entry with this *extra* has."""
    return [one["id"] for one in extra.get("attachments", ())]


def claim(cursor: Any, room: int, draft: Draft) -> Reject | None:
    """Let the message of *draft* have what it says, or return why it cannot."""
    ids = ids_of(draft.extra)
    for id_ in ids:
        found = cursor.execute(
            "SELECT 1 FROM attachments WHERE id = ? AND room = ? AND user = ? AND seq IS NULL",
            (id_, room, draft.user),
        ).fetchone()
        if found is None:
            # Another's is not there, too.
            return Reject(Code.NOT_FOUND, "What you attach is not there, or was sent before")
    for id_ in ids:
        cursor.execute("UPDATE attachments SET seq = ? WHERE id = ?", (_CLAIMED, id_))
    return None


def settle(cursor: Any, seq: int, extra: dict[str, Any]) -> None:
    """Note that the message *seq* has what was claimed for it."""
    for id_ in ids_of(extra):
        cursor.execute("UPDATE attachments SET seq = ? WHERE id = ?", (seq, id_))


def let_go(cursor: Any, where: str, values: Sequence[Any]) -> int:
    """Forget the attachments *where*, a condition of this package's own words; return how many."""
    for column in ("digest", "thumb_digest"):
        cursor.execute(
            f"INSERT INTO loose_blobs SELECT DISTINCT {column} FROM attachments"  # noqa: S608 - our words
            f" WHERE {column} IS NOT NULL AND ({where}) ON CONFLICT DO NOTHING",
            values,
        )
    gone: int = cursor.execute(f"DELETE FROM attachments WHERE {where}", values).rowcount  # noqa: S608 - our words
    return gone


def find(execute: Any, id_: str) -> Attachment | None:
    """Return an attachment of a room that is there."""
    row = execute(f"SELECT {_FIELDS} {_FROM} WHERE a.id = ?", (id_,)).fetchone()
    return None if row is None else made(row)


def made(row: Sequence[Any]) -> Attachment:
    id_, room, user, name, type_, size, digest, width, height, thumb, thumb_size, seq = row
    return Attachment(
        id=id_,
        room=room,
        user=user,
        name=name,
        type=type_,
        size=size,
        digest=digest.hex(),
        width=width,
        height=height,
        thumb_digest=None if thumb is None else thumb.hex(),
        thumb_size=thumb_size,
        seq=seq,
    )
