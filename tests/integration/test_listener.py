"""The listener and its two parties, in this process and on asyncio's own loop."""

import asyncio
import gc
import logging
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
import uvloop
from tests.support.raw import PONG, TEXT, Raw, close, frame, upgrade

from conclave.ports import Transport
from conclave.protocol.codec import Packet
from conclave.server import link
from conclave.server.http1 import HttpConnection
from conclave.server.link import Link
from conclave.server.listener import Listener
from conclave.server.outbox import Outbox
from conclave.server.round import Round
from conclave.server.terms import Refusal, Terms
from conclave.server.wire import Wire
from conclave.testing.echo import say_what_it_is


class Ear:
    """A receiver that keeps what it heard, and whose outbox may be short."""

    def __init__(self, hall: "Hall") -> None:
        self.hall = hall
        self.texts: list[bytes] = []
        self.heards = 0
        self.ends: list[tuple[int, str]] = []
        self.overflows = 0

    def opened(self, transport: Transport) -> None:
        self.transport = transport
        self.box = Outbox(
            transport,
            self.hall.round,
            self.hall.listener.pulse,
            self.overflowed,
            stall=self.hall.stall,
        )
        self.hall.ears.append(self)

    def received(self, text: bytes) -> None:
        self.texts.append(text)
        if text == b"crash":
            raise RuntimeError("on purpose")

    def heard(self) -> None:
        self.heards += 1

    def writable(self) -> None:
        self.box.writable()

    def closed(self, code: int, reason: str) -> None:
        self.ends.append((code, reason))
        self.box.drop()

    def overflowed(self) -> None:
        self.overflows += 1
        self.box.close(4003, "Too much was waiting")


class Hall:
    """A door that lets everybody in unless told otherwise, and all who came in."""

    def __init__(self) -> None:
        self.ears: list[Ear] = []
        self.clients: list[Raw] = []
        self.refusal: Refusal | None = None
        self.asked: list[str] = []
        self.stall = 10.0
        self.round = Round(asyncio.get_running_loop())
        self.listener = Listener(say_what_it_is, self, Terms(close_timeout=0.5))

    def admit(self, address: str) -> Refusal | None:
        self.asked.append(address)
        return self.refusal

    def receiver(self, address: str, subprotocol: str | None) -> Ear:
        return Ear(self)

    async def enter(self) -> tuple[Raw, Ear]:
        """Return a new client and the receiver that hears it."""
        before = len(self.ears)
        client = await asyncio.to_thread(Raw.opened, self.listener.port)
        self.clients.append(client)
        await eventually(lambda: len(self.ears) > before)
        return client, self.ears[-1]

    async def knock(self, request: bytes) -> tuple[int, dict[str, str]]:
        """Return what a request is answered with."""

        def ask() -> tuple[int, dict[str, str]]:
            with Raw(self.listener.port) as client:
                client.send(request)
                return client.read_head()

        return await asyncio.to_thread(ask)


@asynccontextmanager
async def opened() -> AsyncIterator[Hall]:
    made = Hall()
    await made.listener.start()
    yield made
    for client in made.clients:
        client.socket.close()
    await made.listener.stop(within=1.0)


@pytest.fixture
async def hall() -> AsyncIterator[Hall]:
    async with opened() as made:
        yield made


async def eventually(is_so: Callable[[], bool], within: float = 20.0) -> None:
    async with asyncio.timeout(within):
        while not is_so():
            await asyncio.sleep(0.005)


async def test_a_receiver_hears_texts_and_signs_of_life(hall: Hall) -> None:
    client, ear = await hall.enter()
    client.send(frame(TEXT, b"one") + frame(TEXT, b"two"))
    await eventually(lambda: ear.texts == [b"one", b"two"])
    before = ear.heards
    client.send(frame(PONG))
    await eventually(lambda: ear.heards > before)
    assert ear.transport.address == "127.0.0.1"


UNMASKED_1001 = frame(0x8, b"\x03\xe9", masked=False)


