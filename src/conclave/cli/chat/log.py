"""
What of a room is shown: its messages as they are now, from pages and from what is told after.

No screen and no connection: entries go in, and which of the lines have changed comes out. An
entry that a page has told already changes nothing.
"""

from collections.abc import Iterable
from typing import Final

from msgspec import UNSET, Struct

from conclave.protocol.events import History, Line, ReactionSum

# Older ones are dropped from a log that grows, and asked for again by who goes back.
MOST: Final = 2_000
_ABOUT_MESSAGES: Final = frozenset({"message:edited", "message:deleted"})
_REACTIONS: Final = {"reaction:added": 1, "reaction:removed": -1}
# Said of a message, and not shown of it.
_SILENT: Final = frozenset({"message:pinned", "message:unpinned"})


class Shown(Struct):
    """One line of a log, as it is now."""

    line: Line
    text: str
    edited: bool = False
    deleted: bool = False
    # By emoji: how many, and who as far as it is known.
    reactions: dict[str, tuple[int, frozenset[str]]] = {}

    @property
    def seq(self) -> int:
        assert self.line.seq is not UNSET
        return self.line.seq


class Change(Struct, frozen=True):
    """What is to be drawn: the numbers of lines that are others now, and whether some came."""

    changed: tuple[int, ...] = ()
    added: bool = False


class Log:
    """The lines of *room*, oldest first; it begins with `begin`."""

    def __init__(self, room: str) -> None:
        self.room = room
        self.lines: dict[int, Shown] = {}
        self.begun = False
        # Whether there is more before the first.
        self.more = False
        self._upto = 0
        self._early: list[Line] = []

    @property
    def first(self) -> int:
        return next(iter(self.lines), 0)

    @property
    def last(self) -> int:
        return self._upto

    def begin(self, page: History) -> None:
        """Take the newest page, in place of all that was."""
        self._replace(page.messages, page.upto)
        self.more = page.more
        early, self._early = self._early, []
        for line in early:
            self.hear(line)

    def begin_anew(self, messages: Iterable[Line], upto: int, first_seq: int) -> None:
        """The log is another one: forget what was."""
        self._early = []
        self._replace(messages, upto)
        self.more = self.first > first_seq

    def _replace(self, messages: Iterable[Line], upto: int) -> None:
        self.lines = {shown.seq: shown for shown in map(_shown, messages) if shown is not None}
        self._upto = max([upto, *self.lines])
        self.begun = True

    def take_older(self, page: History) -> int:
        """Put an older page before all; return how many lines came."""
        older = {one.seq: one for one in map(_shown, page.messages) if one is not None}
        before = len(self.lines)
        self.lines = {**older, **self.lines}
        self.more = page.more
        return len(self.lines) - before

    def hear(self, line: Line) -> Change:
        """Take an entry as it is told; one at a time, in order."""
        if line.seq is UNSET:
            return Change()
        if not self.begun:
            self._early.append(line)
            return Change()
        if line.seq <= self._upto:
            return Change()
        self._upto = line.seq
        if line.target is not UNSET:
            return self._about(line, line.target)
        shown = _shown(line)
        if shown is not None:
            self.lines[shown.seq] = shown
            self._drop_oldest()
        return Change(added=shown is not None)

    def _about(self, line: Line, target: int) -> Change:
        found = self.lines.get(target)
        if found is None or line.type in _SILENT:
            return Change()
        if line.type == "message:edited":
            found.text, found.edited = line.text, True
        elif line.type == "message:deleted":
            found.text, found.deleted, found.reactions = "", True, {}
        elif line.type in _REACTIONS and line.emoji is not UNSET and line.user_id is not UNSET:
            _count(found, line.emoji, line.user_id, _REACTIONS[line.type])
        return Change(changed=(target,))

    def _drop_oldest(self) -> None:
        while len(self.lines) > MOST:
            del self.lines[self.first]
            self.more = True


def _count(shown: Shown, emoji: str, user: str, by: int) -> None:
    count, users = shown.reactions.get(emoji, (0, frozenset()))
    if (by > 0) == (user in users):
        # Told twice; of whom a page has not named it is not known, and they are many.
        return
    count, users = count + by, users | {user} if by > 0 else users - {user}
    reactions = {**shown.reactions, emoji: (count, users)}
    shown.reactions = {one: said for one, said in reactions.items() if said[0] > 0}


def _shown(line: Line) -> Shown | None:
    """Return *line* as it is shown; None for what is said of another line."""
    if line.seq is UNSET or line.target is not UNSET:
        return None
    sums: list[ReactionSum] = [] if line.reactions is UNSET else line.reactions
    return Shown(
        line,
        line.text,
        edited=line.edited_at is not UNSET,
        deleted=line.deleted is True,
        reactions={one.emoji: (one.count, frozenset(one.users)) for one in sums},
    )
