"""One room as a client is in it: how far joining has come, and up to where it is known."""

from enum import Enum

from msgspec import Struct

from conclave.model import Position


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
