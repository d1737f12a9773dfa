"""
What a list of rooms says one may do in each: the table of rights in words for clients.

They are for a page to know which controls to show. Nothing is decided by them: whoever
does something asks `permissions` at that moment.
"""

from functools import lru_cache
from typing import Final

from msgspec.structs import replace

from conclave.core.permissions import decide
from conclave.model import Act, Standing

# What a list of rooms says of acts: the word, the act, and whether it is about one's own.
WORDS: Final[tuple[tuple[str, Act, bool], ...]] = (
    ("join", Act.JOIN, False),
    ("write", Act.WRITE, False),
    ("react", Act.REACT, False),
    ("edit", Act.EDIT, True),
    ("delete", Act.DELETE, True),
    ("delete_any", Act.DELETE, False),
    ("pin", Act.PIN, False),
    ("report", Act.REPORT, False),
    ("quit", Act.QUIT, False),
    ("invite", Act.INVITE, False),
    ("link", Act.LINK, False),
    ("update", Act.UPDATE_ROOM, False),
    ("history", Act.SET_HISTORY, False),
    ("kick", Act.KICK, False),
    ("ban", Act.BAN, False),
    ("mute", Act.MUTE, False),
    ("role", Act.SET_ROLE, False),
    ("sanctions", Act.SEE_SANCTIONS, False),
    ("reports", Act.SEE_REPORTS, False),
    ("archive", Act.ARCHIVE, False),
    ("delete_room", Act.DELETE_ROOM, False),
)
# Many in a room stand alike.
_STANDINGS: Final = 1_024


@lru_cache(_STANDINGS)
def words(standing: Standing) -> tuple[str, ...]:
    """
    Return what who stands so may do in the room, in words for clients.

    Of acts upon a person it says whether they may with somebody below them, whoever that is.
    """
    return tuple(
        word
        for word, act, own in WORDS
        if decide(act, replace(standing, own=own)).allowed
        and not (act is Act.JOIN and standing.member)
    )
