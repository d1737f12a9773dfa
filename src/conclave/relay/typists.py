"""
Tells a room who is typing: at most once a second each, and always how it ended.

Nothing is stored. A user counts once, on however many connections it types.
"""

from typing import Final, NamedTuple

from conclave.core.flips import Flips
from conclave.ports import Clock, Connection
from conclave.protocol.events import Typing
from conclave.relay.attendance import Attendance

INTERVAL: Final = 0.25


class _Typing(NamedTuple):
    active: bool
    # Who need not be told: it knows.
    by: Connection


class Typists:
    def __init__(self, attendance: Attendance, clock: Clock) -> None:
        self._attendance = attendance
        self._clock = clock
        self._flips: Flips[tuple[str, str], _Typing] = Flips()

    def note(self, room: str, connection: Connection, active: bool) -> None:
        """Tell *room* that the user of *connection* types or has stopped: now, or soon."""
        key, state = (room, connection.user), _Typing(active, connection)
        if self._flips.change(key, state, self._clock.monotonic()):
            self._tell(*key, state)

    def spoke(self, room: str, connection: Connection) -> None:
        """Note that a message has just ended the typing: what comes next is a start again."""
        if self._flips:
            self._flips.settle((room, connection.user), _Typing(False, connection))

    async def tell(self) -> None:
        """Tell what was held back; call it every `INTERVAL` seconds."""
        for (room, user), state in self._flips.tick(self._clock.monotonic()):
            self._tell(room, user, state)

    def _tell(self, room: str, user: str, state: _Typing) -> None:
        self._attendance.tell(room, Typing(room, user, state.active), state.by)
