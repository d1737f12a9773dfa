"""
In which rooms a token is good: a bot's may be for some of those it is a member of.

What a request names is judged before the table of rights is asked about it. A request that
names no room could be about any, so that only what is known to be about none is let through.
"""

from collections.abc import Collection
from typing import Final

from conclave.model import Act, Identity, Ruling
from conclave.protocol.errors import Code

# None: the request says who one is, or is an application's own. Of commands a bot is asked where
# its token is good, and answers that.
_OUTSIDE: Final = frozenset(
    {None, Act.LIST_PEOPLE, Act.SEE_PROFILE, Act.SET_PROFILE, Act.SET_PRESENCE, Act.ANSWER}
)


def reaches(identity: Identity | None, room: str | None) -> bool:
    """Return whether what lets *identity* in is good in *room*; None: in all of them."""
    return identity is None or identity.rooms is None or room in identity.rooms


def decide_reach(act: Act | None, identity: Identity, rooms: Collection[str]) -> Ruling:
    """Return whether *identity* may do *act* as far as its token goes; *rooms* are those named."""
    if identity.rooms is None:
        return Ruling(None, "the token is good in all rooms")
    if not all(reaches(identity, room) for room in rooms):
        return Ruling(Code.NO_SUCH_ROOM, "the token is not good in this room")
    if not rooms and act not in _OUTSIDE and act is not Act.LIST_ROOMS:
        return Ruling(Code.FORBIDDEN, "the token is good in some rooms alone")
    return Ruling(None, "the token is good there")
