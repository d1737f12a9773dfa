"""Single frames, however their bytes are cut, and the handshake before them."""

import random
from base64 import b64encode

import pytest

from conclave.client.framing import Frame, FrameReader, mask, masked_frame
from conclave.client.upgrade import NoUpgrade, Refused, Upgrade
from conclave.protocol.errors import Close
from conclave.protocol.frames import BINARY, PING, TEXT, Broken, frame

SIZES = [0, 1, 125, 126, 127, 65_535, 65_536, 70_000]


@pytest.mark.parametrize("size", SIZES)
def test_a_frame_is_read_however_it_is_cut(size):
    dice = random.Random(size)
    payload = dice.randbytes(size)
    stream = frame(TEXT, payload) + frame(PING, b"?") + frame(BINARY, payload)
    for _ in range(20):
        reader, found, at = FrameReader(100_000), [], 0
        while at < len(stream):
            step = dice.choice([1, 2, 7, 1_000, len(stream)])
            found += reader.feed(stream[at : at + step])
            at += step
        assert found == [
            Frame(TEXT, True, False, payload),
            Frame(PING, True, False, b"?"),
            Frame(BINARY, True, False, payload),
        ]


@pytest.mark.parametrize("size", SIZES)
def test_what_a_client_sends_is_masked(size):
    payload = random.Random(size).randbytes(size)
    sent = masked_frame(TEXT, payload)
    header = {126: 4, 127: 10}.get(sent[1] & 0x7F, 2)
    assert sent[0] == 0x80 | TEXT
    assert sent[1] & 0x80
    key, body = sent[header : header + 4], sent[header + 4 :]
    assert mask(body, key) == payload
    assert bytes(byte ^ key[at % 4] for at, byte in enumerate(body)) == payload


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (b"\x81\x81abcd!", Close.PROTOCOL_ERROR),
        (b"\x82\xff" + b"\xff" * 8, Close.PROTOCOL_ERROR),
        (b"\x82\x7f\x80" + bytes(7), Close.PROTOCOL_ERROR),
        (b"\x82\x7f" + (2**62).to_bytes(8, "big"), Close.TOO_BIG),
        (b"\x82\x7e\x04\x01", Close.TOO_BIG),
    ],
)
def test_a_wrong_frame_ends_it_before_its_payload_is_waited_for(wrong, code):
    reader = FrameReader(1_024)
    *before, broken = reader.feed(frame(TEXT, b"fine") + wrong)
    assert before == [Frame(TEXT, True, False, b"fine")]
    assert isinstance(broken, Broken)
    assert broken.code == code
    assert list(reader.feed(frame(TEXT, b"too late"))) == []


# RFC 6455's own example (section 1.3).
NONCE = b"the sample nonce"
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
AGREED = (
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    f"Sec-WebSocket-Accept: {ACCEPT}\r\n\r\n"
)


def upgrade() -> Upgrade:
    return Upgrade("chat.example.org:443", "/ws", {"Origin": "https://a.example"}, NONCE)


def test_the_request_is_that_of_the_rfc():
    lines = upgrade().request.decode().split("\r\n")
    assert lines[0] == "GET /ws HTTP/1.1"
    assert f"Sec-WebSocket-Key: {b64encode(NONCE).decode()}" in lines
    assert {"Host: chat.example.org:443", "Origin: https://a.example"} < set(lines)
    assert lines[-2:] == ["", ""]


def test_the_answer_is_taken_however_it_is_cut_and_what_follows_is_given_back():
    for cut in range(1, len(AGREED)):
        asked = upgrade()
        assert asked.feed(AGREED[:cut].encode()) is None
        assert asked.feed(AGREED[cut:].encode() + b"\x81\x00") == b"\x81\x00"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (ACCEPT, "bm90IHRoZSByaWdodCBvbmU="),
        ("Upgrade: websocket", "Upgrade: h2c"),
        ("Connection: Upgrade", "Connection: close"),
        ("HTTP/1.1 101", "SSH-2.0 101"),
        ("HTTP/1.1 101", "HTTP/1.1 1x1"),
        ("\r\n\r\n", "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"),
        ("\r\n\r\n", f"\r\nX: {'x' * 20_000}\r\n\r\n"),
    ],
)
def test_another_answer_is_no_upgrade(old, new):
    with pytest.raises(NoUpgrade):
        upgrade().feed(AGREED.replace(old, new).encode())


def test_a_head_without_an_end_is_not_kept_for_ever():
    asked = upgrade()
    assert asked.feed(b"x" * 16_384) is None
    with pytest.raises(NoUpgrade, match="too long"):
        asked.feed(b"x")


@pytest.mark.parametrize(
    ("head", "after"),
    [
        ("HTTP/1.1 503 Full\r\nRetry-After: 7\r\n", 7.0),
        ("HTTP/1.1 301 Elsewhere\r\nLocation: ws://evil.example\r\n", 0.0),
        ("HTTP/1.1 429 Many\r\nRetry-After: -1\r\n", 0.0),
        ("HTTP/1.0 403 No\r\n", 0.0),
    ],
)
def test_a_refusal_says_how_long_to_stay_away_and_leads_nowhere(head, after):
    with pytest.raises(Refused) as refused:
        upgrade().feed(f"{head}\r\n".encode())
    assert refused.value.status == int(head[9:12])
    assert refused.value.retry_after == after
