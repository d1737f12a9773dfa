"""A4: where TCP cuts a message makes no difference."""

import random
from collections.abc import Iterator

import pytest
from tests.support.echo_process import EchoProcess
from tests.support.raw import CONTINUATION, PING, TEXT, Frame, Raw, frame, random_text


@pytest.fixture(scope="module")
def echo() -> Iterator[EchoProcess]:
    with EchoProcess() as process:
        yield process


def messages(count: int, chance: random.Random) -> Iterator[bytes]:
    """Yield what a client may send for one message: whole, or fragmented around a ping."""
    for _ in range(count):
        text = random_text(chance.choice([0, 1, 5, 40, 125, 126, 200])) + "é€😀".encode()
        if chance.random() < 0.5:
            yield frame(TEXT, text)
        else:
            cut = chance.randrange(len(text))
            yield (frame(TEXT, text[:cut], fin=False) + frame(PING, b"!") + frame(0, text[cut:]))


def answers(client: Raw, sent: bytes) -> list[Frame | None]:
    """Send *sent* uncut, or read what it was answered with; a marker ends it."""
    client.send(sent)
    client.send(frame(TEXT, b"end"))
    found = []
    while (answer := client.read_frame()) != Frame(TEXT, b"end"):
        found.append(answer)
    return found


def test_a_message_cut_anywhere_is_answered_as_the_uncut_one(echo: EchoProcess) -> None:
    check_cuts(echo, count=20)


@pytest.mark.slow
def test_200_messages_cut_anywhere_are_answered_as_the_uncut_ones(echo: EchoProcess) -> None:
    check_cuts(echo, count=200)


def check_cuts(echo: EchoProcess, count: int) -> None:
    seed = random.randrange(10**6)
    print("seed", seed)
    for message in messages(count, random.Random(seed)):
        # A connection each: one alone may not ping that often.
        with Raw.opened(echo.port) as client:
            uncut = answers(client, message)
            assert uncut
            for cut in range(1, len(message)):
                client.send(message[:cut])
                assert answers(client, message[cut:]) == uncut
            for byte in message[:-1]:
                client.send(bytes((byte,)))
            assert answers(client, message[-1:]) == uncut


def test_many_messages_in_one_write_are_answered_in_order(echo: EchoProcess) -> None:
    texts = [b"%d" % number for number in range(500)]
    with Raw.opened(echo.port) as client:
        client.send(b"".join(frame(TEXT, text) for text in texts))
        assert [client.read_frame() for _ in texts] == [Frame(TEXT, text) for text in texts]


@pytest.mark.parametrize("size", [8_191, 8_192, 8_193, 65_535, 65_536])
def test_large_messages_come_back_whole(echo: EchoProcess, size: int) -> None:
    text = random_text(size)
    with Raw.opened(echo.port) as client:
        client.send(frame(TEXT, text) + frame(TEXT, text))
        assert [client.read_frame(), client.read_frame()] == [Frame(TEXT, text)] * 2


def test_frames_that_came_with_the_request_are_not_lost(echo: EchoProcess) -> None:
    from tests.support.raw import upgrade

    with Raw(echo.port) as client:
        client.send(upgrade() + frame(TEXT, b"eager") + frame(TEXT, b"x" * 5_000)[:-1])
        client.read_head()
        assert client.read_frame() == Frame(TEXT, b"eager")
        client.send(frame(CONTINUATION, b"x")[-1:])
        answer = client.read_frame()
        assert answer is not None
        assert len(answer.payload) == 5_000
