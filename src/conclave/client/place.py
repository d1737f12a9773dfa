"""
One room as a client is in it: how far joining has come, and up to where it is known.

What a page or a line of the room makes of that is said here; which rooms are joined when,
and who is told, is said by `places`.
"""

from enum import Enum

from msgspec import UNSET, Struct

from conclave.client.errors import Reset
from conclave.model import Position
from conclave.protocol.events import History, Line


class Standing(Enum):
    # To be joined as soon as there is a connection.
    AWAY = "away"
    JOINING = "joining"
    ATTACHED = "attached"
    REFUSED = "refused"


class Place(Struct):
    """One room as this client is in it."""

    name: str
    standing: Standing = Standing.AWAY
    # Whether somebody reads it; else it is there to be written to.
    read: bool = False
    # Up to here everything was handed on; None: from the first join on.
    position: Position | None = None
    # Begin after this number, of an epoch that only a join will tell.
    after: int | None = None
    # The join under way: its request's id, and what it was asked with.
    join: str = ""
    asked: Position | None = None
    untaken: int = 0
    # Entries were passed over, as the reader has enough for now.
    behind: bool = False
    not_before: float = 0.0
    tries: int = 0
    nonsense: int = 0
    # What is known is given up, whatever the next page says.
    void: bool = False

    @property
    def since(self) -> Position | None:
        """What a join of it asks to begin after; None: with the last messages."""
        # Who only writes needs nothing of what was missed, and who is behind has no place for it.
        return self.position if self.read and not (self.behind or self.void) else None

    def is_continued_by(self, page: History) -> bool:
        """Return whether *page* has every entry after the position, and gets on."""
        known = self.position
        if known is None or page.epoch != known.epoch:
            return False
        whole = all(line.seq == known.seq + at for at, line in enumerate(page.messages, 1))
        ends = page.upto == known.seq + len(page.messages)
        return whole and ends and (len(page.messages) > 0 or not page.more)

    def attach(self, page: History) -> Reset | None:
        """
        Take a page of the last messages, which is no part of what the reader is handed.

        Return what the reader must be told, if it must begin anew.
        """
        here = Position(page.epoch, page.upto, _id_at(page))
        known = self.position
        self.joined()
        if self.after is not None:
            self.position, self.after = Position(page.epoch, self.after), None
            self.standing = Standing.AWAY
        elif known is None or not self.read:
            self.position = here
        elif self.void or page.reset or page.epoch != known.epoch or page.upto < known.seq:
            self.position, self.behind, self.void = here, False, False
            self.untaken += 1
            return _reset(page)
        elif not self.behind and page.upto > known.seq:
            # It is no longer behind, or was asked to begin elsewhere: what is between is missing.
            self.standing = Standing.AWAY
        return None

    def joined(self) -> None:
        self.standing = Standing.ATTACHED
        self.tries = self.nonsense = 0

    def go_on_to(self, line: Line) -> bool:
        """Take *line*, the next one; return whether it is to be handed to a reader."""
        assert self.position is not None
        assert line.seq is not UNSET
        id_ = None if line.id is UNSET else line.id
        self.position = Position(self.position.epoch, line.seq, id_)
        if self.read:
            self.untaken += 1
        return self.read


def _id_at(page: History) -> str | None:
    if page.upto_id is not UNSET:
        return page.upto_id
    last = page.messages[-1] if page.messages else None
    return last.id if last is not None and last.seq == page.upto and last.id is not UNSET else None


def _reset(page: History) -> Reset:
    return Reset(page.room, page.epoch, page.first_seq, page.last_seq, page.upto, page.messages)
