"""
Three nodes on one store in memory, and a bus that loses, doubles, reorders and lies.

The store takes its time and sometimes fails, as a real one does. What the relays are given
here is what `ports` promises, no more.
"""

import asyncio
from collections.abc import Collection, Mapping
from random import Random
from typing import Any

from tests.schedules.hand_time import HandClock

from conclave.core.hub import Caps, Hub
from conclave.core.statuses import Statuses
from conclave.model import Draft, Entry, Identity, Page, Position, Receipt, RoomInfo
from conclave.model.seen import Seen
from conclave.ports import Ears, Engine
from conclave.protocol.codec import Packet
from conclave.protocol.errors import Code, Reject
from conclave.relay import Attendance, News, Relay
from conclave.relay.halls import Halls

HALL = "hall"
EPOCH = "e1"
GRACE = 0.5
# Entries a page: small, so that there are several.
PAGE = 4


class MemoryStore:
    """One room. Numbers as a database does: in the order of the calls, each request once."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.rows: list[Entry] = []
        self.made: dict[str, Entry] = {}
        self.first = 1
        self.away: set[str] = set()
        # Who was away when each entry was written.
        self.away_at: list[frozenset[str]] = []
        self.fails = 0.0

    @property
    def epoch(self) -> str:
        return EPOCH

    @property
    def last(self) -> int:
        return len(self.rows)

    async def _wait(self, *, fails: bool = True) -> None:
        for _ in range(self.random.randrange(4)):
            await asyncio.sleep(self.random.choice([0, 0, 0, self.random.random() / 10]))
        if fails and self.random.random() < self.fails:
            raise Reject(Code.UNAVAILABLE)

    def write(self, user: str, type_: str, client_id: str | None = None, **extra: str) -> Entry:
        entry = Entry(
            room=HALL,
            seq=self.last + 1,
            id=f"m{self.last + 1}",
            type=type_,
            name=user,
            user=user,
            timestamp=self.last,
            extra=extra,
            client_id=client_id,
        )
        self.rows.append(entry)
        self.away_at.append(frozenset(self.away))
        return entry

    async def append(self, draft: Draft) -> Receipt:
        # Numbered in the order of the calls, told after the sync.
        assert draft.client_id is not None
        made, new = self.made.get(draft.client_id), None
        if made is None and draft.user in self.away:
            raise Reject(Code.NOT_IN_ROOM)
        if made is None:
            made = new = self.write(draft.user, "message", draft.client_id)
            self.made[draft.client_id] = made
        await self._wait()
        return Receipt(room=HALL, seq=made.seq, id=made.id, timestamp=made.timestamp, entry=new)

    def _page(self, entries: list[Entry], upto: int, **more: bool) -> Page:
        numbers = {"epoch": EPOCH, "first_seq": self.first, "last_seq": self.last}
        return Page(room=HALL, entries=entries, upto=upto, **numbers, **more)  # type: ignore[arg-type]

    def _admit(self, reader: str) -> None:
        if reader in self.away:
            raise Reject(Code.NOT_IN_ROOM)

    async def history(self, room: str, limit: int, most_bytes: int, reader: str) -> Page:
        await self._wait()
        self._admit(reader)
        found = [row for row in self.rows[self.first - 1 :] if row.type == "message"]
        page = self._page(found[-limit:], self.last, more=len(found) > limit)
        await self._wait()
        return page

    async def entries(self, room: str, since: Position, *, most_bytes: int, reader: str) -> Page:
        await self._wait()
        self._admit(reader)
        if since.epoch != EPOCH or not self.first - 1 <= since.seq <= self.last:
            page = self._page(self.rows[self.first - 1 :][-PAGE:], self.last, reset=True)
        else:
            page = self._after(since.seq)
        await self._wait()
        return page

    async def missed(
        self, user: str, known: Mapping[str, Position], *, most_bytes: int
    ) -> dict[str, Page]:
        await self._wait()
        seq = known[HALL].seq
        simple = user not in self.away and self.first - 1 <= seq <= self.last
        page = self._after(seq) if simple else None
        await self._wait()
        return {} if page is None or page.more else {HALL: page}

    async def after(self, room: str, seq: int, limit: int) -> Page:
        await self._wait()
        page = self._after(max(seq, self.first - 1))
        await self._wait()
        return page

    def _after(self, seq: int) -> Page:
        found = self.rows[seq : seq + PAGE]
        more = seq + PAGE < self.last
        return self._page(found, found[-1].seq if more else self.last, more=more)

    async def heads(self, rooms: Collection[str]) -> dict[str, int]:
        await self._wait()
        heads = {HALL: self.last} if HALL in rooms else {}
        await self._wait()
        return heads

    async def room_for_each(self, room: str, users: Collection[str]) -> dict[str, RoomInfo]:
        await self._wait()
        return {}


class RoughEngine:
    """Hints get lost, doubled and late, some lie; now and then it brings nothing and says so."""

    def __init__(self, random: Random, bus: "list[RoughEngine]") -> None:
        self.random = random
        self.bus = bus
        self.ears: Ears
        self.degraded: str | None = None
        self.missed = self.lost = 0
        self.nodes: list[str] = []
        self.packets: dict[str, float] = {}
        bus.append(self)

    async def start(self, ears: Ears) -> None:
        self.ears = ears

    def hint(self, epoch: str, room: str, seq: int) -> None:
        loop = asyncio.get_running_loop()
        if self.random.random() < 0.05:
            epoch, seq = self.random.choice([("e0", seq), (epoch, 10**15)])
        for other in self.bus:
            for _ in range(self.random.choice([0, 1, 1, 2]) if other is not self else 0):
                loop.call_later(self.random.random() / 5, other.arrive, epoch, room, seq)

    def renew(self, user: str, room: str) -> None:
        pass

    def doubt(self, user: str) -> None:
        pass

    def spend(self, cost: int, user: str, tokens: int) -> None:
        pass

    def whisper(self, room: str, user: str, packet: Packet, *, alone: bool = False) -> None:
        pass

    def come(self, room: str, seen: Seen) -> None:
        pass

    def go(self, room: str, user: str) -> None:
        pass

    def arrive(self, epoch: str, room: str, seq: int) -> None:
        if self.degraded is None:
            self.ears.hinted(epoch, room, seq)

    async def fail(self) -> None:
        """Bring nothing for a while."""
        self.degraded = "the bus is away"
        await asyncio.sleep(self.random.random() * 2)
        self.degraded = None
        self.missed += 1

    async def close(self) -> None:
        pass


class NodeOfThree:
    """What `app` builds of one node, without sockets; `keep` is its background."""

    def __init__(self, random: Random, store: MemoryStore, engine: Engine, capacity: int) -> None:
        self.random = random
        self.store = store
        self.clock = HandClock()
        self.capacity = capacity
        # Nobody hears of it, and nobody on it hears anything.
        self.dead = False
        self.engine = engine
        self.hub = Hub(Caps())
        port: Any = store  # as much of it as the relay uses
        self.halls = Halls(port, self.engine, capacity)
        self.statuses = Statuses()
        self.attendance = Attendance(
            port, self.halls, self.clock, page=PAGE, grace=GRACE, statuses=self.statuses
        )
        self.news = News(port, self.hub)
        self.relay = Relay(port, self.engine, self.halls, self.attendance, self.news)

    async def keep(self) -> None:
        await self.engine.start(self.relay)
        while True:
            await asyncio.sleep(self.random.random() / 5)
            self.attendance.tick()
            try:
                await self.news.tell()
                await self.halls.poll()
                if self.random.random() < 0.3:
                    await self.halls.sweep()
            except Reject:
                pass  # the store failed, as told to; the next round comes


def identity(user: str) -> Identity:
    return Identity(user=user, name=user.upper())
