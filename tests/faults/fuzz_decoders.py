"""
What atheris runs: bytes of anybody, through all that decodes them.

`python -m tests.faults.fuzz_decoders [flags of libFuzzer]`, and `--plant NAME` to put in a
bug that must be found. It ends with an exception that no decoder may raise, or with a promise
that one of them broke. Coverage guides it through our Python; msgspec's and picows' C it sees as
one step.
"""

import json
import sys
from base64 import b64encode
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import atheris
import msgspec

# What is imported in here is measured.
with atheris.instrument_imports(include=["conclave.protocol", "conclave.client"]):
    from conclave.client.framing import FrameReader
    from conclave.client.telling import Decoder
    from conclave.client.upgrade import NoUpgrade, Refused, Upgrade
    from conclave.protocol import frames
    from conclave.protocol.codec import BadRequest, Codec
    from conclave.protocol.errors import Code
with atheris.instrument_imports(include=["conclave.server.handshake", "conclave.server.origin"]):
    from conclave.server import handshake
    from conclave.server.terms import Terms

from conclave import App
from conclave.controllers.vocabulary import vocabulary

EXAMPLES = Path(__file__).parents[1] / "wire/examples.json"
MOST_BYTES, MOST_FRAGMENTS = 4_096, 8
TERMS = Terms()
REFUSED = {Code.UNKNOWN_TYPE, Code.BAD_REQUEST}
CODEC = Codec([one.event for one in vocabulary(App()).asked])
DECODER = Decoder()
ENCODER = msgspec.json.Encoder()
_OPCODES = (frames.TEXT, frames.CONTINUATION, frames.PING, frames.CLOSE, frames.BINARY, 3, 0xB)


def one_input(data: bytes) -> None:
    """The first byte says which decoder the rest is for."""
    if data:
        _TARGETS[data[0] % len(_TARGETS)](data[1:])


def request(text: bytes) -> None:
    """A text is a request, or is refused with one of two codes; what was read stays what it is."""
    refused: BadRequest | None = None
    try:
        decoded = CODEC.decode(text)
    except BadRequest as no:
        refused = no
    if refused is not None:
        assert refused.code in REFUSED, refused.code
        assert refused.id is None or isinstance(refused.id, str)
        return
    again = ENCODER.encode({"type": decoded.event.type, "data": decoded.event, "id": decoded.id})
    assert CODEC.decode(again) == decoded, again


def telling(text: bytes) -> None:
    """A client takes what a server says for an event, or for nothing."""
    frame = DECODER.decode(text)
    assert frame is None or isinstance(frame.type, str)


def sequence(data: bytes) -> None:
    """Frames one after the other: within their bounds, and nothing counts after the end."""
    rules = frames.Frames(MOST_BYTES, MOST_FRAGMENTS)
    given = atheris.FuzzedDataProvider(data)
    ended = False
    while given.remaining_bytes():
        flags = given.ConsumeIntInRange(0, 255)
        # Most are finished texts without a reserved bit: else nothing gets far.
        opcode = _OPCODES[flags % 7]
        payload = given.ConsumeBytes(given.ConsumeIntInRange(0, 200) * (1 if flags < 250 else 40))
        decision = rules.feed(opcode, bool(flags & 8), flags & 0xF0 == 0xF0, payload)
        assert not (ended and decision is not None), decision
        ended = ended or isinstance(decision, frames.PeerCloses | frames.Broken)
        judge(decision)
        if isinstance(decision, frames.Message):
            request(decision.payload)


def judge(decision: Any) -> None:
    match decision:
        case frames.Message(payload, text):
            assert text, "binary is refused"
            payload.decode()
            assert len(payload) <= MOST_BYTES
        case frames.Ping(payload):
            assert len(payload) <= frames.MAX_CONTROL_BYTES
        case frames.PeerCloses(code, reason):
            # 1005: it gave none. The others never travel.
            assert 1000 <= code <= 4999
            assert code not in (1004, 1006, 1015)
            frames.close_payload(code, reason)


def reading(data: bytes) -> None:
    """What a client reads does not depend on how it was cut."""
    at = data[0] if data else 0
    whole, cut = FrameReader(MOST_BYTES), FrameReader(MOST_BYTES)
    assert list(whole.feed(data)) == [*cut.feed(data[:at]), *cut.feed(data[at:])]


