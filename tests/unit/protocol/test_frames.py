"""RFC 6455 above single frames, without a socket."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conclave.protocol.errors import Close
from conclave.protocol.frames import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    Broken,
    Decision,
    Frames,
    Message,
    PeerCloses,
    Ping,
    close_payload,
    frame,
    frame_binary,
    frame_text,
    is_close_code,
)

Fed = tuple[int, bool, bytes]


def feed(*fed: Fed, binary: bool = False, max_bytes: int = 100, max_fragments: int = 4):
    """Return what frames without reserved bits mean, nothings left out."""
    frames = Frames(max_bytes, max_fragments, binary=binary)
    decisions = [frames.feed(opcode, fin, False, payload) for opcode, fin, payload in fed]
    return [decision for decision in decisions if decision is not None]


def code(decisions: list[Decision]) -> int:
    (broken,) = decisions
    assert isinstance(broken, Broken)
    return broken.code


def test_a_whole_text_is_a_message() -> None:
    assert feed((TEXT, True, "grüß".encode())) == [Message("grüß".encode(), True)]


def test_an_empty_text_is_a_message() -> None:
    assert feed((TEXT, True, b"")) == [Message(b"", True)]


def test_fragments_are_joined_and_control_frames_pass_between_them() -> None:
    fed = [
        (TEXT, False, b"one "),
        (PING, True, b"1"),
        (CONTINUATION, False, b""),
        (PONG, True, b""),
        (CONTINUATION, True, b"two"),
        (TEXT, True, b"three"),
    ]
    assert feed(*fed) == [Ping(b"1"), Message(b"one two", True), Message(b"three", True)]


def test_a_character_may_be_cut_between_fragments() -> None:
    euro = "€".encode()
    fed = [(TEXT, False, euro[:1]), (CONTINUATION, False, euro[1:2])]
    assert feed(*fed, (CONTINUATION, True, euro[2:])) == [Message(euro, True)]


@pytest.mark.parametrize(
    "fed",
    [
        pytest.param([(TEXT, True, b"\xff")], id="never valid"),
        pytest.param([(TEXT, True, b"\xc0\xaf")], id="overlong"),
        pytest.param([(TEXT, True, b"\xed\xa0\x80")], id="surrogate"),
        pytest.param([(TEXT, True, b"\xf4\x90\x80\x80")], id="beyond Unicode"),
        pytest.param([(TEXT, True, "€".encode()[:2])], id="cut off"),
        pytest.param([(TEXT, False, "€".encode()[:2]), (CONTINUATION, True, b"")], id="cut late"),
        pytest.param([(TEXT, False, b"fine"), (CONTINUATION, True, b"\x80")], id="second part"),
    ],
)
def test_text_that_is_not_utf8_closes_with_1007(fed: list[Fed]) -> None:
    assert code(feed(*fed)) == Close.INVALID_TEXT


def test_a_wrong_start_is_refused_before_the_message_ends() -> None:
    assert code(feed((TEXT, False, b"\xf4\x90"))) == Close.INVALID_TEXT


@pytest.mark.parametrize(
    "fed",
    [
        pytest.param([(CONTINUATION, True, b"")], id="nothing to continue"),
        pytest.param([(CONTINUATION, False, b"")], id="nothing to begin"),
        pytest.param([(TEXT, False, b""), (TEXT, True, b"")], id="a text within a text"),
        pytest.param([(TEXT, False, b""), (BINARY, True, b"")], id="a binary within a text"),
        pytest.param([(TEXT, False, b""), (TEXT, False, b"")], id="two beginnings"),
        pytest.param([(PING, False, b"")], id="a fragmented ping"),
        pytest.param([(CLOSE, False, b"")], id="a fragmented close"),
        pytest.param([(PING, True, b"x" * 126)], id="a ping of 126 bytes"),
        *[pytest.param([(op, True, b"")], id=f"opcode {op}") for op in (3, 4, 5, 6, 7)],
        *[pytest.param([(op, True, b"")], id=f"opcode {op}") for op in (11, 12, 13, 14, 15)],
    ],
)
def test_frames_out_of_order_or_unknown_close_with_1002(fed: list[Fed]) -> None:
    assert code(feed(*fed, binary=True)) == Close.PROTOCOL_ERROR


@pytest.mark.parametrize("opcode", [TEXT, CONTINUATION, BINARY, PING, PONG, CLOSE])
def test_reserved_bits_close_with_1002(opcode: int) -> None:
    broken = Frames(100, 4).feed(opcode, True, True, b"")
    assert isinstance(broken, Broken)
    assert broken.code == Close.PROTOCOL_ERROR


def test_binary_closes_with_1003_unless_it_is_understood() -> None:
    assert code(feed((BINARY, True, b"\xff"))) == Close.UNSUPPORTED_DATA
    assert code(feed((BINARY, False, b"\xff"))) == Close.UNSUPPORTED_DATA
    assert feed((BINARY, True, b"\xff"), binary=True) == [Message(b"\xff", False)]


def test_a_message_may_be_as_long_as_allowed_and_no_longer() -> None:
    assert feed((TEXT, True, b"x" * 100)) == [Message(b"x" * 100, True)]
    assert code(feed((TEXT, True, b"x" * 101))) == Close.TOO_BIG
    assert code(feed((TEXT, False, b"x" * 60), (CONTINUATION, False, b"x" * 41))) == Close.TOO_BIG


def test_fragments_are_counted_empty_ones_too() -> None:
    begun = [(TEXT, False, b"x"), (CONTINUATION, False, b""), (CONTINUATION, False, b"")]
    assert feed(*begun, (CONTINUATION, True, b"")) == [Message(b"x", True)]
    assert code(feed(*begun, (CONTINUATION, False, b""), (CONTINUATION, True, b""))) == 1009


def test_the_count_begins_anew_with_each_message() -> None:
    once = [(TEXT, False, b"x" * 50), (CONTINUATION, False, b""), (CONTINUATION, True, b"x" * 50)]
    assert len(feed(*once, *once, *once)) == 3


@pytest.mark.parametrize("number", [1000, 1001, 1003, 1007, 1014, 3000, 3999, 4000, 4999])
def test_a_close_code_that_may_travel_is_told(number: int) -> None:
    payload = close_payload(number, "bye")
    assert feed((CLOSE, True, payload)) == [PeerCloses(number, "bye")]


@pytest.mark.parametrize(
    "number", [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535]
)
def test_a_close_code_that_may_not_travel_closes_with_1002(number: int) -> None:
    assert not is_close_code(number)
    assert code(feed((CLOSE, True, number.to_bytes(2, "big")))) == Close.PROTOCOL_ERROR


def test_a_close_without_a_code_is_1005() -> None:
    assert feed((CLOSE, True, b"")) == [PeerCloses(1005, "")]


def test_half_a_close_code_closes_with_1002() -> None:
    assert code(feed((CLOSE, True, b"\x03"))) == Close.PROTOCOL_ERROR


def test_a_reason_that_is_not_utf8_closes_with_1007() -> None:
    assert code(feed((CLOSE, True, b"\x03\xe8\xff"))) == Close.INVALID_TEXT


@pytest.mark.parametrize("end", [(CLOSE, True, b""), (CONTINUATION, True, b"")])
def test_nothing_counts_after_the_end(end: Fed) -> None:
    later = [(TEXT, True, b"more"), (PING, True, b""), (CLOSE, True, b""), (TEXT, True, b"\xff")]
    assert len(feed(end, *later)) == 1


def test_a_reason_is_cut_between_characters() -> None:
    payload = close_payload(1000, "€" * 60)
    assert len(payload) <= 125
    assert payload[2:].decode() == "€" * 41


@pytest.mark.parametrize(("size", "head"), [(125, 2), (126, 4), (65_535, 4), (65_536, 10)])
def test_a_frame_has_the_shortest_length_there_is(size: int, head: int) -> None:
    assert len(frame(TEXT, b"x" * size)) == size + head
    assert frame_text(b"x" * size) == frame(TEXT, b"x" * size)


@given(st.text(max_size=50), st.lists(st.integers(0, 200), max_size=5))
def test_a_text_cut_anywhere_is_the_same_text(text: str, cuts: list[int]) -> None:
    whole = text.encode()
    edges = [0, *sorted(min(cut, len(whole)) for cut in cuts), len(whole)]
    parts = [whole[a:b] for a, b in pairwise(edges)]
    fed = [
        (CONTINUATION if at else TEXT, at == len(parts) - 1, part) for at, part in enumerate(parts)
    ]
    assert feed(*fed, max_bytes=1000, max_fragments=10) == [Message(whole, True)]


@given(
    st.lists(st.tuples(st.integers(0, 15), st.booleans(), st.booleans(), st.binary(max_size=130)))
)
def test_any_frames_are_decided_and_the_first_end_is_the_last_decision(fed: list) -> None:
    frames = Frames(200, 8, binary=True)
    decisions = [decision for one in fed if (decision := frames.feed(*one)) is not None]
    ends = [isinstance(decision, Broken | PeerCloses) for decision in decisions]
    assert True not in ends[:-1]


def test_bytes_leave_in_a_frame_of_bytes():
    assert frame_binary(b"abc") == b"\x82\x03abc"
    assert frame_text(b"abc") == b"\x81\x03abc"


@given(
    opcode=st.sampled_from([TEXT, BINARY, CONTINUATION, PING]),
    fin=st.booleans(),
    rsv=st.booleans(),
    payload=st.one_of(st.binary(max_size=40), st.text(max_size=20).map(str.encode)),
    before=st.sampled_from([None, (TEXT, False, b"begun"), (CLOSE, True, b"")]),
)
def test_what_is_whole_would_be_that_message_if_it_were_fed(opcode, fin, rsv, payload, before):
    frames = Frames(30, 4)
    if before is not None:
        frames.feed(before[0], before[1], False, before[2])
    whole = frames.is_whole(opcode, fin, rsv, payload)
    decision = frames.feed(opcode, fin, rsv, payload)
    if whole:
        assert decision == Message(payload, True)
    elif isinstance(decision, Message):
        assert not payload.isascii() or opcode == CONTINUATION
