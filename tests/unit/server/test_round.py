"""What many connections are owed in one tick: gathered for all of a room, in each one's order."""

import asyncio
import random
import socket
from collections.abc import Iterator, Sequence

import pytest
import uvloop

from conclave.protocol.codec import Packet
from conclave.server import fanout
from conclave.server.heart import Pulse
from conclave.server.outbox import Outbox
from conclave.server.outlet import Outlet
from conclave.server.round import FULL_BYTES, Round

MEMBERS = 40
LARGE = 300


class Wire:
    """A transport over a real socket, and its peer."""

    address = "test"

    def __init__(self, transport: asyncio.Transport, peer: socket.socket) -> None:
        self.outlet = Outlet(transport)
        self.socket = transport
        self.peer = peer
        self.sent = 0
        self.closed = False

    @property
    def buffered(self) -> int:
        return self.socket.get_write_buffer_size()

    def send(self, packets: Sequence[Packet]) -> int:
        self.sent += 1
        return self.outlet.send(packets)

    def close(self, code: int, reason: str, *, within: float | None = None) -> None:
        self.outlet.shut()
        self.closed = True

    def read(self) -> bytes:
        heard = b""
        while True:
            try:
                heard += self.peer.recv(1 << 20)
            except BlockingIOError:
                return heard


class Crowded:
    """Outboxes on one round."""

    def __init__(self, max_bytes: int = 1_000_000) -> None:
        self.loop = asyncio.get_running_loop()
        # Whether something is being committed.
        self.committing = False
        self.round = Round(self.loop, lambda: self.committing)
        self.pulse = Pulse(self.loop)
        self.max_bytes = max_bytes
        self.wires: list[Wire] = []
        self.boxes: list[Outbox] = []
        self.overflowed: list[int] = []

    async def fill(self, count: int) -> None:
        for number in range(count):
            ours, theirs = socket.socketpair()
            ours.setblocking(False)
            theirs.setblocking(False)
            transport, _ = await self.loop.connect_accepted_socket(asyncio.Protocol, ours)
            wire = Wire(transport, theirs)
            self.wires.append(wire)
            self.boxes.append(
                Outbox(
                    wire,
                    self.round,
                    self.pulse,
                    lambda number=number: self.overflowed.append(number),
                    max_bytes=self.max_bytes,
                )
            )

    async def open(self) -> None:
        """Let all outlets find out that nothing waits before them."""
        for box in self.boxes:
            box.offer(Packet(b"."))
        await tick()
        for wire in self.wires:
            assert wire.read() == framed(b".")

    def busy(self) -> None:
        """Let this tick be one in which more than one is told."""
        nobody: tuple[Outbox, ...] = ()
        self.round.tell(nobody, Packet(b""))
        self.round.tell(nobody, Packet(b""))

    def end(self) -> None:
        for wire in self.wires:
            wire.socket.abort()
            wire.peer.close()


@pytest.fixture(params=["in Python", "in C"], autouse=True)
def sends(request, monkeypatch) -> list[tuple[int, bytes]]:
    """Each write of many that was tried: to whom, and what."""
    if request.param == "in C" and not fanout.IS_NATIVE:
        pytest.fail("not built: python scripts/native.py does it, and needs a C compiler")
    real = fanout.send_each_in_python if request.param == "in Python" else fanout.send_each
    tried: list[tuple[int, bytes]] = []

    def noted(descriptors: list[int], data: bytes) -> dict[int, int]:
        tried.extend((descriptor, data) for descriptor in descriptors if descriptor >= 0)
        return real(descriptors, data)

    monkeypatch.setattr("conclave.server.round.send_each", noted)
    return tried


@pytest.fixture
async def crowded() -> Iterator[Crowded]:
    made = Crowded()
    await made.fill(MEMBERS)
    yield made
    made.end()


async def tick() -> None:
    await asyncio.sleep(0)


def framed(*texts: bytes) -> bytes:
    return b"".join(Packet(text).framed for text in texts)


async def test_what_a_room_is_told_in_a_tick_reaches_each_in_one_write(crowded, sends):
    await crowded.open()
    room = tuple(crowded.boxes)
    crowded.busy()
    for text in (b"one", b"two", b"three"):
        crowded.round.tell(room, Packet(text))
    assert [wire.read() for wire in crowded.wires] == [b""] * MEMBERS
    await tick()
    assert [wire.read() for wire in crowded.wires] == [framed(b"one", b"two", b"three")] * MEMBERS
    assert len({descriptor for descriptor, _ in sends}) == len(sends) == MEMBERS