def upgrading(data: bytes) -> None:
    """An answer to an upgrade agrees, or is refused in one of two ways."""
    with suppress(NoUpgrade, Refused):
        Upgrade("127.0.0.1:3000", "/ws", {}, b"n" * 16).feed(data)


def shaking(data: bytes) -> None:
    """A head is taken or refused; its headers are what is left of each line."""
    lines = data.split(b"\n")
    headers = [
        (name.lower(), value) for name, _, value in (one.partition(b":") for one in lines[1:])
    ]
    fields = handshake.fields_of(headers)
    method, _, rest = lines[0].partition(b" ")
    target, _, version = rest.partition(b" ")
    said = version.decode("latin-1")
    refused = handshake.examine(method, target, said, fields, TERMS)
    if refused is None:
        found = handshake.examine_upgrade(method, target, said, fields, TERMS)
        assert isinstance(found, handshake.Upgrade | handshake.Refusal), found


_TARGETS = (request, telling, sequence, reading, upgrading, shaking)


def seeds() -> list[bytes]:
    """Return inputs that get far, the wire's examples among them."""
    wire = json.loads(EXAMPLES.read_text("utf-8"))
    said = [json.dumps(one).encode() for one in _frames(wire)]
    key = b64encode(b"n" * 16)
    head = b"GET /ws 1.1\nhost:localhost:3000\nupgrade:websocket\nconnection:Upgrade\n"
    return [
        *(bytes([target]) + text for text in said for target in (0, 1)),
        b"\x02" + bytes([0, 3]) + b"hey",
        b"\x03" + frames.frame_text(b'{"type":"hello"}') + frames.frame(frames.CLOSE, b"\x03\xe8"),
        b"\x04HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        b"\x05" + head + b"sec-websocket-version:13\nsec-websocket-key:" + key,
    ]


def words() -> list[bytes]:
    """Return the names of types and fields, which are not guessed byte by byte."""
    found: set[str] = set()
    for frame in _frames(json.loads(EXAMPLES.read_text("utf-8"))):
        found |= {frame["type"], *frame.get("data", {})}
    return [json.dumps(word).encode() for word in sorted(found)]


def _frames(found: Any) -> Iterator[dict[str, Any]]:
    if isinstance(found, dict):
        if isinstance(found.get("type"), str) and isinstance(found.get("data", {}), dict):
            yield found
        found = list(found.values())
    if isinstance(found, list):
        for one in found:
            yield from _frames(one)


def lay_out(folder: Path) -> list[str]:
    """Write what it begins with into *folder*; return the words that tell libFuzzer so."""
    corpus, dictionary = folder / "corpus", folder / "words"
    corpus.mkdir()
    for number, seed in enumerate(seeds()):
        (corpus / f"{number:03}").write_bytes(seed)
    escaped = [word[1:-1].replace(b"\\", b"\\\\") for word in words()]
    dictionary.write_bytes(b"".join(b'"' + word + b'"\n' for word in escaped))
    # Of what msgspec does it sees nothing: by coverage alone it would drop nearly all of them.
    return [str(corpus), f"-dict={dictionary}", "-keep_seed=1"]


def plant(name: str) -> None:
    """Put in a bug: it is for tests of what finds them."""
    if name == "utf8":
        frames.Frames._is_utf8 = lambda *_: True  # type: ignore[method-assign]
    elif name == "stop":
        frames.Frames.stop = lambda *_: None  # type: ignore[method-assign]
    elif name == "code":
        frames.is_close_code = lambda _: True  # type: ignore[assignment]
    elif name == "types":
        Decoder._event = lambda self, type_, data: self._known[type_].decode(data)  # type: ignore[method-assign]
    else:
        raise SystemExit(f"no such bug: {name}")


def main(flags: list[str]) -> None:
    if "--plant" in flags:
        at = flags.index("--plant")
        plant(flags[at + 1])
        flags = flags[:at] + flags[at + 2 :]
    with TemporaryDirectory() as folder:
        # What fails is printed; nothing is left lying about.
        kept = f"-artifact_prefix={folder}/"
        atheris.Setup([sys.argv[0], *lay_out(Path(folder)), kept, *flags], one_input)
        atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])