async def test_a_proxy_that_goes_away_is_no_mistake_of_its_client(hall: Hall) -> None:
    """Caddy 2.6 ends its connections with a frame that no client may send."""
    client, ear = await hall.enter()
    client.send(frame(TEXT, b"one"))
    await eventually(lambda: ear.texts == [b"one"])
    client.send(UNMASKED_1001)
    (told,) = await asyncio.to_thread(client.read_frames)
    assert told.close_code == 1001
    await eventually(lambda: hall.listener.connections == 0)
    assert ear.ends == [(1001, "")]


async def test_the_same_bytes_within_a_message_are_part_of_it(hall: Hall) -> None:
    client, ear = await hall.enter()
    whole = frame(
        TEXT,
        bytes(a ^ b for a, b in zip(UNMASKED_1001, b"\x11\x22\x33\x44", strict=True)) + b"....",
    )
    at = whole.index(UNMASKED_1001)
    for part in (whole[:at], UNMASKED_1001, whole[at + 4 :]):
        client.send(part)
        await asyncio.sleep(0.05)
    await eventually(lambda: bool(ear.texts or ear.ends))
    client.socket.close()
    # What it says is no text; that it is taken for a message is what counts.
    assert ear.ends == [(1007, "Not UTF-8")]


async def test_half_a_frame_is_no_sign_of_life(hall: Hall) -> None:
    client, ear = await hall.enter()
    client.send(frame(TEXT, b"hello")[:-1])
    await asyncio.sleep(0.1)
    assert ear.heards == 0


@pytest.mark.parametrize(
    ("data", "end"),
    [
        pytest.param(close(4000, b"bye"), (4000, "bye"), id="the peer closes"),
        pytest.param(frame(0x8), (1005, ""), id="without a code"),
        pytest.param(frame(TEXT, b"\xff"), (1007, "Not UTF-8"), id="the peer breaks a rule"),
        pytest.param(frame(3), (1002, "Not a WebSocket frame"), id="the peer breaks a frame"),
        pytest.param(b"", (1006, ""), id="the peer is gone"),
    ],
)
async def test_the_end_is_told_once(hall: Hall, data: bytes, end: tuple[int, str]) -> None:
    client, ear = await hall.enter()
    client.send(data + data)
    if not data:
        client.socket.close()
    await eventually(lambda: bool(ear.ends))
    client.socket.close()
    await eventually(lambda: hall.listener.connections == 0)
    assert ear.ends == [end]


async def test_our_own_close_is_told_with_its_code_when_the_peer_answers(hall: Hall) -> None:
    client, ear = await hall.enter()
    ear.transport.close(4007, "the oldest goes")
    assert ear.ends == []
    answer = await asyncio.to_thread(client.read_frame)
    assert answer is not None
    assert answer.close_code == 4007
    client.send(close(4007))
    await eventually(lambda: ear.ends == [(4007, "the oldest goes")])
    await eventually(lambda: hall.listener.connections == 0)


async def test_our_own_close_ends_whatever_the_peer_does(hall: Hall) -> None:
    client, ear = await hall.enter()
    ear.transport.pause_reading()
    ear.transport.close(1001, "Server shutting down")
    client.send(frame(TEXT, b"what?"))
    await eventually(lambda: ear.ends == [(1001, "Server shutting down")], within=1.0)
    assert ear.texts == []


async def test_nothing_is_sent_after_a_close_and_nothing_raises(hall: Hall) -> None:
    client, ear = await hall.enter()
    ear.transport.close(1000, "")
    ear.transport.close(4000, "again")
    ear.transport.send([Packet(b"late")])
    ear.transport.ping()
    client.send(close(1000))
    assert len(await asyncio.to_thread(client.read_frames)) == 1
    await eventually(lambda: bool(ear.ends))
    ear.transport.send([Packet(b"later")])
    ear.transport.close(1000, "")
    ear.transport.pause_reading()
    ear.transport.resume_reading()
    assert ear.transport.buffered == 0