async def test_a_large_room_is_told_what_is_committed_meanwhile_in_the_same_write(sends):
    crowded = Crowded()
    await crowded.fill(LARGE)
    await crowded.open()
    room = tuple(crowded.boxes)
    crowded.committing = True
    crowded.round.tell(room, Packet(b"one"))
    await tick()
    await tick()
    assert [wire.read() for wire in crowded.wires] == [b""] * LARGE
    crowded.committing = False
    crowded.round.tell(room, Packet(b"two"))
    await tick()
    heard = [wire.read() for wire in crowded.wires]
    crowded.end()
    assert heard == [framed(b"one", b"two")] * LARGE
    assert len(sends) == LARGE


async def test_a_large_room_waits_no_longer_for_a_commit_than_for_a_write_to_each():
    crowded = Crowded()
    await crowded.fill(LARGE)
    await crowded.open()
    crowded.committing = True
    crowded.round.tell(tuple(crowded.boxes), Packet(b"one"))
    before = crowded.loop.time()
    while not (heard := crowded.wires[0].read()):
        await asyncio.sleep(0.0005)
    waited = crowded.loop.time() - before
    rest = [wire.read() for wire in crowded.wires[1:]]
    crowded.end()
    assert [heard, *rest] == [framed(b"one")] * LARGE
    # It was not told at once, and the commit never ended.
    assert waited > 0.002


def test_no_crowd_waits_for_ever_for_a_commit_whatever_the_clock_is_rounded_to():
    """On uvloop, whose clock and timers go by whole milliseconds."""

    async def run() -> None:
        crowded = Crowded()
        await crowded.fill(LARGE)
        await crowded.open()
        crowded.committing = True
        room = tuple(crowded.boxes)
        for _ in range(40):
            crowded.round.tell(room, Packet(b"one"))
            await asyncio.sleep(0.0011)
            async with asyncio.timeout(5):
                while room[0].owes:
                    await asyncio.sleep(0.001)
        crowded.end()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())


async def test_a_small_room_waits_for_no_commit(crowded):
    await crowded.open()
    crowded.committing = True
    crowded.round.tell(tuple(crowded.boxes), Packet(b"one"))
    assert [wire.read() for wire in crowded.wires] == [framed(b"one")] * MEMBERS


async def test_who_is_told_another_thing_hears_all_in_its_order(crowded):
    room = tuple(crowded.boxes)
    author, other = room[3], room[7]
    crowded.busy()
    crowded.round.tell(room, Packet(b"one"))
    author.offer(Packet(b"mine"))
    crowded.round.tell(room, Packet(b"two"), [author])
    other.offer(Packet(b"answer"))
    crowded.round.tell(room, Packet(b"three"))
    await tick()
    heard = [wire.read() for wire in crowded.wires]
    assert heard[3] == framed(b"one", b"mine", b"three")
    assert heard[7] == framed(b"one", b"two", b"answer", b"three")
    assert set(heard[:3] + heard[4:7] + heard[8:]) == {framed(b"one", b"two", b"three")}


async def test_who_is_in_two_rooms_hears_both_in_the_order_in_which_they_were_told(crowded):
    first, second = tuple(crowded.boxes[:35]), tuple(crowded.boxes[5:])
    crowded.busy()
    crowded.round.tell(first, Packet(b"a1"))
    crowded.round.tell(second, Packet(b"b1"))
    crowded.round.tell(first, Packet(b"a2"))
    crowded.round.tell(second, Packet(b"b2"))
    await tick()
    heard = [wire.read() for wire in crowded.wires]
    assert set(heard[:5]) == {framed(b"a1", b"a2")}
    assert set(heard[5:35]) == {framed(b"a1", b"b1", b"a2", b"b2")}
    assert set(heard[35:]) == {framed(b"b1", b"b2")}


async def test_who_ends_within_the_tick_is_told_what_was_said_before(crowded):
    room = tuple(crowded.boxes)
    crowded.busy()
    crowded.round.tell(room, Packet(b"before"))
    room[0].close(1000, "")
    room[1].drop()
    crowded.round.tell(room, Packet(b"after"))
    await tick()
    heard = [wire.read() for wire in crowded.wires]
    assert heard[0] == framed(b"before")
    assert heard[1] == b""
    assert set(heard[2:]) == {framed(b"before", b"after")}


