"""What one connection is owed, on a transport whose peer reads when told."""

import asyncio
import socket
from collections.abc import Iterator, Sequence
from contextlib import suppress

import pytest

from conclave.protocol.codec import Packet
from conclave.protocol.frames import frame_text
from conclave.server.heart import Pulse
from conclave.server.outbox import Outbox
from conclave.server.round import FULL_BYTES, Round


class Mouth:
    """An outlet that nothing may be written to past the pipe, until it has a descriptor."""

    def __init__(self, fd: int = -1) -> None:
        self.fd = fd
        self.left = b""

    def leave(self, data: bytes) -> int:
        self.fd = -1
        self.left += data
        return len(self.left)


class Pipe:
    """A transport that keeps what the peer does not take."""

    address = "test"

    def __init__(self) -> None:
        self.outlet = Mouth()
        self.writes: list[list[bytes]] = []
        self.buffered = 0
        self.stuck = False
        self.closed: tuple[int, str] | None = None

    def send(self, packets: Sequence[Packet]) -> int:
        self.writes.append([packet.text for packet in packets])
        if self.stuck:
            self.buffered += sum(len(packet.text) for packet in packets)
        return self.buffered

    def close(self, code: int, reason: str, *, within: float | None = None) -> None:
        self.closed = (code, reason)


class Turned(Pulse):
    """A pulse that beats when told, at a time that is told."""

    time = 0.0

    @property
    def now(self) -> float:
        return self.time

    def _arm(self) -> None: ...


class Bench:
    """One outbox and all around it."""

    def __init__(self, max_bytes: int = 1_000_000, stall: float = 10.0) -> None:
        loop = asyncio.get_running_loop()
        self.pipe = Pipe()
        self.pulse = Turned(loop)
        self.round = Round(loop)
        self.overflows = 0
        self.box = Outbox(
            self.pipe, self.round, self.pulse, self.overflowed, max_bytes=max_bytes, stall=stall
        )

    def overflowed(self) -> None:
        self.overflows += 1

    def turn(self, now: float) -> None:
        self.pulse.time = now
        self.pulse.beat(now)


@pytest.fixture
async def bench() -> Bench:
    return Bench()


async def tick() -> None:
    await asyncio.sleep(0)


async def test_all_of_a_tick_leaves_in_one_write(bench: Bench) -> None:
    for text in (b"one", b"two", b"three"):
        bench.box.offer(Packet(text))
    assert bench.pipe.writes == []
    await tick()
    bench.box.offer(Packet(b"four"))
    await tick()
    assert bench.pipe.writes == [[b"one", b"two", b"three"], [b"four"]]


async def test_many_boxes_are_delivered_in_one_round() -> None:
    loop = asyncio.get_running_loop()
    shared, pulse = Round(loop), Turned(loop)
    pipes = [Pipe() for _ in range(50)]
    packet = Packet(b"to all")
    for pipe in pipes:
        Outbox(pipe, shared, pulse, lambda: None).offer(packet)
    await tick()
    assert all(pipe.writes == [[b"to all"]] for pipe in pipes)


async def test_what_a_full_transport_does_not_take_waits_here_in_order(bench: Bench) -> None:
    bench.pipe.stuck = True
    bench.box.offer(Packet(b"a" * FULL_BYTES))
    await tick()
    for text in (b"b", b"c"):
        bench.box.offer(Packet(text))
        await tick()
    assert len(bench.pipe.writes) == 1
    bench.pipe.buffered = 0
    bench.box.writable()
    assert bench.pipe.writes[1:] == [[b"b", b"c"]]


async def test_much_that_waited_goes_out_in_portions(bench: Bench) -> None:
    texts = [b"%05d" % number * 1_000 for number in range(60)]
    for text in texts:
        bench.box.offer(Packet(text))
    for _ in range(10):
        await tick()
    assert [text for write in bench.pipe.writes for text in write] == texts
    assert max(sum(map(len, write)) for write in bench.pipe.writes) <= FULL_BYTES + 5_000


async def test_too_much_is_dropped_and_told_once_at_the_end_of_the_tick() -> None:
    bench = Bench(max_bytes=100_000)
    bench.pipe.stuck = True
    bench.box.offer(Packet(b"x" * FULL_BYTES))
    await tick()
    for _ in range(10):
        bench.box.offer(Packet(b"y" * 10_000))
    assert bench.overflows == 0, "offer never calls back"
    await tick()
    assert bench.overflows == 1
    assert bench.box.waiting_bytes == bench.pipe.buffered
    bench.box.offer(Packet(b"more"))
    bench.box.writable()
    await tick()
    assert bench.overflows == 1
    assert len(bench.pipe.writes) == 1