async def test_a_code_that_may_not_travel_becomes_1011(hall: Hall) -> None:
    client, ear = await hall.enter()
    ear.transport.close(1006, "")
    answer = await asyncio.to_thread(client.read_frame)
    assert answer is not None
    assert answer.close_code == 1011


async def test_a_receiver_that_fails_ends_its_connection_only(
    hall: Hall, caplog: pytest.LogCaptureFixture
) -> None:
    client, ear = await hall.enter()
    other, _ = await hall.enter()
    with caplog.at_level(logging.ERROR):
        client.send(frame(TEXT, b"crash"))
        (answer,) = await asyncio.to_thread(client.read_frames)
    assert answer.close_code == 1011
    assert ear.ends == [(1011, "")]
    assert [record.exc_info is not None for record in caplog.records] == [True]
    other.send(close(1000))
    assert await asyncio.to_thread(other.read_frame) is not None


async def test_what_one_large_message_left_behind_is_freed_and_reading_goes_on(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "_SHRINK_AFTER", 0.05)
    failed: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failed.append(context))
    others = wires()
    client, ear = await hall.enter()
    before = wires() - others
    client.send(frame(TEXT, b"x" * 20_000))
    await eventually(lambda: len(ear.texts) == 1)
    await eventually(lambda: failed or wires() - others != before)
    assert not failed
    assert len(wires() - others) == 1
    client.send(frame(TEXT, b"after it"))
    await eventually(lambda: ear.texts[1:] == [b"after it"])


def wires() -> set[int]:
    """Return those that are alive."""
    gc.collect()
    return {id(one) for one in gc.get_objects() if isinstance(one, Wire)}


async def test_a_paused_connection_is_not_read(hall: Hall) -> None:
    client, ear = await hall.enter()
    ear.transport.pause_reading()
    ear.transport.pause_reading()
    client.send(frame(TEXT, b"hello"))
    await asyncio.sleep(0.1)
    assert ear.texts == []
    ear.transport.resume_reading()
    ear.transport.resume_reading()
    await eventually(lambda: ear.texts == [b"hello"])


@pytest.mark.parametrize("status", [429, 503])
async def test_the_door_refuses_before_the_upgrade(hall: Hall, status: int) -> None:
    hall.refusal = Refusal.later(status, "Too many", 20)
    got, headers = await hall.knock(upgrade())
    assert (got, headers["retry-after"]) == (status, "20")
    assert hall.asked == ["127.0.0.1"]
    assert hall.ears == []


async def test_a_refused_origin_never_reaches_the_door(hall: Hall) -> None:
    assert (await hall.knock(upgrade("Origin: https://evil.com")))[0] == 403
    assert hall.asked == []


async def test_a_taken_port_is_said(hall: Hall) -> None:
    second = Listener(say_what_it_is, hall, Terms(port=hall.listener.port))
    with pytest.raises(OSError, match="in use"):
        await second.start()


async def test_stopping_closes_all_and_waits_for_them(hall: Hall) -> None:
    clients = [await hall.enter() for _ in range(3)]
    port = hall.listener.port
    answering = [asyncio.to_thread(answer_close, client) for client, _ in clients]
    codes, _ = await asyncio.gather(asyncio.gather(*answering), hall.listener.stop(within=2.0))
    assert codes == [1001] * 3
    assert [ear.ends for _, ear in clients] == [[(1001, "Server shutting down")]] * 3
    assert hall.listener.connections == 0
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1)


def answer_close(client: Raw) -> int:
    found = client.read_frame()
    assert found is not None
    client.send(close(found.close_code))
    return found.close_code


