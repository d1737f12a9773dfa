"""
What the entries of a room's log mean: the state after one is `apply(state before, entry)`.

These rules stand here once. The store keeps what they give in tables, so that a page need
not read a whole log; `conclave verify` and `conclave import` read the log and compare or
make those tables by what stands here. What an entry refers to and what is not there, it
may be purged, is passed over; the same entry twice changes nothing.
"""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from conclave.model import Entry, Reaction, State

MESSAGE: Final = "message"
EDITED: Final = "message:edited"
DELETED: Final = "message:deleted"
PINNED: Final = "message:pinned"
UNPINNED: Final = "message:unpinned"
REACTED: Final = "reaction:added"
UNREACTED: Final = "reaction:removed"
UPDATED: Final = "room:updated"
MEMBER_ADDED: Final = "member:added"
MEMBER_REMOVED: Final = "member:removed"
MEMBER_ROLE: Final = "member:role"

# What is left of a message besides its number when it is deleted.
KEPT: Final = frozenset({"reply_to", "thread", "bot"})
# People a sum of reactions names.
NAMED: Final = 20

_REVISING: Final = frozenset({EDITED, DELETED, PINNED, UNPINNED, REACTED, UNREACTED})


class Revision(Struct, frozen=True, kw_only=True):
    """What later entries made of one message: the numbers of those that count now."""

    # The entry whose text the message has.
    edited_seq: int | None = None
    deleted_seq: int | None = None
    pinned_seq: int | None = None
    # (emoji, user) to the entry that added it, in the order they came.
    reactions: Mapping[tuple[str, str], int] = {}


AS_WRITTEN: Final = Revision()


class RoomState:
    """
    What a room is after the entries that were given to `apply`, in order.

    The words and settings are None until an entry says them. `members` are those
    the log knows of, with their roles; whoever was added before its first entry is not
    among them. Of `messages` only the numbers are kept, in `revisions` and `mentions` only what
    is not as written, and in `attachments` their ids.
    """

    def __init__(self) -> None:
        self.seq = 0
        self.messages: set[int] = set()
        self.revisions: dict[int, Revision] = {}
        self.mentions: dict[int, tuple[str, ...]] = {}
        self.attachments: dict[int, tuple[str, ...]] = {}
        self.members: dict[str, str] = {}
        # The number of the entry that made each a member.
        self.joined: dict[str, int] = {}
        # Those of whom the log's last word is that they are members no more.
        self.gone: set[str] = set()
        self.title: str | None = None
        self.topic: str | None = None
        self.archived: bool | None = None
        self.slow_mode: int | None = None
        self.history: str | None = None

    def apply(self, entry: Entry) -> None:
        """Let *entry* happen; one that has happened before changes nothing."""
        if entry.seq <= self.seq:
            return
        self.seq = entry.seq
        if entry.type == MESSAGE:
            self._say(entry)
        elif entry.type in _REVISING:
            self._revise(entry)
        elif entry.type == UPDATED:
            self._update(entry)
        elif entry.type in (MEMBER_ADDED, MEMBER_ROLE):
            if entry.type == MEMBER_ADDED:
                self.joined[entry.extra.get("member", "")] = entry.seq
            self._admit(entry.extra.get("member", ""), entry.extra.get("role", ""))
        elif entry.type == MEMBER_REMOVED:
            self._dismiss(entry.extra.get("member", ""))

    def _say(self, entry: Entry) -> None:
        self.messages.add(entry.seq)
        if named := entry.extra.get("mentions"):
            self.mentions[entry.seq] = tuple(named)
        if attached := entry.extra.get("attachments"):
            self.attachments[entry.seq] = tuple(one["id"] for one in attached)

    def _revise(self, entry: Entry) -> None:
        target = entry.extra.get("target")
        if target not in self.messages:
            return
        revision = revise(self.revisions.get(target, AS_WRITTEN), entry)
        self.revisions[target] = revision
        if revision.deleted_seq is not None:
            self.mentions.pop(target, None)
            self.attachments.pop(target, None)
        if revision == AS_WRITTEN:
            del self.revisions[target]

    def _admit(self, member: str, role: str) -> None:
        self.members[member] = role
        self.gone.discard(member)

    def _dismiss(self, member: str) -> None:
        self.members.pop(member, None)
        self.gone.add(member)

    def _update(self, entry: Entry) -> None:
        self.title = entry.extra.get("title", self.title)
        self.topic = entry.extra.get("topic", self.topic)
        self.archived = entry.extra.get("archived", self.archived)
        self.slow_mode = entry.extra.get("slow_mode", self.slow_mode)
        self.history = entry.extra.get("history", self.history)


def revise(was: Revision, entry: Entry) -> Revision:
    """Return what *entry* makes of the message it is about; a deleted one stays so."""
    if was.deleted_seq is not None:
        return was
    if entry.type == EDITED:
        return replace(was, edited_seq=entry.seq)
    if entry.type == DELETED:
        return Revision(deleted_seq=entry.seq)
    if entry.type == PINNED:
        return replace(was, pinned_seq=was.pinned_seq or entry.seq)
    if entry.type == UNPINNED:
        return replace(was, pinned_seq=None)
    key = (entry.extra.get("emoji", ""), entry.user)
    if entry.type == REACTED:
        return replace(was, reactions={key: entry.seq} | dict(was.reactions))
    return replace(was, reactions={k: at for k, at in was.reactions.items() if k != key})


def as_now(message: Entry, revision: Revision, edit: Entry | None, reader: str = "") -> Entry:
    """
    Return *message* as a page of messages shows it to *reader*.

    *edit* is the entry at `revision.edited_seq`.
    """
    if revision.deleted_seq is not None:
        return tombstone(message)
    state = State(
        edited_at=None if edit is None else edit.timestamp,
        pinned=revision.pinned_seq is not None,
        reactions=sums(revision, reader),
    )
    return replace(
        message,
        text=message.text if edit is None else edit.text,
        state=None if state == State() else state,
    )


def tombstone(message: Entry) -> Entry:
    """Return what is left of a deleted message."""
    kept = {key: message.extra[key] for key in KEPT & message.extra.keys()}
    return replace(message, text="", extra={**kept, "deleted": True}, state=None)


def sums(revision: Revision, reader: str = "") -> tuple[Reaction, ...]:
    """Return the reactions as *reader* sees them: each emoji once, in the order they came."""
    users: dict[str, list[str]] = {}
    for emoji, user in sorted(revision.reactions, key=revision.reactions.__getitem__):
        users.setdefault(emoji, []).append(user)
    return tuple(
        Reaction(emoji, len(gave), tuple(gave[:NAMED]), reader in gave)
        for emoji, gave in users.items()
    )
