"""One packet to many sockets: in C and in Python the same."""

import socket
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from conclave.server import fanout

LARGE = b"x" * 400_000


@pytest.fixture(params=["in Python", "in C"])
def send_each(request):
    if request.param == "in Python":
        return fanout.send_each_in_python
    if not fanout.IS_NATIVE:
        pytest.fail("not built: python scripts/native.py does it, and needs a C compiler")
    return fanout.send_each


@pytest.fixture
def pairs() -> Iterator[list[tuple[socket.socket, socket.socket]]]:
    made = [socket.socketpair() for _ in range(5)]
    for ours, _ in made:
        ours.setblocking(False)
    yield made
    for pair in made:
        for one in pair:
            one.close()


def test_each_is_sent_all_of_it(send_each, pairs):
    assert send_each([ours.fileno() for ours, _ in pairs], b"news") == {}
    assert [theirs.recv(100) for _, theirs in pairs] == [b"news"] * len(pairs)


def test_nobody_is_sent_nothing(send_each):
    assert send_each([], b"news") == {}


def test_who_takes_a_part_of_it_and_who_takes_none_are_said_by_their_place(send_each, pairs):
    full = pairs[3][0]
    while not send_each([full.fileno()], LARGE):
        pass
    descriptors = [ours.fileno() for ours, _ in pairs]
    pairs[1][1].close()
    descriptors[4] = -1
    less = send_each(descriptors, LARGE)
    assert sorted(less) == [0, 1, 2, 3, 4]
    assert less[1] == less[3] == less[4] == 0
    assert 0 < less[0] < len(LARGE)
    assert len(pairs[0][1].recv(len(LARGE))) == less[0]


def test_one_whose_peer_is_gone_ends_nothing_for_the_others(send_each, pairs):
    pairs[0][1].close()
    assert send_each([ours.fileno() for ours, _ in pairs], b"news") == {0: 0}
    assert pairs[4][1].recv(100) == b"news"


def test_a_descriptor_that_is_none_takes_nothing(send_each):
    assert send_each([2**31 - 1, -7], b"news") == {0: 0, 1: 0}


def test_what_is_no_descriptor_is_refused(send_each):
    with pytest.raises(TypeError):
        send_each(["1"], b"news")


def test_other_threads_go_on_meanwhile(send_each, pairs):
    descriptors = [pairs[0][0].fileno()] * 20_000
    counted, stop = [0], threading.Event()

    def count() -> None:
        while not stop.is_set():
            counted[0] += 1
            time.sleep(0)

    def gained() -> int:
        before = counted[0]
        send_each(descriptors, b"x" * 1_000)
        return counted[0] - before

    thread = threading.Thread(target=count)
    interval = sys.getswitchinterval()
    # Nobody is made to let others go on: who does so does it by itself.
    sys.setswitchinterval(60)
    try:
        thread.start()
        # On a busy machine the other thread may not be woken in one of them.
        assert any(gained() for _ in range(200))
    finally:
        sys.setswitchinterval(interval)
        stop.set()
        thread.join()
