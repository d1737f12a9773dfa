"""
Clients that come and go, on connections that check what they are told.

A client remembers what it knows and what it said; a peer is one connection of it, to one
node; a watch is what somebody who never leaves makes of the comings and goings.
"""

import asyncio
import json
from contextlib import suppress
from random import Random
from typing import Any

from tests.schedules.relay_world import EPOCH, HALL, NodeOfThree, identity

from conclave.model import Draft, Limits, Page, Position, Receipt
from conclave.protocol.codec import Packet
from conclave.protocol.errors import Code, Reject
from conclave.relay import Ahead

REFUSED = {Code.ROOM_FULL, Code.NOT_IN_ROOM, Code.UNAVAILABLE}


class Peer:
    """One connection: checks what it is told the moment it is told."""

    def __init__(self, client: "Client", node: NodeOfThree) -> None:
        self.client = client
        self.node = node
        self.user = client.user
        self.identity = identity(client.user)
        self.address = "127.0.0.1"
        self.rooms: frozenset[str] = frozenset()
        self.hears = False
        self.gone = False
        self._lost = False

    @property
    def lost(self) -> bool:
        return self._lost or self.node.dead

    def offer(self, packet: Packet) -> None:
        if self.node.dead:
            return
        assert not self.gone, "told after it left"
        event = json.loads(packet.text)
        data = event["data"]
        if event["type"] == "presence":
            self._counted(data)
        elif "seq" in data:
            self._told(data)
        elif event["type"] == "chat" and self.client.watches:
            self.client.watches.notice(data["type"], data["member"])

    def _told(self, data: dict[str, Any]) -> None:
        assert self.hears, f"{self.user} told {data['seq']} while not attached"
        assert data["seq"] == self.client.known + 1, f"told {data['seq']}, {self.client.known=}"
        away = self.node.store.away_at[data["seq"] - 1]
        assert self.user not in away, f"{self.user} told {data['seq']} and was no member"
        self.client.known = data["seq"]
        if data.get("member") == self.user and data["type"] == "member:removed":
            self.hears = False

    def _counted(self, data: dict[str, Any]) -> None:
        hall = self.node.halls.get(HALL)
        assert hall is not None
        assert 0 < hall.presence.count <= self.node.capacity, "the cap is passed"
        names = [user["id"] for user in data["users"]]
        assert len(set(names)) == len(names) == data["count"]
        elsewhere = {seen.user for seen in self.node.attendance.roll.elsewhere.of(HALL)}
        here = {who.user for who in hall.presence.all()}
        assert self.node.attendance.count(HALL) == len(here | elsewhere), "counted wrongly"
        assert self.user in names
        if self.client.watches:
            self.client.watches.begin(self.user, set(names))
        for watch in WATCHES:
            if watch.node is self.node and watch.present is not None:
                assert set(names) == watch.present | {self.user}, "present and never told"

    @property
    def ear(self) -> "Peer":
        return self

    def lose(self) -> None:
        self.hears, self._lost = False, True

    def greet(self, page: Page) -> None:
        if self.since is not None and not page.reset:
            seqs = [entry.seq for entry in page.entries]
            assert seqs == list(range(self.since.seq + 1, page.upto + 1)), "a page with a hole"
        self.client.known = page.upto
        self.hears = not page.more or self.since is None
        assert not self.gone, "greeted after it left"

    async def join(self) -> bool:
        client = self.client
        self.since = None if client.known < 0 else Position(EPOCH, client.known)
        ahead = await self._look_ahead()
        # A join again tells nothing until it is finished.
        self.hears = False
        return await self.node.attendance.join(
            self,  # type: ignore[arg-type]
            self.identity,
            HALL,
            self.since,
            self.greet,
            Limits().page_bytes,
            ahead,
        )

    async def _look_ahead(self) -> Ahead | None:
        """As who comes back by `join:rooms`; half of them come by other ways."""
        if self.since is None or self.node.random.random() < 0.5:
            return None
        attendance, known = self.node.attendance, {HALL: self.since}
        with suppress(Reject):
            return (await attendance.look_ahead(self.user, known, Limits().page_bytes)).get(HALL)
        return None

    async def vanish(self, task: "asyncio.Task[Any] | None" = None, *, broken: bool = True) -> None:
        """End as the shell does: first what is under way, then the rooms."""
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        for room in list(self.rooms):
            self.node.attendance.leave(self, room, broken=broken)  # type: ignore[arg-type]
        self.hears, self.gone = False, True