async def test_more_than_a_transport_should_hold_goes_through_each_ones_queue(crowded):
    room = tuple(crowded.boxes)
    texts = [b"%05d" % number * 2_000 for number in range(12)]
    assert sum(map(len, texts)) > FULL_BYTES
    crowded.busy()
    for text in texts:
        crowded.round.tell(room, Packet(text))
    heard = [b""] * MEMBERS
    for _ in range(50):
        await tick()
        heard = [was + wire.read() for was, wire in zip(heard, crowded.wires, strict=True)]
    assert set(heard) == {framed(*texts)}


async def test_who_was_behind_hears_a_crowd_in_order_when_it_learns_that_it_has_room(crowded):
    box, wire = crowded.boxes[0], crowded.wires[0]
    while not wire.buffered:
        box.offer(Packet(b"x" * 10_000))
        await tick()
    while wire.buffered:
        wire.read()
        await tick()
    # Such as the answer to a ping, before the transport has said that it has room.
    pong = framed(b"pong")
    wire.outlet.write(pong)
    crowded.busy()
    crowded.round.tell(tuple(crowded.boxes), Packet(b"one"))
    box.writable()
    crowded.round.tell(tuple(crowded.boxes), Packet(b"two"))
    await tick()
    heard = [wire.read() for wire in crowded.wires]
    assert heard[0].endswith(pong + framed(b"one", b"two"))
    assert set(heard[1:]) == {framed(b"one", b"two")}


async def test_who_takes_no_more_in_a_crowd_is_cut_off_alone():
    crowded = Crowded(max_bytes=300_000)
    await crowded.fill(MEMBERS)
    room, heard = tuple(crowded.boxes), 0
    for _ in range(60):
        crowded.busy()
        crowded.round.tell(room, Packet(b"x" * 10_000))
        crowded.round.tell(room, Packet(b"y" * 10_000))
        await tick()
        heard += sum(len(wire.read()) for wire in crowded.wires[1:])
    await tick()
    crowded.end()
    assert crowded.overflowed == [0]
    assert heard == 60 * (MEMBERS - 1) * len(framed(b"x" * 10_000, b"y" * 10_000))


@pytest.mark.parametrize("seed", range(12))
async def test_in_any_order_each_hears_what_it_was_told_once_and_in_order(seed, monkeypatch):
    chance = random.Random(seed)
    monkeypatch.setattr("conclave.server.round._MANY", chance.choice([1, 33, 256]))
    crowded = Crowded()
    await crowded.fill(MEMBERS)
    rooms = [tuple(chance.sample(crowded.boxes, chance.randint(20, 40))) for _ in range(3)]
    owed = dict.fromkeys(crowded.boxes, b"")
    ended: set[Outbox] = set()
    for number in range(120):
        packet = Packet(b"%d" % number * chance.choice([1, 1, 1, 900]))
        crowded.committing = chance.random() < 0.3
        match chance.choice(["tell", "tell", "tell", "offer", "author", "end", "tick", "moved"]):
            case "tell":
                room = chance.choice(rooms)
                crowded.round.tell(room, packet)
                told = set(room)
            case "offer":
                box = chance.choice(crowded.boxes)
                box.offer(packet)
                told = {box}
            case "author":
                room = chance.choice(rooms)
                author = chance.choice(room)
                author.offer(packet)
                crowded.round.tell(room, packet, [author])
                told = set(room)
            case "end" if chance.random() < 0.2:
                box = chance.choice(crowded.boxes)
                box.close(1000, "")
                ended.add(box)
                told = set()
            case "moved":
                at = chance.randrange(3)
                rooms[at] = tuple(chance.sample(crowded.boxes, chance.randint(20, 40)))
                told = set()
            case _:
                await tick()
                told = set()
        for box in told - ended:
            owed[box] += packet.framed
    heard = dict.fromkeys(crowded.boxes, b"")
    for _ in range(5):
        await asyncio.sleep(0.001)
        for box, wire in zip(crowded.boxes, crowded.wires, strict=True):
            heard[box] += wire.read()
    crowded.end()
    assert heard == owed, f"seed {seed}"
    assert crowded.overflowed == []
