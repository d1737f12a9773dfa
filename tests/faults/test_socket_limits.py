"""
What a peer may hold: messages never finished, closes never answered, pings without end.

E3, F3, F4, F6, J4. Counts are a tenth of the full ones, which run as slow tests; deadlines are
shortened.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest
from tests.support.echo_process import EchoProcess
from tests.support.in_time import in_time
from tests.support.raw import (
    BINARY,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    Frame,
    Raw,
    close,
    frame,
    header,
    upgrade,
)

MIB = 1024 * 1024


@pytest.fixture(scope="module")
def echo() -> Iterator[EchoProcess]:
    with EchoProcess(message_timeout=1.2, close_timeout=1.2) as process:
        # What the first connections of a process cost for good is not what is measured.
        with open_many(process, 50) as clients:
            for client in clients:
                client.send(frame(TEXT, b"x" * 60_000))
                client.read_frame()
        yield process


@contextmanager
def open_many(
    echo: EchoProcess, count: int, opened: Callable[[int], Raw] = Raw.opened
) -> Iterator[list[Raw]]:
    """Close them whatever happens: one left open would fail a test that comes later."""
    with ExitStack() as stack:
        yield [stack.enter_context(opened(echo.port)) for _ in range(count)]


def eventually(is_so: Callable[[], bool], within: float) -> bool:
    """Return whether *is_so* came true in time."""
    until = time.monotonic() + within
    while not is_so():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def check_held_messages(echo: EchoProcess, count: int, held: list[bytes], within: float) -> int:
    """Hold something half sent on many connections; return what that costs in bytes."""
    before = echo.rss_bytes
    with open_many(echo, count) as clients:
        began = time.monotonic()
        for client in clients:
            for part in held:
                client.send(part)
        with Raw.opened(echo.port) as canary:
            canary.send(frame(TEXT, b"alive"))
            assert canary.read_frame() == Frame(TEXT, b"alive")
        cost = echo.rss_bytes - before
        for client in clients:
            (last,) = client.read_frames()
            assert last.close_code == 1001
            assert last.payload[2:] == b"Message timeout"
            client.socket.close()
    assert 1.1 < time.monotonic() - began < within
    return cost


HELD = {
    "a message of 64 KiB but for a byte": [header(0x81, 65_536), b"x" * 65_535],
    "half a header": [b"\x81"],
    "a header without its mask": [b"\x81\x85\x11"],
    "a fragment": [frame(TEXT, b"x" * 60_000, fin=False)],
    "half a ping": [b"\x89\x85\0\0\0\0pi"],
    "a fragment and half a next one": [frame(TEXT, b"x", fin=False), b"\x80"],
}


# A server by itself waits for half a minute.
@in_time(2.5)
@pytest.mark.parametrize("held", HELD.values(), ids=HELD.keys())
def test_a_message_that_does_not_end_is_closed_at_its_deadline(
    echo: EchoProcess, held: list[bytes], within: float
) -> None:
    assert check_held_messages(echo, 20, held, within) <= 16 * MIB // 10 + MIB


@pytest.mark.slow
def test_200_messages_that_do_not_end_cost_less_than_16_mib(echo: EchoProcess) -> None:
    held = HELD["a message of 64 KiB but for a byte"]
    assert check_held_messages(echo, 200, held, 5.0) <= 16 * MIB


def test_slow_bytes_do_not_put_the_deadline_off(echo: EchoProcess) -> None:
    with Raw.opened(echo.port) as client:
        began = time.monotonic()
        client.send(header(0x81, 1_000))
        while client.try_send(b"x") and time.monotonic() - began < 1.5:
            time.sleep(0.1)
        assert client.read_frames()[-1].close_code == 1001


def test_a_message_that_ends_in_time_begins_no_deadline(echo: EchoProcess) -> None:
    with Raw.opened(echo.port) as client:
        for _ in range(5):
            message = frame(TEXT, b"0123456789")
            client.send(message[:5])
            time.sleep(0.3)
            client.send(message[5:])
            assert client.read_frame() == Frame(TEXT, b"0123456789")
        time.sleep(1.4)
        client.send(frame(TEXT, b"still here"))
        assert client.read_frame() == Frame(TEXT, b"still here")


def test_a_header_that_announces_too_much_is_refused_before_the_rest(echo: EchoProcess) -> None:
    before = echo.rss_bytes
    for size in (65_537, 2**31, 2**40):
        with open_many(echo, 20) as clients:
            for client in clients:
                client.send(header(0x81, size))
                assert client.read_frames()[-1].close_code == 1009
                client.socket.close()
    assert echo.rss_bytes - before <= MIB


@pytest.mark.parametrize("payload", [b"", b"x"])
def test_fragments_that_never_end_are_counted(echo: EchoProcess, payload: bytes) -> None:
    check_endless_fragments(echo, payload, count=5, fragments=50_000)


@pytest.mark.slow
@pytest.mark.parametrize("payload", [b"", b"x"])
def test_50_times_500_000_fragments_are_counted(echo: EchoProcess, payload: bytes) -> None:
    check_endless_fragments(echo, payload, count=50, fragments=500_000)


def check_endless_fragments(echo: EchoProcess, payload: bytes, count: int, fragments: int) -> None:
    before = echo.rss_bytes
    portion = frame(CONTINUATION, payload, fin=False) * 1_000
    with open_many(echo, count) as clients:
        for client in clients:
            client.send(frame(TEXT, payload, fin=False))
            for _ in range(fragments // 1_000):
                if not client.try_send(portion):
                    break
            assert client.read_frames()[-1].close_code == 1009
            client.socket.close()
    assert echo.rss_bytes - before <= 8 * MIB


def test_binary_closes_with_1003_and_costs_nothing(echo: EchoProcess) -> None:
    """E3: among them what a careless decoder would take for an array of 4 GiB."""
    before = echo.rss_bytes
    for payload in (b"", b"x", b"\xdd\xff\xff\xff\xff", b"\xdf\xff\xff\xff\xff", b"x" * 60_000):
        for fin in (True, False):
            with Raw.opened(echo.port) as client:
                client.send(frame(BINARY, payload, fin=fin))
                assert client.read_frames()[-1].close_code == 1003
    assert echo.rss_bytes - before <= MIB


def test_who_never_completes_the_closing_is_freed(echo: EchoProcess) -> None:
    """J4: after their own close, and after they broke a rule and went on."""
    assert eventually(lambda: echo.sockets <= 1 + 2, 20.0)
    before = echo.sockets
    with open_many(echo, 20) as clients:
        for client in clients:
            client.send(close(1000) if client is clients[0] else frame(TEXT, b"\xff"))
        for client in clients:
            client.try_send(frame(TEXT, b"more"))
        assert eventually(lambda: echo.sockets <= before, 20.0)


@in_time(3.0)
def test_who_does_not_answer_our_close_is_freed(echo: EchoProcess, within: float) -> None:
    """J4: the server began the closing."""
    check_unanswered_closes(echo, 20, within)


@pytest.mark.slow
def test_200_who_do_not_answer_our_close_are_freed(echo: EchoProcess) -> None:
    check_unanswered_closes(echo, 200, 3.0)


def check_unanswered_closes(echo: EchoProcess, count: int, within: float) -> None:
    assert eventually(lambda: echo.sockets <= 1 + 2, 20.0)
    before = echo.sockets
    with open_many(echo, count, Raw) as clients:
        for client in clients:
            client.send(upgrade("Sec-WebSocket-Protocol: conclave.v9"))
            client.read_head()
            client.send(frame(TEXT, b"I did not hear you"))
        assert echo.sockets > before
        assert eventually(lambda: echo.sockets <= before, within)


def test_large_messages_leave_no_large_buffers_behind() -> None:
    """
    Each lacks its last byte until all are there.

    Buffers are given back two seconds after a large message is whole: were they whole one
    after another, a slow machine would lose the first of them before it sent the last.
    """
    large, small = frame(TEXT, b"x" * 60_000), frame(TEXT, b"small")
    with EchoProcess(message_timeout=60.0, trims=True) as echo, open_many(echo, 100) as clients:
        before = echo.rss_bytes
        for client in clients:
            client.send(large[:-1])
        assert eventually(lambda: echo.rss_bytes - before > 4 * MIB, 20.0)
        for client in clients:
            client.send(large[-1:])
            assert client.read_frame() == Frame(TEXT, b"x" * 60_000)
        assert eventually(lambda: echo.rss_bytes - before <= 2 * MIB, 20.0)
        for client in clients:
            for _ in range(3):
                client.send(large + small + large)
                assert [client.read_frame() for _ in range(3)] == [
                    Frame(TEXT, b"x" * 60_000),
                    Frame(TEXT, b"small"),
                    Frame(TEXT, b"x" * 60_000),
                ]


def test_pings_are_answered_as_many_as_a_message_has_gaps(echo: EchoProcess) -> None:
    """A5: between its fragments, in order and with their payloads, and nobody is closed."""
    with Raw.opened(echo.port) as client:
        client.send(frame(TEXT, b"", fin=False))
        for n in range(250):
            client.send(frame(PING, b"%d" % n) + frame(CONTINUATION, b"x", fin=n == 249))
        for n in range(250):
            assert client.read_frame() == Frame(PONG, b"%d" % n)
        assert client.read_frame() == Frame(TEXT, b"x" * 250)


def test_as_many_pongs_as_fifteen_a_second_for_as_long_as_they_are_counted_are_taken(
    echo: EchoProcess,
) -> None:
    """A5: unsolicited ones are no answer to anything, and a sign of life all the same."""
    with Raw.opened(echo.port) as client:
        for n in range(15 * 15):
            client.send(frame(PONG, b"%d" % n))
        client.send(frame(TEXT, b"still here"))
        assert client.read_frame() == Frame(TEXT, b"still here")


@pytest.mark.parametrize("opcode", [PING, PONG])
def test_a_flood_of_control_frames_is_closed_and_costs_nothing(
    echo: EchoProcess, opcode: int
) -> None:
    """F6: of one who reads nothing meanwhile; 20 a second are too many after 15 seconds."""
    before = echo.rss_bytes
    with Raw.opened(echo.port) as client, Raw.opened(echo.port) as canary:
        flood = frame(opcode, b"x" * 125) * 1_000
        for _ in range(300):
            if not client.try_send(flood):
                break
        canary.send(frame(TEXT, b"alive"))
        assert canary.read_frame() == Frame(TEXT, b"alive")
        last = client.read_frames()[-1]
        assert (last.close_code, last.payload[2:]) == (1008, b"Too many pings")
    assert echo.rss_bytes - before <= 4 * MIB