class Watch:
    """Who has come and not gone, by what one who was always there was told."""

    def __init__(self, node: NodeOfThree) -> None:
        self.node = node
        self.present: set[str] | None = None

    def begin(self, user: str, names: set[str]) -> None:
        """Note who was there when *user*, who watches, came; its coming is told if it is news."""
        if self.present is None:
            elsewhere = self.node.attendance.roll.elsewhere.holds(HALL, user)
            self.present = names if elsewhere else names - {user}

    def notice(self, type_: str, user: str) -> None:
        assert self.present is not None
        if type_ == "user:joined":
            assert user not in self.present, f"{user} came twice"
            self.present.add(user)
        else:
            assert user in self.present, f"{user} left and never came"
            self.present.remove(user)


WATCHES: list[Watch] = []


class Client:
    """Somebody with a memory: what it knows, what it said and what was acknowledged."""

    def __init__(self, user: str, name: str, watches: Watch | None = None) -> None:
        self.user = user
        self.name = name
        self.watches = watches
        # Up to where it knows everything; -1: it never knew anything.
        self.known = -1
        self.said = 0
        self.open: list[str] = []
        self.receipts: dict[str, int] = {}

    async def live(self, random: Random, nodes: list[NodeOfThree]) -> None:
        """Join somewhere, talk, vanish, come back elsewhere, say again what was not answered."""
        for _ in range(random.randint(1, 4)):
            await asyncio.sleep(random.choice([0, random.random(), random.random() / 50]))
            peer = Peer(self, random.choice(nodes))
            joining = asyncio.create_task(self.enter(random, peer))
            if random.random() < 0.3:
                for _ in range(random.randrange(12)):
                    await asyncio.sleep(0)
                await peer.vanish(joining)
                continue
            if await joining:
                await self.talk(random, peer)
            await peer.vanish(broken=random.random() < 0.6)

    async def enter(self, random: Random, peer: Peer) -> bool:
        """Join until attached; sometimes once more, for nothing."""
        for _ in range(40):
            try:
                attached = await peer.join()
            except Reject as no:
                if no.code not in REFUSED:
                    raise
                assert not peer.rooms, "a failed join leaves nobody in the room"
                await asyncio.sleep(random.random() / 5)
            else:
                assert attached == (HALL in peer.rooms)
                if attached and random.random() < 0.8:
                    return True
            if peer.lost:
                return False
        return False

    async def talk(self, random: Random, peer: Peer) -> None:
        tries = list(self.open)
        for _ in range(random.randrange(5)):
            self.said += 1
            tries.append(f"{self.name}-{self.said}")
        self.open = tries
        for id_ in tries:
            if peer.lost or not peer.hears:
                assert peer.lost or not peer.rooms, "removed, and still in the room"
                return
            await self.say(random, peer, id_)
            await asyncio.sleep(random.choice([0, random.random() / 10]))

    async def say(self, random: Random, peer: Peer, id_: str) -> None:
        draft = Draft(room=HALL, user=self.user, name=self.user, client_id=id_)

        def receipt(stored: Receipt) -> None:
            assert self.receipts.setdefault(id_, stored.seq) == stored.seq
            self.open = [other for other in self.open if other != id_]

        sending = asyncio.create_task(peer.node.relay.send(draft, receipt))
        if random.random() < 0.2:  # the connection dies while the store works
            await asyncio.sleep(0)
            sending.cancel()
        (outcome,) = await asyncio.gather(sending, return_exceptions=True)
        if isinstance(outcome, Exception):
            assert isinstance(outcome, Reject), outcome
            assert outcome.code in REFUSED
