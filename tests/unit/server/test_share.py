"""One peer is read for a while, then others have a turn."""

import asyncio

import pytest
from tests.support.echo_process import EchoProcess
from tests.support.raw import PING, PONG, TEXT, Frame, Raw, frame

from conclave.server.share import FRAMES, Share


async def test_what_comes_in_one_turn_is_bounded_and_in_many_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 0.0
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: now)
    share, pauses = Share(), []
    for turn in range(1, 6):
        now = float(turn)
        for _ in range(5):
            share.frames += FRAMES + 1
            pauses.append(share.is_used_up())
    # The first of each turn cannot know whether it is all of this one.
    assert pauses == [False, True, True, True, True] * 5
    for turn in range(10, 1_000):
        now = float(turn)
        share.frames += FRAMES // 2
        assert not share.is_used_up()


def test_a_flood_of_small_frames_is_answered_whole_and_lets_others_in() -> None:
    """On uvloop: in order, none lost, whatever is paused in between."""
    with EchoProcess() as echo, Raw.opened(echo.port) as busy, Raw.opened(echo.port) as other:
        busy.send(b"".join(frame(TEXT, b"%d" % n) for n in range(5_000)))
        other.send(frame(PING, b"there?"))
        assert other.read_frame() == Frame(PONG, b"there?")
        for n in range(5_000):
            assert busy.read_frame() == Frame(TEXT, b"%d" % n)