async def test_too_much_within_one_tick_is_noticed_before_any_write() -> None:
    bench = Bench(max_bytes=100_000)
    for _ in range(11):
        bench.box.offer(Packet(b"x" * 10_000))
    await tick()
    assert bench.overflows == 1
    assert bench.pipe.writes == []


async def test_a_stall_is_told_when_no_byte_left_for_so_long(bench: Bench) -> None:
    bench.pipe.stuck = True
    bench.box.offer(Packet(b"x" * 30))
    await tick()
    bench.turn(9.9)
    assert bench.overflows == 0
    bench.turn(10.1)
    assert bench.overflows == 1


async def test_more_to_send_is_no_progress(bench: Bench) -> None:
    bench.pipe.stuck = True
    for now in range(11):
        bench.turn(float(now))
        bench.box.offer(Packet(b"x" * 30))
        await tick()
    assert bench.overflows == 1


async def test_each_byte_that_leaves_puts_the_stall_off(bench: Bench) -> None:
    bench.pipe.stuck = True
    bench.box.offer(Packet(b"x" * 30))
    await tick()
    for now in (9.0, 18.0, 27.0):
        bench.pulse.time = now
        bench.pipe.buffered -= 1
        bench.box.offer(Packet(b"x" * 30))
        await tick()
        bench.turn(now)
    bench.turn(36.9)
    assert bench.overflows == 0
    bench.turn(37.1)
    assert bench.overflows == 1


async def test_progress_that_only_the_timer_sees_counts_too(bench: Bench) -> None:
    bench.pipe.stuck = True
    bench.box.offer(Packet(b"x" * 30))
    await tick()
    bench.pipe.buffered -= 1
    bench.turn(10.0)
    bench.turn(19.9)
    assert bench.overflows == 0
    bench.turn(20.1)
    assert bench.overflows == 1


async def test_one_who_caught_up_is_watched_no_more(bench: Bench) -> None:
    bench.pipe.stuck = True
    bench.box.offer(Packet(b"x" * 30))
    await tick()
    bench.pipe.buffered = 0
    bench.turn(10.0)
    assert bench.overflows == 0
    assert len(bench.pulse) == 0


async def test_closing_sends_the_rest_first(bench: Bench) -> None:
    bench.box.offer(Packet(b"last words"))
    bench.box.close(4005, "enough")
    assert bench.pipe.writes == [[b"last words"]]
    assert bench.pipe.closed == (4005, "enough")
    bench.box.offer(Packet(b"too late"))
    await tick()
    assert len(bench.pipe.writes) == 1


async def test_after_an_overflow_the_close_comes_without_the_rest() -> None:
    bench = Bench(max_bytes=1_000)
    for _ in range(20):
        bench.box.offer(Packet(b"x" * 100))
    await tick()
    bench.box.close(4003, "Too much was waiting")
    assert bench.pipe.writes == []
    assert bench.pipe.closed == (4003, "Too much was waiting")


async def test_a_dropped_box_keeps_nothing_and_tells_nobody(bench: Bench) -> None:
    bench.pipe.stuck = True
    bench.box.offer(Packet(b"x" * 30))
    await tick()
    bench.box.offer(Packet(b"y"))
    bench.box.drop()
    await tick()
    bench.turn(100.0)
    assert bench.overflows == 0
    assert len(bench.pipe.writes) == 1


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    theirs.setblocking(False)
    with ours, theirs:
        yield ours, theirs


async def test_what_is_told_alone_in_a_tick_leaves_at_once(bench, ends) -> None:
    bench.pipe.outlet.fd = ends[0].fileno()
    bench.round.tell([bench.box], Packet(b"alone"))
    assert ends[1].recv(100) == frame_text(b"alone")
    await tick()
    assert bench.pipe.writes == []
    bench.round.tell([bench.box], Packet(b"alone again"))
    assert ends[1].recv(100) == frame_text(b"alone again")


async def test_the_rest_of_a_tick_is_gathered_and_so_is_the_next_tick(bench, ends) -> None:
    bench.pipe.outlet.fd = ends[0].fileno()
    for text in (b"one", b"two", b"three"):
        bench.round.tell([bench.box], Packet(text))
    assert ends[1].recv(100) == frame_text(b"one")
    await tick()
    bench.round.tell([bench.box], Packet(b"four"))
    await tick()
    assert bench.pipe.writes == [[b"two", b"three"], [b"four"]]
    bench.round.tell([bench.box], Packet(b"five"))
    assert ends[1].recv(100) == frame_text(b"five")


