"""
How people say they are: online, away, not to be disturbed, or not to be seen.

It is of a user, whatever device said it last, and outlives a connection: who was invisible
does not flash up when a tunnel ends. A restart forgets it. Who is online and has touched none
of their devices for a while is away until they do. Who is told is not decided here.
"""

from collections.abc import Callable

from conclave.model import Status

# Said of who has no connection, or wants to look so.
OFFLINE = "offline"


class Statuses:
    """What each user said last; those who said nothing are online."""

    def __init__(self) -> None:
        self._said: dict[str, Status] = {}
        # Who is at none of their devices.
        self._dozing: set[str] = set()
        # Who is to be seen again, and others have not been told so.
        self._unseen: set[str] = set()

    def said(self, user: str) -> Status:
        """Return what *user* said last."""
        return self._said.get(user, Status.ONLINE)

    def of(self, user: str) -> Status:
        """Return how *user* is."""
        said = self.said(user)
        return Status.AWAY if said is Status.ONLINE and user in self._dozing else said

    def doze(self, user: str, dozing: bool) -> bool:
        """Note whether nobody is at any device of *user*; return whether that is news of them."""
        before = self.of(user)
        (self._dozing.add if dozing else self._dozing.discard)(user)
        return self.of(user) is not before

    def set(self, user: str, status: Status) -> bool:
        """Note *status*; return whether it is another than before."""
        if self.said(user) is status:
            return False
        if status is Status.ONLINE:
            del self._said[user]
        else:
            self._said[user] = status
        return True

    def hidden(self, user: str) -> bool:
        """Return whether *user* is not to be seen, or was not and nobody knows better yet."""
        return self.of(user) is Status.INVISIBLE or user in self._unseen

    def told(self, user: str) -> None:
        """Others are about to know how *user* is."""
        self._unseen.discard(user)

    def not_seen(self, user: str) -> None:
        """Others take *user* for gone, until `told`."""
        self._unseen.add(user)

    def to_be_seen(self) -> list[str]:
        """Return whom others take for gone and who would be seen."""
        return [user for user in self._unseen if self.of(user) is not Status.INVISIBLE]

    def shown(self, user: str, here: Callable[[str], object]) -> str:
        """Return what others see of *user*; *here* tells whether there is a connection."""
        return OFFLINE if self.hidden(user) or not here(user) else str(self.of(user))
