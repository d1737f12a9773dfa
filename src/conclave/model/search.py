"""What is asked of a search, and what it finds."""

from msgspec import Struct


class Term(Struct, frozen=True, kw_only=True):
    """One thing a search asks for: words next to each other, a person, a room or a trait."""

    text: str
    # The last word may go on.
    begins: bool = False
    # It must not be there.
    without: bool = False


class Query(Struct, frozen=True, kw_only=True):
    """What a search asks for: all of the words and traits, any of the people and rooms."""

    words: tuple[Term, ...] = ()
    people: tuple[Term, ...] = ()
    rooms: tuple[Term, ...] = ()
    traits: tuple[Term, ...] = ()
    # Not earlier than `after`, and earlier than `before`.
    before: int | None = None
    after: int | None = None


class Piece(Struct, frozen=True):
    """A part of a snippet; `hit`: it is what was asked for."""

    text: str
    hit: bool


class Hit(Struct, frozen=True, kw_only=True):
    """A message that was found."""

    room: str
    seq: int
    # The author's id, and display name at the time.
    user: str
    name: str
    timestamp: int
    snippet: list[Piece]


class Hits(Struct, frozen=True, kw_only=True):
    """What was found, newest first."""

    hits: list[Hit]
    more: bool = False
    # Where the next page begins, if there is more.
    cursor: int | None = None
    # Entries of the rooms that were searched which the index does not have yet.
    behind: int = 0
