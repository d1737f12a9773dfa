"""Bytes out, in order, whatever the socket takes."""

import socket
from collections.abc import Iterator

import pytest

from conclave.protocol.codec import Packet
from conclave.protocol.frames import frame_text
from conclave.server.outlet import Outlet


class Loop:
    """A socket's transport that keeps what it is left, until told to let go."""

    def __init__(self, end: socket.socket, *, tls: bool = False) -> None:
        self._end = end
        self._tls = tls
        self.left: list[bytes] = []

    def get_extra_info(self, name: str) -> object:
        return {"ssl_object": object() if self._tls else None, "socket": self._end}[name]

    def get_write_buffer_size(self) -> int:
        return sum(map(len, self.left))

    def write(self, data: bytes) -> None:
        self.left.append(data)


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    theirs.setblocking(False)
    with ours, theirs:
        yield ours, theirs


def test_packets_leave_at_once_and_in_one_piece(ends) -> None:
    outlet = Outlet(Loop(ends[0]))
    assert outlet.send([Packet(b"one"), Packet(b"two")]) == 0
    assert ends[1].recv(100) == frame_text(b"one") + frame_text(b"two")


def test_a_packet_is_framed_once_for_all(ends) -> None:
    packet = Packet(b"to all")
    Outlet(Loop(ends[0])).send([packet])
    framed = packet.framed
    assert framed == frame_text(b"to all")
    Outlet(Loop(ends[0])).send([packet])
    assert packet.framed is framed


def test_what_the_socket_does_not_take_is_left_and_later_bytes_queue_behind(ends) -> None:
    ours, theirs = ends
    loop = Loop(ours)
    outlet = Outlet(loop)
    sent = b""
    number = 0
    while not loop.left:
        packet = Packet(b"%06d" % number * 500)
        outlet.send([packet])
        sent += packet.framed or b""
        number += 1
    assert outlet.send([Packet(b"last")]) == loop.get_write_buffer_size() > 0
    outlet.write(b"raw")
    got = b""
    while len(got) < len(sent) - len(loop.left[0]):
        got += theirs.recv(1_000_000)
    assert got + b"".join(loop.left) == sent + frame_text(b"last") + b"raw"


def test_once_the_loop_wrote_all_it_writes_itself_again(ends) -> None:
    loop = Loop(ends[0])
    outlet = Outlet(loop)
    loop.left = [b"the answer to the upgrade"]
    outlet.send([Packet(b"one")])
    assert loop.left[1:] == [frame_text(b"one")]
    loop.left = []
    outlet.send([Packet(b"two")])
    assert loop.left == []
    assert ends[1].recv(100) == frame_text(b"two")


def test_under_tls_everything_goes_through_the_loop(ends) -> None:
    loop = Loop(ends[0], tls=True)
    outlet = Outlet(loop)
    for _ in range(2):
        loop.left = []
        outlet.send([Packet(b"secret")])
        assert loop.left == [frame_text(b"secret")]


def test_a_broken_socket_is_left_to_the_loop_to_find_out(ends) -> None:
    ours, theirs = ends
    loop = Loop(ours)
    outlet = Outlet(loop)
    theirs.close()
    assert outlet.send([Packet(b"hello?")]) > 0
    assert loop.left == [frame_text(b"hello?")]


def test_nothing_leaves_once_it_is_shut(ends) -> None:
    ours, theirs = ends
    outlet = Outlet(Loop(ours))
    outlet.send([Packet(b"before")])
    outlet.shut()
    assert outlet.send([Packet(b"after")]) == 0
    assert outlet.write(b"after") == 0
    assert theirs.recv(100) == frame_text(b"before")
    with pytest.raises(BlockingIOError):
        theirs.recv(100)
