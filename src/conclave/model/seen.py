"""How somebody in a room looks to others, wherever their connection is."""

from msgspec import Struct

from conclave.model.people import Role, Status


class Seen(Struct, frozen=True, array_like=True):
    """One who is present and not hidden."""

    user: str
    name: str
    role: Role = Role.USER
    status: Status = Status.ONLINE
    # How often they have said how they are, where they are in no room: the last word counts.
    said: int = 0
