"""
The rooms that are open on this node, kept level with the store.

What the engine brings is a hint; what it hints at comes from the store, here. Nothing is
known here of who may come in or what is said.
"""

import asyncio
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import structlog

from conclave.core.presence import Presence
from conclave.core.room import Room, Tell, Told, tell_each
from conclave.model import Entry
from conclave.model.meters import Meters
from conclave.ports import Engine, Member, Store
from conclave.ports.places import Places
from conclave.protocol.errors import Reject
from conclave.relay.seating import Seating
from conclave.relay.told import told

log = structlog.get_logger(__name__)

# Seconds that an entry which came early waits for the one before it.
REPAIR_AFTER: Final = 0.1
PAGE: Final = 500
# Seconds between two looks at the store while no hints arrive.
POLL: Final = 1.0


def _seen(task: asyncio.Task[Room]) -> None:
    """Look at the outcome, which nobody else may: all who asked may have gone."""
    if not task.cancelled():
        task.exception()


@dataclass(slots=True, eq=False)
class Hall:
    """A room in use here: who is present, and once it is open, who is told what."""

    name: str
    presence: Presence
    room: Room | None = None
    opening: asyncio.Task[Room] | None = None
    repairing: asyncio.Task[None] | None = None
    # How far other nodes say the room has come.
    hinted: int = 0
    # Ends the wait for an entry that may still come by itself; only there while one waits.
    woken: asyncio.Event | None = None
    # When those present are told their number again; 0: nothing to tell.
    count_due: float = 0.0
    # The rooms of those who are in this one alone: one set for all of them, as many are.
    alone: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self.alone = frozenset((self.name,))

    @property
    def idle(self) -> bool:
        busy = self.opening is not None or self.repairing is not None
        return self.presence.empty and not busy and (self.room is None or self.room.empty)


