"""
Tells a room how far its people have read, at most once a second each.

Only in rooms that are small enough for single notices: in a large one n readers would be
told n times each, for every message.
"""

from typing import Final

from conclave.protocol.events import Read
from conclave.relay.attendance import Attendance

INTERVAL: Final = 1.0


class Receipts:
    def __init__(self, attendance: Attendance) -> None:
        self._attendance = attendance
        self._noted: dict[tuple[str, str], Read] = {}

    def note(self, read: Read) -> None:
        """Remember to tell *read*, unless the same user is known to have read on."""
        key = (read.room, read.user)
        if key not in self._noted or self._noted[key].seq < read.seq:
            self._noted[key] = read

    async def tell(self) -> None:
        """Tell what was noted since the last call; call it every `INTERVAL` seconds."""
        noted, self._noted = self._noted, {}
        for read in noted.values():
            self._attendance.tell_others(read.room, read.user, read)
