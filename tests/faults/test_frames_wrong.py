"""A3: whatever is wrong about frames ends the connection within a second, and only it."""

import time
from collections.abc import Iterator

import pytest
from tests.support.echo_process import EchoProcess
from tests.support.in_time import in_time
from tests.support.raw import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    Raw,
    close,
    frame,
    header,
)


@pytest.fixture(scope="module")
def echo() -> Iterator[EchoProcess]:
    # Who is closed is so for what was wrong: no deadline comes before a read gives up.
    with EchoProcess(handshake_timeout=60.0, message_timeout=60.0, close_timeout=1.0) as process:
        yield process


HEAVY = b"x" * 126
WRONG: dict[str, tuple[bytes, int]] = {
    "an unmasked text": (frame(TEXT, b"hi", masked=False), 1002),
    "an unmasked ping": (frame(PING, masked=False), 1002),
    "an unmasked close": (frame(CLOSE, b"\x03\xe8", masked=False), 1002),
    **{
        f"reserved bits {bits:03b} on opcode {opcode}": (frame(opcode, b"", rsv=bits), 1002)
        for bits in (1, 2, 4, 7)
        for opcode in (TEXT, PING, CLOSE)
    },
    **{f"opcode {opcode}": (frame(opcode, b"x"), 1002) for opcode in (3, 4, 5, 6, 7)},
    **{f"opcode {opcode}": (frame(opcode), 1002) for opcode in (11, 12, 13, 14, 15)},
    "a fragmented ping": (frame(PING, fin=False), 1002),
    "a fragmented pong": (frame(PONG, fin=False), 1002),
    "a fragmented close": (frame(CLOSE, fin=False), 1002),
    "a ping of 126 bytes": (frame(PING, HEAVY), 1002),
    "a pong of 126 bytes": (frame(PONG, HEAVY), 1002),
    "a close of 126 bytes": (close(1000, b"x" * 124), 1002),
    "a 16-bit length below 126": (b"\x81\xfe\x00\x05\0\0\0\0hello", 1002),
    "a 64-bit length below 65536": (b"\x81\xff" + (5).to_bytes(8) + b"\0\0\0\0hello", 1002),
    "a length with the top bit": (b"\x81\xff" + (1 << 63).to_bytes(8) + b"\0\0\0\0", 1002),
    "a length of 2**63-1": (header(0x81, 2**63 - 1), 1009),
    "a length of 2**40": (header(0x81, 2**40), 1009),
    "one byte too many": (header(0x81, 65_537), 1009),
    "one byte too many in fragments": (
        frame(TEXT, b"x" * 65_000, fin=False) + frame(CONTINUATION, b"x" * 537),
        1009,
    ),
    "nothing to continue": (frame(CONTINUATION, b"x"), 1002),
    "a text within a text": (frame(TEXT, b"x", fin=False) + frame(TEXT, b"x"), 1002),
    "257 fragments": (
        frame(TEXT, b"x", fin=False) + frame(CONTINUATION, b"", fin=False) * 256,
        1009,
    ),
    "text that is not UTF-8": (frame(TEXT, b"\xff"), 1007),
    "a fragment that is not UTF-8": (frame(TEXT, b"\xc3\x28", fin=False), 1007),
    "a binary frame": (frame(BINARY, b"x"), 1003),
    "a binary fragment": (frame(BINARY, b"x", fin=False), 1003),
    **{
        f"close code {code}": (close(code), 1002)
        for code in (0, 1, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535)
    },
    "half a close code": (frame(CLOSE, b"\x03"), 1002),
    "a close reason that is not UTF-8": (close(1000, b"\xff\xfe"), 1007),
}


@in_time(1.0)
@pytest.mark.parametrize(("data", "code"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_closes_with_its_code_at_once(
    echo: EchoProcess, data: bytes, code: int, within: float
) -> None:
    with Raw.opened(echo.port) as client:
        began = time.monotonic()
        client.send(data)
        (answer,) = client.read_frames()
        assert answer.close_code == code
        assert time.monotonic() - began < within


@pytest.mark.parametrize(("data", "code"), WRONG.values(), ids=WRONG.keys())
def test_what_came_before_is_answered_and_what_comes_after_is_not(
    echo: EchoProcess, data: bytes, code: int
) -> None:
    with Raw.opened(echo.port) as client:
        client.try_send(frame(TEXT, b"before") + frame(PING, b"p") + data + frame(TEXT, b"after"))
        *answers, last = client.read_frames()
        assert [(answer.opcode, answer.payload) for answer in answers] == [
            (TEXT, b"before"),
            (PONG, b"p"),
        ]
        assert last.close_code == code


@pytest.mark.parametrize("code", [1000, 1001, 1003, 1011, 3000, 4000, 4999])
def test_a_close_is_answered_with_its_own_code(echo: EchoProcess, code: int) -> None:
    with Raw.opened(echo.port) as client:
        client.send(close(code, b"bye"))
        (answer,) = client.read_frames()
        assert answer.payload == code.to_bytes(2) + b"bye"


def test_an_empty_close_is_answered(echo: EchoProcess) -> None:
    with Raw.opened(echo.port) as client:
        client.send(frame(CLOSE))
        (answer,) = client.read_frames()
        assert answer.close_code == 1000


def test_data_after_a_close_is_ignored(echo: EchoProcess) -> None:
    with Raw.opened(echo.port) as client:
        client.send(close(1000) + frame(TEXT, b"late") + frame(PING) + close(4000) + b"\xff" * 50)
        (answer,) = client.read_frames()
        assert answer.close_code == 1000


def test_a_broken_peer_that_goes_on_sending_still_reads_why(echo: EchoProcess) -> None:
    with Raw.opened(echo.port) as client:
        client.send(header(0x81, 10_000_000))
        for _ in range(50):
            client.try_send(b"x" * 100_000)
        (answer,) = client.read_frames()
        assert answer.close_code == 1009


def test_a_broken_peer_that_stays_is_hung_up_on(echo: EchoProcess) -> None:
    with Raw.opened(echo.port) as client:
        sockets = echo.sockets
        client.send(frame(TEXT, b"\xff"))
        assert len(client.read_frames()) == 1
        until = time.monotonic() + 8
        while echo.sockets >= sockets:
            assert time.monotonic() < until, "it is left to itself"
            time.sleep(0.05)


def test_pings_between_fragments_are_answered_in_order(echo: EchoProcess) -> None:
    """A5: with unsolicited pongs among them."""
    with Raw.opened(echo.port) as client:
        for number in range(20):
            client.send(frame(0 if number else TEXT, b"%d," % number, fin=number == 19))
            client.send(frame(PONG, b"unasked") + frame(PING, b"%d" % number))
        answers = [client.read_frame() for _ in range(21)]
        pongs = [answer.payload for answer in answers if answer and answer.opcode == PONG]
        (text,) = [answer.payload for answer in answers if answer and answer.opcode == TEXT]
        assert pongs == [b"%d" % number for number in range(20)]
        assert text == b"".join(b"%d," % number for number in range(20))