async def test_what_is_told_stays_behind_what_waits(bench, ends) -> None:
    bench.pipe.outlet.fd = ends[0].fileno()
    bench.box.offer(Packet(b"first"))
    bench.round.tell([bench.box], Packet(b"second"))
    await tick()
    assert bench.pipe.writes == [[b"first", b"second"]]
    bench.pipe.outlet.fd = -1
    bench.round.tell([bench.box], Packet(b"third"))
    await tick()
    assert bench.pipe.writes[1:] == [[b"third"]]


async def test_what_a_socket_does_not_take_is_left_and_bounded(bench, ends) -> None:
    ends[0].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
    bench.pipe.outlet.fd = ends[0].fileno()
    packet = Packet(b"x" * 60_000)
    bench.round.tell([bench.box], packet)
    taken = ends[1].recv(100_000)
    assert taken + bench.pipe.outlet.left == packet.framed
    assert bench.pipe.outlet.left
    bench.pipe.buffered = len(bench.pipe.outlet.left)
    bench.turn(bench.box.due)
    assert bench.overflows == 1


async def test_the_given_up_are_told_nothing(bench, ends) -> None:
    bench.pipe.outlet.fd = ends[0].fileno()
    bench.box.drop()
    bench.round.tell([bench.box], Packet(b"too late"))
    with pytest.raises(BlockingIOError):
        ends[1].recv(100)


async def test_what_a_full_socket_takes_nothing_of_is_left_whole(bench, ends) -> None:
    with suppress(BlockingIOError):
        while True:
            ends[0].send(b"x" * 65_536)
    bench.pipe.outlet.fd = ends[0].fileno()
    packet = Packet(b"alone")
    bench.round.tell([bench.box], packet)
    assert bench.pipe.outlet.left == packet.framed


async def test_what_the_outlet_got_rid_of_at_once_is_no_stall(bench, ends) -> None:
    """The peer read between the write and what was left of it."""
    ends[0].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
    bench.pipe.outlet.fd = ends[0].fileno()
    bench.pipe.outlet.leave = lambda _data: 0
    bench.round.tell([bench.box], Packet(b"x" * 60_000))
    bench.turn(100.0)
    assert (bench.overflows, len(bench.pulse)) == (0, 0)


async def test_who_lags_once_more_has_the_whole_time_once_more(bench: Bench) -> None:
    """Also where only the transport knows that what waited has gone since."""

    def leave(data: bytes) -> int:
        bench.pipe.buffered += len(data)
        return bench.pipe.buffered

    bench.pipe.outlet.leave = leave
    bench.box.leave(b"x" * 30)
    bench.pipe.buffered = 0
    bench.pulse.time = 9.9
    bench.box.leave(b"y" * 30)
    bench.turn(10.1)
    bench.turn(19.8)
    assert bench.overflows == 0
    bench.turn(20.0)
    assert bench.overflows == 1


async def test_who_is_cut_off_is_sent_nothing_of_what_waits(bench: Bench) -> None:
    bench.box.offer(Packet(b"waits"))
    bench.box.cut(4003, "Too slow", within=1.0)
    await tick()
    assert bench.pipe.writes == []
    assert bench.pipe.closed == (4003, "Too slow")
    assert bench.overflows == 0, "its owner knows"


async def test_what_the_transport_holds_is_part_of_what_may_wait() -> None:
    bench = Bench(max_bytes=100_000)
    bench.pipe.stuck = True
    bench.box.offer(Packet(b"x" * FULL_BYTES))
    await tick()
    bench.box.offer(Packet(b"y" * 20_000))
    await tick()
    assert bench.overflows == 0
    # More of others' bytes came into it meanwhile, such as a large answer.
    bench.pipe.buffered = 90_000
    bench.turn(bench.box.due)
    assert bench.overflows == 1


async def test_room_in_the_transport_of_who_is_owed_nothing_is_no_news(bench: Bench) -> None:
    bench.box.writable()
    assert (bench.pipe.writes, len(bench.pulse)) == ([], 0)


async def test_the_rest_of_a_packet_for_who_was_given_up_goes_nowhere(bench: Bench) -> None:
    bench.box.drop()
    bench.box.leave(b"the rest")
    assert (bench.pipe.outlet.left, len(bench.pulse)) == (b"", 0)