class Halls:
    """Opens, repairs and closes the rooms of this node."""

    def __init__(
        self,
        store: Store,
        engine: Engine,
        capacity: int,
        tell: Tell = tell_each,
        meters: Meters | None = None,
        places: Places | None = None,
    ) -> None:
        # What happens in its rooms is counted here, and by whoever tells them.
        self.meters = Meters() if meters is None else meters
        # Where other nodes let people into the same rooms; None: as many as are here.
        self.seating = Seating(places, capacity) if places is not None and capacity else None
        self._store = store
        self._engine = engine
        self._capacity = capacity
        self._tell = tell
        self._halls: dict[str, Hall] = {}
        # Called with each member that an entry took out, and the room's name.
        self.on_removed: Callable[[Member, str], None] = lambda _member, _name: None
        # Called with each entry that was read here since another node stored it.
        self.on_read: Callable[[Entry], None] = lambda _entry: None
        # Called while other things than entries may have been missed too.
        self.on_missed: Callable[[], None] = lambda: None
        # What `Engine.missed` was when all rooms were level last.
        self._missed = engine.missed

    def __len__(self) -> int:
        return len(self._halls)

    def all(self) -> list[Hall]:
        return list(self._halls.values())

    def get(self, name: str) -> Hall | None:
        return self._halls.get(name)

    def enter(self, name: str) -> Hall:
        """Return the hall of *name*; reserve a place in it before you await, or it may close."""
        if (hall := self._halls.get(name)) is None:
            free = None if self.seating is None else partial(self._free, name)
            hall = self._halls[name] = Hall(name, Presence(self._capacity, free))
        return hall

    def _free(self, name: str, user: str) -> None:
        """The place of *user* is free, unless another room of that name is there meanwhile."""
        hall = self._halls.get(name)
        if self.seating is not None and not (hall is not None and hall.presence.has(user)):
            self.seating.free(name, user)

    async def open(self, hall: Hall) -> Room:
        """Return the room of *hall*, opened once however many ask for it."""
        if hall.room is not None:
            return hall.room
        if hall.opening is None:
            hall.opening = asyncio.create_task(self._open(hall))
            hall.opening.add_done_callback(_seen)
        # Not awaited itself: who goes away must not take the others' opening with it.
        opening = hall.opening
        await asyncio.wait([opening])
        return opening.result()

    async def _open(self, hall: Hall) -> Room:
        try:
            # What is hinted at before the room stands is in the first history that is read:
            # who joins knows more than this node, and that is repaired.
            heads = await self._store.heads([hall.name])
            hall.room = Room(hall.name, heads.get(hall.name, 0), self._tell, self.meters)
            return hall.room
        finally:
            hall.opening = None  # if it failed, the next one to ask tries again

    async def open_known(self, names: Collection[str]) -> dict[str, Hall]:
        """Open those rooms of *names* that are there, all together; return those that stand."""
        found = {name: hall for name in names if (hall := self._halls.get(name)) is not None}
        closed = [name for name in names if name not in found or found[name].room is None]
        for name, head in (await self._store.heads(closed) if closed else {}).items():
            hall = self.enter(name)
            if hall.room is None and hall.opening is None:
                hall.room = Room(name, head, self._tell, self.meters)
        return {name: hall for name in names if (hall := self._stands(name)) is not None}

    def _stands(self, name: str) -> Hall | None:
        hall = self._halls.get(name)
        return None if hall is None or hall.room is None else hall

    def offer(self, name: str, told: Told) -> None:
        """Tell an entry to who is in the room here."""
        hall = self._halls.get(name)
        if hall is None or hall.room is None:
            return
        kept = hall.room.offer(told)
        if hall.room.removed:
            self._take_removed(hall.room)
        if not kept or hall.room.behind:
            self._repair_soon(hall, hall.room)

    def _take_removed(self, room: Room) -> None:
        removed, room.removed = room.removed, []
        for member in removed:
            self.on_removed(member, room.name)

    def hinted(self, name: str, seq: int) -> None:
        """Another node stored entries up to *seq*: read them, if anybody here is told."""
        hall = self._halls.get(name)
        if hall is None or hall.room is None or seq <= hall.room.head:
            return
        hall.hinted = max(hall.hinted, seq)
        if hall.woken is not None:
            hall.woken.set()
        self._repair_soon(hall, hall.room)

    def hurry(self, hall: Hall) -> None:
        """A member knows more than this node: read what is missing."""
        if hall.room is not None and hall.room.behind:
            self._repair_soon(hall, hall.room)

    def _repair_soon(self, hall: Hall, room: Room) -> None:
        if hall.repairing is None:
            hall.repairing = asyncio.create_task(self._repair_later(hall, room))

    async def _repair_later(self, hall: Hall, room: Room) -> None:
        try:
            # What comes while we read may wait for one that we did not see. This ends: each
            # repair tells or forgets all that had come, and had been hinted at, before it.
            missing = True
            while missing:
                await self._wait(hall, room)
                hall.hinted = 0
                await self._repair(room)
                missing = room.behind or hall.hinted > room.head
        except Reject as no:
            # The sweep comes again; nothing is lost, only late.
            log.warning("repair_refused", room=hall.name, code=no.code)
        except Exception:
            log.exception("repair_failed", room=hall.name)
        finally:
            hall.repairing = None

    @staticmethod
    async def _wait(hall: Hall, room: Room) -> None:
        """Give an earlier entry the time to come; none, if it is known to be stored."""
        if hall.hinted > room.head:
            return
        hall.woken = asyncio.Event()
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(REPAIR_AFTER):
                    await hall.woken.wait()
        finally:
            hall.woken = None

    async def _repair(self, room: Room) -> None:
        """Tell what this node did not write itself."""
        while True:
            early = room.early
            page = await self._store.after(room.name, room.head, PAGE)
            if page.first_seq > room.head + 1:
                room.restart(page.first_seq - 1)
            for entry in page.entries:
                if entry.seq > room.head:
                    self.on_read(entry)
                    room.offer(told(entry))
            self._take_removed(room)
            if not page.more:
                room.forget(early, page.last_seq)
                return

    async def drop(self, name: str) -> None:
        """Forget the room, which is deleted: another one of its name begins anew."""
        hall = self._halls.pop(name, None)
        if hall is None:
            return
        if hall.room is not None:
            hall.room.dismiss()
        if hall.repairing is not None:
            hall.repairing.cancel()
        for user in hall.presence.users():
            self._free(name, user)

    async def sweep(self) -> None:
        """Repair the rooms that are behind: a lost last hint is seen only here. Close the idle."""
        try:
            await self._level()
        finally:
            self._close_idle()

    async def poll(self) -> None:
        """Repair the rooms that are behind, if hints may have been lost; call it each `POLL`."""
        missed = self._engine.missed
        if missed != self._missed or self._engine.degraded is not None:
            self.on_missed()
            await self._level()
            self._missed = missed

    async def _level(self) -> None:
        open_ = {hall.name: hall.room for hall in self.all() if hall.room is not None}
        told = {name: room.head for name, room in open_.items()}
        heads = await self._store.heads(open_) if open_ else {}
        for name, head in heads.items():
            if head < told[name]:
                # What was told is stored: this is another room of that name, made where the
                # former one was deleted, and nobody said so.
                log.warning("room_replaced", room=name)
                open_[name].replace(head)
            elif open_[name].behind or head > open_[name].head:
                try:
                    await self._repair(open_[name])
                except Reject as no:
                    # One room that cannot be read must not keep the others behind.
                    log.warning("repair_refused", room=name, code=no.code)

    def _close_idle(self) -> None:
        for hall in self.all():
            if hall.idle:
                del self._halls[hall.name]

    async def close(self) -> None:
        """End what is under way; nobody may ask afterwards."""
        tasks = [t for hall in self.all() for t in (hall.opening, hall.repairing) if t is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self.seating is not None:
            await self.seating.close()
