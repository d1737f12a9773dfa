"""
What the server has told: rooms, who is present, the logs of rooms that were opened.

It draws nothing: it calls who does when something is another.
"""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from conclave.cli.chat.log import Log
from conclave.client import Client, Connected, Disconnected, Ended, Lost, NotSent, Reset
from conclave.model import RoomInfo
from conclave.protocol.events import Line, Presence, RoomGone

DrawLog = Callable[[str, tuple[int, ...] | None, bool], None]


class Hearing:
    """Listens to *client*, and keeps what is shown of what it hears."""

    def __init__(
        self,
        client: Client,
        draw_rooms: Callable[[], None],
        draw_log: DrawLog,
        tell: Callable[[str], None],
    ) -> None:
        self._client = client
        self._draw_rooms = draw_rooms
        self._draw_log = draw_log
        self._tell = tell
        # Whether the client may be asked how it is.
        self.begun = False
        # Why the last connection ended.
        self.reason = ""
        self.rooms: dict[str, RoomInfo] = {}
        self.present: dict[str, Presence] = {}
        self.logs: dict[str, Log] = {}
        self._read: dict[str, int] = {}

    @property
    def listed(self) -> list[RoomInfo]:
        """The rooms as they are listed: favourites first, then by name."""
        return sorted(self.rooms.values(), key=lambda one: (not one.favourite, one.room))

    async def listen(self) -> None:
        """Hear until the client is sent away: raises `Stopped`."""
        self.begun = True
        async for event in self._client:
            await self._hear(event)

    async def _hear(self, event: Any) -> None:
        match event:
            case Connected():
                await self._list_rooms()
            case Disconnected(reason=reason):
                self.reason = reason
            case Line():
                self._hear_line(event)
            case RoomInfo():
                self.rooms[event.room] = event
                self._draw_rooms()
            case Presence():
                self.present[event.room] = event
                self._draw_log(event.room, (), False)
            case Reset():
                self._begin_anew(event)
            case RoomGone() | Ended():
                self._lose(event.room)
            case NotSent(reject=no):
                self._tell(f"Not sent: {no.message}")

    async def _list_rooms(self) -> None:
        try:
            found = await self._client.rooms()
            # Who is in none is shown what there is.
            found = found or await self._client.rooms(public=True)
        except Lost:
            # The next connection lists them.
            return
        self.rooms = {one.room: one for one in found}
        self._draw_rooms()

    async def open(self, room: str) -> None:
        """Be in *room* and have its newest page; it is drawn when it is there."""
        if room in self.logs:
            return
        log = self.logs[room] = Log(room)
        try:
            await self._client.join(room)
            log.begin(await self._client.room(room).history())
        except BaseException:
            # It is asked for again by who comes back.
            self.logs.pop(room, None)
            raise
        self._draw_log(room, None, False)

    def _hear_line(self, line: Line) -> None:
        log = self.logs.get(line.room)
        if log is None:
            return
        change = log.hear(line)
        self._draw_log(line.room, change.changed, change.added)

    def _begin_anew(self, reset: Reset) -> None:
        # Of another log the same number is another entry.
        self._read.pop(reset.room, None)
        log = self.logs.get(reset.room)
        if log is not None:
            log.begin_anew(reset.messages, reset.upto, reset.first_seq)
            self._draw_log(reset.room, None, False)

    def _lose(self, room: str) -> None:
        self.logs.pop(room, None)
        self.present.pop(room, None)
        self._read.pop(room, None)
        if self.rooms.pop(room, None) is not None:
            self._tell(f"You are not in {room} any more.")
        self._draw_rooms()

    async def mark_read(self, room: str) -> None:
        """Tell the server that all of *room* was seen, once for each end of its log."""
        log, info = self.logs.get(room), self.rooms.get(room)
        if log is None or not log.begun or self._read.get(room, 0) >= log.last:
            return
        self._read[room] = log.last
        if info is not None and (info.unread or info.mentions):
            self.rooms[room] = replace(info, unread=0, mentions=0)
            self._draw_rooms()
        await self._client.room(room).read(log.last)
