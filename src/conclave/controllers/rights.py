"""The questions that the gate asks before a request is handled, on sockets and over HTTP alike."""

from collections.abc import Collection

from conclave.core.permissions import decide_on_server
from conclave.core.reaching import decide_reach
from conclave.model import Act, Identity, Standing
from conclave.protocol.errors import Reject
from conclave.protocol.event import Event


def check_act(act: Act, identity: Identity) -> None:
    """Raise `Reject` for what *identity* may not do, whatever the room."""
    ruling = decide_on_server(act, Standing(role=identity.role, scopes=identity.scopes))
    if ruling.code is not None:
        raise Reject(ruling.code)


def check_reach(act: Act | None, identity: Identity, rooms: Collection[str]) -> None:
    """Raise `Reject` where the token of *identity* is not good in *rooms*, which are named."""
    ruling = decide_reach(act, identity, rooms)
    if ruling.code is not None:
        raise Reject(ruling.code)


def rooms_of(event: Event) -> list[str]:
    """Return the rooms that *event* names."""
    room = getattr(event, "room", None)
    wishes = getattr(event, "rooms", ())
    named = [room, *(getattr(wish, "room", None) for wish in wishes)]
    return [name for name in named if isinstance(name, str)]
