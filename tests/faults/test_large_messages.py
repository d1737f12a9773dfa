"""
Large messages, compressed ones, and headers made to be costly, at the limits of production.

A7 (the cases of section 9 of the Autobahn TestSuite, which `make autobahn` runs with limits
lifted), B6 and F5.
"""

import json
import zlib
from collections.abc import Iterator

import pytest
from tests.support.echo_process import EchoProcess
from tests.support.raw import BINARY, CONTINUATION, TEXT, Frame, Raw, frame, header, upgrade

MIB = 1024 * 1024
KIB = 1024


@pytest.fixture(scope="module")
def echo() -> Iterator[EchoProcess]:
    with EchoProcess() as process:
        # What the first large message costs for good is not what is measured.
        with Raw.opened(process.port) as client:
            client.send(frame(TEXT, b"x" * 65_536))
            client.read_frame()
        yield process


def parts(opcode: int, size: int, of: int) -> Iterator[bytes]:
    """Return a message of *size* bytes in frames of *of*."""
    for at in range(0, size, of):
        payload = b"x" * min(of, size - at)
        yield frame(opcode if at == 0 else CONTINUATION, payload, fin=at + of >= size)


def chopped(opcode: int, size: int, of: int) -> Iterator[bytes]:
    """Return a message of one frame in writes of *of* bytes."""
    whole = frame(opcode, b"x" * size)
    for at in range(0, len(whole), of):
        yield whole[at : at + of]


def cases() -> Iterator[tuple[str, int, int, list[bytes]]]:
    """Return name, opcode, size of a message, and what is written, of each case."""
    for n, opcode in enumerate((TEXT, BINARY)):
        for at, size in enumerate((64, 256, 1_024, 4_096, 8_192, 16_384), 1):
            yield f"9.{n + 1}.{at}", opcode, size * KIB, [frame(opcode, b"x" * size * KIB)]
        for at in range(9):
            of = 64 * 4**at
            yield f"9.{n + 3}.{at + 1}", opcode, 4 * MIB, list(parts(opcode, 4 * MIB, of))
        for at in range(6):
            of = 64 * 2**at
            yield f"9.{n + 5}.{at + 1}", opcode, MIB, list(chopped(opcode, MIB, of))
        for at, size in enumerate((0, 16, 64, 256, 1_024, 4_096), 1):
            yield f"9.{n + 7}.{at}", opcode, size, [frame(opcode, b"x" * size)] * 1_000


def outcome(echo: EchoProcess, size: int, writes: list[bytes], times: int) -> str:
    """Return «echoed», or the code of the close."""
    with Raw.opened(echo.port) as client:
        for write in writes:
            if not client.try_send(write):
                break
            if times > 1 and (found := client.read_frame()) != Frame(TEXT, b"x" * size):
                return str(found.close_code)
        if times > 1:
            return "echoed"
        found = client.read_frame()
        return "echoed" if found == Frame(TEXT, b"x" * size) else str(found.close_code)


@pytest.mark.slow
def test_each_large_message_is_echoed_or_closed_cleanly(echo: EchoProcess) -> None:
    """A7: all 54; what is larger than a message may be is 1009, binary is 1003."""
    before, outcomes = echo.rss_bytes, {}
    for name, opcode, size, writes in cases():
        came = outcome(echo, size, writes, 1_000 if name[:3] in ("9.7", "9.8") else 1)
        expected = {"1003", "1009"} if opcode == BINARY else {"1009"}
        assert came in ({"echoed"} if opcode == TEXT and size <= 65_536 else expected), name
        outcomes[came] = outcomes.get(came, 0) + 1
    grown = (echo.rss_bytes - before) / MIB
    print(json.dumps({"cases": sum(outcomes.values()), **outcomes, "grown_mib": round(grown, 1)}))
    assert sum(outcomes.values()) == 54
    assert grown <= 64


OFFERS = [
    "permessage-deflate",
    "permessage-deflate; client_max_window_bits",
    "permessage-deflate; server_max_window_bits=8; client_max_window_bits=8",
    "permessage-deflate; server_max_window_bits=0; client_max_window_bits=99",
    "permessage-deflate; server_max_window_bits=" + "9" * 1_000,
    "permessage-deflate; server_no_context_takeover; x=y, x-webkit-deflate-frame",
]


def test_a_bomb_is_refused_unopened(echo: EchoProcess) -> None:
    """F5: compression is not spoken; 60 MiB in 60 KiB, fifty times at once, cost nothing."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = packer.compress(b"\0" * 60 * MIB) + packer.flush(zlib.Z_SYNC_FLUSH)
    assert len(bomb) < 65_536
    clients = []
    for n in range(50):
        client = Raw(echo.port)
        client.send(upgrade(f"Sec-WebSocket-Extensions: {OFFERS[n % len(OFFERS)]}"))
        status, headers = client.read_head()
        assert (status, headers.get("sec-websocket-extensions")) == (101, None)
        clients.append(client)
    before, cpu, most = echo.rss_bytes, echo.cpu, 0
    for client in clients:
        client.send(header(0xC1, len(bomb)) + bomb)
        most = max(most, echo.rss_bytes)
    for client in clients:
        assert client.read_frames()[-1].close_code == 1002
        client.socket.close()
    cpu, most = echo.cpu - cpu, max(most, echo.rss_bytes) - before
    print(json.dumps({"bombs": 50, "cpu_s": round(cpu, 2), "grown_mib": round(most / MIB, 1)}))
    assert cpu <= 1.0
    assert most <= 16 * MIB


COSTLY = {
    "bytes above ASCII": "\x80\xff" * 100,
    "all of them": "".join(map(chr, range(0x80, 0x100))),
    "8,000 commas": "," * 8_000,
    "8,000 spaces": " " * 8_000 + "x",
    "names of JavaScript": "__proto__, constructor, toString",
    "half a parameter": 'a; b="' + "\\" * 4_000,
    "many tokens": ", ".join(f"t{n}" for n in range(1_500)),
    "many semicolons": "permessage-deflate" + ";" * 8_000,
    "a tab between each": "\t,".join("a" * 3_000),
    "quotes": '"' * 8_000,
}


@pytest.mark.parametrize("field", ["Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions"])
def test_no_header_costs_more_than_ten_milliseconds(echo: EchoProcess, field: str) -> None:
    """B6: refused or ignored; measured ten at a time, as the clock ticks that coarsely."""
    costs = {}
    for name, value in COSTLY.items():
        cpu = echo.cpu
        for _ in range(10):
            with Raw(echo.port) as client:
                client.send(upgrade(f"{field}: {value}"))
                status, _ = client.read_head()
                assert status in (101, 400, 431)
        costs[name] = round((echo.cpu - cpu) / 10 * 1_000, 1)
    print(json.dumps({"field": field, "ms": costs}))
    assert max(costs.values()) <= 10