async def test_who_does_not_read_is_cut_off_and_nobody_else_notices(hall: Hall) -> None:
    """F1 in small: one of six reads nothing while 24 MB go to each."""
    _, slow_ear = await hall.enter()
    readers = [await hall.enter() for _ in range(5)]
    count, size = 1_500, 16_384

    def read_all(client: Raw) -> list[bytes]:
        return [answer.payload[:6] for _ in range(count) if (answer := client.read_frame())]

    reading = [asyncio.create_task(asyncio.to_thread(read_all, client)) for client, _ in readers]
    for number in range(count):
        packet = Packet(b"%06d" % number + b"x" * size)
        for ear in hall.ears:
            ear.box.offer(packet)
        fast = [ear for _, ear in readers]
        await eventually(lambda fast=fast: all(ear.box.waiting_bytes < 500_000 for ear in fast))
    for told in await asyncio.gather(*reading):
        assert told == [b"%06d" % number for number in range(count)]
    assert slow_ear.overflows == 1
    await eventually(lambda: slow_ear.ends == [(4003, "Too much was waiting")])
    assert slow_ear.transport.buffered == 0


async def test_the_kernel_holds_little_for_who_does_not_read(hall: Hall) -> None:
    _, ear = await hall.enter()
    packet, taken = Packet(b"x" * 10_000), 0
    while not ear.transport.buffered:
        ear.box.offer(packet)
        taken += len(packet.framed)
        await asyncio.sleep(0)
    # What the peer's own kernel has received, and what ours keeps unsent.
    assert taken < 1_000_000


async def test_who_takes_no_byte_for_too_long_is_cut_off(hall: Hall) -> None:
    hall.stall = 0.3
    _, slow_ear = await hall.enter()
    packet = Packet(b"x" * 60_000)
    while not slow_ear.transport.buffered:
        slow_ear.box.offer(packet)
        await asyncio.sleep(0)
    assert slow_ear.overflows == 0
    await eventually(lambda: slow_ear.overflows == 1, within=1.5)


async def test_who_was_full_gets_the_rest_in_order(hall: Hall) -> None:
    client, ear = await hall.enter()
    texts = [b"%06d" % number + b"x" * 9_000 for number in range(400)]
    sent = 0
    while ear.box.waiting_bytes < 500_000:
        ear.box.offer(Packet(texts[sent]))
        sent += 1
        await asyncio.sleep(0)
        if sent == len(texts):
            texts += [b"%06d" % number + b"x" * 9_000 for number in range(sent, sent + 400)]

    def read() -> list[bytes]:
        return [answer.payload for _ in range(sent) if (answer := client.read_frame())]

    assert await asyncio.to_thread(read) == texts[:sent]
    assert ear.overflows == 0


def test_nothing_of_http_stays_with_an_upgraded_connection() -> None:
    """On uvloop, which keeps what its protocol was before: 900 bytes a connection."""

    async def left() -> int:
        async with opened() as hall:
            await hall.enter()
            # Until the deadline of its handshake, which is over.
            hall.listener.pulse._heap.clear()
            gc.collect()
            return sum(isinstance(one, HttpConnection) for one in gc.get_objects())

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(left()) == 0


def reset(client: Raw) -> None:
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.socket.close()


def hang_up(client: Raw) -> None:
    client.socket.close()


def say_goodbye(client: Raw) -> None:
    client.send(close(1000))


def break_the_rules(client: Raw) -> None:
    client.send(b"\xff" * 8)


@pytest.mark.parametrize("end", [reset, hang_up, say_goodbye, break_the_rules])
def test_what_has_ended_is_freed_at_once(end: Callable[[Raw], None]) -> None:
    """Without the garbage collector, which looks at all of a node once in half an hour."""

    async def run() -> None:
        async with opened() as hall:
            gc.collect()
            gc.disable()
            others = links()
            client = (await hall.enter())[0]
            end(client)
            await eventually(lambda: bool(hall.ears[0].ends))
            client.socket.close()
            hall.ears.clear()
            # Deadlines that are over by now.
            hall.listener.pulse._heap.clear()
            await eventually(lambda: not links() - others)

    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(run())
    finally:
        gc.enable()


def links() -> set[int]:
    return {id(one) for one in gc.get_objects() if isinstance(one, (Link, Wire))}
