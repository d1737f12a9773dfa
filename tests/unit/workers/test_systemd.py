"""What systemd hears, and that nobody waits for it."""

import asyncio
import os
import socket
import time
from contextlib import suppress
from pathlib import Path

import pytest

from conclave.workers.post import ALIVE, READY, STOPPING
from conclave.workers.systemd import Systemd


@pytest.fixture
def listening(tmp_path: Path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as hearing:
        hearing.bind(str(tmp_path / "notify"))
        hearing.settimeout(5)
        yield hearing


def systemd(listening: socket.socket, **more: str) -> Systemd:
    return Systemd({"NOTIFY_SOCKET": listening.getsockname(), **more}, os.getpid())


def test_it_hears_one_datagram_for_each_notice(listening):
    systemd(listening).tell(READY, "STATUS=at work")
    systemd(listening).tell(STOPPING)
    assert listening.recv(100) == b"READY=1\nSTATUS=at work"
    assert listening.recv(100) == b"STOPPING=1"


def test_it_may_listen_without_a_file():
    name = f"conclave-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as hearing:
        hearing.bind("\0" + name)
        hearing.settimeout(5)
        Systemd({"NOTIFY_SOCKET": "@" + name}, os.getpid()).tell(READY)
        assert hearing.recv(100) == b"READY=1"


@pytest.mark.parametrize("environ", [{}, {"NOTIFY_SOCKET": ""}, {"NOTIFY_SOCKET": "/nowhere"}])
async def test_without_it_nothing_happens(environ):
    nobody = Systemd({**environ, "WATCHDOG_USEC": "1000"}, os.getpid())
    nobody.tell(READY)
    async with nobody.kept_alive():
        await asyncio.sleep(0.01)


def test_one_that_does_not_read_holds_up_nobody(listening):
    telling = systemd(listening)
    began = time.monotonic()
    for _ in range(2_000):
        telling.tell(ALIVE)
    assert time.monotonic() - began < 5


async def hear(listening: socket.socket, seconds: float) -> list[float]:
    """Return when signs of life came within so many seconds, by the monotonic clock."""
    heard = []
    listening.setblocking(False)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            assert listening.recv(100) == b"WATCHDOG=1"
            heard.append(time.monotonic())
        except BlockingIOError:
            await asyncio.sleep(0.005)
    return heard


async def test_a_loop_that_turns_says_so_twice_as_often_as_it_must(listening):
    telling = systemd(listening, WATCHDOG_USEC="100000", WATCHDOG_PID=str(os.getpid()))
    async with telling.kept_alive():
        heard = await hear(listening, 0.6)
    assert 5 <= len(heard) <= 14
    assert await hear(listening, 0.2) == []


async def test_a_loop_that_hangs_says_nothing(listening):
    telling = systemd(listening, WATCHDOG_USEC="100000")
    async with telling.kept_alive():
        assert await hear(listening, 0.2)
        with suppress(BlockingIOError):
            while listening.recv(100):
                pass
        time.sleep(0.5)
        with pytest.raises(BlockingIOError):
            listening.recv(100)
        assert await hear(listening, 0.2), "it goes on when the loop does"


@pytest.mark.parametrize(
    "environ",
    [{}, {"WATCHDOG_USEC": "0"}, {"WATCHDOG_USEC": "x"}]
    + [{"WATCHDOG_USEC": "1000", "WATCHDOG_PID": "1"}],
)
async def test_who_is_not_watched_says_nothing(listening, environ):
    async with systemd(listening, **environ).kept_alive():
        assert await hear(listening, 0.1) == []
