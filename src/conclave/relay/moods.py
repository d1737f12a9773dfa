"""
Tells rooms how their people are: not more often than they can bear, and always how it ended.

Who becomes invisible goes, for the others, and comes when it is seen again. Other nodes hear
what people say of themselves. Nothing is stored.
"""

from typing import Final

from conclave.core.flips import Flips
from conclave.core.hub import Hub
from conclave.core.statuses import Statuses
from conclave.model import Status
from conclave.model.seen import Seen
from conclave.ports import Clock
from conclave.relay.attendance import Attendance

INTERVAL: Final = 0.25
# Seconds between two changes of one user. Who is seen again comes and is, say, away, and may go
# by joining another room unseen: three events, and others shall hear of one a second.
_EVERY: Final = 3.0


class Moods:
    def __init__(self, attendance: Attendance, hub: Hub, statuses: Statuses, clock: Clock) -> None:
        self._attendance = attendance
        self._hub = hub
        self._statuses = statuses
        self._clock = clock
        self._flips: Flips[str, Status] = Flips(_EVERY)
        # How often each user has said how they are, on all nodes.
        self._words: dict[str, int] = {}

    def say(self, user: str, status: Status) -> bool:
        """Let *user* be so on all nodes from now on; return whether they said otherwise before."""
        if not self._statuses.set(user, status):
            return False
        self._words[user] = self._words.get(user, 0) + 1
        # Of no room: others keep it, and tell it to nobody.
        self._attendance.roll.on_come("", self._as_said(user))
        return True

    def said(self, seen: Seen) -> None:
        """Somebody said so on another node; of two at once the same one counts everywhere."""
        mine = self._as_said(seen.user)
        if (seen.said, seen.status) <= (mine.said, mine.status):
            return
        self._words[seen.user] = seen.said
        # The node that heard the last word keeps it for who comes.
        self._attendance.roll.on_go("", seen.user)
        if self._statuses.set(seen.user, seen.status):
            self.note(seen.user)

    def unkept(self, seen: Seen) -> None:
        """The node that kept this word is gone: if it is the last one, keep it for who comes."""
        mine = self._as_said(seen.user)
        if (seen.said, seen.status) == (mine.said, mine.status):
            self._attendance.roll.on_come("", mine)

    def _as_said(self, user: str) -> Seen:
        status, said = self._statuses.said(user), self._words.get(user, 0)
        return Seen(user, "", status=status, said=said)

    def note(self, user: str) -> None:
        """Tell the rooms of *user* what its status is now: at once, or soon."""
        status = self._statuses.of(user)
        if self._flips.change(user, status, self._clock.monotonic()):
            self._tell(user, status)
        elif self._flips.told(user) is Status.INVISIBLE:
            # Else each room that is joined meanwhile would tell it.
            self._statuses.not_seen(user)

    async def tell(self) -> None:
        """Tell what was held back; call it every `INTERVAL` seconds."""
        for user, status in self._flips.tick(self._clock.monotonic()):
            self._tell(user, status)
        for user in self._statuses.to_be_seen():
            # What was told before is what it is now, but a join in between has hidden it.
            if self._flips.told(user) is None:
                self.note(user)

    def _tell(self, user: str, status: Status) -> None:
        self._statuses.told(user)
        rooms = {room for connection in self._hub.of(user) for room in connection.rooms}
        self._attendance.restate(user, rooms, status)
