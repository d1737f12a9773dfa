"""
How people say they are: online, away, not to be disturbed, or not to be seen.

It is of a user, whatever device said it last, and outlives a connection: who was invisible
does not flash up when a tunnel ends. A restart forgets it. Who is told is not decided here.
"""

from collections.abc import Callable

from conclave.model import Status

# Said of who has no connection, or wants to look so.
OFFLINE = "offline"


class Statuses:
    """What each user said last; those who said nothing are online."""

    def __init__(self) -> None:
        self._said: dict[str, Status] = {}

    def of(self, user: str) -> Status:
        return self._said.get(user, Status.ONLINE)

    def set(self, user: str, status: Status) -> bool:
        """Note *status*; return whether it is another than before."""
        if self.of(user) is status:
            return False
        if status is Status.ONLINE:
            del self._said[user]
        else:
            self._said[user] = status
        return True

    def hidden(self, user: str) -> bool:
        return self.of(user) is Status.INVISIBLE

    def shown(self, user: str, here: Callable[[str], object]) -> str:
        """Return what others see of *user*; *here* tells whether there is a connection."""
        return OFFLINE if self.hidden(user) or not here(user) else str(self.of(user))
