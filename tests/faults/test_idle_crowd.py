"""Ten thousand who are there and say nothing (F7): each stays, costs little, and leaves nothing."""

import select
import socket
import threading
import time

import psutil
import pytest
from tests.support.canary import Canary
from tests.support.node_process import UNBOUND, NodeProcess
from tests.support.raw import PONG, TEXT, Raw, frame

KIB = 1024
PING = 0x89


class Idle:
    """
    People who have come in, and say nothing; use it with `with`.

    A thread answers their pings, and counts those whose connection ended.
    """

    def __init__(self) -> None:
        self._by_fd: dict[int, socket.socket] = {}
        self._epoll = select.epoll()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.pings = 0
        self.ended = 0

    def __enter__(self) -> "Idle":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
        self._epoll.close()
        for one in self._by_fd.values():
            one.close()

    def come(self, port: int, name: str, room: str) -> None:
        raw = Raw.opened(port)
        raw.send(frame(TEXT, b'{"type":"auth","data":{"token":"i-am-%s"}}' % name.encode()))
        _read_until(raw, b'"auth:response"')
        raw.send(frame(TEXT, b'{"type":"join:room","data":{"room":"%s"}}' % room.encode()))
        _read_until(raw, b'"history"')
        raw.socket.setblocking(False)
        # From now on it is the thread's, which is woken by what waits there already, too.
        self._by_fd[raw.socket.fileno()] = raw.socket
        self._epoll.register(raw.socket, select.EPOLLIN)

    def _run(self) -> None:
        while not self._done.is_set():
            for fd, _ in self._epoll.poll(0.2, 1_024):
                self._hear(fd)

    def _hear(self, fd: int) -> None:
        try:
            data = self._by_fd[fd].recv(65_536)
        except ConnectionError:
            data = b""
        if not data:
            self.ended += 1
            self._epoll.unregister(fd)
        while data:
            # What a server says is not masked, and these are short.
            size, start = data[1], 2
            if size == 126:
                size, start = int.from_bytes(data[2:4], "big"), 4
            payload, first = data[start : start + size], data[0]
            data = data[start + size :]
            if first == PING:
                self.pings += 1
                self._by_fd[fd].send(frame(PONG, payload))


def _read_until(raw: Raw, mark: bytes) -> None:
    while True:
        heard = raw.read_frame()
        assert heard is not None, f"it ended before {mark!r}"
        if mark in heard.payload:
            return


def _fill(idle: Idle, port: int, name: str, count: int) -> None:
    """Let *count* come, ten into each room: a large one is F12's."""
    for n in range(count):
        idle.come(port, f"{name}{n}", f"room-{n // 10}")


@pytest.mark.parametrize(
    ("count", "seconds"),
    [
        pytest.param(1_000, 40, marks=[pytest.mark.slow, pytest.mark.timeout(200)]),
        pytest.param(10_000, 300, marks=[pytest.mark.slow, pytest.mark.timeout(900)]),
    ],
)
def test_who_is_idle_stays_costs_little_and_leaves_nothing(tmp_path, count, seconds):
    words = (*UNBOUND, "--app", "tests.support.people:APP")
    with NodeProcess(tmp_path, *words) as node:
        # What the first ones load and make stays, and is not theirs.
        with Idle() as first:
            _fill(first, node.port, "first", 50)
            time.sleep(1)
        time.sleep(7)
        of = psutil.Process(node.pid)
        base, files = node.rss, of.num_fds()
        with Idle() as idle:
            _fill(idle, node.port, "user", count)
            with Canary(node, "idle crowd", ack_p99=50):
                before, began = node.cpu, time.monotonic()
                time.sleep(seconds)
                share = (node.cpu - before) / (time.monotonic() - began)
                each = (node.rss - base) / count
            print(f"{count}: {each / KIB:.1f} KiB each, {share:.1%} of a core")
            assert idle.ended <= count // 10_000
            assert idle.pings >= count
            assert each <= 30 * KIB
            assert share <= 0.15
        time.sleep(15)
        assert of.num_fds() <= files + 5
        kept = (node.rss - base) / base
        print(f"kept after all had gone: {kept:.0%}")
        assert kept <= 0.3
