"""
What telling a room costs: `python -m benchmarks.fanout [MEMBERS]`.

CPU of the server per member and message, one message at a time, against the CPU of a bare
`send` per member of the same bytes: both in turn, on the same core, with the same reader on
the other one. All of the server's work is in it: decoding, the database, acknowledging.
"""

import os
import socket
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.members import Members, joined
from tests.support.node_process import UNBOUND, NodeProcess, cpu_of
from tests.support.raw import TEXT, frame

# The members answer no pings.
_NO_PINGS = ("--heartbeat-interval", "3600")
WORDS = (*UNBOUND, *_NO_PINGS, "--app", "tests.support.people:APP")


@dataclass(frozen=True)
class Cost:
    """Microseconds of CPU per delivery, of each round."""

    server: list[float]
    bare: list[float]

    @property
    def ratio(self) -> float:
        return statistics.median(self.server) / statistics.median(self.bare)

    def __str__(self) -> str:
        server, bare = statistics.median(self.server), statistics.median(self.bare)
        return f"{server:.2f} µs a delivery, bare send {bare:.2f} µs: {self.ratio:.2f} times"


class Bare:
    """`benchmarks.bare` as a process, and its members."""

    def __init__(self, count: int, core: int) -> None:
        command = [sys.executable, "-m", "benchmarks.bare", str(count)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE)
        os.sched_setaffinity(self.process.pid, {core})
        assert self.process.stdout is not None
        port = int(self.process.stdout.readline())
        at = ("127.0.0.1", port)
        self.members = Members([socket.create_connection(at) for _ in range(count)])
        self._controller = socket.create_connection(at)

    @property
    def cpu(self) -> float:
        return cpu_of(self.process.pid)

    def tell(self, message: bytes) -> None:
        self._controller.sendall(message)

    def close(self) -> None:
        self._controller.close()
        self.members.close()
        self.process.wait(10)
        assert self.process.stdout is not None
        self.process.stdout.close()


def measure(data: Path, members: int = 1_000, messages: int = 50, rounds: int = 5) -> Cost:
    """Return what *rounds* of *messages* each cost, the two in turn."""
    cost = Cost([], [])
    with NodeProcess(data, *WORDS, cores={0}) as node:
        bare = Bare(members, 0)
        try:
            # One user with many devices: what is told does not depend on whose they are.
            with joined(node.port, members, lambda _: b"i-am-user") as room:
                for round_ in range(-1, rounds):
                    server = _round(node, room, round_, messages)
                    floor = _bare_round(bare, round_, messages)
                    if round_ >= 0:  # the one before warms up
                        cost.server.append(server)
                        cost.bare.append(floor)
        finally:
            bare.close()
    return cost


def _mark(round_: int, n: int) -> bytes:
    return b"mark-%02d-%04d." % (round_ % 100, n)


def _round(node: NodeProcess, room: Members, round_: int, messages: int) -> float:
    members = len(room.sockets)
    before = node.cpu
    for n in range(messages):
        mark = _mark(round_, n)
        data = b'{"room":"general","text":"a message of ordinary length, %s"}' % mark
        room.sockets[0].send(frame(TEXT, b'{"type":"chat","data":%s}' % data))
        room.wait_for(mark, members)
    return (node.cpu - before) / (messages * members) * 1e6


# As long as the server's frame of the same message.
_LIKE_THE_SERVER_S: bytes = frame(
    TEXT,
    b'{"type":"chat","data":{"type":"message","text":"a message of ordinary length, %s",'
    b'"room":"general","user":"user0","timestamp":1795374135780,"seq":1234,'
    b'"id":"01M82HE9M9EEVBY968B3V17RWM","user_id":"user0"}}',
    masked=False,
)


def _bare_round(bare: Bare, round_: int, messages: int) -> float:
    members = len(bare.members.sockets)
    before = bare.cpu
    for n in range(messages):
        mark = _mark(round_, n)
        bare.tell(_LIKE_THE_SERVER_S.replace(b"%s", mark))
        bare.members.wait_for(mark, members)
    return (bare.cpu - before) / (messages * members) * 1e6


def main() -> None:
    members = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    os.sched_setaffinity(0, {1})
    with tempfile.TemporaryDirectory() as data:
        for run in range(3):
            print(f"{members} members: {measure(Path(data) / str(run), members)}")


if __name__ == "__main__":
    main()
