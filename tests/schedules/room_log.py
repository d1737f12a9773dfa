"""What is stored of the room in `room_world`, and what a read of it finds."""

from dataclasses import dataclass

from conclave.core.room import Told
from conclave.protocol.codec import Packet

USERS = ("ada", "bob", "cyd")
# Entries a page, for who joins and for the repair: small, so that there are several.
PAGE = 3


@dataclass(frozen=True)
class Page:
    """What a read found, and the numbers beside it, from one moment of the store."""

    since: int
    upto: int
    last: int
    more: bool
    reset: bool
    # Whether the reader was a member at that moment.
    member: bool


class Log:
    """What is stored: for each number who wrote it, whom it removed, who was in before it."""

    def __init__(self) -> None:
        self.told: list[Told] = []
        self.before: list[frozenset[str]] = []
        self.members = set(USERS)
        self.first = 1

    @property
    def last(self) -> int:
        return len(self.told)

    def commit(self, user: str, removes: str | None = None) -> Told:
        seq = self.last + 1
        told = Told(seq, user, Packet(b"%d" % seq), Packet(b"%d own" % seq), removes)
        self.told.append(told)
        self.before.append(frozenset(self.members))
        self.members.discard(removes or "")
        return told

    def page(self, user: str, since: int | None) -> Page:
        member = user in self.members
        if since is None or not self.first - 1 <= since <= self.last:
            return Page(since or 0, self.last, self.last, False, True, member)
        upto = min(since + PAGE, self.last)
        return Page(since, upto, self.last, upto < self.last, False, member)
