"""Only who has the cluster's key is understood, and only in this channel and version."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conclave.engine.sealing import (
    MOST_BYTES,
    MOST_CIPHERS,
    SALT_BYTES,
    Anew,
    Hint,
    Message,
    Presence,
    Refused,
    Seal,
    Spent,
    Whisper,
)
from conclave.engine.waiting import AT_ONCE, WHISPER_BYTES
from conclave.model import Status
from conclave.model.seen import Seen

KEY, OTHER = b"k" * 32, b"o" * 32
SEAL = Seal(lambda: [KEY], "c:hints")
SAID = Message(node="n", life=1, n=2, hints=[Hint("e", "東京", 7)], doubts=["ada"])


def refused(packet: bytes, seal: Seal = SEAL) -> str:
    with pytest.raises(Refused) as no:
        seal.open(packet)
    return str(no.value)


def sealed(body: bytes) -> bytes:
    return SEAL._sealed(body)


def test_what_is_sealed_can_be_opened_and_who_has_no_key_reads_nothing_of_it() -> None:
    said = Message(
        node="n", life=1, n=2, say=[Whisper("hall", "ada", '{"text":"the code is 4711"}', True)]
    )
    packet = SEAL.close(said)
    assert SEAL.open(packet) == said
    assert not [word for word in (b"hall", b"ada", b"4711", b'"say"') if word in packet]
    assert SEAL.close(said) != packet, "nor that the same is said twice"


def test_a_process_never_uses_a_nonce_twice_and_no_two_have_one_key() -> None:
    one, other = Seal(lambda: [KEY], "c:hints"), Seal(lambda: [KEY], "c:hints")
    packets = [seal.close(SAID) for seal in (one, other) for _ in range(50)]
    assert len({packet[:SALT_BYTES] for packet in packets}) == 2
    assert len({packet[: SALT_BYTES + 12] for packet in packets}) == 100
    assert all(one.open(packet) == SAID for packet in packets)
    # The salt is a part of the key: what one said is nothing under the other's.
    assert refused(packets[0][:SALT_BYTES] + packets[-1][SALT_BYTES:]) == "forged"


def test_of_processes_that_come_and_go_so_many_keys_are_kept_and_none_of_strangers() -> None:
    seal = Seal(lambda: [KEY], "c:hints")
    for n in range(10):
        refused(bytes([n]) * 90, seal)
    assert not seal._ciphers
    for _ in range(MOST_CIPHERS + 5):
        assert seal.open(Seal(lambda: [KEY], "c:hints").close(SAID)) == SAID
    assert len(seal._ciphers) == MOST_CIPHERS
    assert seal.open(SEAL.close(SAID)) == SAID


def test_an_old_key_opens_and_only_the_first_one_seals() -> None:
    both = Seal(lambda: [OTHER, KEY], "c:hints")
    assert both.open(SEAL.close(SAID)) == SAID
    assert refused(both.close(SAID)) == "forged"


@pytest.mark.parametrize("seal", [Seal(lambda: [OTHER], "c:hints"), Seal(lambda: [KEY], "d:hints")])
def test_another_key_and_another_channel_are_strangers(seal: Seal) -> None:
    assert refused(seal.close(SAID)) == "forged"


@given(st.data())
def test_no_byte_can_be_changed(data: st.DataObject) -> None:
    packet = bytearray(SEAL.close(SAID))
    at = data.draw(st.integers(0, len(packet) - 1))
    packet[at] ^= data.draw(st.integers(1, 255))
    assert refused(bytes(packet)) == "forged"


@given(st.binary(max_size=300))
def test_noise_is_forged(noise: bytes) -> None:
    assert refused(noise) == "forged"


def test_what_is_too_long_is_not_even_judged() -> None:
    assert refused(sealed(b" " * MOST_BYTES)) == "oversize"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b'{"node":"n","life":1,"n":-1}',
        b'{"node":"n","life":1,"n":1e400}',
        b'{"node":"","life":1,"n":1}',
        b'{"node":"n","life":1,"n":1,"hints":[["e","r","7"]]}',
        b'{"node":"n","life":1,"n":1,"doubts":"ada"}',
        b"\x80\x04K\x01.",
    ],
)
def test_what_has_another_shape_is_unreadable_whoever_sealed_it(body: bytes) -> None:
    assert refused(sealed(body)) == "unreadable"


def test_another_version_is_told_apart() -> None:
    assert refused(sealed(b'{"v":2,"node":"n","life":1,"n":1}')) == "version"


def test_fields_of_a_newer_program_are_ignored() -> None:
    opened = SEAL.open(sealed(b'{"node":"n","life":1,"n":1,"typing":[{"room":"x"}]}'))
    assert opened == Message(node="n", life=1, n=1)


def test_what_a_newer_program_has_at_the_end_of_each_row_is_ignored() -> None:
    rows = (
        b'"hints":[["e","hall",7,{"of":[1]}]],"anew":[["ada","hall",true]],"spent":[[1,"ada",2,3]],'
        b'"say":[["hall","ada","{}",true,"loud"]],'
        b'"here":[["hall","ada",["ada","Ada","user","online",0,"a mood"],9],["hall","bob",null,9]]'
    )
    opened = SEAL.open(sealed(b'{"node":"n","life":1,"n":1,' + rows + b"}"))
    assert opened == Message(
        node="n",
        life=1,
        n=1,
        hints=[Hint("e", "hall", 7)],
        anew=[Anew("ada", "hall")],
        spent=[Spent(1, "ada", 2)],
        say=[Whisper("hall", "ada", "{}", True)],
        here=[Presence("hall", "ada", Seen("ada", "Ada")), Presence("hall", "bob", None)],
    )


def test_a_message_of_the_longest_names_is_not_too_long() -> None:
    name = "🏯" * 128
    message = Message(
        node="n" * 24,
        life=2**53,
        n=2**53,
        hints=[Hint(name, name, 2**53)] * AT_ONCE,
        doubts=[name] * AT_ONCE,
        say=[Whisper(name, name, '"' * WHISPER_BYTES, True)],
        spent=[Spent(6, name, 2**53)] * AT_ONCE,
        here=[Presence(name, name, Seen(name, name, status=Status.INVISIBLE))] * AT_ONCE,
    )
    assert SEAL.open(SEAL.close(message)) == message
